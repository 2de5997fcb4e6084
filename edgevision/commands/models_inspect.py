"""edgevision models inspect FILE: what was understood of a network, its card, and one picture with it."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from edgevision.builtin import asked_network
from edgevision.core.types import Image
from edgevision.cores import usable_cores
from edgevision.errors import OutputError
from edgevision.inference.inspection import Inspection, card_text, inspect
from edgevision.inference.settings import network_settings
from edgevision.opencv import cv2
from edgevision.sources.images import read_image
from edgevision.views import Look, view_of

MOMENT = 12.0  # s into the drawn scene 1: several cars are to be seen
CONFIDENCE = 0.35


def run(options: Namespace) -> int:
    found = _inspect(options)
    name, image = _picture(options.image)
    look = view_of(found.network, CONFIDENCE, []).look(image)
    saved = _save(options.save, f"{found.path.stem}-{name}.png", look.draw()) if options.save else None
    written = _write_card(found) if options.write_card else None
    if options.json:
        answer = {**found.facts(), "picture": {"name": name, **look.facts}}
        print(json.dumps(answer))
        return 0
    print("\n".join(describe(found)))
    print("\n".join(_seen(name, look)))
    if saved:
        print(f"drawn: {saved}")
    print(f"\nThe card to save as {found.path.with_suffix('.yaml').name} beside it (--write-card does):\n")
    print(card_text(found), end="")
    if written:
        print(f"\nwritten: {written}")
    return 0


def describe(found: Inspection) -> Iterator[str]:
    """In words, a line for each thing, warnings last."""
    network, spec = found.network, found.network.input
    yield f"file       {found.path} ({found.bytes / 1e6:.1f} MB), sha256 {found.sha256}"
    made = f", made by {found.graph.producer}" if found.graph.producer else ""
    yield f"opset      {found.graph.opset or 'not said'}{made}"
    yield f"licence    {found.licence or 'the file does not say'}"
    yield f"task       {found.task}: {found.why}"
    yield f"output     {found.reading}"
    size = f"{spec.size.width}x{spec.size.height}"
    yield f"input      {size} {spec.color.upper()} {spec.dtype} {spec.layout.upper()}, {_resize(found)}"
    if spec.dtype == "uint8":
        yield "pixels     0..255 as they are"
    else:
        yield f"pixels     (0..255 - {_numbers(spec.mean)}) / {_numbers(spec.std)}"
    yield f"classes    {_classes(found)}"
    yield f"runs on    {network.provider}, {network.precision}"
    yield from (f"warning    {warning}" for warning in found.warnings)


def _inspect(options: Namespace) -> Inspection:
    asked_network(options.file)
    settings = network_settings(
        path=options.file,
        device=options.device,
        engine=options.engine,
        precision=options.precision,
        labels=options.labels,
    )
    return inspect(settings, Path(), threads=usable_cores().number)


def _classes(found: Inspection) -> str:
    if found.labels_missing:
        return f"{found.labels_missing.classes or 'an unknown number'}, without a list of names that fits"
    labels = found.network.labels
    return f"{len(labels)}: {', '.join(labels[:6])}" + (", ..." if len(labels) > 6 else "")


def _resize(found: Inspection) -> str:
    spec = found.network.input
    return {
        "letterbox": f"the whole picture, centred between bars of grey {spec.pad}",
        "letterbox_top_left": f"the whole picture at the top left, the rest grey {spec.pad}",
        "stretch": "the picture stretched to it",
        "crop": f"the middle, {spec.crop:.1%} of the picture's short side",
    }[spec.resize]


def _numbers(values: tuple[float, float, float]) -> str:
    same = len(set(values)) == 1
    return f"{values[0]:g}" if same else "(" + ", ".join(f"{value:g}" for value in values) + ")"


def _picture(path: Path | None) -> tuple[str, Image]:
    """The picture to look at: a given one, or the drawn car park."""
    if path:
        return path.stem, read_image(path)
    from edgevision.scene.render import Renderer
    from edgevision.scene.world import Scene

    return "scene", Renderer(Scene(seed=1)).frame(MOMENT)


def _seen(name: str, look: Look) -> Iterator[str]:
    where = "the drawn car park" if name == "scene" else name
    yield f"sees       in {where}: {look.lines[0]}"
    yield from (f"           {line}" for line in look.lines[1:])


def _save(folder: Path, name: str, image: Image) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}") from None
    if not cv2.imwrite(str(folder / name), image):
        raise OutputError(f"cannot write {folder / name}")
    return folder / name


def _write_card(found: Inspection) -> Path:
    path = found.path.with_suffix(".yaml")
    if path.exists():
        raise OutputError(f"{path} exists already: delete it first, or change it by hand")
    try:
        path.write_text(card_text(found), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    return path
