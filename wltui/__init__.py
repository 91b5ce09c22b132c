"""wltui, the terminal dashboard for Wallaroo MLOps."""

__version__ = "0.1.0"
