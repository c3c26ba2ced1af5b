"""The transform AWS::Serverless-2016-10-31, by AWS's own translator; no other is carried out.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import copy
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.cloudformation.exceptions import ValidationError

from labkit.moto_bridge import iam

SERVERLESS = "AWS::Serverless-2016-10-31"
_one_at_a_time = threading.Lock()  # the translator keeps its state in modules


def transforms_of(template: Any) -> list[str]:
    """The names of the transforms that a template declares."""
    if not isinstance(template, Mapping):
        return []
    declared = template.get("Transform") or []
    return [declared] if isinstance(declared, str) else [str(name) for name in declared]


def expanded(template: Any, parameters: Mapping[str, str], account: str, region: str) -> Any:
    """The template without its transforms; `ValidationError` for one that is not known, or that fails."""
    names = transforms_of(template)
    for name in names:
        if name != SERVERLESS:
            raise ValidationError(message=f"No transform named {name} found. (labkit carries out {SERVERLESS} only)")
    if not names:
        return template
    with _one_at_a_time:
        return _translated(copy.deepcopy(template), dict(parameters), account, region)


def _translated(template: dict[str, Any], parameters: dict[str, str], account: str, region: str) -> Any:
    import boto3

    with _without("rfc3987_syntax"):
        from samtranslator.model.exceptions import InvalidDocumentException  # loading it takes a second
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it complains of metrics that nobody wants
    session = boto3.session.Session(region_name=region)
    translator = Translator(iam.managed_policy_arns(account), Parser(), boto_session=session)
    try:
        found = translator.translate(template, {**parameters, "AWS::Region": region, "AWS::AccountId": account})
    except InvalidDocumentException as error:
        said = " ".join([error.message, *(cause.message for cause in error.causes)])
        raise ValidationError(message=f"Transform {SERVERLESS} failed with: {said}") from error
    found.pop("Transform", None)
    return found


@contextmanager
def _without(module: str) -> Iterator[None]:
    """A module that is not loaded yet can't be meanwhile.

    jsonschema, with which SAM's translator checks parameters, takes this one if it finds it, to check international
    addresses that no template has. It compiles a grammar for three seconds.
    """
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
