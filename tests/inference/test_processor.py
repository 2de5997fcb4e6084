from pathlib import Path

import pytest

from edgevision.inference.processor import cpu_name, has_bf16

# Lines of /proc/cpuinfo, two cores each.
ZEN4 = "processor : 0\nmodel name\t: AMD EPYC 9354\nflags\t\t: fpu avx2 avx512f avx512_vnni avx512_bf16\n\n"
XEON = "processor : 0\nmodel name : Intel(R) Xeon(R) Processor\nflags : fpu avx2 amx_bf16 amx_int8\n\n"
# Cascade Lake: OpenVINO reports bfloat16 there as well, and imitates it.
OLDER = "processor : 0\nmodel name : Intel(R) Xeon(R) Gold 6248\nflags : fpu avx2 avx512f avx512_vnni\n\n"
ARM = "processor : 0\nBogoMIPS : 108.00\nFeatures : fp asimd\nCPU implementer : 0x41\n\n"


@pytest.mark.parametrize(
    ("text", "bf16", "name"),
    [
        (ZEN4, True, "AMD EPYC 9354 avx2 avx512f avx512_vnni avx512_bf16"),
        (XEON, True, "Intel(R) Xeon(R) Processor avx2 amx_bf16 amx_int8"),
        (OLDER, False, "Intel(R) Xeon(R) Gold 6248 avx2 avx512f avx512_vnni"),
    ],
)
def test_what_it_is_and_can(tmp_path: Path, text: str, bf16: bool, name: str) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(text + text.replace("processor : 0", "processor : 1"))
    assert has_bf16(info) == bf16
    assert cpu_name(info) == name


@pytest.mark.parametrize("text", [ARM, None])
def test_what_does_not_say_so_is_known_by_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    info = tmp_path / "cpuinfo"
    if text:
        info.write_text(text)
    assert (has_bf16(info), cpu_name(info)) == (False, "aarch64")
