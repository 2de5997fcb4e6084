"""scipy's solver of assignments, without the rest of scipy.optimize.

That costs 0.25 s of CPU and 50 MB to import; the solver alone, one extension module, costs 1 ms and 0.2 MB.
Where scipy has put it elsewhere, or it needs what scipy prepares, it is imported as scipy documents it.
"""

from collections.abc import Callable
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec

import numpy as np

Solver = Callable[..., tuple[np.ndarray, np.ndarray]]  # (gain (N, M), maximize=True) -> rows and columns (L,)


@cache
def solver() -> Solver:
    """scipy.optimize.linear_sum_assignment."""
    try:
        return _alone()
    except (ImportError, AttributeError):
        from scipy.optimize import linear_sum_assignment

        return linear_sum_assignment


def _alone() -> Solver:
    """Raises ImportError or AttributeError if it is not where it is known to be."""
    scipy = find_spec("scipy")  # finds, and does not import
    places = [f"{place}/optimize" for place in scipy.submodule_search_locations or ()] if scipy else []
    found = PathFinder.find_spec("scipy.optimize._lsap", places)
    if found is None or found.loader is None:
        raise ImportError("scipy has no module _lsap")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    alone: Solver = module.linear_sum_assignment
    return alone
