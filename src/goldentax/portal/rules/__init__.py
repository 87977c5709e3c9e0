"""Words and decisions of the portal, without a framework."""
