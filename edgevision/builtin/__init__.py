"""Files that come with the program: networks, example configurations, the systemd unit."""

from pathlib import Path

SCHEME = "builtin:"  # before the name of a network that comes with the program, where a path may stand
NETWORKS = ("default", "default_int8", "default_square", "default_square_int8", "drawn")


def builtin_path(name: str) -> Path:
    """Where a file of the program lies: in the installed package, or in the checkout it runs from."""
    installed = Path(__file__).parent / name
    return installed if installed.exists() else Path(__file__).parents[2] / name


def network_path(text: str, base: Path) -> Path:
    """The file that a path, or builtin:NAME, means; relative paths start at `base`. Raises ValueError."""
    if not text.startswith(SCHEME):
        return base / text
    name = text.removeprefix(SCHEME)
    if name not in NETWORKS:
        raise ValueError(f"there is no built-in network {name!r}; there are {', '.join(NETWORKS)}")
    return builtin_path(f"models/{name}.onnx")
