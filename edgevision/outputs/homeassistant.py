"""Sensors that appear in Home Assistant by themselves: messages of its MQTT discovery
(https://www.home-assistant.io/integrations/mqtt/#discovery)."""

from collections.abc import Iterator
from typing import Any


def announcements(camera: dict[str, Any], prefix: str, topic: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """One message for each sensor of a camera, as the API tells of it: topic and content.

    All sensors read the camera's own state topic, so nothing else has to be sent.
    """
    name = camera["name"]

    def sensor(kind: str, what: str, template: str, **more: str) -> tuple[str, dict[str, Any]]:
        id = f"edgevision_{name}_{what}".replace(" ", "_").replace(">", "-")
        return f"{prefix}/{kind}/{id}/config", {
            "name": what,
            "unique_id": id,
            "state_topic": f"{topic}/{name}",
            "availability_topic": f"{topic}/status",
            "value_template": "{{ " + template + " }}",
            "device": {"identifiers": [f"edgevision_{name}"], "name": name, "manufacturer": "edgevision"},
            **more,
        }

    streams = "'ON' if value_json.state == 'streaming' else 'OFF'"
    yield sensor("binary_sensor", "pictures", streams, device_class="connectivity")
    for index, analytic in enumerate(camera["analytics"]):
        where, called = f"value_json.analytics[{index}]", analytic["name"]
        if analytic["occupancy"] is not None:
            yield sensor("sensor", f"{called} occupancy", f"{where}.occupancy", state_class="measurement")
        for kind in analytic["counts"]:
            total = f"{where}.counts['{kind}'].values() | sum"
            yield sensor("sensor", f"{called} {kind}", total, state_class="total_increasing")
        for gauge in analytic["gauges"]:
            value = f"{where}.gauges['{gauge}']"
            yield sensor("sensor", f"{called} {gauge}", value, state_class="measurement")
