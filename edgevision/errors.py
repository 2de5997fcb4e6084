"""What can go wrong, as a tree:

EdgevisionError     one clear sentence for the user; never a traceback
├── ConfigError     the configuration cannot be used: every problem at once        exit 2
├── ModelError      the network cannot be loaded, run on that device, or read      exit 1
├── SourceError     a camera, stream or file gave no (more) pictures               exit 1, live: retried
├── OutputError     a file or an address cannot be written to                      exit 1
│   └── RefusedError  it will never take this event: the next one is tried
├── DataError       labelled pictures cannot be read, or say nothing of the network exit 1
└── InternalError   a thread of ours failed: a defect, with its traceback logged   exit 1
"""

from collections.abc import Iterable
from typing import Self


class EdgevisionError(Exception):
    """Base of all errors whose text is meant for the user."""

    exit_code = 1

    def placed(self, where: str) -> Self:
        """The same error, its text beginning with the place it is about: `file.yaml:3: models.a.path`."""
        self.args = (f"{where}: {self}",)
        return self


class ConfigError(EdgevisionError):
    """The configuration cannot be used. Holds all problems found, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))

    def placed(self, where: str) -> Self:
        self.problems = [f"{where}: {problem}" for problem in self.problems]
        self.args = ("\n".join(self.problems),)
        return self


class ModelError(EdgevisionError):
    """The network cannot be loaded, cannot run where it was asked to, or its output cannot be read."""


class SourceError(EdgevisionError):
    """A source gave no (more) pictures. `reason` is a short word for the metric label."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class OutputError(EdgevisionError):
    """A destination cannot be written to."""


class RefusedError(OutputError):
    """A destination will not take an event, however often it is offered."""


class DataError(EdgevisionError):
    """Labelled pictures cannot be read, or have nothing in common with what the network knows."""


class InternalError(EdgevisionError):
    """One of the program's own threads failed. The traceback is in the log."""
