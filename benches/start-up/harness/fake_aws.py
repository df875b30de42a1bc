"""A fake AWS on loopback: TLS, one port for each service, canned answers.

Each service has its own port because each has its own host in AWS: one connection and one
handshake for each service that a function calls, whichever SDK it uses.
"""

import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field

from . import protocols, wire
from .answers import Answer, Key, all_answers

SERVICES = ("CLOUDWATCH", "CODEDEPLOY", "DYNAMODB", "ELASTIC_LOAD_BALANCING_V2", "LAMBDA", "SFN",
            "SNS", "SSM")
SITE = "site"  # What an HTTP check visits: not AWS, but counted with it.
PAGE = wire.response("200 OK", {"Content-Type": "application/json"}, b'{"status":"ok"}')


@dataclass
class Seen:
    """What came since the last look."""

    calls: list[tuple[str, wire.Request]] = field(default_factory=list)
    connections: Counter = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class FakeAws:
    def __init__(self, tls: ssl.SSLContext):
        self._lock = threading.Lock()
        self._encoded: dict[tuple[str, protocols.Call], bytes] = {}
        self.seen = Seen()
        self.ports = {
            service: wire.serve(lambda connection, of=service: self._serve(of, connection), tls)
            for service in (*SERVICES, SITE)
        }
        self.usual = all_answers(self.site())
        self.answers = self.usual

    def site(self) -> str:
        return f"https://localhost:{self.ports[SITE]}"

    def endpoints(self) -> dict[str, str]:
        """The variables by which both SDKs find a service (AWS SDKs and Tools Reference Guide,
        "Service-specific endpoints")."""
        return {
            f"AWS_ENDPOINT_URL_{service}": f"https://localhost:{self.ports[service]}"
            for service in SERVICES
        }

    def answer_with(self, instead: dict[Key, Answer]) -> None:
        """Answers as usual but for these, from now on."""
        self.answers = self.usual | instead
        self._encoded = {}
        self.seen = Seen()

    def take(self) -> Seen:
        """What came since the last look, which is forgotten."""
        with self._lock:
            seen, self.seen = self.seen, Seen()
        return seen

    def _serve(self, service: str, connection: wire.Connection) -> None:
        with self._lock:
            self.seen.connections[service] += 1
        while True:
            request = connection.read()
            with self._lock:
                self.seen.calls.append((service, request))
            connection.send(self._answer(service, request))

    def _answer(self, service: str, request: wire.Request) -> bytes:
        if service == SITE:
            return PAGE
        call = protocols.call_of(request)
        if found := self._encoded.get((service, call)):
            return found
        answer = self.answers.get((service, call.operation))
        if answer is None:
            self.seen.faults.append(f"no answer for {call.operation} of {service}")
            return wire.response("400 Bad Request", {}, b"{}")
        encoded = protocols.encode(call, answer)
        self._encoded[service, call] = encoded
        return encoded


def names(seen: Seen) -> list[str]:
    """The calls by name and parameters, sorted: checks run at once, so their order may differ."""
    said = []
    for service, request in seen.calls:
        if service == SITE:
            said.append(f"{request.method} {request.path}")
        else:
            operation = protocols.call_of(request).operation
            said.append(f"{operation}({', '.join(protocols.members(request))})")
    return sorted(said)
