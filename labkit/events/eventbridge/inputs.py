"""What a target gets of an event: all of it, a part, a constant, or a text made from a template.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from labkit.moto_bridge.events import Rule
from labkit.moto_bridge.refused import Refused

VARIABLE = re.compile(r"<([^<>\s]+)>")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
RESERVED = (
    "aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
    "aws.events.event.json",
)  # fmt: skip
MISSING = object()


def check_input(target: Mapping[str, Any]) -> None:
    """`Refused` where a target says more than one way of making its input, or uses a variable it does not define."""
    if sum(name in target for name in ("Input", "InputPath", "InputTransformer")) > 1:
        raise Refused(
            "ValidationException",
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target['Id']}.",
        )
    transformer = target.get("InputTransformer") or {}
    defined = {*transformer.get("InputPathsMap", {}), *RESERVED}
    for name in VARIABLE.findall(transformer.get("InputTemplate", "")):
        if name not in defined:
            raise Refused(
                "ValidationException", f"InputTemplate for target {target['Id']} contains invalid placeholder {name}."
            )


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule: Rule, ingested: str) -> str:
    """The JSON text that a target gets; `ValueError` when a template makes none."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        return _json(at_path(event, target["InputPath"], default=None))
    if target.get("InputTransformer"):
        return _transformed(target["InputTransformer"], event, rule, ingested)
    return _json(event)


def at_path(event: Any, path: str, default: Any = MISSING) -> Any:
    """What is at a JSON path such as `$.detail.items[0].name`; `default` where the event has nothing there."""
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|\*)\]", path):
        try:
            event = event[name] if name else event if index == "*" else event[int(index)]
        except (LookupError, TypeError):
            return default
    return event


def _transformed(transformer: Mapping[str, Any], event: Mapping[str, Any], rule: Rule, ingested: str) -> str:
    values = {name: at_path(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    values |= _reserved(event, rule, ingested)
    template = transformer["InputTemplate"]
    text, end = "", 0
    for quoted in QUOTED.finditer(template):  # inside quotation marks a value is text, elsewhere it is JSON
        text += VARIABLE.sub(lambda found: _as_json(values[found[1]]), template[end : quoted.start()])
        text += VARIABLE.sub(lambda found: _as_text(values[found[1]]), quoted[0])
        end = quoted.end()
    text += VARIABLE.sub(lambda found: _as_json(values[found[1]]), template[end:])
    try:
        json.loads(text)
    except ValueError:
        return _lines(text)
    return text


def _lines(text: str) -> str:
    """Several quoted lines are one text of lines; `ValueError` for what is no JSON at all."""
    return _json("\n".join(json.loads(line) for line in text.splitlines() if line.strip()))


def _reserved(event: Mapping[str, Any], rule: Rule, ingested: str) -> dict[str, Any]:
    order = ("id", "account", "detail-type", "time", "source", "region", "resources", "version")
    without_detail = {"detailType" if name == "detail-type" else name: event[name] for name in order}
    found = (rule.arn, rule.name, ingested, without_detail, dict(event))
    return dict(zip(RESERVED, found, strict=True))


def _as_json(value: Any) -> str:
    return "" if value is MISSING else _json(value)


def _as_text(value: Any) -> str:
    """A value inside quotation marks; those of an object in it are left out."""
    if value is MISSING:
        return ""
    text = value if isinstance(value, str) else _json(value).replace('"', "")
    return json.dumps(text)[1:-1]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
