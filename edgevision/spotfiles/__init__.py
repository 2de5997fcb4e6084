"""Spots drawn elsewhere: read from the files of annotation tools, written as ours."""

from edgevision.spotfiles.drawn import Spots
from edgevision.spotfiles.read import read
from edgevision.spotfiles.write import as_text, write

__all__ = ["Spots", "as_text", "read", "write"]
