"""Where events and pictures go. One file here is one destination; the configuration names it by its type."""

from edgevision.outputs import heatmap, jsonl, sqlite, video
from edgevision.outputs.base import Output, Remembering, Result

__all__ = ["OUTPUTS", "Output", "Remembering", "Result"]

# `type:` in the configuration -> its module: Config, build(config, name)
OUTPUTS = {"jsonl": jsonl, "sqlite": sqlite, "video": video, "heatmap": heatmap}
