"""edgevision: cameras in, counts you can trust out."""

__version__ = "0.1.0"
