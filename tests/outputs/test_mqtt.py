"""Events to a real broker (mosquitto) that is killed and comes back."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from pydantic import ValidationError

from edgevision.outputs.mqtt import Config, build
from tests.outputs.kept import Process, ids
from tests.waiting import wait_until

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")

STATE = {
    "cameras": [
        {
            "name": "gate",
            "state": "streaming",
            "analytics": [
                {
                    "kind": "line", "name": "door", "occupancy": None, "gauges": {},
                    "counts": {"crossed_in": {"car": 3, "truck": 1}},
                },
                {"kind": "zone", "name": "lot", "occupancy": 2, "gauges": {}, "counts": {}},
            ],
        }
    ]
}  # fmt: skip


class Broker:
    """mosquitto on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self.start()

    def start(self) -> None:
        assert MOSQUITTO
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen([MOSQUITTO, "-c", str(self._config)], stdout=quiet, stderr=quiet)
        wait_until(self._answers)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """Somebody who listens to all topics, also over restarts of the broker."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[tuple[str, str]] = []
        self.listens = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: setattr(self, "listens", True)
        self._client.on_disconnect = lambda *_: setattr(self, "listens", False)
        self._client.on_message = lambda _, __, message: self.heard.append(
            (message.topic, message.payload.decode())
        )
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        wait_until(lambda: self.listens)

    def events(self) -> list[str]:
        return [json.loads(text)["id"] for topic, text in self.heard if topic.startswith("cams/gate/door/")]

    def last(self, topic: str) -> Any:
        found = [text for each, text in self.heard if each == topic]
        return found[-1] if found else None

    def end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    if not MOSQUITTO:
        pytest.skip("mosquitto is not installed")
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


def output(broker: Broker, **settings: Any) -> Any:
    url = f"mqtt://127.0.0.1:{broker.port}"
    return build(Config(type="mqtt", url=url, topic="cams", **settings), "mqtt-0")


def test_a_broker_that_is_away_for_a_while_gets_everything_in_order(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgevision.pipeline.following.RETRY_MOST", 0.2)
    listener = Listener(broker)
    process = Process(tmp_path, output(broker, timeout=1.0))
    process.happens(1, 2, 3)
    wait_until(lambda: listener.events() == ids(1, 2, 3))
    broker.kill()
    wait_until(lambda: not listener.listens)
    process.happens(*range(4, 301))
    wait_until(lambda: process.metrics.value("output_errors_total", output="mqtt-0"))
    broker.start()
    wait_until(lambda: listener.listens)  # the broker keeps nothing for who is not there yet
    wait_until(lambda: len(set(listener.events())) == 300)
    process.end()
    listener.end()
    first = list(dict.fromkeys(listener.events()))
    assert first == ids(*range(1, 301))
    assert len(listener.events()) <= 301  # the one that was on its way may come twice, with its id
    assert not process.metrics.value("events_dropped_total", output="mqtt-0")


def test_how_things_stand_is_kept_by_the_broker_and_its_last_word_is_offline(broker: Broker) -> None:
    told = output(broker, homeassistant="homeassistant")
    wait_until(lambda: told._connected.is_set())
    told.tell(STATE)
    time.sleep(0.3)
    listener = Listener(broker)  # comes later, and is told all the same
    wait_until(lambda: listener.last("cams/gate"))
    assert json.loads(listener.last("cams/gate")) == STATE["cameras"][0]
    assert listener.last("cams/status") == "online"
    sensor = json.loads(listener.last("homeassistant/sensor/edgevision_gate_door_crossed_in/config"))
    assert sensor["state_topic"] == "cams/gate"
    assert sensor["state_class"] == "total_increasing"
    assert listener.last("homeassistant/sensor/edgevision_gate_lot_occupancy/config")
    assert listener.last("homeassistant/binary_sensor/edgevision_gate_pictures/config")
    told.close()
    wait_until(lambda: listener.last("cams/status") == "offline")
    listener.end()


def test_a_camera_that_is_gone_is_forgotten_and_one_that_is_opened_anew_is_not(broker: Broker) -> None:
    first = output(broker, homeassistant="homeassistant")
    wait_until(first._connected.is_set)
    yard: dict[str, Any] = {"cameras": [{**STATE["cameras"][0], "name": "yard"}]}
    sensors = [f"homeassistant/binary_sensor/edgevision_{name}_pictures/config" for name in ("gate", "yard")]
    nobody: dict[str, Any] = {"cameras": []}
    for state in (STATE, nobody, STATE):
        first.tell(state)
    seen = Listener(broker)
    wait_until(lambda: seen.last(sensors[0]) and seen.last("cams/gate"))
    for state in (yard, yard):
        first.tell(state)
    wait_until(lambda: seen.last("cams/gate") == "" and seen.last(sensors[0]) == "")
    later = Listener(broker)
    wait_until(lambda: later.last("cams/yard") and later.last(sensors[1]))
    assert not [topic for topic, _ in later.heard if "gate" in topic]
    for each in (seen, later):
        each.end()
    first.close()


def test_home_assistants_templates_find_their_numbers() -> None:
    jinja2 = pytest.importorskip("jinja2", reason="Home Assistant's templates are Jinja's")
    from edgevision.outputs.homeassistant import announcements

    camera = STATE["cameras"][0]
    values = {
        content["name"]: jinja2.Template(content["value_template"]).render(value_json=camera)
        for _, content in announcements(camera, "homeassistant", "cams")
    }
    assert values == {"pictures": "ON", "door crossed_in": "4", "lot occupancy": "2"}


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "mqtt://host:0", "mqtt://host/path"])
def test_mistakes_are_told(url: str) -> None:
    with pytest.raises(ValidationError, match="expected mqtt://"):
        Config(type="mqtt", url=url)
