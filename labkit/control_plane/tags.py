"""Tags of functions. https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html"""

from __future__ import annotations

from collections.abc import Mapping

from labkit.control_plane.errors import invalid_parameter

MOST_TAGS = 50


def initial(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a new resource; `ApiError` for more than a resource may have."""
    if len(tags) > MOST_TAGS:
        raise invalid_parameter("Number of tags exceeds resource tag limit.")
    return dict(tags)
