"""The dashboard and the rules, against what a real run gives: who renames a metric must fail here."""

import json
import re
import runpy
import shutil
import socket
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.commands.process import Service
from tests.networks import pooling_network
from tests.waiting import wait_until

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "edgevision.rules.yaml"
DASHBOARD = json.loads((DEPLOY / "grafana" / "edgevision.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]
ALERTS = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
FROM_PROMETHEUS = {"job", "instance", "le", "alertname"}  # labels that are not ours

CONFIG = """
models:
  drawn: {path: builtin:drawn}
  colours: {path: colours.onnx}
cameras:
  carpark:
    source: synthetic:carpark?seed=1&seconds=60&fps=5&width=480&height=270&live=1
    open_timeout: 60s        # drawing the first picture takes some, where others keep the machine busy
    stall_timeout: 60s
    model: drawn
    lines: {gate: {from: [0.164, 0.630], to: [0.319, 0.392]}}
    zones: {lot: {polygon: [[0.2, 0.5], [0.9, 0.5], [1.0, 1.0], [0.0, 1.0]], dwell: true}}
    queues: {till: {polygon: [[0.2, 0.45], [0.7, 0.45], [0.75, 0.85], [0.2, 0.85]]}}
    spots: {places: {A1: [[0.5, 0.5], [0.6, 0.5], [0.6, 0.7], [0.5, 0.7]]}}
    shelves:
      goods:
        polygon: [[0.1, 0.2], [0.6, 0.2], [0.6, 0.8], [0.1, 0.8]]
        rows: [{name: top, expect: [car]}]
        blockers: []
  yard:
    source: synthetic:carpark?seed=2&seconds=60&fps=1&width=320&height=180&live=1
    open_timeout: 60s
    stall_timeout: 60s
    model: colours
    areas: {lane: {polygon: [[0.4, 0.5], [0.6, 0.5], [0.8, 1.0], [0.2, 1.0]], classes: [blue]}}
outputs:
  - {type: sqlite, path: events.db}
  - {type: jsonl, path: events.jsonl}
http: {listen: 127.0.0.1:0}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("monitored")
    names = {"names": "{0: 'blue', 1: 'green', 2: 'red'}"}
    pooling_network(folder / "colours.onnx", stride=1, metadata=names)
    with Service(folder, CONFIG) as service:
        service.wait_for('tracks{camera="carpark",label="car"}', 1)
        service.wait_for('frames_processed_total{camera="yard"}', 1)
        yield service


Labels = dict[str, dict[str, set[str]]]  # by metric and label: its values


@pytest.fixture(scope="module")
def scraped(service: Service) -> Labels:
    found: Labels = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(httpx.get(service.url + "/metrics").text):
        found[family.name + ("_total" if family.type == "counter" else "")]  # those without a series yet, too
        for sample in family.samples:
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
            found[sample.name]
    return {name: dict(labels) for name, labels in found.items()}


def metrics_in(query: str) -> list[str]:
    return re.findall(r"\b(?:edgevision|process)_\w+", query)


def check(query: str, scraped: Labels, shown: str = "") -> None:
    """Its metrics are there, with the labels and the values that it asks for, and those that are `shown`."""
    names = metrics_in(query)
    assert set(names) <= scraped.keys(), f"no such metrics: {set(names) - scraped.keys()}"
    for name, selector in re.findall(r"\b((?:edgevision|process)_\w+)\{([^}]*)\}", query):
        for label, how, value in re.findall(r'(\w+)(=~|!=|!~|=)"([^"]*)"', selector):
            values = scraped[name].get(label)
            if label not in FROM_PROMETHEUS and scraped[name]:
                assert values is not None, f"{name} has no label {label}"
                for word in value.split("|") if "$" not in value else ():
                    assert word in values, f"{name} has never {label}{how}{word}"
    known = {label for name in names for label in scraped[name]} | FROM_PROMETHEUS
    grouped = re.findall(r"(?:by|without|on|ignoring|group_left) \(([^)]*)\)", query)
    asked = {label for group in grouped for label in re.findall(r"\w+", group)}
    asked |= set(re.findall(r"\{\{ ?(?:\$labels\.)?(\w+)", shown)) - {"if", "end"}
    if any(scraped[name] for name in names):
        assert asked <= known, f"no such labels: {asked - known}"


def spelt_out(query: str) -> str:
    """Recording rules replaced by what they stand for."""
    for rule in ALERTS:
        if "record" in rule:
            query = query.replace(rule["record"], rule["expr"])
    return query


@pytest.mark.parametrize(
    ("title", "target"), QUERIES, ids=[f"{title}-{target['refId']}" for title, target in QUERIES]
)
def test_what_the_dashboard_asks_for_is_there(title: str, target: Any, scraped: Labels) -> None:
    assert metrics_in(target["expr"]), title
    check(target["expr"], scraped, target["legendFormat"])


@pytest.mark.parametrize("rule", ALERTS, ids=[rule.get("alert", rule.get("record")) for rule in ALERTS])
def test_what_the_rules_ask_for_is_there(rule: Any, scraped: Labels) -> None:
    shown = " ".join(rule.get("annotations", {}).values()).replace("{{ $value", "")
    check(spelt_out(rule["expr"]), scraped, shown)


def test_the_dashboard_is_what_its_script_makes() -> None:
    assert runpy.run_path(str(DEPLOY / "grafana" / "make.py"))["dashboard"]() == DASHBOARD


def test_panels_lie_side_by_side_without_overlap() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)


def test_every_alert_says_what_to_do_and_where_to_read_more() -> None:
    page = (DEPLOY.parent / "docs" / "monitoring.md").read_text()
    headings = {
        f"docs/monitoring.md#{name.lower()}" for name in re.findall(r"^### (\w+)$", page, re.MULTILINE)
    }
    alerts = [rule for rule in ALERTS if "alert" in rule]
    assert {rule["annotations"]["docs"] for rule in alerts} == headings
    for rule in alerts:
        assert rule["annotations"]["docs"].endswith("#" + rule["alert"].lower())
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert len(rule["annotations"]["description"]) > 40


def tool(name: str, *arguments: str | Path) -> None:
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    done = subprocess.run([name, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_the_rules_in_order() -> None:
    tool("promtool", "check", "rules", RULES)


def test_alerts_come_when_they_should_and_not_before() -> None:
    tool("promtool", "test", "rules", RULES.with_name("edgevision.rules.test.yaml"))


def test_every_alert_is_tried() -> None:
    tried = RULES.with_name("edgevision.rules.test.yaml").read_text()
    for rule in ALERTS:
        assert rule.get("alert") or rule["record"] in tried
        assert rule.get("record") or re.search(
            rf"labels: 'ALERTS.*{rule['alert']}|alertname: {rule['alert']}", tried
        )


@pytest.fixture
def prometheus(service: Service, tmp_path: Path) -> Iterator[str]:
    """A real Prometheus that has scraped the service some times."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed")
    scrape = {
        "job_name": "edgevision",
        "static_configs": [{"targets": [service.url.removeprefix("http://")]}],
    }
    config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    storage = "--storage.tsdb.path=data"  # Debian's default is one place for the whole machine
    process = subprocess.Popen(
        ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address={address}", storage],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        query = "count_over_time(edgevision_events_total[1m]) >= 3"
        wait_until(lambda: answer(f"http://{address}", query))
        yield f"http://{address}"
    finally:
        process.kill()
        process.wait()


def answer(url: str, query: str) -> list[Any]:
    try:
        response = httpx.get(f"{url}/api/v1/query", params={"query": query}, timeout=10)
    except httpx.TransportError:
        return []  # it is still starting
    if response.status_code == 503:
        return []  # likewise
    assert response.status_code == 200, response.text
    found: list[Any] = response.json()["data"]["result"]
    return found


def test_a_real_prometheus_answers_every_query_of_the_dashboard(prometheus: str) -> None:
    empty = []
    for title, target in QUERIES:
        query = target["expr"].replace("$__rate_interval", "1m").removesuffix("> 0")
        if not answer(prometheus, query.replace("$instance", ".*").replace("$camera", ".*")):
            empty.append(title)
    assert empty == []
