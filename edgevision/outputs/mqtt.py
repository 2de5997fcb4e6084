"""Events to an MQTT broker, one message each, and what there is to tell of each camera, kept by the broker.

    PREFIX/CAMERA/NAME/KIND   an event as JSON; acknowledged by the broker before the next one is sent
    PREFIX/CAMERA             the camera's state as JSON, retained
    PREFIX/status             online, or offline: the broker's last word when the process is gone

With an output of type sqlite events wait on the disk while the broker is away, and none is lost.
"""

import json
import ssl
import threading
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator

from edgevision.errors import OutputError
from edgevision.events import to_json
from edgevision.outputs.base import Result, Telling
from edgevision.outputs.homeassistant import announcements
from edgevision.settings import Duration, Name, Settings

PORTS = {"mqtt": 1883, "mqtts": 8883}
MOST_WAITING = 100  # messages inside the client: states, and the one event that is being sent
END = 0.5  # s to say good-bye


class Config(Settings):
    """A broker, and where its messages go."""

    type: Literal["mqtt"]
    url: str = Field(description="mqtt://user:password@host:1883, or mqtts://host:8883 for TLS")
    topic: str = Field("edgevision", pattern=r"^[^+#\s/][^+#\s]*$", description="what all topics begin with")
    camera: Name | None = Field(None, description="only this camera's events; those of all when left out")
    ca: str | None = Field(None, description="a file with the certificate to trust; the system's if left out")
    timeout: Duration = Field(5.0, gt=0, description="for the broker to acknowledge an event")
    homeassistant: str | None = Field(
        None, description="Home Assistant's discovery prefix, usually `homeassistant`: sensors appear there"
    )

    @field_validator("url")
    @classmethod
    def _understood(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            good = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.path.strip("/") or parts.query:
            raise ValueError("expected mqtt://user:password@host:1883, or mqtts://host:8883 for TLS")
        return url


class Mqtt(Telling):
    """One connection, kept by a thread of the client library, which makes it anew when it is lost."""

    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.camera: str | None = config.camera
        self._config = config
        self._host, self._port, user, password = _broker(config.url)
        self.address = f"mqtt {self._host}:{self._port} {config.topic} {config.camera or ''}"
        self._status = f"{config.topic}/status"
        self._told: dict[str, str] = {}  # last state by topic, retained by the broker: at most one per sensor
        self._topics: dict[str, set[str]] = {}  # of each camera that was told of
        self._missed: set[str] = set()  # cameras that the last state had not
        self._connected = threading.Event()
        self._reason = "no answer"
        self._client = self._connect(user, password)

    def write(self, result: Result) -> None:
        for event in result.events:
            topic = f"{self._config.topic}/{event.camera}/{event.name}/{event.kind.replace('>', '-')}"
            if not self._connected.wait(self._config.timeout):
                raise OutputError(f"the broker {self._host}:{self._port} is away: {self._reason}")
            message = self._client.publish(topic, to_json(event), qos=1)
            try:
                message.wait_for_publish(self._config.timeout)
            except (ValueError, RuntimeError) as error:
                raise OutputError(f"the broker {self._host}:{self._port} takes nothing: {error}") from None
            if not message.is_published():
                raise OutputError(f"the broker {self._host}:{self._port} does not acknowledge")

    def tell(self, state: dict[str, Any]) -> None:
        """Publish what changed of each camera; called every few seconds, from another thread."""
        if not self._connected.is_set():
            self._told.clear()  # it may be another broker that knows nothing
            return
        for camera in state["cameras"]:
            if self.camera in (None, camera["name"]):
                told = {f"{self._config.topic}/{camera['name']}": camera}
                if self._config.homeassistant:
                    told |= announcements(camera, self._config.homeassistant, self._config.topic)
                for topic, data in told.items():
                    self._keep(topic, data)
                self._topics.setdefault(camera["name"], set()).update(told)
        self._forget(self._topics.keys() - {camera["name"] for camera in state["cameras"]})

    def close(self) -> None:
        if self._connected.is_set():
            self._client.publish(self._status, "offline", qos=1, retain=True).wait_for_publish(END)
        self._client.disconnect()
        self._client.loop_stop()

    def _keep(self, topic: str, data: dict[str, Any]) -> None:
        text = json.dumps(data, ensure_ascii=False)
        if self._told.get(topic) != text:
            self._client.publish(topic, text, retain=True)
            self._told[topic] = text

    def _forget(self, missing: set[str]) -> None:
        """A camera that is gone from two states in a row was removed, or renamed: one that is opened anew
        is in the next. An empty message is what a broker forgets a retained one by."""
        for name in missing & self._missed:
            for topic in self._topics.pop(name):
                self._client.publish(topic, "", retain=True)
                self._told.pop(topic, None)
        self._missed = missing

    def _connect(self, user: str | None, password: str | None) -> Any:
        mqtt = _library()
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.max_queued_messages_set(MOST_WAITING)
        client.reconnect_delay_set(1, 30)
        client.will_set(self._status, "offline", qos=1, retain=True)
        client.username_pw_set(user, password)
        if urlsplit(self._config.url).scheme == "mqtts":
            client.tls_set_context(_trusting(self._config.ca))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = self._on_fail
        client.connect_async(self._host, self._port, keepalive=15)
        client.loop_start()
        return client

    def _on_connect(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self._reason = str(reason)
            return
        self._told.clear()
        client.publish(self._status, "online", qos=1, retain=True)
        self._connected.set()

    def _on_disconnect(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._connected.clear()
        self._reason = str(reason)

    def _on_fail(self, client: Any, data: Any) -> None:
        self._connected.clear()
        self._reason = "no connection"


def _broker(url: str) -> tuple[str, int, str | None, str | None]:
    parts = urlsplit(url)
    user, password = (unquote(text) if text else None for text in (parts.username, parts.password))
    return parts.hostname or "", parts.port or PORTS[parts.scheme], user, password


def _trusting(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise OutputError(f"ca: {ca} is not a file with certificates: {error.strerror or error}") from None


def _library() -> Any:
    try:
        from paho.mqtt import client
    except ImportError:
        raise OutputError("MQTT needs the extra: pip install 'edgevision[mqtt]'") from None
    return client


def build(config: Config, name: str) -> Mqtt:
    return Mqtt(config, name)
