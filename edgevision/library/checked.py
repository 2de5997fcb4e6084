"""Settings that come from a program instead of a file, checked like those of a file."""

from pathlib import Path
from typing import Any, TypeVar

from edgevision.document import Document
from edgevision.errors import ConfigError
from edgevision.explain import validate
from edgevision.settings import Settings

S = TypeVar("S", bound=Settings)


def checked(model: type[S], name: str, **values: Any) -> S:
    """name: of the call, for messages. Raises ConfigError with every problem at once."""
    try:
        return validate(model, Document(name, values, {}, []), {"base": Path()})
    except ConfigError as error:
        # It has no lines that could be named.
        raise ConfigError([each.replace(f"{name}:1:", f"{name}:", 1) for each in error.problems]) from None
