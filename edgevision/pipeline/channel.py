"""A bounded queue between two threads that can be closed from either end."""

from collections import deque
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """First in, first out, at most `capacity` items.

    closed for writing:  `put` refuses, `get` gives what is left and then None
    """

    def __init__(self, capacity: int) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._closed = False
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> bool:
        """Wait for room, then add the item. False when the channel is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < self._capacity)
            if self._closed:
                return False
            self._add(item)
            return True

    def put_newest(self, item: T) -> T | None:
        """Add the item at once; return the oldest one if that had to give way (or the item, when closed)."""
        with self._changed:
            if self._closed:
                return item
            lost = self._items.popleft() if len(self._items) >= self._capacity else None
            self._add(item)
            return lost

    def get(self) -> T | None:
        """Wait for an item. None when the channel is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._items)
            if not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _add(self, item: T) -> None:
        self._items.append(item)
        self._changed.notify_all()
