"""Libraries that play CUDA, so that ONNX Runtime's own provider for it can be loaded, asked and watched."""

import re
import shutil
import subprocess
from pathlib import Path

import onnxruntime as ort
import pytest

SOURCE = Path(__file__).with_suffix(".c")
PROVIDER = Path(ort.__file__).parent / "capi" / "libonnxruntime_providers_cuda.so"
# Handles, so that nobody takes them for missing; texts; and what does nothing.
MADE = "int {0}(void **handle) {{ *handle = (void *)8; return 0; }}"
TEXT = 'const char *{0}(int code) {{ return "played"; }}'
NOTHING = "long {0}(void) {{ return 0; }}"


def build(folder: Path) -> Path:
    """The folder with a library of each name that the provider wants, for LD_LIBRARY_PATH."""
    if not (PROVIDER.is_file() and shutil.which("cc") and shutil.which("nm")):
        pytest.skip("it takes onnxruntime-gpu, cc and nm to play CUDA")
    played = set(re.findall(r"\b(\w+)\([^()]*\) \{", SOURCE.read_text(encoding="utf-8")))
    for library, names in _wanted().items():
        by_hand = library.startswith(("libcudart.", "libcuda."))
        lines = [f'#include "{SOURCE}"' if by_hand else ""]
        for name in sorted(names - played if by_hand else names):
            form = TEXT if re.search("Status(Name|String)$", name) else MADE if "Create" in name else NOTHING
            lines.append(form.format(name))
        (folder / "x.c").write_text("\n".join(lines))
        command = ["cc", "-w", "-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", library, "x.c"]
        if library.startswith("libcuda."):
            command.append("-DDRIVER")
        elif names:
            (folder / "x.map").write_text(f"{library} {{ global: *; }};")
            command.append("-Wl,--version-script=x.map")
        subprocess.run(command, cwd=folder, check=True)
    return folder


def _wanted() -> dict[str, set[str]]:
    """By library, what the provider takes from it. Of libcuda and libcurand it names no version."""
    wanted: dict[str, set[str]] = {"libcuda.so.1": set(), "libcurand.so.10": set()}
    listed = subprocess.run(
        ["nm", "-D", "--undefined-only", str(PROVIDER)], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        name, _, library = line.split()[-1].partition("@")
        if library.startswith("libcu"):
            wanted.setdefault(library, set()).add(name)
        elif re.match("cu[A-Z]", name):
            wanted["libcuda.so.1"].add(name)
    return wanted
