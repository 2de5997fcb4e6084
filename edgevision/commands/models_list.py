"""edgevision models list: the networks that come with the program, and those that can be pulled."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from edgevision.builtin import NETWORKS, PULLED, SCHEME, builtin_path, pulled_folder
from edgevision.catalogue import load_catalogue
from edgevision.document import read
from edgevision.explain import validate
from edgevision.inference.settings import Card


def run(options: Namespace) -> int:
    folder = pulled_folder()
    rows = [*_builtin(), *_pullable(folder), *_others(folder)]
    if options.json:
        print(json.dumps({"folder": str(folder), "networks": rows}))
        return 0
    size = Column("MB", justify="right")
    table = Table("name", "task", "what it is for", "licence", size, "here", box=None, padding=(0, 1, 0, 0))
    table.columns[0].overflow = "fold"  # half a name is of no use
    for row in rows:
        here = "built in" if row["path"].startswith(SCHEME) else "pulled"
        table.add_row(
            row["name"],
            row["task"] or "",
            escape(row["purpose"].split(". ")[0].split(": ")[0]),
            escape(row["licence"]),
            f"{row['bytes'] / 1e6:.1f}",
            here if row["here"] else "",
        )
    Console().print(table)
    print(f"`edgevision models pull NAME` fetches one into {folder}.")
    print(f"In a configuration they are `path: {SCHEME}NAME` and `path: {PULLED}NAME`.")
    return 0


def _builtin() -> Iterator[dict[str, Any]]:
    for name in NETWORKS:
        path = builtin_path(f"models/{name}.onnx")
        yield _row(SCHEME, name, _card(path), path.stat().st_size) | {"task": "detect"}


def _pullable(folder: Path) -> Iterator[dict[str, Any]]:
    for name, entry in load_catalogue().items():
        yield {
            "name": name,
            "path": PULLED + name,
            "task": entry.task,
            "purpose": entry.purpose,
            "licence": entry.licence,
            "bytes": entry.bytes,
            "sha256": entry.sha256,
            "url": entry.url,
            "source": entry.source,
            "here": (folder / f"{name}.onnx").is_file(),
        }


def _others(folder: Path) -> Iterator[dict[str, Any]]:
    """Those that were pulled by their address."""
    known = load_catalogue()
    for path in sorted(folder.glob("*.onnx")):
        if path.stem not in known:
            yield _row(PULLED, path.stem, _card(path), path.stat().st_size)


def _row(scheme: str, name: str, card: Card, size: int) -> dict[str, Any]:
    """A network that is here, as its card describes it."""
    return {
        "name": name,
        "path": scheme + name,
        "task": card.task,
        "purpose": " ".join(card.description.split()).removesuffix("."),
        "licence": card.licence,
        "bytes": size,
        "sha256": card.sha256 or None,
        "url": None,
        "source": None,
        "here": True,
    }


def _card(network: Path) -> Card:
    path = network.with_suffix(".yaml")
    return validate(Card, read(path)) if path.is_file() else Card()
