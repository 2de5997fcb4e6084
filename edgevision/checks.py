"""What of a configuration only the loaded networks can tell to be right or wrong."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from edgevision.analytics import ANALYTICS, PixelAnalytic, keys_of
from edgevision.conceal import Redaction
from edgevision.config import CameraBase, LoadedConfig
from edgevision.document import KeyPath, Problem
from edgevision.errors import ConfigError
from edgevision.inference.detector import Detector, check_classes
from edgevision.inference.network import Network
from edgevision.inference.segmenter import Segmenter
from edgevision.looks import misused

Networks = Mapping[str, Detector | Segmenter]


def check_against(config: LoadedConfig, networks: Networks, seconds: Mapping[str, Network]) -> None:
    """networks: those of the cameras, by name; seconds: those that look again. Raises ConfigError with every
    problem, in the order of the file."""
    problems = list(misused(config.settings, seconds))
    for path, classes, labels in _class_lists(config, networks, seconds):
        try:
            check_classes(classes, labels)
        except ConfigError as error:
            problems += [(path, text) for text in error.problems]
    problems += [*_camera_problems(config, networks), *_output_problems(config, networks)]
    problems += [*_shelf_problems(config, networks), *_region_problems(config)]
    if problems:
        problems.sort(key=lambda problem: config.line(*problem[0]))
        raise ConfigError([f"{config.where(*path)}: {text}" for path, text in problems])


def _class_lists(
    config: LoadedConfig, networks: Networks, seconds: Mapping[str, Network]
) -> Iterator[tuple[KeyPath, list[str], list[str]]]:
    """Every `classes:`: where it stands, what it says, and the names that can be meant."""
    settings = config.settings
    for name, network in seconds.items():
        yield ("models", name), settings.models[name].classes, network.labels
    for name, camera in settings.cameras.items():
        first = networks[settings.model_of(name)]
        for each, look in camera.then.items():
            yield ("cameras", name, "then", each), look.classes, first.labels
        looks = camera.then.values() if isinstance(first, Detector) else ()
        said = [label for look in looks for label in seconds[look.model].labels]
        for kind, each, analytic in camera.analytics():
            path = ("cameras", name, *keys_of(kind, each))
            yield path, getattr(analytic, "classes", []), first.labels + said
            for index, row in enumerate(getattr(analytic, "rows", [])):
                yield (*path, "rows", index), row.expect, first.labels + said
    for index, redaction, models in _redactions(config):
        known = [label for model in models for label in networks[model].labels]
        yield ("outputs", index, "redact", "classes"), redaction.classes, known


def _camera_problems(config: LoadedConfig, networks: Networks) -> Iterator[Problem]:
    """What is asked of networks that do not give it."""
    for name, camera in config.settings.cameras.items():
        network = networks[config.settings.model_of(name)]
        file, follows = network.path.name, isinstance(network, Detector)
        yield from _analytic_problems(("cameras", name), camera, network)
        if camera.outlines and not (follows and has_pixels(network)):
            text = f"{file} draws no masks of objects, which outlines are made of"
            yield ("cameras", name, "outlines"), text
        for key in ("region", "tiles", "then"):
            if getattr(camera, key) and not follows:
                text = f"{file} is a segmenter; {key} is for networks that find objects"
                yield ("cameras", name, key), text


def _analytic_problems(
    camera_path: KeyPath, camera: CameraBase, network: Detector | Segmenter
) -> Iterator[Problem]:
    file = network.path.name
    for kind, name, settings in camera.analytics():
        key = ANALYTICS[kind].KEY
        path = (*camera_path, *keys_of(kind, name))
        if isinstance(ANALYTICS[kind].build(settings), PixelAnalytic):
            if not has_pixels(network):
                text = f"{file} gives boxes only; {key} need a segmenter, or a detector that draws masks"
                yield path, text
        elif isinstance(network, Segmenter) and kind != "look":  # which needs no objects
            yield path, f"{file} is a segmenter, which finds no objects to follow; it can measure `areas`"


def _shelf_problems(config: LoadedConfig, networks: Networks) -> Iterator[Problem]:
    """Who cannot be seen in front of a shelf would empty it."""
    for name, camera in config.settings.cameras.items():
        model = config.settings.model_of(name)
        used = config.settings.models[model].classes
        sections = ((each, settings) for kind, each, settings in camera.analytics() if kind == "shelf")
        for each, section in sections:
            path = ("cameras", name, "shelves", each, "blockers")
            for blocker in section.blockers:
                if blocker not in networks[model].labels:
                    yield (
                        path,
                        f"the network has no class {blocker!r}, so nobody in front is noticed; if that is "
                        "meant, say `blockers: []`, and a `hold` longer than people stand there",
                    )
                elif used and blocker not in used:
                    yield path, f"models.{model}.classes leaves {blocker!r} out, so it is never seen: add it"


def _output_problems(config: LoadedConfig, networks: Networks) -> Iterator[Problem]:
    """A network that is told not to look for what is to be hidden would hide none of it."""
    for index, redaction, models in _redactions(config):
        for model, each in product(models, redaction.classes):
            wanted = config.settings.models[model].classes
            if wanted and each in networks[model].labels and each not in wanted:
                text = f"models.{model}.classes leaves {each!r} out, so it is never seen: add it"
                yield ("outputs", index, "redact", "classes"), text


def _region_problems(config: LoadedConfig) -> Iterator[Problem]:
    """What the network is not shown cannot be hidden."""
    settings, everywhere = config.settings, list(config.settings.cameras)
    redacted = [
        (redaction, [output.camera] if output.camera else everywhere)
        for output in settings.outputs
        if (redaction := getattr(output, "redact", None))
    ]
    if settings.http and settings.http.redact:
        redacted.append((settings.http.redact, everywhere))
    shown = {name for redaction, names in redacted if not redaction.keep for name in names}
    for name, camera in settings.cameras.items():
        if camera.region and name in shown:
            text = "`redact` hides what the network sees, and outside of `region` it sees nothing"
            yield ("cameras", name, "region"), f"{text}: leave it out, or say `keep: true` in `redact`"


def _redactions(config: LoadedConfig) -> Iterator[tuple[int, Redaction, list[str]]]:
    """What outputs are to hide: which of them, what, and the models of its cameras."""
    for index, output in enumerate(config.settings.outputs):
        redaction = getattr(output, "redact", None)
        if redaction is not None:
            cameras = [output.camera] if output.camera else list(config.settings.cameras)
            yield index, redaction, list(dict.fromkeys(map(config.settings.model_of, cameras)))


def has_pixels(network: Detector | Segmenter) -> bool:
    """Whether it tells pixels apart; of a detector, by what it makes of a blank picture."""
    if isinstance(network, Segmenter):
        return True
    width, height = network.input.size
    return network.detect(np.zeros((height, width, 3), np.uint8), 1.0).masks is not None
