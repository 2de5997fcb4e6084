"""python -m edgevision"""

from edgevision.cli import entry_point

entry_point()
