"""A template's text, read: JSON, or YAML with the short forms of functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml
from moto.cloudformation.exceptions import ValidationError

WITHOUT_FN = ("Ref", "Condition")
TIMESTAMP = "tag:yaml.org,2002:timestamp"


class NotWellFormed(ValidationError):
    """A text that is neither JSON nor YAML; the message is CloudFormation's."""

    def __init__(self, said: str):
        super().__init__(message=f"Template format error: {said}")


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation has it: a date is a text, and !Sub is Fn::Sub."""


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {name if name in WITHOUT_FN else f"Fn::{name}": value}


_Loader.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", _short_form)


def read(text: str) -> Any:
    """What a template says; `NotWellFormed` with the place where it is neither JSON nor YAML."""
    if text.lstrip().startswith("{"):
        try:
            return normalised(json.loads(text))
        except json.JSONDecodeError as error:
            found = _yaml_after_all(text)
            if found is None:
                raise NotWellFormed(f"JSON not well-formed. (line {error.lineno}, column {error.colno})") from error
            return found
    try:
        return normalised(yaml.load(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise NotWellFormed(f"YAML not well-formed.{place}") from error


def normalised(part: Any) -> Any:
    """The template with each Fn::GetAtt as a list of a resource and an attribute, which may have dots in it."""
    if isinstance(part, list):
        return [normalised(item) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: normalised(value) for key, value in part.items()}
    if "Fn::GetAtt" in found and len(found) == 1:
        named = found["Fn::GetAtt"]
        first, *rest = named.split(".") if isinstance(named, str) else named
        found["Fn::GetAtt"] = [first, rest[0] if len(rest) == 1 else ".".join(map(str, rest))]
    return found


def _yaml_after_all(text: str) -> Any:
    """A template in YAML that begins with a brace, None when it is none."""
    try:
        found = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError:
        return None
    return normalised(found) if isinstance(found, Mapping) else None
