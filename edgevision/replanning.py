"""Gives networks other plans when theirs do not fit any more: for the load of the only one of a process, and
for the cameras and networks that the configuration has when it was read again."""

import logging
from collections.abc import Callable

from edgevision.errors import EdgevisionError
from edgevision.log import fields
from edgevision.networks import Networks
from edgevision.pipeline.load import Judge, Limits, Load
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import Workers

log = logging.getLogger(__name__)


class Replanning:
    """Belongs to one thread at a time, as whatever changes a pipeline."""

    def __init__(
        self, pipeline: Pipeline, networks: Callable[[], Networks], limits: Limits | None = None
    ) -> None:
        """networks: those that run now."""
        self._pipeline = pipeline
        self._networks = networks
        self._limits = limits or Limits()
        self._judge = Judge(self._limits)
        self._before: Load | None = None
        self._began = float("-inf")
        self._failed = False

    def look(self, now: float) -> bool:
        """Whether another plan is better now, and `settle` is to be called. now: time.monotonic() s."""
        if now - self._began < self._limits.window or self._failed:
            return False
        load, before, seconds = self._load(), self._before, now - self._began
        self._before, self._began = load, now
        if load is None or before is None:
            return False
        window = load.since(before)
        if min(window.offered, window.lost, window.looked) < 0:
            return False  # the camera, or the workers, are others
        return self._judge.hear(now, window, seconds)

    def settle(self) -> None:
        """Load networks for the plans that are best now, and let them take over. Without success all goes on
        as before, and nothing is tried until the configuration is read again."""
        networks = self._networks()
        for name in networks.adjustable():
            self._settle(networks, name)

    def _settle(self, networks: Networks, name: str) -> None:
        wanted, before = self._wanted(networks, name), networks.models[name]
        self._before = None
        try:
            plan = networks.fitted(name, wanted)
        except EdgevisionError as error:
            self._failed = True
            log.warning("plan not changed: %s", error, extra=fields(model=name, wanted=wanted.why))
            return
        late = self._pipeline.replan(name, plan)
        networks.use(name, plan, wanted)
        if plan.why == before.why:
            return
        facts = fields(model=name, workers=plan.workers, threads=plan.threads, plan=plan.why)
        log.info("plan changed", extra=facts)
        if late:
            log.warning("threads hang and are left behind", extra=fields(threads=", ".join(late)))

    def reloaded(self) -> None:
        """The configuration was read again: its cameras may need another plan, and files may be there."""
        self._failed = False
        self.settle()

    def _wanted(self, networks: Networks, name: str) -> Workers:
        """What suits the cameras, and where that is one worker, the load."""
        wanted = networks.planned(name)
        if wanted.workers > 1:
            self._judge = Judge(self._limits)
        elif self._judge.why:
            wanted = Workers(wanted.threads, 1, self._judge.why, shared=True)
        return wanted

    def _load(self) -> Load | None:
        """So far; None where the load makes no difference to the plan."""
        networks = self._networks()
        name, counts = next(iter(networks.adjustable()), None), self._pipeline.frame_counts()
        if name is None or networks.planned(name).workers > 1:  # as it is beside other networks
            return None
        frames = next((counts.get(each) for each in self._pipeline.cameras()), None)
        if frames is None:
            return None
        unwanted = sum(frames.dropped.get(reason, 0) for reason in ("rate", "burst", "shutdown"))
        looked, spent = self._pipeline.spent(name)
        return Load(frames.captured - unwanted, frames.dropped.get("overload", 0), looked, spent)
