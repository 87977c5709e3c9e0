"""The kernel: values, clock, node, settings, audit, outbox and the registry; it knows no business module."""
