"""What the kit refuses on behalf of a service of moto's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from moto.core.exceptions import JsonRESTError

Answer = TypeVar("Answer")


class Refused(Exception):
    """What a service with a JSON API answers with an error code and a message."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def checked(answer: Callable[[], Answer]) -> Answer:
    """What `answer` gives; what it refuses, as moto sends it."""
    try:
        return answer()
    except Refused as error:
        raise JsonRESTError(error.code, str(error)) from error
