"""edgevision run CONFIG"""

import json
import logging
import signal
import threading
import webbrowser
from argparse import Namespace
from types import FrameType

from edgevision import log
from edgevision.app import App
from edgevision.config import LoadedConfig, load
from edgevision.errors import ConfigError
from edgevision.lint import warnings

logger = logging.getLogger(__name__)


def run(options: Namespace) -> int:
    config = load(options.config)
    if options.json:
        _refuse_stdout(config)
    if options.open and config.settings.http is None:
        raise ConfigError(f"{config.where('http')}: --open opens the page, and `http: null` is without one")
    log.setup(config.settings.log.level, config.settings.log.format)
    for doubt in warnings(config):
        logger.warning(doubt)
    # TensorRT makes engines for minutes, and only after that would Python look who has pressed Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        app = App(config, options.config, show=_show if options.open else lambda url: None)
    finally:
        signal.signal(signal.SIGINT, before)
    stop_on_signals(app)
    app.run()
    if options.json:
        print(json.dumps(report(app)))
    return 0


def _show(url: str) -> None:
    """In a thread of its own: some browsers are waited for until they are closed."""
    threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()


def stop_on_signals(app: App) -> None:
    """SIGTERM and Ctrl-C end the app in good order, the second one at once; SIGHUP makes it read its file."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        app.request_stop()

    signal.signal(signal.SIGHUP, lambda *_: app.request_reload())
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def report(app: App) -> dict[str, object]:
    """What was counted, and what became of the frames, by camera."""
    cameras = {}
    for camera, frames in app.pipeline.frame_counts().items():
        counts: dict[str, dict[str, dict[str, int]]] = {}
        for (name, kind, label), number in sorted(app.pipeline.counts(camera).items()):
            counts.setdefault(name, {}).setdefault(kind, {})[label] = number
        cameras[camera] = {
            "captured": frames.captured,
            "processed": frames.processed,
            "dropped": dict(frames.dropped),
            "counts": counts,
        }
    return {"cameras": cameras}


def _refuse_stdout(config: LoadedConfig) -> None:
    for index, output in enumerate(config.settings.outputs):
        if getattr(output, "path", None) == "-":
            raise ConfigError(
                f"{config.where('outputs', index, 'path')}: --json keeps the standard output to itself; "
                "send the events to a file"
            )
