"""The answer of InvokeWithResponseStream: the result in one piece, as a stream of events, then how it ended.

A handler's response is not streamed here, it comes when it is complete. How a failed function ends the stream is
inferred from the model: no piece, and the error in the last event.
Encoding: https://smithy.io/2.0/aws/amazon-eventstream.html
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from collections.abc import Mapping

from labkit.runtime.report import Completion

CONTENT_TYPE = "application/vnd.amazon.eventstream"
STRING = 7  # the type of a header's value


def response_stream(completion: Completion, log: str | None) -> bytes:
    """The events; `log` is the end of the log in base64, where it was asked for."""
    ending = {"LogResult": log} if log is not None else {}
    if completion.function_error:
        ending |= {
            "ErrorCode": completion.function_error,
            "ErrorDetails": completion.payload.decode("utf-8", "replace"),
        }
        return _event("InvokeComplete", json.dumps(ending).encode(), "application/json")
    piece = _event("PayloadChunk", completion.payload, "application/octet-stream")
    return piece + _event("InvokeComplete", json.dumps(ending).encode(), "application/json")


def _event(kind: str, payload: bytes, content_type: str) -> bytes:
    headers = _headers({":event-type": kind, ":content-type": content_type, ":message-type": "event"})
    prelude = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
    message = prelude + struct.pack("!I", crc32(prelude)) + headers + payload
    return message + struct.pack("!I", crc32(message))


def _headers(values: Mapping[str, str]) -> bytes:
    return b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", STRING, len(value)) + value.encode()
        for name, value in values.items()
    )
