"""edgevision init USE: a configuration to begin with, and the spots of a car park."""

import sys
import threading
from argparse import Namespace
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from edgevision.commands.pictures import write_picture
from edgevision.config import Camera
from edgevision.core.types import Image, Size
from edgevision.errors import ConfigError, OutputError, SourceError
from edgevision.sources import LiveSettings, open_source, parse_address
from edgevision.sources.images import SUFFIXES, read_image
from edgevision.spotfiles import as_text, read, write
from edgevision.starter import ALERT, Starter, fill, in_front, with_spots

SPOTS_FILE, SPOTS_PICTURE = "spots.yaml", "spots.png"


def run(options: Namespace) -> int:
    output: Path = options.output or Path(f"{options.use}.yaml")
    if options.use != "parking" and (options.spots or options.learn):
        raise ConfigError(f"--spots and --learn are for `init parking`, not for `init {options.use}`")
    if not output.parent.is_dir():
        raise OutputError(f"the folder {output.parent} does not exist: create it first")
    if options.learn and Path(options.learn).suffix.lower() in (".yaml", ".yml"):
        return _learn(options, Path(options.learn).parent)
    source = options.source or options.learn or _asked()
    starter = fill(options.use, output, source, options.model, options.alert)
    snapshot = output.with_suffix(".jpg")
    _refuse_to_replace([output, *([snapshot] if options.from_camera else [])], options.force)
    if options.from_camera:
        _take(source, snapshot)
    if options.spots:
        _import(options, output.parent, snapshot)
    status = _learn(options, output.parent) if options.learn else 0
    if status == 0:
        _finish(options, starter, output)
    return status


def _finish(options: Namespace, starter: Starter, output: Path) -> None:
    """Write the configuration, last, and say how to go on."""
    text = starter.text
    if (options.spots or options.learn) and "spots" in Camera.model_fields:
        text = with_spots(text)
    write(output, text, force=options.force)
    print(f"{output} is written")
    if starter.secrets:
        names = " and ".join(starter.secrets)
        what = "The alert's address" if list(starter.secrets) == [ALERT] else "The password"
        print(f"{what} is not in it: set {names} in the environment, as below")
    if ALERT in starter.secrets and find_spec("httpx") is None:
        print("The alert needs one more library: pip install 'edgevision[webhook]'")
    variables = in_front(starter.secrets)
    print(f"Next: {variables}edgevision check {output} --probe")
    print(f"Then: {variables}edgevision run {output} --open")
    print("It opens the page, to draw lines and areas where yours are")


def _asked() -> str | None:
    """The camera's address, where there is somebody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    print("The camera's address, such as rtsp://user:password@host/path (Enter: later): ",
          end="", file=sys.stderr, flush=True)  # fmt: skip
    return sys.stdin.readline().strip() or None


def _refuse_to_replace(paths: Iterable[Path], force: bool) -> None:
    for path in paths:
        if path.exists() and not force:
            raise OutputError(f"{path} is there already: replace it with --force, or name another --output")


def _take(source: str | None, snapshot: Path) -> None:
    """One picture of the camera."""
    if source is None:
        raise ConfigError("--from-camera takes a picture of the camera that --source names")
    pictures = open_source(parse_address(source, Path()), LiveSettings()).pictures(threading.Event())
    try:
        picture = next(pictures, None)
    finally:
        pictures.close()  # type: ignore[attr-defined]  # all sources are generators
    if picture is None:
        raise SourceError("open_failed", f"{source} holds no picture")
    write_picture(snapshot, picture.image)
    height, width = picture.image.shape[:2]
    print(f"{snapshot} is a picture of the camera, {width}x{height}: draw on it")


def _import(options: Namespace, folder: Path, snapshot: Path) -> None:
    target = folder / SPOTS_FILE
    if options.spots.resolve() == target.resolve():
        raise ConfigError(f"--spots {options.spots} is the file that would be written; it is ours already")
    size = options.size or (str(snapshot) if options.from_camera else None)
    spots = read(options.spots, _size(size) if size else None)
    write(target, as_text(spots, f"Taken from {options.spots.name}."), force=options.force)
    print(f"{target} has {len(spots)} spots: {', '.join(list(spots)[:8])}{', ...' if len(spots) > 8 else ''}")


def _size(text: str) -> Size:
    """1280x720, or that of a picture."""
    if Path(text).suffix.lower() in SUFFIXES:
        image: Image = read_image(Path(text))
        return Size(image.shape[1], image.shape[0])
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise ConfigError(f"--size: expected width x height such as 1280x720, or a picture, got {text!r}")
    return Size(int(width), int(height))


def _learn(options: Namespace, folder: Path) -> int:
    from edgevision.commands.init_learn import learn  # loads ONNX Runtime, which the rest does without

    targets = folder / SPOTS_FILE, folder / SPOTS_PICTURE
    _refuse_to_replace(targets, options.force)
    return learn(options, *targets)
