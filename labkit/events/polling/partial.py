"""What a handler says of its batch: all is done, all has failed, or these have.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html; the odd answers as recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

REPORTS = "ReportBatchItemFailures"


def failed_items(payload: bytes, identifiers: Sequence[str]) -> list[str]:
    """The identifiers of the batch that the handler's answer reports as failed; all of them for an answer amiss."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return list(identifiers)
    if answer in (None, "", [], {}) or isinstance(answer, list):
        return []
    failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else "amiss"
    if failures in (None, []):
        return []
    if not isinstance(failures, list) or not all(_is_known(each, identifiers) for each in failures):
        return list(identifiers)
    reported = {each["itemIdentifier"] for each in failures}
    return [identifier for identifier in identifiers if identifier in reported]


def _is_known(failure: object, identifiers: Sequence[str]) -> bool:
    return isinstance(failure, dict) and failure.get("itemIdentifier") in identifiers
