"""The models of services' APIs, which are AWS's own and come with botocore; Lambda's above all."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape


@cache
def service_model(service: str) -> ServiceModel:
    """Operations, shapes and errors of a service, by boto3's name for it; `UnknownServiceError` when there is none."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def lambda_model() -> ServiceModel:
    """Those of Lambda's API."""
    return service_model("lambda")


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
