"""What this machine's CPU is, as far as the speed of networks depends on it."""

import platform
from pathlib import Path

INFO = Path("/proc/cpuinfo")
BF16 = ("avx512_bf16", "amx_bf16")  # without one of them OpenVINO accepts bfloat16, too, but only imitates it
# Instructions that networks are faster with, by the names of Linux (arch/x86/include/asm/cpufeatures.h).
TOLD = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16", "amx_int8")


def has_bf16(info: Path = INFO) -> bool:
    """Whether it has instructions for bfloat16."""
    return bool(_flags(info) & set(BF16))


def cpu_name(info: Path = INFO) -> str:
    """Its name with those of its instructions that count: virtual machines call different CPUs the same."""
    name = next(iter(_values(info, "model name")), "") or platform.machine()
    return " ".join([name, *(flag for flag in TOLD if flag in _flags(info))])


def _flags(info: Path) -> set[str]:
    return set(" ".join(_values(info, "flags")[:1]).split())


def _values(info: Path, key: str) -> list[str]:
    """Of each core; nothing where the file is not there, or does not say."""
    try:
        lines = info.read_text().splitlines()
    except OSError:
        return []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for name, _, value in pairs if name.strip() == key]
