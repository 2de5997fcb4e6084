"""Files that come with the program: the default network, example configurations, the systemd unit."""

from pathlib import Path

DEFAULT_MODEL = "models/default.onnx"


def builtin_path(name: str) -> Path:
    """Where a file of the program lies: in the installed package, or in the checkout it runs from."""
    installed = Path(__file__).parent / name
    return installed if installed.exists() else Path(__file__).parents[2] / name
