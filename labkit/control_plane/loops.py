"""Loops of invocations: how long a chain of events may go round before it is ended, and what is then told.

Lambda follows a chain through SQS, SNS, S3 and Lambda only. Here it is followed through EventBridge and CloudWatch Logs
too, since a learner's machine would go on for ever; the warning says what AWS would do.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
"""

from __future__ import annotations

import logging

from labkit import facts
from labkit.control_plane.errors import ApiError
from labkit.runtime.trace import times_invoked

ENDS_LOOPS = "Terminate"  # a function's RecursiveLoop; the other value is Allow
DETECTED = (
    "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your "
    "function's invocation."
)
SEEN_BY_AWS = "Lambda ends such a loop too"
NOT_SEEN_BY_AWS = "AWS would not end this one: it would go on, and cost, until the trigger is removed"
MENDED_BY = {  # by the source of the event: what makes the loop and what ends it, and whether AWS sees it
    "s3": ("What it writes to the bucket invokes it again: write to another bucket, or where the notification's prefix "
           "and suffix do not fit", SEEN_BY_AWS),
    "sns": ("What it publishes to the topic invokes it again: publish to another, or set a filter policy", SEEN_BY_AWS),
    "sqs": ("What it sends to the queue invokes it again: send to another", SEEN_BY_AWS),
    "invoke": ("It invokes itself, directly or by way of others: there should be a way out", SEEN_BY_AWS),
    "events": ("An event that it puts on the bus fits the rule that invokes it: make the pattern narrower",
               NOT_SEEN_BY_AWS),
    "logs": ("Its own log is what it subscribes to: subscribe another function", NOT_SEEN_BY_AWS),
}  # fmt: skip
OTHERWISE = ("What it does invokes it again: let it write elsewhere than where its events come from", NOT_SEEN_BY_AWS)


def goes_round(trace: str, function_arn: str) -> bool:
    """Whether the chain that a trace is of has invoked the function as often as a chain may."""
    return times_invoked(trace, function_arn) >= facts.QUOTAS["recursion"].maximum


def refuse_loop(trace: str, function_arn: str) -> None:
    """`ApiError` for a synchronous call that goes on with a loop."""
    if goes_round(trace, function_arn):
        warn_of_loop(function_arn, "invoke")
        raise ApiError(400, "RecursiveInvocationException", DETECTED)


def warn_of_loop(function_arn: str, source: str) -> None:
    """Say that a function has been stopped, why, and what mends it. `source` is that of the event, such as s3."""
    name, times = function_arn.split(":")[6], int(facts.QUOTAS["recursion"].maximum)
    cause, on_aws = MENDED_BY.get(source, OTHERWISE)
    logging.getLogger("labkit").warning(
        "function %s has been stopped: one chain of events invoked it %d times. %s. %s. "
        "put_function_recursion_config(FunctionName=%r, RecursiveLoop='Allow') lets it go on.",
        name, times, cause, on_aws, name,
    )  # fmt: skip
