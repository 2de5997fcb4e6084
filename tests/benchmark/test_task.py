"""What is measured in the place of a configuration: that problems are told where the user wrote them."""

from pathlib import Path

import pytest

from edgevision.bench.task import plain_task, task_of
from edgevision.errors import ConfigError

CONFIG = """
models:
  vehicles: {path: builtin:drawn}
cameras:
  gate:
    source: synthetic:carpark
  yard:
    source: synthetic:carpark
"""


def test_copies_of_a_camera_stand_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(CONFIG)
    config = task_of(path, None, tmp_path).config(5)
    assert list(config.settings.cameras) == ["gate-1", "yard-2", "gate-3", "yard-4", "gate-5"]
    assert config.where("cameras", "yard-4", "source") == "site.yaml:8: cameras.yard.source"
    assert config.where("models", "vehicles") == "site.yaml:3: models.vehicles"
    assert (
        task_of(path, None, tmp_path).config().where("cameras", "gate", "source").startswith("site.yaml:6:")
    )


def test_what_options_say_stands_in_no_file(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(CONFIG)
    with pytest.raises(ConfigError, match=r"^--source: \S*gone.mp4 does not exist"):
        task_of(path, "gone.mp4", tmp_path).config()
    with pytest.raises(ConfigError, match=r"^--source: \S*gone.mp4 does not exist"):
        plain_task({"path": "builtin:drawn"}, "gone.mp4", tmp_path).config()
    config = plain_task({"path": "builtin:drawn"}, "synthetic:carpark", tmp_path).config(2)
    assert config.where("models", "model") == "--model"
