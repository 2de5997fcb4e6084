"""Where events and pictures go. One file here is one destination; the configuration names it by its type."""

from edgevision.outputs import heatmap, jsonl, video
from edgevision.outputs.base import Output, Result

__all__ = ["OUTPUTS", "Output", "Result"]

# `type:` in the configuration -> its module: Config, build(config, name)
OUTPUTS = {"jsonl": jsonl, "video": video, "heatmap": heatmap}
