"""Values that refuse to be wrong: money in fen, exact decimals, identifiers, periods. Plain Python, no framework."""
