"""Threads that do the same work at once, as the workers of a network do."""

import threading
import time
from collections.abc import Callable


def together(callers: int, work: Callable[[int], object], seconds: float) -> list[tuple[int, float]]:
    """So many threads do it over and over, each given its number: how often each did it, once at least, and
    in how many seconds, which are its own, as all end in the middle of the others' work. Raises what the work
    of one raised, as a recording that is cut short."""
    done = [(0, 0.0)] * callers
    failed: list[Exception] = []
    began = time.monotonic()

    def call(number: int) -> None:
        runs = 0
        try:
            while time.monotonic() < began + seconds or not runs:
                work(number)
                runs += 1
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread of who asked
            failed.append(error)
        done[number] = runs, time.monotonic() - began

    threads = [threading.Thread(target=call, args=(n,), name=f"caller {n + 1}") for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return done


def rate(callers: int, work: Callable[[int], object], seconds: float) -> float:
    """How often a second all of them do it."""
    return sum(runs / took for runs, took in together(callers, work, seconds))
