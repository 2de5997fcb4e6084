"""A TCP proxy that understands RTSP's interleaved packets (RFC 2326, 10.12) and spoils them on demand.

It stands for the network between a camera and us, and needs neither root nor another machine.
"""

import random
import select
import socket
import struct
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import BinaryIO

RTP_HEADER = 12  # bytes


class FaultProxy:
    """Listens on `port` and passes everything to and from 127.0.0.1:target, except for what is set:

    frozen     keep the connections, pass nothing: a cable that was pulled
    refusing   reset who connects: a port that is closed
    flip       share of the RTP packets in which bits are flipped, behind the header
    noise      share of all bytes from the camera in which a bit is flipped, framing included
    drop       share of the RTP packets that are lost
    delay, jitter  s before each packet; the order is kept
    rate       bytes/s at most, 0 for all
    ticks      added to every RTP timestamp: a camera whose clock is set
    """

    def __init__(self, target: int, port: int = 0) -> None:
        self.frozen = self.refusing = False
        self.flip = self.noise = self.drop = self.delay = self.jitter = 0.0
        self.rate = self.ticks = 0
        self._target = target
        self._random = random.Random(1)
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut(self, reset: bool) -> None:
        """End all connections: by a reset, or in good order."""
        for each in list(self._open):
            _end(each, reset)
        self._open.clear()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            if self.refusing:
                _end(client, reset=True)
                continue
            try:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                _end(client, reset=True)
                continue
            server.settimeout(None)
            self._open |= {client, server}
            for work in (self._to_server, self._to_client):
                threading.Thread(target=work, args=(client, server), name="proxy pump", daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while True:
                # Not waiting in recv(): a socket that a thread waits for is not reset until it returns.
                if not select.select([client], [], [], 0.02)[0]:
                    continue
                data = client.recv(65536)
                if not data:
                    break
                self._wait()
                server.sendall(data)
        _end(server, reset=False)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        line: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        threading.Thread(target=self._send, args=(client, line), name="proxy delay", daemon=True).start()
        with suppress(OSError, ValueError), server.makefile("rb") as stream:
            while first := stream.read(1):
                packet = self._packet(stream) if first == b"$" else _answer(first, stream)
                late = self._random.uniform(self.delay - self.jitter, self.delay + self.jitter)
                line.put((time.monotonic() + max(0.0, late), self._with_noise(packet)))
        line.put((0.0, b""))

    def _send(self, client: socket.socket, line: "SimpleQueue[tuple[float, bytes]]") -> None:
        """Send what is in line when it is due, in order, until an empty packet."""
        with suppress(OSError, ValueError):
            while (item := line.get())[1]:
                due, packet = item
                time.sleep(max(0.0, due - time.monotonic()))
                self._wait()
                if self.rate:
                    time.sleep(len(packet) / self.rate)
                client.sendall(packet)
        _end(client, reset=False)

    def _packet(self, stream: BinaryIO) -> bytes:
        """An interleaved packet, with its faults."""
        channel, length = struct.unpack(">BH", _read(stream, 3))
        body = bytearray(_read(stream, length))
        if channel % 2 == 0:
            if self._random.random() < self.drop:
                return struct.pack(">cBH", b"$", 9, 0)  # an empty packet of no channel, which clients skip
            ticks = int.from_bytes(body[4:8], "big") + self.ticks
            body[4:8] = (ticks & 0xFFFFFFFF).to_bytes(4, "big")
            if self._random.random() < self.flip:
                for _ in range(3):
                    body[self._random.randrange(RTP_HEADER, length)] ^= 1 << self._random.randrange(8)
        return struct.pack(">cBH", b"$", channel, length) + body

    def _with_noise(self, packet: bytes) -> bytes:
        if not self.noise:
            return packet
        spoiled = bytearray(packet)
        for index in range(len(spoiled)):
            if self._random.random() < self.noise:
                spoiled[index] ^= 1 << self._random.randrange(8)
        return bytes(spoiled)

    def _wait(self) -> None:
        while self.frozen:
            time.sleep(0.01)


def _read(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("the camera closed the connection in a packet")
    return data


def _answer(first: bytes, stream: BinaryIO) -> bytes:
    """An RTSP answer with its body."""
    head, length = first, 0
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            raise ValueError("the camera closed the connection in an answer")
        head += line
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + stream.read(length)


def _end(connection: socket.socket, reset: bool) -> None:
    with suppress(OSError):
        if reset:  # close() then sends RST instead of FIN
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.shutdown(socket.SHUT_RDWR)
    connection.close()
