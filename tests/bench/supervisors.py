"""Run edgevision as systemd does: by systemd itself, or by a stand-in that keeps to the same rules."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
INJECT = Path(__file__).with_name("inject.py")
WATCHDOG, RESTART = 30.0, 2.0  # s, as in systemd/edgevision.service


class StandIn:
    """Pings that stay away and `WATCHDOG=trigger` end the process with SIGABRT, and it is started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = (folder / "stderr").open("w")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(0.2)
        self._ended = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, name="systemd", daemon=True).start()

    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        return (self._folder / "stderr").read_text()

    def stop(self) -> None:
        self._ended.set()
        self._process.kill()
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "NOTIFY_SOCKET": str(self._folder / "notify")}
        return subprocess.Popen(
            [sys.executable, INJECT, self._folder / "faults", "run", "config.yaml"],
            cwd=self._folder,
            stderr=self._log,
            env={**environ, "WATCHDOG_USEC": str(int(WATCHDOG * 1e6))},
        )

    def _watch(self) -> None:
        last = None  # time.monotonic() of the last sign of life, once it was ready
        while not self._ended.is_set():
            message = ""
            with suppress(TimeoutError):
                message = self._socket.recv(4096).decode()
            if "READY=1" in message or "WATCHDOG=1" in message:
                last = time.monotonic()
            missed = last is not None and time.monotonic() - last > WATCHDOG
            if missed or "WATCHDOG=trigger" in message:
                self._process.send_signal(signal.SIGABRT)
                self._process.wait()
                time.sleep(RESTART)
                last = None
                self._process = self._start()


class Systemd:
    """The unit of this repository, with another name and command, where systemd runs. As root."""

    NAME = "edgevision-hangs"

    def __init__(self, folder: Path) -> None:
        """folder: /var/lib/edgevision-hangs, the only one that it may write to."""
        unit = (ROOT / "systemd" / "edgevision.service").read_text()
        self._units = [Path(f"/run/systemd/system/{self.NAME}.service{end}") for end in ("", ".d")]
        self._units[0].write_text(unit.replace("StateDirectory=edgevision", f"StateDirectory={self.NAME}"))
        self._units[1].mkdir(exist_ok=True)
        command = f"{sys.executable} {INJECT} {folder}/faults run {folder}/config.yaml"
        # The program is where this file is, and not in /opt.
        (self._units[1] / "here.conf").write_text(
            f"[Service]\nExecStart=\nExecStart={command}\nWorkingDirectory={folder}\nProtectHome=no\n"
            f"Environment=PYTHONPATH={ROOT} PYTHONDONTWRITEBYTECODE=1\n"
        )
        self._do("systemd-sysusers", str(ROOT / "systemd" / "edgevision.sysusers.conf"))
        shutil.chown(folder, "edgevision", "edgevision")
        for each in folder.rglob("*"):
            shutil.chown(each, "edgevision", "edgevision")
        self._do("systemctl", "daemon-reload")
        self._do("systemctl", "start", self.NAME)

    def pid(self) -> int:
        return int(self._do("systemctl", "show", "-p", "MainPID", "--value", self.NAME) or 0)

    def log(self) -> str:
        return self._do("journalctl", "-u", self.NAME, "-o", "cat", "--no-pager")

    def stop(self) -> None:
        self._do("systemctl", "stop", self.NAME)
        self._units[0].unlink()
        shutil.rmtree(self._units[1])
        self._do("systemctl", "daemon-reload")

    def _do(self, *command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
