"""The forms of one invoice: its XML, PDF, OFD and picture, its QR code, and reading what others delivered."""
