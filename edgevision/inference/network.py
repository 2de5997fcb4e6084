"""A network of any task, by what its file, its card and the configuration say."""

from collections.abc import Callable, Mapping
from pathlib import Path

from edgevision.errors import ModelError
from edgevision.inference.classifier import Classifier, score_rows
from edgevision.inference.detector import Detector
from edgevision.inference.formats import find_format, fitting_formats
from edgevision.inference.opened import Opened, open_network
from edgevision.inference.segmenter import Segmenter, map_outputs
from edgevision.inference.settings import ModelSettings, Task

Network = Detector | Classifier | Segmenter

READERS: Mapping[Task, Callable[[Opened], Network]] = {
    "detect": Detector,
    "segment": Segmenter,
    "classify": Classifier,
}
# What Ultralytics writes into its exports. Its `segment` is objects with masks: boxes first, so a detector.
METADATA_TASKS: Mapping[str, Task] = {"segment": "detect", "semantic": "segment", "classify": "classify"}


def load_network(settings: ModelSettings, base: Path, threads: int, callers: int = 1) -> Network:
    """The network that settings describe, of whatever task; see `open_network`."""
    return read_network(open_network(settings, base, threads, callers))


def read_network(opened: Opened) -> Network:
    """How to read an opened file. Raises ModelError or ConfigError with what to do."""
    return READERS[find_task(opened)[0]](opened)


def find_task(opened: Opened) -> tuple[Task, str]:
    """What a network does, and why that is believed. Raises ModelError if nothing, or more than one, fits."""
    fitting = _fitting(opened)
    given = opened.settings.task or opened.card.task
    if given == "segment" and fitting == ["detect"]:
        return "detect", "`task: segment` is set, and its output is objects with masks"
    if given:
        return given, f"`task: {given}` is set"
    if opened.settings.format or opened.card.format:
        return "detect", "`format:` is set, which only detectors have"
    noted = opened.signature.metadata.get("task")
    if noted:
        # What is no task of ours, such as poses, is refused by the formats, which know the rest.
        return METADATA_TASKS.get(noted, "detect"), f"the file says that it is made to {noted}"
    came = " and ".join(str(shape) for shape in opened.signature.shapes)
    if not fitting:
        raise _unknown(opened)
    if len(fitting) > 1:
        lines = " or ".join(f"`task: {task}`" for task in fitting)
        raise ModelError(
            f"{opened.path}: its output {came} can be read in several ways: add {lines} to {opened.where}"
        )
    return fitting[0], f"its output has the shape {came}"


def _fitting(opened: Opened) -> list[Task]:
    outputs, size = opened.signature.outputs, opened.spec.size
    fits: dict[Task, bool] = {
        "detect": bool(fitting_formats(opened.signature)),
        "segment": bool(map_outputs(outputs, size)),
        "classify": bool(score_rows(outputs)),
    }
    return [task for task, does in fits.items() if does]


def _unknown(opened: Opened) -> ModelError:
    try:
        find_format(opened.signature, None)
    except ModelError as error:
        return ModelError(
            f"{error}\n  a classifier: one row of scores\n"
            "  a segmenter: a map of classes in the input's proportions"
        )
    return ModelError(f"{opened.path}: it is unknown how to read its outputs")
