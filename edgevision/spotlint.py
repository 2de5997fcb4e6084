"""What is likely a mistake about parking spots: too small for the network, or drawn over one another."""

from collections.abc import Iterator, Mapping

import numpy as np

from edgevision.core.plots import Plots
from edgevision.core.types import Size

# px of the network's input: of boxes of cars smaller than that the built-in network sees half or fewer, and
# cells of 8 px are the finest that most detectors have
SMALL = 16
SHARED = 0.25  # of a spot that lies in another one: whoever stands there may be given to either

Corners = tuple[tuple[float, float], ...]


def doubts(spots: Mapping[str, Corners], size: Size, scale: float | None) -> Iterator[str]:
    """size: of the picture, px; scale: pixels of the network's input to one of the picture, if known."""
    corners = {name: np.array(spot, np.float32) * np.array(size, np.float32) for name, spot in spots.items()}
    small = [name for name, polygon in corners.items() if scale and _side(polygon) * scale < SMALL]
    if small and scale:
        least = min(small, key=lambda name: _side(corners[name]))
        yield (
            f"{_listed(small)}: too small for the network, which sees {least} as "
            f"{_side(corners[least]) * scale:.0f} px square in a picture of {size.width} x {size.height}; "
            f"it takes {SMALL} to see a car: use `tiles`, a network with a larger input, or a nearer camera"
        )
    common = Plots(list(corners.values())).common()
    shared = np.triu(np.maximum(common, common.T), k=1)
    names = list(corners)
    for one, two in np.argwhere(shared > SHARED).tolist():
        yield (
            f"{names[two]}: {shared[one, two]:.0%} of it or of {names[one]} lies in the other; draw the "
            "ground of each, up to the line between them"
        )


def _side(polygon: np.ndarray) -> float:
    """Side (px) of the square as large as the box round a spot (K, 2) px."""
    return float(np.sqrt(np.prod(np.ptp(polygon, axis=0))))


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
