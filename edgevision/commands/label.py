"""edgevision label count VIDEO: a page to say what truly happens in a video, for `eval count`."""

import ipaddress
import threading
import time
from argparse import Namespace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from edgevision.config import CameraBase, LoadedConfig, load
from edgevision.errors import ConfigError, DataError
from edgevision.evaluate.read_counts import Mark, Row, read_truth
from edgevision.explain import did_you_mean
from edgevision.label.places import SAID, Place, places_of
from edgevision.label.server import build_app, scan
from edgevision.label.store import TruthStore, proposals
from edgevision.videoframes import VideoFrames
from edgevision.web.server import Server

CAMERA = "camera"  # where no configuration names it
JOIN = 2.0  # s: for the thread that reads times to see that it is to end


class Asked(NamedTuple):
    """What a configuration says about the video."""

    camera: str
    alone: bool  # the configuration has no other camera
    start: float  # Unix s of the first frame
    places: list[Place]


def run(options: Namespace) -> int:
    host, port = _loopback(options.listen)
    config = load(options.config) if options.config else None
    asked = _asked(config, options)
    frames = VideoFrames(options.video)
    truth = options.truth or Path(f"{options.video.stem}.truth.yaml")
    store = TruthStore(truth, options.video.name, asked.camera, asked.alone, asked.start)
    ours = _ours(config, asked, options) if options.check is not None else []
    server = Server(host, port)
    stop = threading.Event()
    thread = scan(frames, stop)
    hosts = {f"{name}:{urlsplit(server.url).port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    try:
        server.start(build_app(options.video.name, frames, store, asked.places, ours, hosts))
        print(f"open {server.url} in a browser; Ctrl-C ends", flush=True)
        print(f"every click is written to {truth}", flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    finally:
        stop.set()
        thread.join(JOIN)
        server.stop()


def _loopback(text: str) -> tuple[str, int]:
    """Address and port. What is filmed is nobody else's business: there is no token to share it with."""
    from edgevision.config import Http

    try:
        host, port = Http(listen=text, token="x" * 16).endpoint()  # the token is for its check only
    except ValueError:
        raise ConfigError(
            f"--listen: expected an address and port such as 127.0.0.1:0, got {text!r}"
        ) from None
    if not ipaddress.ip_address(host).is_loopback:
        raise ConfigError(
            f"--listen {text}: the page is for this machine only; from another one use "
            "`ssh -L 8000:127.0.0.1:8000 USER@HOST` and --listen 127.0.0.1:8000"
        )
    return host, port


def _asked(config: LoadedConfig | None, options: Namespace) -> Asked:
    if config is None:
        if options.check is not None and not options.check:
            raise ConfigError("--check runs a configuration: name one with --config, or events to check")
        return Asked(options.camera or CAMERA, True, 0.0, [])
    cameras = config.settings.cameras
    name = _camera(config, options)
    places = places_of(cameras[name])
    if not places:
        raise ConfigError(f"{config.where('cameras', name)} has no line, zone or spot to say anything of")
    return Asked(name, len(cameras) == 1, cameras[name].start.timestamp(), places)


def _camera(config: LoadedConfig, options: Namespace) -> str:
    """The camera that is meant: by name, by its video, or because there is only one."""
    cameras = config.settings.cameras
    if options.camera and options.camera not in cameras:
        near = did_you_mean(options.camera, cameras)
        raise ConfigError(
            f"--camera: there is no camera {options.camera!r}{near}; there are {', '.join(cameras)}"
        )
    same = [name for name, camera in cameras.items() if _is_of(camera, config, options.video)]
    chosen: list[str] = [options.camera] if options.camera else same or list(cameras)
    if len(chosen) > 1:
        raise ConfigError(f"which camera is {options.video}? Say --camera, one of {', '.join(chosen)}")
    return chosen[0]


def _is_of(camera: CameraBase, config: LoadedConfig, video: Path) -> bool:
    address = camera.address(config.base)
    return address.scheme == "file" and Path(address.location).resolve() == video.resolve()


def _ours(config: LoadedConfig | None, asked: Asked, options: Namespace) -> list[Row]:
    """What we count: of a file of events, or of a run now."""
    if options.check:
        cameras = config.settings.cameras if config else {}
        starts = {name: camera.start.timestamp() for name, camera in cameras.items()}
        marks = read_truth(Path(options.check), starts or {asked.camera: asked.start}).marks
        return proposals([_row(mark) for mark in marks if mark.camera == asked.camera and mark.kind in SAID])
    from edgevision.commands.counting import count, only_files  # loads networks

    assert config is not None
    if not _is_of(config.settings.cameras[asked.camera], config, options.video):
        raise DataError(
            f"--check runs the configuration on its own source; that of {asked.camera} is not {options.video}"
        )
    only_files(config)
    events = count(config, [asked.camera]).events
    marks = [Mark(each.camera, each.name, each.kind, each.label, each.ts) for each in events]
    return proposals([_row(mark) for mark in marks if mark.kind in SAID])


def _row(mark: Mark) -> Row:
    return Row(name=mark.name, kind=mark.kind, label=mark.label, at=max(0.0, mark.at))
