"""Turns pydantic's findings into sentences: file:line, the key, what is wrong, what is allowed."""

import difflib
import inspect
import typing
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from edgevision.document import Document, KeyPath, Problem
from edgevision.errors import ConfigError
from edgevision.redact import MASK

MOST = 100  # problems that are told: who has more has another file in hand
SECRETS = {"token", "password"}  # keys whose values are not shown, wrong as they are
LONGEST = 200  # characters of a value that are shown

M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
}


def validate(
    model: type[M], document: Document, context: dict[str, Any] | None = None, more: Iterable[Problem] = ()
) -> M:
    """The document as settings. Raises ConfigError with every problem at once, in the file's order.

    more: problems that the caller found by itself.
    """
    problems = [*document.problems, *more]
    try:
        settings = model.model_validate(document.data, context=context)
    except ValidationError as error:
        found_here = error.errors(include_url=False)[:MOST]
        problems += [_explain(model, document, details) for details in found_here]
    if not problems:
        return settings
    found: dict[KeyPath, list[str]] = {}
    for path, text in sorted(problems, key=lambda problem: document.line(*problem[0]))[:MOST]:
        found.setdefault(path, []).append(text)
    raise ConfigError([f"{document.where(*path)}: {', or '.join(texts)}" for path, texts in found.items()])


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean 'car'?`, or nothing when no option is near."""
    near = difflib.get_close_matches(word, list(options), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def _explain(model: type[BaseModel], document: Document, details: ErrorDetails) -> Problem:
    loc, kind, context = details["loc"], details["type"], details.get("ctx", {})
    path = _walk(document.data, loc)
    if kind == "missing":
        return (*path, loc[-1]), "this key is required"
    if kind == "extra_forbidden":
        allowed = _keys_of(model, loc[:-1])
        return path, f"unknown key{did_you_mean(str(loc[-1]), allowed)}; allowed are {', '.join(allowed)}"
    shown = MASK if loc and loc[-1] in SECRETS else _shown(details["input"])
    if kind in _EXPECTED:
        return path, f"expected {_EXPECTED[kind]}, got {shown}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return path, f"expected `type:` to be one of {context.get('expected_tags', 'the known types')}"
    if kind == "too_short":
        return path, f"at least {context['min_length']} is needed"
    if kind == "value_error":
        return path, str(context["error"])
    text = details["msg"].replace("Input should be", "expected")
    return path, f"{text}, got {shown}"


def _walk(data: Any, loc: KeyPath) -> KeyPath:
    """The parts of pydantic's path that stand in the file: tags of unions and `[key]` marks do not."""
    path: KeyPath = ()
    for part in loc:
        is_key = isinstance(data, dict) and part in data
        is_index = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if is_key or is_index:
            data = data[part]
            path = (*path, part)
    return path


def _keys_of(model: type[BaseModel], loc: KeyPath) -> list[str]:
    """The keys that are allowed at a path."""
    part: Any = model
    for step in loc:
        part = _inside(part, step)
    models = _models_in(part)
    return [field.alias or name for name, field in models[0].model_fields.items()] if models else []


def _inside(annotation: Any, step: int | str) -> Any:
    """The type one step further into settings of a type."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is dict:
        return arguments[1]
    if origin in (list, tuple):
        return arguments[0]
    models = _models_in(annotation)
    for model in models:
        tag = model.model_fields.get("type")
        if len(models) > 1 and tag and step in typing.get_args(tag.annotation):
            return model
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                return field.annotation
    return annotation


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The settings that a type such as X, dict[str, X] or X | Y is made of."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in typing.get_args(annotation) for model in _models_in(argument)]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys with values"
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
