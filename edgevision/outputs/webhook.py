"""Events to a web address: a POST for each, signed if there is a secret, offered again until it is taken.

    X-Edgevision-Signature: t=1795278814,v1=HEX     HMAC-SHA256 of `t.body` with the secret

An answer of 2xx means taken. 4xx means refused for ever, but for 408, 425 and 429, and the next event is
tried; anything else is tried again. Redirects are not followed: they would take events elsewhere.
"""

import hashlib
import hmac
import json
import string
import time
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from edgevision.core.types import Event
from edgevision.errors import OutputError, RefusedError
from edgevision.events import to_json
from edgevision.outputs.base import Result
from edgevision.outputs.choice import Choice
from edgevision.settings import Duration

AGAIN = (408, 425, 429)  # statuses of 4xx that pass


class Config(Choice):
    """A web address that is told of events."""

    type: Literal["webhook"]
    url: str = Field(description="https://host/path; a secret in it is best written ${HOOK_URL}")
    secret: str | None = Field(None, min_length=16, description="signs each request")
    headers: dict[str, str] = Field(default_factory=dict, description="further headers")
    body: str | None = Field(
        None, description='what to send instead of the event: {"text": "$label $kind at $camera"} for Slack'
    )
    timeout: Duration = Field(5.0, gt=0, description="for an answer")

    @field_validator("url")
    @classmethod
    def _understood(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected https://host/path")
        return url

    @field_validator("body")
    @classmethod
    def _fillable(cls, body: str | None) -> str | None:
        if body is not None:
            try:
                fill(body, dict.fromkeys(KEYS, "x"))
            except (KeyError, ValueError) as error:
                raise ValueError(
                    f"expected text with ${', $'.join(KEYS)} in it ($$ for a $); wrong at {error}"
                ) from None
        return body


KEYS = ("id", "time", "camera", "analytic", "name", "kind", "label", "track_id", "value", "confidence")


def fill(body: str, values: dict[str, Any]) -> str:
    """The text with an event's values put in, as they stand within quotes in JSON. Raises KeyError."""
    quoted = {key: json.dumps(str(value), ensure_ascii=False)[1:-1] for key, value in values.items()}
    return string.Template(body).substitute(quoted)


class Webhook:
    """One client, whose connection is kept between events."""

    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.camera: str | None = config.camera
        parts = urlsplit(config.url)
        # A path of a hook is often its secret.
        hidden = hashlib.sha256(config.url.encode()).hexdigest()[:12]
        self.address = f"webhook {parts.hostname} {hidden}"
        self._config = config
        self._httpx = _library()
        self._client = self._httpx.Client(timeout=config.timeout, headers=config.headers)

    def write(self, result: Result) -> None:
        for event in result.events:
            if self._config.wants(event):
                self._post(event)

    def close(self) -> None:
        self._client.close()

    def _post(self, event: Event) -> None:
        line = to_json(event)
        body = fill(self._config.body, json.loads(line)) if self._config.body else line
        headers = {"Content-Type": "application/json", "Idempotency-Key": event.id} | self._signature(body)
        host = urlsplit(self._config.url).hostname
        try:
            answer = self._client.post(self._config.url, content=body.encode(), headers=headers)
        except self._httpx.HTTPError as error:
            raise OutputError(f"{host} does not answer: {type(error).__name__}") from None
        if answer.is_success:
            return
        text = f"{host} answers {answer.status_code}"
        if 400 <= answer.status_code < 500 and answer.status_code not in AGAIN:
            raise RefusedError(f"{text} to event {event.id}")
        raise OutputError(text)

    def _signature(self, body: str) -> dict[str, str]:
        if self._config.secret is None:
            return {}
        now = str(int(time.time()))
        signed = hmac.new(self._config.secret.encode(), f"{now}.{body}".encode(), hashlib.sha256)
        return {"X-Edgevision-Signature": f"t={now},v1={signed.hexdigest()}"}


def _library() -> Any:
    try:
        import httpx
    except ImportError:
        raise OutputError("webhooks need the extra: pip install 'edgevision[webhook]'") from None
    return httpx


def build(config: Config, name: str) -> Webhook:
    return Webhook(config, name)
