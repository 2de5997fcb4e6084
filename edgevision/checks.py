"""What of a configuration only the loaded networks can tell to be right or wrong."""

from collections.abc import Iterator, Mapping

import numpy as np

from edgevision.analytics import ANALYTICS, PixelAnalytic
from edgevision.config import CameraBase, LoadedConfig
from edgevision.document import KeyPath, Problem
from edgevision.errors import ConfigError
from edgevision.inference.detector import Detector, check_classes
from edgevision.inference.segmenter import Segmenter

Network = Detector | Segmenter


def check_against(config: LoadedConfig, networks: Mapping[str, Network]) -> None:
    """networks: by name. Raises ConfigError with every problem, in the order of the file."""
    problems = [*_camera_problems(config, networks), *_output_problems(config, networks)]
    if problems:
        problems.sort(key=lambda problem: config.line(*problem[0]))
        raise ConfigError([f"{config.where(*path)}: {text}" for path, text in problems])


def _camera_problems(config: LoadedConfig, networks: Mapping[str, Network]) -> Iterator[Problem]:
    for name, camera in config.settings.cameras.items():
        network = networks[config.settings.model_of(name)]
        yield from _analytic_problems(("cameras", name), camera, network)
        file, follows = network.path.name, isinstance(network, Detector)
        if camera.outlines and not (follows and has_pixels(network)):
            text = f"{file} draws no masks of objects, which outlines are made of"
            yield ("cameras", name, "outlines"), text
        if camera.tiles and not follows:
            text = f"{file} is a segmenter; tiles are for networks that find objects"
            yield ("cameras", name, "tiles"), text


def _analytic_problems(camera_path: KeyPath, camera: CameraBase, network: Network) -> Iterator[Problem]:
    file = network.path.name
    for kind, name, settings in camera.analytics():
        key = ANALYTICS[kind].KEY
        path = (*camera_path, key, name)
        yield from _unknown_classes(settings.classes, network, path)
        if isinstance(ANALYTICS[kind].build(settings), PixelAnalytic):
            if not has_pixels(network):
                text = f"{file} gives boxes only; {key} need a segmenter, or a detector that draws masks"
                yield path, text
        elif isinstance(network, Segmenter):
            yield path, f"{file} is a segmenter, which finds no objects to follow; it can measure `areas`"


def _output_problems(config: LoadedConfig, networks: Mapping[str, Network]) -> Iterator[Problem]:
    """Of classes that are to be hidden. A network that is told not to look for them would hide none."""
    for index, output in enumerate(config.settings.outputs):
        redaction = getattr(output, "redact", None)
        if redaction is None:
            continue
        model = config.settings.model_of(output.camera)
        path = ("outputs", index, "redact", "classes")
        yield from _unknown_classes(redaction.classes, networks[model], path)
        wanted = config.settings.models[model].classes
        for each in redaction.classes:
            if wanted and each in networks[model].labels and each not in wanted:
                yield path, f"models.{model}.classes leaves {each!r} out, so it is never seen: add it"


def has_pixels(network: Network) -> bool:
    """Whether it tells pixels apart; of a detector, by what it makes of a blank picture."""
    if isinstance(network, Segmenter):
        return True
    width, height = network.input.size
    return network.detect(np.zeros((height, width, 3), np.uint8), 1.0).masks is not None


def _unknown_classes(classes: list[str], network: Network, path: KeyPath) -> Iterator[Problem]:
    try:
        check_classes(classes, network.labels)
    except ConfigError as error:
        for problem in error.problems:
            yield path, problem
