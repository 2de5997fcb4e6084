"""The site is built, and what its pages show is tried."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, (DOCS / page).read_text(), flags=re.MULTILINE | re.DOTALL)


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    if not find_spec("mkdocs") or not find_spec("material"):
        pytest.skip("mkdocs-material is not installed: pip install 'edgevision[docs]'")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    home = (tmp_path / "index.html").read_text()
    assert 'href="files/configs/demo.yaml.txt"' in home  # what lies beside docs/ comes with the site
    assert (tmp_path / "files/configs/demo.yaml.txt").read_text() == (ROOT / "configs/demo.yaml").read_text()


def test_every_page_is_in_the_navigation() -> None:
    text = re.sub(r"!!\S+", "", (ROOT / "mkdocs.yml").read_text())
    listed = re.findall(r"[\w-]+\.md", str(yaml.safe_load(text)["nav"]))
    assert sorted(listed) == sorted(path.name for path in DOCS.glob("*.md"))


def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    """Its `sh` blocks in order, in one folder, and the file that it says to write; `console` blocks want a
    camera, a browser or a second terminal."""
    program = tmp_path / "bin" / "edgevision"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m edgevision "$@"\n')
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    environ = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(sys.path)}

    def sh(text: str) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", text], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    doctor, begin, count = blocks("tutorial.md", "sh")
    (config,) = (text for text in blocks("tutorial.md", "yaml") if "cameras:" in text)
    assert "a tiny network ran on it" in sh(
        doctor.strip() + " || true"
    )  # a machine that lacks something may say so
    assert "line entrance" in sh(begin)
    (tmp_path / "gate.yaml").write_text(config.replace("127.0.0.1:9108", "127.0.0.1:0"))
    assert re.search(r"crossed_(in|out)", sh(count))
    assert '"kind": "entered"' in (tmp_path / "events.jsonl").read_text()
    assert (tmp_path / "seen.mp4").stat().st_size > 10_000
    # What the page about counts shows, with the counts that are there now.
    assert "entrance" in sh(blocks("durable.md", "sh")[0])
    assert b"season ticket holders" in b"".join(path.read_bytes() for path in tmp_path.glob("events.db*"))
