"""The one place where events, counts and states are kept: a SQLite database that survives a cut of power."""

from edgevision.journal.follower import Follower
from edgevision.journal.journal import RESET, Entry, Journal
from edgevision.journal.past import Past

__all__ = ["RESET", "Entry", "Follower", "Journal", "Past"]
