"""AWS's protocols: which operation a request asks for, and an answer's bytes in the same protocol.

The two SDKs do not speak the same one to every service: CloudWatch and CodeDeploy take CBOR and
JSON. What is read of a request is read when the clock stands still.
"""

import datetime
import json
import urllib.parse
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import cbor2

from .wire import Request, response

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


@dataclass(frozen=True)
class Call:
    """An operation as it was asked for; the protocol is how it must be answered."""

    operation: str
    protocol: str


def call_of(request: Request) -> Call:
    headers = request.headers
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return Call(request.path.rsplit("/", 1)[1], "cbor")
    if target := headers.get("x-amz-target"):
        return Call(target.rsplit(".", 1)[1], headers["content-type"])
    if request.path.startswith("/2015-03-31/functions/"):
        path = request.path.split("?", 1)[0]
        return Call("Invoke" if path.endswith("/invocations") else "GetFunctionConfiguration",
                    "rest")
    body = urllib.parse.parse_qs(request.body.decode())
    return Call(body["Action"][0], "query")


def members(request: Request) -> list[str]:
    """The names of the parameters that a request carries, of the first level, sorted."""
    headers = request.headers
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return sorted(cbor2.loads(request.body))
    if "x-amz-target" in headers:
        return sorted(json.loads(request.body))
    if "Action" in (form := urllib.parse.parse_qs(request.body.decode())):
        named = {name.split(".")[0] for name in form}
        return sorted(named - {"Action", "Version"})
    path, _mark, query = request.path.partition("?")
    body = ["Payload"] if request.body else []
    return sorted([path, *urllib.parse.parse_qs(query), *body])


def encode(call: Call, answer: dict[str, Any]) -> bytes:
    """The whole response to a call."""
    shared = {"x-amzn-RequestId": REQUEST_ID, "Date": "Mon, 23 Nov 2026 09:45:00 GMT"}
    match call.protocol:
        case "cbor":
            kind = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
            body = cbor2.dumps(answer, datetime_as_timestamp=True, timezone=datetime.timezone.utc)
        case "query":
            kind = {"Content-Type": "text/xml"}
            body = _xml(call.operation, answer).encode()
        case "rest" if "Payload" in answer:
            kind = {"Content-Type": "application/json", "X-Amz-Executed-Version":
                    answer["ExecutedVersion"]}
            body = answer["Payload"]
        case "rest":
            kind = {"Content-Type": "application/json"}
            body = _json(answer)
        case content_type:
            kind = {"Content-Type": content_type}
            body = _json(answer)
    return response("200 OK", shared | kind, body)


def _json(answer: dict[str, Any]) -> bytes:
    """Times as seconds since the epoch, which every JSON service of ours uses."""
    return json.dumps(answer, default=lambda time: time.timestamp()).encode()


def _xml(operation: str, answer: dict[str, Any]) -> str:
    result = f"<{operation}Result>{_elements(answer)}</{operation}Result>"
    metadata = f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
    return f"<{operation}Response>{result}{metadata}</{operation}Response>"


def _elements(value: Any) -> str:
    match value:
        case dict():
            return "".join(f"<{key}>{_elements(inner)}</{key}>" for key, inner in value.items())
        case list():
            return "".join(f"<member>{_elements(item)}</member>" for item in value)
        case _:
            return escape(str(value))
