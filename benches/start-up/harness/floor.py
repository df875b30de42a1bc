"""What of the figures is the fakes' own time: one bare client, in a process of its own.

Its times have a Python client's in them, so they are more than the fakes take.
"""

import json
import socket
import ssl
import subprocess
import sys
import time

REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
TIMES = 50


def measure(port: int, roots: str) -> dict[str, list[float]]:
    """Milliseconds of a new TLS connection with one request, and of a request more on it."""
    command = [sys.executable, "-m", "harness.floor", str(port), roots]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def _client(port: int, roots: str) -> dict[str, list[float]]:
    context = ssl.create_default_context(cafile=roots)
    taken: dict[str, list[float]] = {"new connection": [], "one more request": []}
    for _ in range(TIMES):
        begun = time.perf_counter_ns()
        plain = socket.create_connection(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname="localhost") as stream:
            _ask(stream)
            connected = time.perf_counter_ns()
            _ask(stream)
            done = time.perf_counter_ns()
        taken["new connection"].append((connected - begun) / 1e6)
        taken["one more request"].append((done - connected) / 1e6)
    return taken


def _ask(stream: ssl.SSLSocket) -> None:
    stream.sendall(REQUEST)
    stream.recv(65536)


if __name__ == "__main__":
    print(json.dumps(_client(int(sys.argv[1]), sys.argv[2])))
