"""The model of Lambda's API, which is AWS's own and comes with botocore."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape


@cache
def lambda_model() -> ServiceModel:
    """Operations, shapes and errors of Lambda's API."""
    return ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")


@cache
def message_member(code: str) -> str:
    """What the message is called in the body of an error: `Message` for some, `message` for others."""
    model = lambda_model()
    shape = model.shape_for(code) if code in model.shape_names else None
    members = shape.members if isinstance(shape, StructureShape) else ()
    return "Message" if "Message" in members else "message"


@cache
def path_beginnings() -> frozenset[str]:
    """What the paths of Lambda's API begin with, after their date: functions, layers, tags ..."""
    uris = (lambda_model().operation_model(name).http["requestUri"] for name in lambda_model().operation_names)
    return frozenset(uri.partition("?")[0].split("/")[2] for uri in uris)
