"""The package openvino, which is an extra, and which must not report to anybody."""

import sys
from importlib.util import find_spec
from types import ModuleType

from edgevision.errors import ModelError

MISSING = "`engine: openvino` needs the package openvino: pip install 'edgevision[openvino]'"


def load_openvino() -> ModuleType:
    """The package, without its telemetry. Raises ModelError if it is not there.

    openvino 2026.4 tells Google Analytics of every import, and asks nobody. Without the package
    openvino_telemetry, which is all that does so, it works as well; to Python it is not there from now on.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import openvino
    except ImportError:
        raise ModelError(MISSING) from None
    module: ModuleType = openvino
    return module


def is_installed() -> bool:
    return find_spec("openvino") is not None
