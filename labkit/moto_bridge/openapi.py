"""The validator of OpenAPI documents, loaded when there is a document to validate.

moto's API Gateway, and CloudFormation with it, load it at once, which takes seconds; only ImportRestApi and
PutRestApi need it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

NAME = "openapi_spec_validator"
EXCEPTIONS = f"{NAME}.validation.exceptions"
PACKAGES = (NAME, f"{NAME}.validation", EXCEPTIONS)


class OpenAPIValidationError(Exception):
    """A document that is not OpenAPI; the message is the validator's."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def load_late() -> None:
    """Let the validator be imported without being loaded."""
    if NAME in sys.modules:
        return
    sys.modules.update({name: ModuleType(name) for name in PACKAGES})
    sys.modules[NAME].validate = _validate  # type: ignore[attr-defined]
    sys.modules[EXCEPTIONS].OpenAPIValidationError = OpenAPIValidationError  # type: ignore[attr-defined]


def _validate(document: Any) -> None:
    """`OpenAPIValidationError` for a document that is not OpenAPI."""
    if getattr(sys.modules[NAME], "validate", None) is _validate:
        for name in PACKAGES:
            del sys.modules[name]
    validator, exceptions = import_module(NAME), import_module(EXCEPTIONS)
    try:
        validator.validate(document)
    except exceptions.OpenAPIValidationError as error:
        raise OpenAPIValidationError(error.message) from error
