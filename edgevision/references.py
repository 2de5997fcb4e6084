"""Names in one part of a configuration that another part must know, or must not have as well."""

from collections.abc import Iterator
from typing import Any

from edgevision.analytics import ANALYTICS, is_single
from edgevision.document import Problem
from edgevision.explain import did_you_mean


def broken_references(data: Any) -> Iterator[Problem]:
    """Names in one part of the file that another part must know. The data may be wrong in any other way."""
    models, cameras = _keys(data, "models") or ["default"], _keys(data, "cameras")
    for camera in cameras:
        settings = data["cameras"][camera]
        model = settings.get("model", "") if isinstance(settings, dict) else None
        if model == "" and len(models) > 1:
            yield ("cameras", camera, "model"), f"say which of the models {', '.join(models)} to use"
        elif model and isinstance(model, str) and model not in models:
            yield ("cameras", camera, "model"), _unknown("model", model, models)
        yield from _shared_names(camera, settings)
        yield from _broken_looks(camera, settings, models)
        yield from _broken_places(camera, settings)
    outputs = data.get("outputs") if isinstance(data, dict) else None
    journals = 0
    folders: list[Any] = []
    for index, output in enumerate(outputs if isinstance(outputs, list) else []):
        journals += isinstance(output, dict) and output.get("type") == "sqlite"
        if journals > 1:
            yield ("outputs", index, "type"), "there is one sqlite already, and all events are kept in it"
        folder = output.get("folder") if isinstance(output, dict) else None
        if isinstance(folder, str) and folder in folders:
            yield ("outputs", index, "folder"), "another output has this folder; give each its own"
        folders.append(folder)
        wanted = output.get("camera") if isinstance(output, dict) else None
        if isinstance(wanted, str) and wanted not in cameras:
            yield ("outputs", index, "camera"), _unknown("camera", wanted, cameras)
        elif isinstance(wanted, str):
            heatmap, known = output.get("heatmap"), _keys(data["cameras"][wanted], "heatmaps")
            if isinstance(heatmap, str) and heatmap not in known:
                yield ("outputs", index, "heatmap"), _unknown("heatmap", heatmap, known)


def _shared_names(camera: str, settings: Any) -> Iterator[Problem]:
    """Events are told apart by camera and name, so a line and a zone of one camera cannot share theirs."""
    used = {"sight": "the camera's own events"}
    used |= {module.KEY: module.KEY for kind, module in ANALYTICS.items() if is_single(kind)}
    parts: list[tuple[str, ...]] = [
        (module.KEY, "places") if is_single(kind) else (module.KEY,) for kind, module in ANALYTICS.items()
    ]
    for path in [*parts, ("then",)]:
        part = settings
        for key in path[:-1]:
            part = part.get(key) if isinstance(part, dict) else None
        for name in _keys(part, path[-1]):
            if name in used:
                text = f"one of {used[name]} has this name already; choose another"
                yield ("cameras", camera, *path, name), text
            used[name] = path[0]


def _broken_looks(camera: str, settings: Any, models: list[str]) -> Iterator[Problem]:
    """Second networks that are no models."""
    for key in ("then", "looks"):
        for name in _keys(settings, key):
            model = settings[key][name].get("model") if isinstance(settings[key][name], dict) else None
            if isinstance(model, str) and model not in models:
                yield ("cameras", camera, key, name, "model"), _unknown("model", model, models)


def _broken_places(camera: str, settings: Any) -> Iterator[Problem]:
    """Lines and zones that others of the camera's analytics name, and that are not there."""
    lines = _keys(settings, "lines")
    for key, names, what, known in (
        ("speeds", "lines", "line", lines),
        ("trips", "places", "line or zone", lines + _keys(settings, "zones")),
    ):
        for each in _keys(settings, key):
            named = settings[key][each].get(names) if isinstance(settings[key][each], dict) else None
            for index, name in enumerate(named if isinstance(named, list) else []):
                if isinstance(name, str) and name not in known:
                    yield ("cameras", camera, key, each, names, index), _unknown(what, name, known)


def _unknown(what: str, name: str, known: list[str]) -> str:
    return f"there is no {what} {name!r}{did_you_mean(name, known)}; there are {', '.join(known) or 'none'}"


def _keys(data: Any, key: str) -> list[str]:
    part = data.get(key) if isinstance(data, dict) else None
    return list(part) if isinstance(part, dict) else []
