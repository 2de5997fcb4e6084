import subprocess
import sys
from importlib.machinery import PathFinder

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from edgevision.core import solver


def test_it_is_the_one_that_scipy_documents() -> None:
    rng = np.random.default_rng(0)
    alone = solver._alone()
    for shape in [(1, 1), (3, 5), (40, 30)]:
        gain = rng.random(shape)
        expected = linear_sum_assignment(gain, maximize=True)
        np.testing.assert_array_equal(alone(gain, maximize=True), expected)


def test_where_scipy_has_it_elsewhere_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PathFinder, "find_spec", lambda name, places: None)
    assert solver.solver.__wrapped__() is linear_sum_assignment


def test_it_comes_without_the_rest_and_the_rest_can_come_later() -> None:
    script = """
import sys
from importlib.machinery import PathFinder
import numpy as np
from edgevision.core.solver import solver
rows, columns = solver()(np.array([[1.0, 2.0], [0.0, 5.0]]), maximize=True)
rest = [name for name in sys.modules if name.startswith("scipy") and not name.endswith("._lsap")]
print(rows.tolist(), columns.tolist(), rest)
from scipy.optimize import least_squares, linear_sum_assignment
print(float(least_squares(lambda x: x - 3, 0.0).x[0]), linear_sum_assignment([[4, 1], [2, 0]])[1].tolist())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[0, 1] [0, 1] []", "3.0 [1, 0]"]
