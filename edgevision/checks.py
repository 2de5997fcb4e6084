"""What of a configuration only the loaded networks can tell: every problem, placed in the file."""

from collections.abc import Iterator, Mapping

import numpy as np

from edgevision.analytics import ANALYTICS, PixelAnalytic
from edgevision.config import CameraBase, LoadedConfig
from edgevision.errors import ConfigError
from edgevision.inference.detector import Detector, check_classes
from edgevision.inference.segmenter import Segmenter

Networks = Mapping[str, Detector | Segmenter]


def check_cameras(config: LoadedConfig, networks: Networks) -> Iterator[str]:
    """Classes of all analytics, and whether the networks give what is asked of them. networks: by name."""
    for name, camera in config.settings.cameras.items():
        model = config.settings.model_of(name)
        yield from _check_camera(config, name, camera, networks[model])


def check_outputs(config: LoadedConfig, networks: Networks) -> Iterator[str]:
    """Classes that are to be hidden. A network that is told not to look for them would hide none."""
    for index, output in enumerate(config.settings.outputs):
        redaction = getattr(output, "redact", None)
        if redaction is None:
            continue
        model = config.settings.model_of(output.camera)
        where = config.where("outputs", index, "redact", "classes")
        yield from _unknown_classes(redaction.classes, networks[model], where)
        wanted = config.settings.models[model].classes
        for each in redaction.classes:
            if wanted and each in networks[model].labels and each not in wanted:
                yield f"{where}: models.{model}.classes leaves {each!r} out, so it is never seen: add it"


def _check_camera(
    config: LoadedConfig, name: str, camera: CameraBase, network: Detector | Segmenter
) -> Iterator[str]:
    follows = isinstance(network, Detector)
    file = network.path.name
    for kind, each, settings in camera.analytics():
        key = ANALYTICS[kind].KEY
        where = config.where("cameras", name, key, each)
        yield from _unknown_classes(settings.classes, network, where)
        if isinstance(ANALYTICS[kind].build(settings), PixelAnalytic):
            if not has_pixels(network):
                yield (
                    f"{where}: {file} gives boxes only; {key} need a network that tells pixels apart: a "
                    "segmenter, or a detector that draws masks"
                )
        elif not follows:
            yield f"{where}: {file} is a segmenter, which finds no objects to follow; it can measure `areas`"
    if camera.outlines and not (follows and has_pixels(network)):
        where = config.where("cameras", name, "outlines")
        yield f"{where}: {file} draws no masks of objects, which outlines are made of"
    if camera.tiles and not follows:
        where = config.where("cameras", name, "tiles")
        yield f"{where}: {file} is a segmenter; tiles are for networks that find objects"


def has_pixels(network: Detector | Segmenter) -> bool:
    """Whether it tells pixels apart; of a detector, by what it makes of a blank picture."""
    if isinstance(network, Segmenter):
        return True
    width, height = network.input.size
    return network.detect(np.zeros((height, width, 3), np.uint8), 1.0).masks is not None


def _unknown_classes(classes: list[str], network: Detector | Segmenter, where: str) -> Iterator[str]:
    try:
        check_classes(classes, network.labels)
    except ConfigError as error:
        yield from error.placed(where).problems
