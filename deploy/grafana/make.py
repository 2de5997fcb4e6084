"""Makes edgevision.json, the dashboard, beside this file: `python deploy/grafana/make.py`.

A row is a title and its panels; a panel is a title, its width of 24, its unit in Grafana's words, and queries
with their legends. They ask for the metrics themselves, so that it works without the recording rules.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

TARGET = Path(__file__).with_name("edgevision.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
DATABASE = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
OURS = 'instance=~"$instance"'
CAMERA = f'{OURS}, camera=~"$camera"'
BY_NAME = "camera, name"
PROCESS = f'{OURS}, job="edgevision"'
NAMED = "{{camera}} {{name}}"
OTHERS = 'analytic!="line"'
HEIGHT = 8  # of a panel, in Grafana's grid
# What a series with the value 1 says, as the number that state timelines are given, and its colour.
CAMERA_STATES = [
    ("streaming", "green"), ("waiting", "blue"), ("connecting", "blue"), ("backoff", "orange"),
    ("refused", "red"), ("stuck", "red"), ("paused", "text"), ("ended", "text"),
]  # fmt: skip
SIGHTS = [
    ("clear", "green"),
    *((name, "red") for name in ("covered", "dark", "frozen", "defocused", "moved")),
]
SPOTS = [("free", "green"), ("occupied", "red"), ("unknown", "text")]
STOCK = [("in_stock", "green"), ("low_stock", "yellow"), ("out_of_stock", "red"), ("unknown", "text")]
States = Sequence[tuple[str, str]]


class Panel(NamedTuple):
    title: str
    width: int
    unit: str
    queries: list[tuple[str, str]]
    states: States = ()
    kind: str = "lines"  # or bars, or stat
    stacked: bool = False
    about: str = ""
    every: str = ""  # the least time between two points
    limit: float | None = None  # red from there on

    @property
    def type(self) -> str:
        """What Grafana calls it."""
        return "state-timeline" if self.states else "stat" if self.kind == "stat" else "timeseries"


def now(metric: str, labels: str = CAMERA) -> str:
    return f"edgevision_{metric}{{{labels}}}"


def rate(metric: str, labels: str = CAMERA) -> str:
    return f"rate({now(metric, labels)}[$__rate_interval])"


def hourly(metric: str, by: str, more: str = "") -> str:
    labels = f"{CAMERA}, {more}" if more else CAMERA
    return f"sum by ({by}) (increase({now(metric, labels)}[1h]))"


def quantiles(metric: str, by: str, shares: tuple[int, ...]) -> list[tuple[str, str]]:
    """Of the last hour where single objects are measured: they are few."""
    rates = hourly(metric, f"le, {by}") if "name" in by else f"sum by (le, {by}) ({rate(metric)})"
    named = " ".join(f"{{{{{label}}}}}" for label in by.split(", "))
    return [(f"histogram_quantile({share / 100}, {rates})", f"{named} p{share}") for share in shares]


def states(metric: str, names: States, legend: str) -> list[tuple[str, str]]:
    """One query that gives the number of the state whose series is 1."""
    series = [now(metric, f'{CAMERA}, state="{name}"') for name, _ in names]
    numbered = " or ".join(f"{each} * {number}" for number, each in enumerate(series, 1))
    return [(f"max without (state) ({numbered})", legend)]


ROWS: list[tuple[str, list[Panel]]] = [
    ("Cameras", [
        Panel("State", 12, "", states("source_state", CAMERA_STATES, "{{camera}}"), CAMERA_STATES),
        Panel("Can the view be trusted?", 12, "", states("camera_sight", SIGHTS, "{{camera}}"), SIGHTS),
        Panel("Age of the newest picture", 8, "s",
              [(f"time() - {now('last_frame_timestamp_seconds')}", "{{camera}}")], limit=10),
        Panel("Lost and not reached, by hour", 8, "short",
              [(f"{hourly('source_reconnects_total', 'camera, reason')} > 0", "{{camera}}: {{reason}}")],
              every="5m", about="Empty is good: nothing was lost."),
        Panel("Late pictures", 8, "s", [(now("source_lag_seconds"), "{{camera}}")], limit=2),
    ]),
    ("Frames", [
        Panel("Captured", 8, "ops", [(rate("frames_total"), "{{camera}}")]),
        Panel("Processed", 8, "ops", [(rate("frames_processed_total"), "{{camera}}")]),
        Panel("Dropped, by reason", 8, "ops", [(rate("frames_dropped_total"), "{{camera}}: {{reason}}")],
              about="rate is what `fps:` leaves out, and wanted; overload says that the box is too slow."),
    ]),
    ("Where the milliseconds go", [
        Panel("Latency, from the capture until the events are handed on", 12, "s",
              quantiles("latency_seconds_bucket", "camera", (50, 90, 99))),
        Panel("Time of a frame in each stage, mean", 12, "s",
              [(f"sum by (stage) ({rate('stage_seconds_sum')})"
                f" / ignoring (stage) group_left () sum({rate('latency_seconds_count')})", "{{stage}}")],
              stacked=True, about="Over all cameras shown; the stages add up to the mean latency."),
    ]),
    ("Counts", [
        Panel("Lines, by hour", 12, "short",
              [(hourly("count_total", "camera, name, kind", 'analytic="line"'), f"{NAMED}: {{{{kind}}}}")],
              kind="bars", every="1h"),
        Panel("Zones and what else is counted, by hour", 12, "short",
              [(f"{hourly('count_total', 'camera, name, kind', OTHERS)} > 0", f"{NAMED}: {{{{kind}}}}")],
              kind="bars", every="1h"),
        Panel("Occupancy: how many are in a zone", 12, "short", [(now("occupancy"), NAMED)]),
        Panel("Objects followed", 12, "short",
              [(f"sum by (camera, label) ({now('tracks')})", "{{camera}}: {{label}}")], stacked=True),
        Panel("Stays in a zone that ended, last hour", 12, "s",
              quantiles("dwell_seconds_bucket", BY_NAME, (50, 90))),
        Panel("Share of areas covered", 12, "percentunit", [(now("area_covered"), NAMED)]),
    ]),
    ("Spots of car parks", [
        Panel("Spots by state", 12, "short",
              [(f"sum by (camera, state) ({now('spots')})", "{{camera}}: {{state}}")], stacked=True),
        Panel("Each spot", 12, "", states("spot_state", SPOTS, "{{camera}} {{spot}}"), SPOTS),
    ]),
    ("Queues", [
        Panel("How many wait", 8, "short", [(now("queue_length"), NAMED)]),
        Panel("Longest wait of those there", 8, "s", [(now("queue_longest_wait_seconds"), NAMED)]),
        Panel("Waits of those served, last hour", 8, "s",
              quantiles("queue_wait_seconds_bucket", BY_NAME, (50, 90))),
    ]),
    ("Shelves", [
        Panel("Rows", 12, "", states("shelf_state", STOCK, f"{NAMED} {{{{row}}}}"), STOCK),
        Panel("Facings", 6, "short",
              [(f"sum by (camera, name, row) ({now('facings')})", f"{NAMED} {{{{row}}}}")]),
        Panel("Products in their places", 6, "percentunit",
              [(now("shelf_compliance"), f"{NAMED} {{{{row}}}}")]),
    ]),
    ("Outputs and the process", [
        Panel("Events", 6, "ops", [(rate("events_total", OURS), "{{instance}}")]),
        Panel("Failed writes and lost events of outputs", 6, "ops",
              [(rate("output_errors_total", OURS), "{{output}}: errors"),
               (rate("events_dropped_total", OURS), "{{output}}: lost")], limit=0.001),
        Panel("Cores used", 4, "short",
              [(f"rate(process_cpu_seconds_total{{{PROCESS}}}[$__rate_interval])", "{{instance}}")]),
        Panel("Memory", 4, "bytes",
              [(f"process_resident_memory_bytes{{{PROCESS}}}", "{{instance}}")]),
        Panel("What networks run on", 4, "",
              [(now("model_info", OURS), "{{model}}: {{provider}} {{precision}}")], kind="stat"),
    ]),
]  # fmt: skip


def panel_json(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    custom = {"timeseries": _lines(panel), "state-timeline": {"fillOpacity": 80, "lineWidth": 0}, "stat": {}}
    defaults: dict[str, Any] = {
        "unit": panel.unit,
        "custom": custom[panel.type],
        "mappings": _mappings(panel.states),
    }
    if panel.type == "timeseries":
        defaults["min"] = 0
    if panel.limit is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.limit}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    options: dict[str, Any] = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}}
    if panel.type == "stat":
        options = {"textMode": "name", "colorMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
    return {
        "id": number,
        "type": panel.type,
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
        "interval": panel.every or None,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for index, (query, legend) in enumerate(panel.queries)
        ],
    }


def _lines(panel: Panel) -> dict[str, Any]:
    stacking = {"mode": "normal" if panel.stacked or panel.kind == "bars" else "none", "group": "A"}
    return {
        "drawStyle": "bars" if panel.kind == "bars" else "line",
        "lineWidth": 1,
        "fillOpacity": 60 if panel.kind == "bars" else 20 if panel.stacked else 0,
        "showPoints": "never",
        "stacking": stacking,
        "thresholdsStyle": {"mode": "dashed" if panel.limit is not None else "off"},
    }


def _mappings(names: States) -> list[dict[str, Any]]:
    options = {
        str(number): {"text": name.replace("_", " "), "color": color, "index": number}
        for number, (name, color) in enumerate(names, 1)
    }
    return [{"type": "value", "options": options}] if options else []


def dashboard() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS:
        head = {"x": 0, "y": y, "w": 24, "h": 1}
        panels.append({"id": len(panels) + 1, "type": "row", "title": title, "gridPos": head, "panels": []})
        x, y = 0, y + 1
        for panel in row:
            if x + panel.width > 24:
                x, y = 0, y + HEIGHT
            panels.append(panel_json(panel, len(panels) + 1, x, y))
            x += panel.width
        y += HEIGHT
    return {
        "uid": "edgevision",
        "title": "edgevision",
        "tags": ["edgevision"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [DATABASE, *map(_variable, ("instance", "camera"))]},
        "panels": panels,
    }


def _variable(name: str) -> dict[str, Any]:
    among = "" if name == "instance" else f"{{{OURS}}}"
    return {
        "name": name,
        "label": {"instance": "box", "camera": "camera"}[name],
        "type": "query",
        "datasource": SOURCE,
        "query": f"label_values(edgevision_source_up{among}, {name})",
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
        "sort": 1,
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(dashboard(), indent=1) + "\n")
