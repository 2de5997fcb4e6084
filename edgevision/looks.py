"""The second networks of a configuration: who uses them, whether they can be used so, and for what."""

from collections.abc import Iterator, Mapping, Sequence

from edgevision.analytics.look import KEY, Look
from edgevision.config import CameraBase, Config, LoadedConfig
from edgevision.document import Problem
from edgevision.inference.crops import CropReader
from edgevision.inference.detector import Detector
from edgevision.inference.network import Network
from edgevision.pipeline.chain import MOST, Place, Second
from edgevision.pipeline.named import NamedAnalytic


def uses(camera: CameraBase) -> Iterator[tuple[str, str, str]]:
    """Where a camera uses a second network: key, name, and the model's name."""
    for key in ("then", KEY):
        for name, settings in getattr(camera, key).items():
            yield key, name, settings.model


def misused(settings: Config, networks: Mapping[str, Network]) -> Iterator[Problem]:
    """Detectors that are to look at crops: what they see is boxes, not a label."""
    for name, camera in settings.cameras.items():
        for key, each, model in uses(camera):
            if isinstance(networks[model], Detector):
                path = ("cameras", name, key, each, "model")
                yield path, f"{model} is a detector; a second look needs a classifier, or a segmenter"


class Looks:
    """One camera's second looks, each with its own way to the networks that all cameras share."""

    def __init__(self, config: LoadedConfig, camera: CameraBase, networks: Mapping[str, Network]) -> None:
        """networks: by name; those of other cameras are not used."""
        self._camera = camera
        self._crops = {
            model: CropReader(network, config.settings.models[model], MOST)
            for model, network in networks.items()
            if not isinstance(network, Detector) and model in {used for _, _, used in uses(camera)}
        }

    def labels(self, model: str) -> list[str]:
        """All that one of the networks can say."""
        return self._crops[model].labels

    def seconds(self) -> list[Second]:
        return [
            Second(name, self._crops[look.model], look.every, look.margin, frozenset(look.classes))
            for name, look in self._camera.then.items()
        ]

    def places(self, analytics: Sequence[NamedAnalytic]) -> list[Place]:
        """Those of the analytics that are fed with looks."""
        settings = getattr(self._camera, KEY)
        return [
            Place(each.name, self._crops[settings[each.name].model], each.analytic)
            for each in analytics
            if isinstance(each.analytic, Look)
        ]
