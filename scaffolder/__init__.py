"""Where a new service begins."""

__version__ = "0.1.0"
