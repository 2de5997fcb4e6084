"""The page on paper: printed by Chromium, where one is installed."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from edgevision.errors import OutputError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PATIENCE = 120.0  # s: its first start on a small box takes half a minute


def browser() -> str:
    """Raises OutputError where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise OutputError(
            "a PDF is printed by Chromium, and none is installed: `apt install chromium`, or open the page "
            "in a browser and print it from there"
        )
    return found


def print_pdf(program: str, page: Path, pdf: Path) -> None:
    """Raises OutputError."""
    with TemporaryDirectory(prefix="edgevision-") as folder:
        made = Path(folder, "page.pdf")
        # Its own sandbox cannot be had by root; the page is ours, and has no script.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [
            program, "--headless", *root, "--disable-gpu", f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer", f"--print-to-pdf={made}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutputError(f"{program} cannot print the page: {error}") from None
        if not made.is_file() or not made.stat().st_size:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise OutputError(f"{program} printed nothing (status {done.returncode}): {' '.join(last)}")
        shutil.copyfile(made, pdf)
