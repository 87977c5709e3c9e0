"""Golden Tax (金税): an open tax information system. Start with README.md and docs/tour.md."""

__version__ = "0.1.0"
