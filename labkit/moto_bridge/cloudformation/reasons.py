"""Why a resource failed, in CloudFormation's words as users of AWS report them."""

from __future__ import annotations

import uuid

from labkit.moto_bridge.cloudformation.properties import BadProperty
from labkit.moto_bridge.cloudformation.resource_type import CallFailed

HANDLER_CODES = (  # what is in the name of a service's error -> what the resource's handler makes of it
    ("AccessDenied", "AccessDenied"),
    ("NotFound", "NotFound"),
    ("NoSuch", "NotFound"),
    ("NonExistent", "NotFound"),
    ("DoesNotExist", "NotFound"),
    ("Conflict", "AlreadyExists"),
    ("Already", "AlreadyExists"),
    ("InUse", "AlreadyExists"),
    ("TooManyRequests", "Throttling"),
    ("Invalid", "InvalidRequest"),
    ("Malformed", "InvalidRequest"),
    ("Validation", "InvalidRequest"),
    ("BadRequest", "InvalidRequest"),
    ("RequestEntityTooLarge", "InvalidRequest"),
)
SERVICE_FAULT = "ServiceException"


class Failure(Exception):
    """What a stack failed for; the text is what it says of that."""


class ResourceFailure(Failure):
    """A resource that could not be made or changed; `verb` is "create" or "update"."""

    def __init__(self, name: str, verb: str):
        super().__init__(f"The following resource(s) failed to {verb}: [{name}]. ")


def reason_of(error: Exception, name: str, prefix: str = "") -> str:
    """The status reason of a resource; `prefix` goes before what a service said of bad arguments."""
    if isinstance(error, BadProperty):
        return f"Properties validation failed for resource {name} with message:\n{error}"
    if isinstance(error, CallFailed):
        code = _handler_code(error.code)
        said = f"{prefix if code == 'InvalidRequest' else ''}{error}"
        where = f"Service: {error.service.capitalize()}, Status Code: {error.status}, Request ID: {uuid.uuid4()}"
        token = f"RequestToken: {uuid.uuid4()}, HandlerErrorCode: {code}"
        return f'Resource handler returned message: "{said} ({where})" ({token})'
    if isinstance(error, KeyError):  # moto's models take what they need from the properties
        return f"Property {error.args[0]} cannot be empty."
    return str(getattr(error, "message", "") or error or type(error).__name__)


def _handler_code(code: str) -> str:
    if code == SERVICE_FAULT:
        return "ServiceInternalError"
    return next((handlers for part, handlers in HANDLER_CODES if part in code), "GeneralServiceException")
