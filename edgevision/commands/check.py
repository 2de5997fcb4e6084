"""edgevision check CONFIG: is the configuration good, and what would it do?"""

import json
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from edgevision import log
from edgevision.assembly import Assembly
from edgevision.config import Config, LoadedConfig, load
from edgevision.core.types import Size
from edgevision.errors import ConfigError, SourceError
from edgevision.inference.detector import Detector
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.tiles import Tiles, numbers
from edgevision.lint import warnings
from edgevision.lint_motion import motion_warnings
from edgevision.metrics import Metrics
from edgevision.pipeline.plans import ModelPlan
from edgevision.redact import redact
from edgevision.sources import Source


def run(options: Namespace) -> int:
    if options.schema:
        print(json.dumps(Config.model_json_schema(), indent=2))
        return 0
    if options.config is None:
        raise ConfigError("check needs a configuration: edgevision check CONFIG")
    config = load(options.config)
    log.setup("warning")
    parts = Assembly(config, Metrics())
    probed = {name: probe(source) for name, source in parts.sources.items()} if options.probe else {}
    inputs = {name: plan.detector.input.size for name, plan in parts.models.items()}
    sizes = dict(_sizes(probed))
    doubts = warnings(config, sizes, inputs) + _moving(config, list(sizes), options.watch)
    doubts = [redact(doubt) for doubt in doubts]
    if options.json:
        answer = {"config": str(options.config), "valid": True, "warnings": doubts, "cameras": probed}
        print(json.dumps(answer))
    else:
        print(f"{options.config} is good.")
        print("\n".join([*(f"warning: {doubt}" for doubt in doubts), *describe(config, parts, probed)]))
        for name, answer in probed.items():
            print(f"camera {name} answers: {redact(str(answer))}")
    return 0 if all("error" not in answer for answer in probed.values()) else 1


def _moving(config: LoadedConfig, cameras: list[str], seconds: float) -> list[str]:
    """What watching those cameras that answer and have lines says of them."""
    settings: Mapping[str, Any] = config.settings.cameras
    lined = [name for name in cameras if settings[name].lines]
    if not lined or not seconds:
        return []
    from edgevision.commands.check_motion import watch

    print(f"watching {', '.join(lined)} for up to {seconds:g} s", file=sys.stderr)
    return motion_warnings(config, watch(config, lined, seconds))


def describe(
    config: LoadedConfig, parts: Assembly, probed: Mapping[str, Mapping[str, Any]] | None = None
) -> Iterator[str]:
    """What the configuration does, a line for each part. probed: answers of the cameras, by name."""
    settings = config.settings
    for name, plan in parts.models.items():
        facts = ", ".join(f"{key} {value}" for key, value in plan.detector.facts().items())
        yield f"model {name}: {facts}; {plan.workers} workers"
    for name, network in parts.seconds.items():
        facts = ", ".join(f"{key} {value}" for key, value in network.facts().items())
        yield f"model {name}: {facts}"
    for name, camera in settings.cameras.items():
        rate = f"{camera.fps:g} frames/s" if camera.fps else "all frames"
        live = "live" if parts.sources[name].live else "read to its end"
        yield f"camera {name}: {redact(camera.source)} ({live}), {rate}, model {settings.model_of(name)}"
        if camera.region:
            yield f"  region: the network sees {list(camera.region)} of the picture, and nothing else"
        if camera.tiles:
            plan = parts.models[settings.model_of(name)]
            yield f"  {cost(camera.tiles, plan, _shown(camera, (probed or {}).get(name, {})))}"
        for kind, each, analytic in camera.analytics():
            yield f"  {kind} {each}: {asked(kind, analytic)}"
        for each, look in camera.then.items():
            what = ", ".join(look.classes) or "all classes"
            yield f"  then {each}: {what}, model {look.model}, every {look.every:g} s"
    for index, output in enumerate(settings.outputs):
        yield redact(f"output {index}: {output.type} to {place(output)}{hidden(output)}")
    yield f"http: {settings.http.listen}" if settings.http else "http: off"


def asked(kind: str, settings: Any) -> str:
    """What an analytic asks about, in words."""
    match kind:
        case "look":
            return f"model {settings.model}, every {settings.every:g} s"
        case "speed":
            return f"{' to '.join(settings.lines)}, {settings.metres:g} m"
        case "shelf":
            products = ", ".join(settings.products()) or "all classes"
            hidden = ", ".join(settings.blockers) or "nobody"
            return f"{products} in {len(settings.rows)} rows, held while hidden by {hidden}"
        case "trips":
            return f"between {', '.join(settings.places)}"
        case "spots":
            return f"{len(settings.spots)} places, {', '.join(settings.classes) or 'all classes but people'}"
    return ", ".join(settings.classes) or "all classes"


def _shown(camera: Any, probed: Mapping[str, Any]) -> Mapping[str, Any]:
    """The size of what the network is shown, where the camera's answer tells the size of its pictures."""
    if not camera.region or "width" not in probed:
        return probed
    size: Size = camera.window().size(Size(probed["width"], probed["height"]))
    return size._asdict()


def cost(tiles: Tiles, plan: ModelPlan, probed: Mapping[str, Any]) -> str:
    """What a camera's tiles cost: runs of the network for a frame, and their time, measured here."""
    network = plan.detector
    seconds = _run_seconds(network)
    each = f"{seconds * 1000:.0f} ms for a run of the network on this machine"
    if tiles.columns is None and "width" not in probed:
        return f"tiles auto: a run for each, as many as the picture's size asks for (see --probe); {each}"
    frame = Size(probed.get("width", 0), probed.get("height", 0))
    columns, rows = numbers(frame, tiles, network.input.size)
    whole = tiles.whole and columns * rows > 1
    runs = columns * rows + whole
    most = plan.workers / (runs * seconds)
    return (
        f"tiles {columns}x{rows}{' and the whole' if whole else ''}: {runs} runs a frame, {each}: "
        f"{most:.2g} frames/s at most"
    )


def place(output: Any) -> str:
    """Where an output writes to, without secrets: a web address' path is often one."""
    path = getattr(output, "path", None) or getattr(output, "folder", None)
    return str(path or urlsplit(output.url).hostname)


def hidden(output: Any) -> str:
    """What an output hides of its pictures, in words."""
    redaction = getattr(output, "redact", None)
    if redaction is None:
        return ""
    return f"; hides {'all but ' if redaction.keep else ''}{', '.join(redaction.classes)} ({redaction.how})"


def _run_seconds(network: Detector | Segmenter) -> float:
    """Time of one run, the best of some: the first is slow, and others are when the machine is busy."""
    tensor = np.zeros(network.input.shape, network.input.dtype)
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        network.infer(tensor)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _sizes(probed: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, Size]]:
    """Those of the cameras that answered."""
    for name, answer in probed.items():
        if "error" not in answer:
            yield name, Size(answer["width"], answer["height"])


def probe(source: Source) -> dict[str, Any]:
    """One picture of a source: its size, or the error."""
    pictures = source.pictures(threading.Event())
    try:
        picture = next(pictures, None)
    except SourceError as error:
        return {"error": redact(str(error))}
    finally:
        pictures.close()  # type: ignore[attr-defined]  # all sources are generators
    if picture is None:
        return {"error": "it holds no picture"}
    height, width = picture.image.shape[:2]
    return {"width": width, "height": height, "frame_rate": source.frame_rate}
