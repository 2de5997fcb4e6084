"""Keeps workers of several networks from running more runs at once than there are cores for them."""

from threading import Condition, Lock
from weakref import WeakSet


class Permits:
    """Shared by the schedulers of all networks that share cores. They use its lock for their own accounts
    too, so that a worker can look for a frame and take a permit in one step."""

    def __init__(self, count: int) -> None:
        self.lock = Lock()
        self._free = count
        self._count = count
        self._waiting: WeakSet[Condition] = WeakSet()  # a network that is used no more is forgotten with it

    def resize(self, count: int) -> None:
        """From now on so many, once as many are given back as are out too many."""
        with self.lock:
            self._free += count - self._count
            self._count = count
            for condition in self._waiting:
                condition.notify_all()

    def join(self) -> Condition:
        """A condition on the lock, of one network's workers: notified when a permit comes back."""
        condition = Condition(self.lock)
        with self.lock:
            self._waiting.add(condition)
        return condition

    def take(self) -> bool:
        """The lock must be held. False: none is left."""
        if self._free < 1:
            return False
        self._free -= 1
        return True

    def give_back(self) -> None:
        """The lock must be held."""
        self._free += 1
        for condition in self._waiting:
            condition.notify()
