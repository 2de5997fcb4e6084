"""A listener that nobody may connect to, while sources are opened that try to make us do so (SSRF).

Every way that notes of FFmpeg's protocols and playlists name, by what an operator can write: an address, or
the name of a file that somebody else made.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from edgevision.errors import EdgevisionError, SourceError
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings, open_source, parse_address
from tests.commands.process import edgevision

TIMEOUTS = LiveSettings(open=1.0, stall=1.0)


class Canary:
    """Counts connections and packets on a port of this machine."""

    def __init__(self, answer: str = "") -> None:
        self.asked: list[bytes] = []
        self._answer = answer.encode()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._udp.setblocking(False)
        threading.Thread(target=self._accept, name="canary", daemon=True).start()

    @property
    def hits(self) -> int:
        with suppress(BlockingIOError):
            self.asked.append(self._udp.recv(100))
        return len(self.asked)

    def close(self) -> None:
        self._tcp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        self._udp.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._tcp.accept()
                with client, suppress(OSError):
                    client.settimeout(0.5)
                    self.asked.append(client.recv(4096))
                    client.sendall(self._answer)


@contextmanager
def canary(answer: str = "") -> Iterator[Canary]:
    bird = Canary(answer)
    try:
        yield bird
    finally:
        bird.close()


@pytest.fixture
def bird() -> Iterator[Canary]:
    with canary() as bird:
        yield bird


def look(text: str, base: Path) -> None:
    """Take a picture, as every command does. Raises ValueError or SourceError."""
    pictures = open_source(parse_address(text, base), TIMEOUTS).pictures(Event())
    try:
        next(pictures, None)
    finally:
        pictures.close()  # type: ignore[attr-defined]


ADDRESSES = """
http://{at}/a.mp4 https://{at}/a.m3u8 HTTP://{at}/ tcp://{at} udp://{at} rtmp://{at}/x rtp://{at} srt://{at}
gopher://{at}/ ftp://{at}/a.mp4 tls://{at} mmsh://{at}/ unix:/tmp/x data:video/mp4;base64,AAAA pipe:0 fd:0
concat:a|http://{at}/ subfile,,start,0,end,9,,:clip.mp4 cache:clip.mp4 async:http://{at}/ crypto:clip.mp4
file:http://{at}/a.mp4 file://{at}/a.mp4 images:http://{at}/ images:%0 testsrc=size=99x99 img_%02d.png md5:x
rtsp://|tcp://{at} rtsp:{at} rtsp:///{at} synthetic:http://{at}/ v4l2:http://{at}/ ffrtsp+http://{at}/
"""


@pytest.mark.parametrize("address", ADDRESSES.split())
def test_no_address_but_a_stream_s_leads_to_the_network(bird: Canary, tmp_path: Path, address: str) -> None:
    with pytest.raises((ValueError, EdgevisionError)):
        look(address.format(at=f"127.0.0.1:{bird.port}"), tmp_path)
    assert bird.hits == 0


HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{uri}\n#EXT-X-ENDLIST\n"
SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=x
c=IN IP4 127.0.0.1
t=0 0
a=control:rtsp://{at}/x
m=video {port} RTP/AVP 26
"""
MPD = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT1S"
profiles="urn:mpeg:dash:profile:isoff-live:2011" mediaPresentationDuration="PT4S"><Period>
<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>http://{at}/x.mp4</BaseURL>
</Representation></AdaptationSet></Period></MPD>"""
LISTS = {
    "hls http": HLS.replace("{uri}", "http://{at}/a.ts"),
    "hls tcp": HLS.replace("{uri}", "tcp://{at}"),
    "hls rtsp": HLS.replace("{uri}", "rtsp://{at}/x"),
    "hls of a neighbour": HLS.replace("{uri}", "{folder}/clip.ts"),
    "concat http": "ffconcat version 1.0\nfile http://{at}/a.mp4\n",
    "concat tcp": "ffconcat version 1.0\nfile tcp://{at}\n",
    "concat rtsp": "ffconcat version 1.0\nfile rtsp://{at}/x\n",
    "concat unsafe": "ffconcat version 1.0\nfile clip.ts\noption safe 0\noption protocol_whitelist tcp\n",
    "concat of a neighbour": "ffconcat version 1.0\nfile clip.ts\n",
    "sdp": SDP,
    "dash": MPD,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a video beside, which a list could name."""
    writer = cv2.VideoWriter(str(tmp_path / "clip.ts"), cv2.VideoWriter.fourcc(*"mp4v"), 25, (160, 120))
    for number in range(30):
        writer.write(np.full((120, 160, 3), 5 * number, np.uint8))
    writer.release()
    look("clip.ts", tmp_path)  # it is one
    return tmp_path


@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".sdp"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_addresses_is_no_video_whatever_it_is_called(
    bird: Canary, folder: Path, kind: str, suffix: str
) -> None:
    text = LISTS[kind].format(at=f"127.0.0.1:{bird.port}", port=bird.port, folder=folder)
    (folder / f"list{suffix}").write_text(text)
    with pytest.raises(SourceError, match="is not a video"):
        look(f"list{suffix}", folder)
    assert bird.hits == 0


def test_a_name_that_ffmpeg_takes_for_a_protocol_is_a_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for name in ("subfile,,start,0,end,900000,,:clip.ts", "clip_%02d.ts", "-i"):
        (folder / name).write_text("no video")
        with pytest.raises(SourceError, match="is not a video"):
            look(name, Path())


def test_the_canary_sings(bird: Canary, tmp_path: Path) -> None:
    """What is allowed reaches it: that nothing else does means something."""
    with pytest.raises(SourceError):
        look(f"rtsp://127.0.0.1:{bird.port}/x", tmp_path)
    assert bird.asked[0].startswith(b"OPTIONS rtsp://")


@pytest.mark.parametrize(
    ("scheme", "followed"), [("http", False), ("tcp", False), ("file", False), ("rtsp", True)]
)
def test_a_camera_may_send_us_on_to_another_camera_only(tmp_path: Path, scheme: str, followed: bool) -> None:
    """FFmpeg follows a redirect from rtsp to rtsp, to any host; docs/security.md says what stops that."""
    with canary() as target:
        location = f"{scheme}://127.0.0.1:{target.port}/x"
        with canary(f"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: {location}\r\n\r\n") as camera:
            with pytest.raises(SourceError):
                look(f"rtsp://127.0.0.1:{camera.port}/x", tmp_path)
            assert camera.hits
        assert bool(target.hits) is followed


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\0", " ", "\t", "\u2028"])
def test_no_line_can_be_added_to_the_request_to_a_camera(bird: Canary, tmp_path: Path, line_end: str) -> None:
    with pytest.raises(ValueError, match="a blank as %20"):
        look(f"rtsp://127.0.0.1:{bird.port}/x{line_end}X-Evil: 1", tmp_path)
    assert bird.hits == 0


def test_the_commands_reach_no_canary_either(bird: Canary, folder: Path) -> None:
    (folder / "list.mp4").write_text(LISTS["hls http"].format(at=f"127.0.0.1:{bird.port}"))
    text = "models: {d: {path: builtin:drawn}}\ncameras: {a: {source: list.mp4}}\nhttp: null\n"
    (folder / "x.yaml").write_text(text)
    for command in (["detect", "list.mp4"], ["run", "x.yaml"], ["check", "--probe", "x.yaml"]):
        done = edgevision(*command, cwd=folder)
        assert done.returncode == 1, done.stderr
        assert "is not a video" in done.stderr + done.stdout
    assert bird.hits == 0
