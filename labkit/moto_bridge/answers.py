"""Writes answers as AWS's services send them, with moto's serializers and botocore's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from labkit.moto_bridge.server import Answer


def answer_of(service: str, operation: str, result: Mapping[str, Any]) -> Answer:
    """The members of an operation's answer in the service's own protocol."""
    model = get_service_model(service)
    serializer = get_serializer_class(service, model.protocol)(operation_model=model.operation_model(operation))
    sent = serializer.serialize(result)
    body = sent["body"]
    return Answer(sent["status_code"], body.encode() if isinstance(body, str) else body, sent["headers"])
