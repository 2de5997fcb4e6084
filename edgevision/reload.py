"""Changes a running pipeline to a configuration that was edited, touching only what changed."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from edgevision.analytics import ANALYTICS, Analytic
from edgevision.assembly import Assembly
from edgevision.config import CameraBase, LoadedConfig, load
from edgevision.errors import EdgevisionError
from edgevision.journal import Past
from edgevision.lint import warnings
from edgevision.looks import uses
from edgevision.metrics import Metrics
from edgevision.outputs import Output
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.pipeline import Pipeline

# Keys of a camera that change while its pictures and its tracker go on.
ASKED = {module.KEY for module in ANALYTICS.values()} | {"then", "ignore", "priority"}

log = logging.getLogger(__name__)


class Reload:
    """What runs, and how it follows its file. Belongs to one thread at a time."""

    def __init__(self, assembly: Assembly, pipeline: Pipeline, metrics: Metrics) -> None:
        self._assembly = assembly
        self._pipeline = pipeline
        self._metrics = metrics
        outputs = assembly.config.settings.outputs
        self._outputs = [(settings, f"{settings.type}-{index}") for index, settings in enumerate(outputs)]

    def config(self) -> LoadedConfig:
        """What runs now."""
        return self._assembly.config

    @property
    def assembly(self) -> Assembly:
        """What runs now, loaded."""
        return self._assembly

    def follow(self, path: Path) -> list[str]:
        """Read the file again and do as it says; what changed, in words.

        Raises EdgevisionError, and nothing has changed then: networks are loaded and outputs opened first.
        """
        new = load(path)
        for doubt in warnings(new):
            log.warning(doubt)
        old = self._assembly.config
        assembly = Assembly(new, self._metrics, self._assembly)
        changes = [*self._needing_restart(old, new)]
        changes += self._change_outputs(assembly)
        with self._pipeline.changing():
            changes += self._change_cameras(old, assembly)
        self._assembly = assembly
        assembly.networks.share_cores()
        assembly.networks.name_them()
        return changes

    def _needing_restart(self, old: LoadedConfig, new: LoadedConfig) -> Iterator[str]:
        before, after = old.settings, new.settings
        for key in ("http", "log"):
            if getattr(before, key) != getattr(after, key):
                yield f"{key}: changes with the next start"
        if _journal(old) != _journal(new):
            yield "output sqlite: changes with the next start"

    def _change_outputs(self, assembly: Assembly) -> Iterator[str]:
        """New ones are opened before old ones are closed, so that a mistake changes nothing."""
        wanted = assembly.config.settings.outputs
        left = [each for each in self._outputs if each[0] not in wanted and each[0].type != "sqlite"]
        kept = [each for each in self._outputs if each not in left]
        opened = self._open(assembly, [settings for settings, _ in kept])
        for _, name in left:
            self._pipeline.delivery.remove(name)
            yield f"output {name}: removed"
        for settings, output in opened:
            self._pipeline.delivery.add(output)
            yield f"output {output.name}: added"
            kept.append((settings, output.name))
        self._outputs = kept

    def _open(self, assembly: Assembly, known: Sequence[Any]) -> list[tuple[Any, Output]]:
        """The outputs that are new, with their settings: all of them, or none."""
        taken = {name for _, name in self._outputs}
        opened: list[tuple[Any, Output]] = []
        try:
            for index, settings in enumerate(assembly.config.settings.outputs):
                if settings not in known and settings.type != "sqlite":
                    output = assembly.output(index, taken | {each.name for _, each in opened})
                    assert not isinstance(output, Sqlite)
                    opened.append((settings, output))
        except EdgevisionError:
            for _, output in opened:
                output.close()
            raise
        return opened

    def _change_cameras(self, old: LoadedConfig, assembly: Assembly) -> Iterator[str]:
        before, after = old.settings.cameras, assembly.config.settings.cameras
        swapped = {
            name for name, plan in assembly.models.items() if self._assembly.models.get(name) is not plan
        }
        rebuilt = {name for name in after if name in before and self._is_other(name, old, assembly, swapped)}
        pasts = {}
        for name in [*(set(before) - set(after)), *rebuilt]:
            pasts[name] = self._pipeline.remove_camera(name)
            if name not in after:
                yield f"camera {name}: removed"
        for name in swapped:
            self._pipeline.use_model(name, assembly.models[name])
        for name, camera in after.items():
            if name in rebuilt or name not in before:
                past = pasts.get(name) or assembly.past(name, camera, self._pipeline.delivery.journal)
                self._pipeline.use_camera(assembly.camera(name, past))
                yield f"camera {name}: {'started anew' if name in rebuilt else 'added'}"
            elif camera != before[name] or self._looks_by_another(camera, assembly):
                goes_on = dict(self._going_on(name, before[name], camera))
                self._pipeline.change_camera(assembly.camera(name, Past(name), goes_on))
                yield f"camera {name}: {_change(before[name], camera)}"

    def _is_other(self, name: str, old: LoadedConfig, assembly: Assembly, swapped: set[str]) -> bool:
        """Whether a camera must be opened anew, and not only be asked other questions."""
        model, new = old.settings.model_of(name), assembly.config.settings
        return (
            _without_questions(old.settings.cameras[name]) != _without_questions(new.cameras[name])
            or model != new.model_of(name)
            or model in swapped
        )

    def _looks_by_another(self, camera: CameraBase, assembly: Assembly) -> bool:
        """Whether what it looks at again is shown to a network that was loaded now."""
        networks = {model for _, _, model in uses(camera)}
        return any(assembly.seconds[each] is not self._assembly.seconds.get(each) for each in networks)

    def _going_on(
        self, name: str, before: CameraBase, after: CameraBase
    ) -> Iterator[tuple[tuple[str, str], Analytic]]:
        """Analytics whose settings are the same."""
        settings = {(kind, each): asked for kind, each, asked in before.analytics()}
        running = {(each.kind, each.name): each.analytic for each in self._pipeline.plan(name).analytics}
        for kind, each, asked in after.analytics():
            if settings.get((kind, each)) == asked:
                yield (kind, each), running[kind, each]


def _without_questions(camera: CameraBase) -> dict[str, Any]:
    return camera.model_dump(exclude=ASKED)


def _change(before: CameraBase, after: CameraBase) -> str:
    """What is another in a camera that goes on, in words."""
    if _asking(before) != _asking(after):
        return "asks other questions"
    return "has another priority" if before != after else "looks again by another network"


def _asking(camera: CameraBase) -> dict[str, Any]:
    return camera.model_dump(exclude={"priority"})


def _journal(config: LoadedConfig) -> list[Any]:
    return [output for output in config.settings.outputs if output.type == "sqlite"]
