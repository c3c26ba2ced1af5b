"""Long lists are answered a page at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from labkit.control_plane.errors import invalid_parameter
from labkit.control_plane.request import Request

PAGE = 50


def page(request: Request, key: str, items: Sequence[Any], most: int = PAGE) -> dict[str, Any]:
    """The part of the list that `Marker` and `MaxItems` ask for, `most` items or fewer, and where the next begins.

    `ApiError` for a marker that no list has given (words inferred).
    """
    marker = request.given.get("Marker") or "0"
    if not re.fullmatch("[0-9]{1,9}", marker):
        raise invalid_parameter(f"Invalid marker: {marker}")
    start = int(marker)
    end = start + min(int(request.given.get("MaxItems") or most), most)
    return {key: list(items[start:end])} | ({"NextMarker": str(end)} if end < len(items) else {})
