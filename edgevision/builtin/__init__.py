"""Files that come with the program: networks, example configurations, the systemd unit. And where those
networks lie that were pulled later."""

import os
from pathlib import Path

from edgevision.errors import ModelError

SCHEME = "builtin:"  # before the name of a network that comes with the program, where a path may stand
PULLED = "pulled:"  # before the name of one that `edgevision models pull` fetched
NETWORKS = (
    "default", "default_int8", "default_square", "default_square_int8",
    "default_segment", "default_segment_int8", "drawn",
)  # fmt: skip


def builtin_path(name: str) -> Path:
    """Where a file of the program lies: in the installed package, or in the checkout it runs from."""
    installed = Path(__file__).parent / name
    return installed if installed.exists() else Path(__file__).parents[2] / name


def pulled_folder() -> Path:
    """Where pulled networks lie: the service's own folder under systemd, else the user's."""
    state = os.environ.get("STATE_DIRECTORY", "").split(":")[0]  # systemd.exec(5): a list, colons between
    if state:
        return Path(state) / "models"
    data = os.environ.get("XDG_DATA_HOME", "")  # XDG Base Directory: ignored unless it is absolute
    home = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return home / "edgevision" / "models"


def network_path(text: str, base: Path) -> Path:
    """The file that a path, builtin:NAME or pulled:NAME means; relative paths start at `base`.

    Raises ValueError.
    """
    if text.startswith(PULLED):
        return _pulled_path(text.removeprefix(PULLED))
    if not text.startswith(SCHEME):
        return base / text
    name = text.removeprefix(SCHEME)
    if name not in NETWORKS:
        raise ValueError(f"there is no built-in network {name!r}; there are {', '.join(NETWORKS)}")
    return builtin_path(f"models/{name}.onnx")


def existing_network(text: str, base: Path) -> Path:
    """As network_path, of a file that is there. Raises ValueError."""
    path = network_path(text, base)
    try:
        if not path.is_file():
            raise ValueError(f"{path} does not exist" if not path.exists() else f"{path} is not a file")
    except OSError as error:  # a folder that this user may not look into, a name that is too long
        raise ValueError(f"cannot look at {path}: {error.strerror}") from None
    return path


def asked_network(text: str, option: str = "") -> Path:
    """That of a command line; option: what it was asked for with. Raises ModelError."""
    try:
        return existing_network(text, Path())
    except ValueError as error:
        raise ModelError(f"{option}: {error}" if option else str(error)) from None


def _pulled_path(name: str) -> Path:
    there = {path.stem: path for path in sorted(pulled_folder().glob("*.onnx"))}
    if name not in there:
        others = f"; there are {', '.join(there)}" if there else ""
        raise ValueError(
            f"there is no network {name!r} in {pulled_folder()}: `edgevision models pull {name}` "
            f"fetches it, if `edgevision models list` names it{others}"
        )
    return there[name]
