"""A small HTTP/1.1 server: one thread for each connection, nothing parsed that is not used.

The standard library's server parses headers as if they were mail, which takes longer than the rest
of a request; both sides would pay for it in every figure.
"""

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Hangup(Exception):
    """The other side closed the connection."""


class Connection:
    def __init__(self, stream: socket.socket):
        self.stream = stream
        self._buffer = b""

    def read(self) -> Request:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ", 2)
        headers = {}
        for line in lines:
            name, _colon, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self.stream.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(method, path, headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        return self._exactly(int(headers.get("content-length", 0)))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                self._more()
            size = int(self._buffer[:end].split(b";")[0], 16)
            self._buffer = self._buffer[end + 2 :]
            chunk = self._exactly(size + 2)[:-2]
            if size == 0:
                return body
            body += chunk

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._more()
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def _more(self) -> None:
        got = self.stream.recv(65536)
        if not got:
            raise Hangup
        self._buffer += got

    def send(self, response: bytes) -> None:
        self.stream.sendall(response)


def response(status: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def serve(handle: Callable[[Connection], None], tls=None) -> int:
    """Accepts on a free port of 127.0.0.1 for as long as this process lives; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def one(stream: socket.socket) -> None:
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                stream = tls.wrap_socket(stream, server_side=True)
            handle(Connection(stream))
        except (Hangup, OSError):
            pass  # It was killed, or is done: every process under test ends this way.
        finally:
            stream.close()

    def accept() -> None:
        while True:
            stream, _peer = listener.accept()
            threading.Thread(target=one, args=(stream,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]
