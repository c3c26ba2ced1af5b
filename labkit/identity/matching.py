"""Wildcards and policy variables, as IAM matches them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from labkit.identity.context import Context, NotKnown

VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
# A variable's value is compared as it is: its own * and ? are put aside as these two characters while matching.
PUT_ASIDE = str.maketrans("*?", "\ue000\ue001")
PUT_BACK = str.maketrans("\ue000\ue001", "*?")
ARN_SEGMENTS = 6
UNKNOWN_SUFFIX = "-??????"
SECRET = re.compile(r"(arn:[^:]*:secretsmanager:.*)-[A-Za-z0-9]{6}")


def with_variables(text: str, context: Context) -> str | None:
    """The text with its `${key}` replaced; None when the request lacks a key and no default is given.

    `NotKnown` when the kit cannot say what a key holds. Source: IAM User Guide, "IAM policy elements: Variables and
    tags".
    """
    parts, end = [], 0
    for found in VARIABLE.finditer(text):
        value = _value(found, context)
        if value is None:
            return None
        parts += [text[end : found.start()], value.translate(PUT_ASIDE)]
        end = found.end()
    return "".join([*parts, text[end:]])


def _value(found: re.Match[str], context: Context) -> str | None:
    key, default = found.groups()
    if key in ("*", "?", "$"):
        return key
    values = context.values(key)
    return values[0] if len(values) == 1 else default


def literal(text: str) -> str:
    """A text with its variables replaced, where nothing in it is a wildcard."""
    return text.translate(PUT_BACK)


def text_matches(pattern: str, text: str) -> bool:
    """Whether the text fits a pattern in which `*` is any run of characters and `?` any one."""
    return _compiled(pattern).fullmatch(text) is not None


def action_matches(pattern: str, action: str) -> bool:
    """Whether an action such as `s3:GetObject` fits a pattern; capital and small letters are the same."""
    return text_matches(pattern.lower(), action.lower())


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether an ARN fits the pattern of an ArnLike condition: each of the six parts by itself."""
    patterns, parts = pattern.split(":", ARN_SEGMENTS - 1), arn.split(":", ARN_SEGMENTS - 1)
    return len(patterns) == len(parts) and all(map(text_matches, patterns, parts))


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether an ARN fits the pattern of a Resource element.

    `*` and `?` stand for characters within a segment; a `*` that ends its segment may also run on over colons. Source:
    IAM User Guide, "IAM JSON policy elements: Resource". The sixth segment, the resource itself, may contain colons.
    A secret asked for by name has an ARN whose last six characters are unknown; it fits a pattern with any such six.
    """
    if resource.endswith(UNKNOWN_SUFFIX) and (secret := SECRET.fullmatch(pattern)):
        pattern = secret[1] + UNKNOWN_SUFFIX
    return _compiled_resource(pattern).fullmatch(resource) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern, any_run=".*", any_one="."), re.DOTALL)


@lru_cache(maxsize=4096)
def _compiled_resource(pattern: str) -> re.Pattern[str]:
    *header, last = pattern.split(":", ARN_SEGMENTS - 1)
    return re.compile(":".join([*map(_header_segment, header), _expression(last, ".*", ".")]), re.DOTALL)


def _header_segment(segment: str) -> str:
    if segment.endswith("*"):
        return _expression(segment[:-1], "[^:]*", "[^:]") + ".*"
    return _expression(segment, "[^:]*", "[^:]")


def _expression(pattern: str, any_run: str, any_one: str) -> str:
    parts = re.split(r"([*?])", pattern)
    return "".join({"*": any_run, "?": any_one}.get(part) or re.escape(literal(part)) for part in parts)


def any_holds(tests: Iterable[Callable[[], bool]]) -> bool:
    """Whether one of the tests holds; `NotKnown` when none does for certain and the kit could not tell for one."""
    doubt = None
    for test in tests:
        try:
            if test():
                return True
        except NotKnown as unknown:
            doubt = unknown
    if doubt:
        raise doubt
    return False
