"""Writes docs/api.md from the description that the service gives of its API: `make docs`."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import httpx

from edgevision.web.server import build_app

PAGE = Path(__file__).parents[1] / "docs/api.md"
METHODS = ("get", "post", "put", "patch", "delete")
UNTOLD = ("HTTPValidationError", "ValidationError")  # of every path that takes anything
BEGIN = """\
# The API

What the service answers over HTTP. This page is made of its own description, `/openapi.json`, by `make docs`;
a test fails when it is old. Who may ask what: [security](security.md).

Everything but `/metrics` and pictures is JSON. What cannot be done is answered with a status of 400 or more
and `{"detail": "why"}`; 422 says which value was wrong. `If-Match` takes the `version` that was read, so that
nobody overwrites what somebody else saved meanwhile: that is answered with 412.

```sh
curl -s http://127.0.0.1:9108/api/v1/state
curl -s 'http://127.0.0.1:9108/api/v1/events?limit=5&kind=crossed_in'
curl -s -H "Authorization: Bearer $EDGEVISION_TOKEN" 'http://box.example:9108/api/v1/counts?by=hour&since=2026-11-21'
```
"""


def description() -> Any:
    """What /openapi.json says."""

    async def ask() -> Any:
        transport = httpx.ASGITransport(app=build_app(MagicMock(), None))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get("/openapi.json")).json()

    return asyncio.run(ask())


def page(api: Any) -> str:
    schemas = _schemas(api["components"]["schemas"])
    return "\n".join([BEGIN, *_paths(api["paths"]), "## What is in them", "", *schemas])


def _paths(paths: Any) -> Iterator[str]:
    yield "## Paths\n"
    for path, methods in paths.items():
        for method in METHODS:
            if method in methods:
                yield from _call(f"{method.upper()} {path}", methods[method])


def _call(title: str, call: Any) -> Iterator[str]:
    yield f"### `{title}`\n"
    yield f"{call['summary']}.\n"
    body = call.get("requestBody")
    given = [
        f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {_default(each)} |"
        for each in call.get("parameters", ())
        if each["in"] != "path"
    ]
    if given:
        yield "\n".join(["| takes | in the | | when left out |", "|---|---|---|---|", *given, ""])
    if body:
        yield f"Takes {_type(_content(body))}.\n"
    good = {status: answer for status, answer in call["responses"].items() if status < "400"}
    for status, answer in good.items():
        what = _content(answer)
        if what:
            yield f"Answers {status}: {_type(what)}.\n"


def _schemas(schemas: Any) -> Iterator[str]:
    for name, schema in schemas.items():
        if name in UNTOLD or "properties" not in schema:
            continue
        yield f"### {name}\n"
        if "description" in schema:
            yield f"{' '.join(schema['description'].split())}\n"
        needed = schema.get("required", ())
        rows = [
            f"| `{key}` | {_type(value)}{_or_not(value, key in needed)} | {value.get('description', '')} |"
            for key, value in schema["properties"].items()
        ]
        yield "\n".join(["| key | | |", "|---|---|---|", *rows, ""])


def _or_not(schema: Any, needed: bool) -> str:
    if not needed:
        return "; may be left out"
    return " or null" if {"type": "null"} in schema.get("anyOf", ()) else ""


def _content(part: Any) -> Any:
    return part.get("content", {}).get("application/json", {}).get("schema")


def _default(parameter: Any) -> str:
    if parameter.get("required"):
        return "needed"
    return f"`{json.dumps(parameter['schema']['default'])}`" if "default" in parameter["schema"] else ""


def _type(schema: Any) -> str:
    """In words, with links to what is described further below."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "prefixItems" in schema:
        return f"[{', '.join(_type(each) for each in schema['prefixItems'])}]"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    of = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
    if kind == "object" and isinstance(of, dict):
        return f"by name: {_type(of)}"
    return "".join([kind, *_limits(schema)])


def _limits(schema: Any) -> Iterator[str]:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None and most < 1e9:
        yield f" {least:g} to {most:g}"
    elif least is not None:
        yield f" from {least:g} on"
    if "maxLength" in schema:
        yield f" of at most {schema['maxLength']} characters"


if __name__ == "__main__":
    PAGE.write_text(page(description()))
