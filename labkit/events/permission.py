"""What the learner is told when a service may not call a function, queue or topic."""

from __future__ import annotations

import logging

MISSING, REFUSED = "missing", "refused"
MENDED_BY = {  # what lets a service in
    "lambda": "lambda.add_permission(...) with Principal={service!r} and SourceArn={source_arn!r} allows it",
    "sqs": "a queue policy allows it, with Action 'sqs:SendMessage', Principal {{'Service': {service!r}}} and "
    "aws:SourceArn {source_arn!r}",
    "sns": "a topic policy allows it, with Action 'sns:Publish', Principal {{'Service': {service!r}}} and "
    "aws:SourceArn {source_arn!r}",
}


def warn_of_missing_permission(source: str, arn: str, why: str, service: str, source_arn: str) -> None:
    """Say that `source`, such as "topic arn:…", could not call something, why (MISSING or REFUSED), what mends it."""
    problem = "there is none"
    if why == REFUSED:
        kind = arn.split(":")[2]
        policy = "resource policy" if kind == "lambda" else "policy"
        problem = (
            f"its {policy} does not let {service}. {MENDED_BY[kind].format(service=service, source_arn=source_arn)}"
        )
    verb = "invoke" if ":lambda:" in arn else "send to"
    logging.getLogger("labkit").warning("%s could not %s %s: %s.", source, verb, arn, problem)
