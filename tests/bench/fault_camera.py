"""A camera behind a spoiled network, as a process of its own, so that it can be stopped and killed.

    python -m tests.bench.fault_camera PORT SERVER_SETTINGS    (JSON; port 0 takes a free one)

Prints its port, and then does what each line of its standard input says: {"proxy": {"drop": 0.05}},
{"server": {"fps": 1}}, {"event": "mute", "on": true}, {"cut": "rst"}.
"""

import json
import signal
import subprocess
import sys
from typing import Any

from tests.fault_proxy import FaultProxy
from tests.rtsp_server import RtspServer


class CameraProcess:
    """Starts it, and gives it orders."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.fault_camera", str(self.port), json.dumps(self._settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # else the kernel wakes a stopped process whose group is an orphan
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def order(self, **command: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def main() -> None:
    server = RtspServer(**json.loads(sys.argv[2]))
    proxy = FaultProxy(server.port, int(sys.argv[1]))
    print(proxy.port, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        for name, value in command.get("proxy", {}).items():
            setattr(proxy, name, value)
        for name, value in command.get("server", {}).items():
            setattr(server, name, tuple(value) if isinstance(value, list) else value)
        if "event" in command:
            event = getattr(server, command["event"])
            (event.set if command["on"] else event.clear)()
        if "cut" in command:
            proxy.cut(reset=command["cut"] == "rst")


if __name__ == "__main__":
    main()
