"""Runs a configuration as a service: starts it, tells systemd and the log how it is, ends it in time."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from edgevision.assembly import Assembly
from edgevision.config import LoadedConfig, placed
from edgevision.desk import Desk
from edgevision.errors import EdgevisionError
from edgevision.loading import EVERY
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.outputs import Output
from edgevision.pipeline.heartbeat import NEVER, Heartbeat, Vital
from edgevision.pipeline.viewing import Viewing
from edgevision.recent import Recent
from edgevision.reload import Reload
from edgevision.replanning import Replanning
from edgevision.service import Notifier
from edgevision.watchdog import Watchdog
from edgevision.web.pulse import Pulse
from edgevision.web.server import Server, build_app, build_waiting

TICK = 0.2  # s between two looks at the pipeline
STATUS_EVERY = 5.0  # s
START_LONGER = 4 * EVERY  # s that systemd is asked for at each word: some may come late on a busy machine
RELOAD_USUAL = 180.0  # s: to load large networks, as long as the start may take
RELOAD_END = 1.0  # s: to wait for a reload that is under way when the process ends

log = logging.getLogger(__name__)


class App:
    """One configuration, built and ready to run once. Building it loads networks and takes the address."""

    def __init__(
        self,
        config: LoadedConfig,
        path: Path | None = None,
        outputs: Sequence[Output] = (),
        show: Callable[[str], object] = lambda url: None,
    ) -> None:
        """path: of its file, which `request_reload` reads again. outputs: beside those of the configuration.
        show: is given the address of the page to draw on, when it can be opened. Raises EdgevisionError."""
        self.config = config
        self.metrics = Metrics()
        self._path = path
        self._show = show
        self._stop = threading.Event()
        self._again = threading.Event()
        self._reloading: threading.Thread | None = None
        self._recent = Recent()
        self._server = self._listen()
        self._notifier = Notifier()
        self.parts = self._assemble()
        viewing = Viewing(config.settings.http.redact if config.settings.http else None)
        self.pipeline = self.parts.pipeline(viewing, outputs)
        self._reload = Reload(self.parts, self.pipeline, self.metrics)
        self._replanning = Replanning(self.pipeline, lambda: self._reload.assembly.networks)
        self._reloads = Heartbeat("reload", usual=RELOAD_USUAL, grace=NEVER)
        self._scrapes = Heartbeat("http", grace=Pulse.grace)
        others: list[Vital] = [self._reloads, self._scrapes]
        if self._server:
            others.append(self._server.pulse)
        self._watchdog = Watchdog(self._notifier, self.pipeline, others)
        troubles = self._watchdog.troubles
        self._desk = Desk(
            self.pipeline,
            self._scrape,
            troubles,
            viewing,
            self._reload.config,
            path,
            self.request_reload,
            self._recent,
        )

    def request_stop(self) -> None:
        """End soon; may be called from a signal handler."""
        self._stop.set()

    def request_reload(self) -> None:
        """Read the file again soon and change what changed; may be called from a signal handler."""
        self._again.set()

    def run(self, on_tick: Callable[[], None] = lambda: None) -> None:
        """Run until all files have ended, `request_stop`, or an error, which is raised.

        on_tick: called from this thread a few times a second.
        """
        logging.getLogger().addHandler(self._recent)
        try:
            self.pipeline.start()
            self._serve()  # after it: who asks meanwhile waits, and the first pictures do not
            self._notifier.ready(self._status())
            self._watch(on_tick)
        finally:
            self._notifier.stopping()
            self._end()
            logging.getLogger().removeHandler(self._recent)
        self._raise_errors()

    def _listen(self) -> Server | None:
        http = self.config.settings.http
        if http is None:
            return None
        with placed(self.config, "http", "listen"):
            return Server(*http.endpoint())

    def _assemble(self) -> Assembly:
        try:
            return Assembly(self.config, self.metrics, tell=self._wait)
        except BaseException:
            if self._server:
                self._server.stop()
            raise

    def _wait(self, trouble: str) -> None:
        """Something of the start takes long: whoever asks shall know."""
        self._notifier.starting(trouble, START_LONGER)
        http = self.config.settings.http
        if self._server and http:
            self._server.start(build_waiting(trouble, http.token, http.hosts, http.tokens))

    def _serve(self) -> None:
        http = self.config.settings.http
        if self._server and http:
            self._server.start(build_app(self._desk, http.token, http.hosts, http.tokens))
            log.info("listening", extra=fields(url=self._server.url))
            if self._path:
                draw = f"{self._server.url}/#edit/{next(iter(self.config.settings.cameras))}"
                log.info("lines and areas are drawn on the picture there", extra=fields(url=draw))
                self._show(draw)

    def _scrape(self) -> bytes:
        with self._scrapes.doing("metrics"):
            return self.metrics.text()

    def _watch(self, on_tick: Callable[[], None]) -> None:
        last_status = time.monotonic()
        finishing = False
        while not self._stop.wait(TICK):
            on_tick()
            self._reload_if_asked()
            self._replan_if_better()
            self._watchdog.look()
            if not finishing and not self.pipeline.is_working():
                self.pipeline.finish()
                finishing = True
            if finishing and not self.pipeline.is_writing():
                return
            if time.monotonic() - last_status >= STATUS_EVERY:
                self._notifier.status(self._status())
                self.pipeline.delivery.tell(lambda: self._desk.state().model_dump())
                last_status = time.monotonic()

    def _reload_if_asked(self) -> None:
        """In a thread of its own, as loading a network may take long, one after the other."""
        if self._path is None or not self._again.is_set() or (self._reloading and self._reloading.is_alive()):
            return
        self._again.clear()
        self._notifier.reloading()
        self._reloading = threading.Thread(
            target=self._follow, args=(self._path,), name="reload", daemon=True
        )
        self._reloading.start()

    def _replan_if_better(self) -> None:
        """In a thread of its own, as a network is loaded; never beside a reload, which changes the same."""
        if self._reloading and self._reloading.is_alive():
            return
        if self._replanning.look(time.monotonic()):
            self._reloading = threading.Thread(target=self._replan, name="plan", daemon=True)
            self._reloading.start()

    def _replan(self) -> None:
        try:
            with self._reloads.doing("loads the network for another plan"):
                self._replanning.settle()
        except Exception:
            log.exception("plan not changed")

    def _follow(self, path: Path) -> None:
        try:
            with self._reloads.doing("reads the configuration"):
                changes = self._reload.follow(path)
                self.parts = self._reload.assembly  # networks that are not used any more are not kept
                self._replanning.reloaded()
            log.info("configuration read again", extra=fields(changes="; ".join(changes) or "none"))
        except EdgevisionError as error:
            for line in str(error).splitlines():
                log.error("configuration not taken: %s", line)
        except Exception:
            log.exception("configuration not taken")
        self._notifier.ready(self._status())

    def _end(self) -> None:
        self._desk.close()
        if self._reloading:
            self._reloading.join(RELOAD_END)
        hung = self.pipeline.stop()
        if hung:
            log.warning("threads hang and are left behind", extra=fields(threads=", ".join(hung)))
        if self._server:
            self._server.stop()
        for camera, counts in self.pipeline.frame_counts().items():
            dropped = {f"dropped_{reason}": number for reason, number in counts.dropped.items() if number}
            facts = {"captured": counts.captured, "processed": counts.processed, **dropped}
            if counts.in_flight:  # of a run that hangs, or failed
                facts["in_flight"] = counts.in_flight
            log.info("camera done", extra=fields(camera=camera, **facts))
            for (name, kind, label), count in sorted(self.pipeline.counts(camera).items()):
                log.info(
                    "counted", extra=fields(camera=camera, name=name, kind=kind, label=label, count=count)
                )

    def _raise_errors(self) -> None:
        if self.pipeline.error:
            raise self.pipeline.error
        for camera, error in self.pipeline.source_errors().items():
            raise error.placed(self.config.where("cameras", camera, "source"))

    def _status(self) -> str:
        counts = self.pipeline.frame_counts().values()
        processed = sum(each.processed for each in counts)
        troubles = self._watchdog.troubles()
        return f"{len(counts)} cameras, {processed} frames processed" + "".join(f"; {t}" for t in troubles)
