"""Chinese commercial cryptography (SM2, SM3), behind one door."""
