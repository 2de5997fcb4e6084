"""Where events and pictures go. One file here is one destination; the configuration names it by its type."""

from edgevision.outputs import evidence, heatmap, jsonl, mqtt, postgresql, restream, sqlite, video, webhook
from edgevision.outputs.base import Losing, Output, Remembering, Result, Telling

__all__ = ["OUTPUTS", "Losing", "Output", "Remembering", "Result", "Telling"]

# `type:` in the configuration -> its module: Config, build(config, name)
OUTPUTS = {
    "jsonl": jsonl,
    "sqlite": sqlite,
    "mqtt": mqtt,
    "webhook": webhook,
    "postgresql": postgresql,
    "video": video,
    "heatmap": heatmap,
    "evidence": evidence,
    "restream": restream,
}
