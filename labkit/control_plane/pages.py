"""Long lists are answered a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labkit.control_plane.request import Request

PAGE = 50


def page(request: Request, key: str, items: Sequence[Any], most: int = PAGE) -> dict[str, Any]:
    """The part of the list that `Marker` and `MaxItems` ask for, `most` items or fewer, and where the next begins."""
    start = int(request.given.get("Marker") or 0)
    end = start + min(int(request.given.get("MaxItems") or most), most)
    return {key: list(items[start:end])} | ({"NextMarker": str(end)} if end < len(items) else {})
