"""Moments in seconds: when two are the same, and when something is due again."""

EPSILON = 1e-6  # s: times are sums of frame times, exact to less than this


def next_due(due: float, ts: float, every: float) -> float:
    """When something that was due at `due`, and was done at `ts`, is due again: on a raster of `every`
    seconds, so that at 10 frames/s `every: 0.25` gives 4 a second and not 3.3; a new one after a gap."""
    return due + every if due + every > ts else ts + every
