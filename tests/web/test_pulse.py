"""The event loop of the HTTP server is asked whether it still goes round."""

import asyncio
import threading

from edgevision.web.pulse import Pulse
from tests.waiting import wait_until


def test_a_loop_that_blocks_is_noticed_and_so_is_its_going_on() -> None:
    pulse, begun, release = Pulse(), threading.Event(), threading.Event()

    async def serve() -> None:
        pulse.begin(asyncio.get_running_loop())
        begun.set()
        await asyncio.to_thread(blocked.wait, 30)
        release.wait(30)  # what no handler may do
        await asyncio.to_thread(ended.wait, 30)

    blocked, ended = threading.Event(), threading.Event()
    assert pulse.stuck(-1) is None  # it has not begun
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert begun.wait(30)
    wait_until(lambda: pulse.stuck(0.2) is None and pulse._asked is None)
    blocked.set()
    wait_until(lambda: pulse.stuck(0.2))
    assert str(pulse.stuck(0.2)).startswith("http: no answer for ")
    release.set()
    wait_until(lambda: not pulse.stuck(0.2))
    ended.set()
    thread.join(30)
    wait_until(lambda: pulse.stuck(0.2))  # it has ended, so nobody answers
