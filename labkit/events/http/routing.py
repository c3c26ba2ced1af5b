"""Which resource or route a path leads to: a plain segment goes before `{name}`, that before `{name+}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Route = TypeVar("Route")
PLAIN, VARIABLE, GREEDY = 2, 1, 0


def path_parameters(pattern: str, path: str) -> dict[str, str] | None:
    """The parts of a path that a pattern such as `/pets/{id}` or `/{proxy+}` names, None when it does not fit."""
    wanted, given = segments(pattern), segments(path)
    found: dict[str, str] = {}
    for position, segment in enumerate(wanted):
        if position >= len(given):
            return None
        match _kind(segment):
            case 0:
                return found | {segment[1:-2]: "/".join(given[position:])}
            case 1:
                found[segment[1:-1]] = given[position]
            case _ if segment != given[position]:
                return None
    return found if len(given) == len(wanted) else None


def most_specific(
    routes: Iterable[Route], pattern: Callable[[Route], str], path: str
) -> tuple[Route, dict[str, str]] | None:
    """The route whose pattern fits the path best, and the path's parameters; the first one of equals."""
    fitting = ((route, path_parameters(pattern(route), path)) for route in routes)
    found = [(route, parameters) for route, parameters in fitting if parameters is not None]
    return max(found, key=lambda one: specificity(pattern(one[0])), default=None)


def specificity(pattern: str) -> list[int]:
    """How exactly a pattern tells a path, segment by segment."""
    return [_kind(segment) for segment in segments(pattern)]


def segments(path: str) -> list[str]:
    """The parts between slashes; one at the end counts for nothing."""
    stripped = path.strip("/")
    return stripped.split("/") if stripped else []


def _kind(segment: str) -> int:
    if not (segment.startswith("{") and segment.endswith("}")):
        return PLAIN
    return GREEDY if segment.endswith("+}") else VARIABLE
