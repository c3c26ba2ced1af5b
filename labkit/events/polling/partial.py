"""What a handler says of its batch: all is done, all has failed, or these have.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html; the odd answers as recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

REPORTS = "ReportBatchItemFailures"


class Amiss(ValueError):
    """The answer is none that Lambda knows, so the whole batch counts as failed."""


def failed_items(settings: Mapping[str, Any], payload: bytes, identifiers: Sequence[str]) -> list[str]:
    """The identifiers that the answer reports as failed, if the mapping has it report; `Amiss` for an odd answer."""
    if REPORTS not in settings.get("FunctionResponseTypes", ()):
        return []
    try:
        answer = json.loads(payload or b"null")
    except ValueError as error:
        raise Amiss(str(error)) from error
    if answer in (None, "", [], {}) or isinstance(answer, list):
        return []
    failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else "amiss"
    if failures in (None, []):
        return []
    if not isinstance(failures, list) or not all(_is_known(each, identifiers) for each in failures):
        raise Amiss(f"batchItemFailures lists what is not in the batch: {failures}")
    reported = {each["itemIdentifier"] for each in failures}
    return [identifier for identifier in identifiers if identifier in reported]


def _is_known(failure: object, identifiers: Sequence[str]) -> bool:
    return isinstance(failure, dict) and failure.get("itemIdentifier") in identifiers
