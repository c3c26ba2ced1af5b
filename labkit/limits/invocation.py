"""The rules about an invocation's payload and about concurrency."""

from __future__ import annotations

from collections.abc import Iterator

from labkit import facts
from labkit.limits.finding import TOO_LARGE, Finding, Findings, finding, invalid, shape_error
from labkit.mistake import BadValue

PAYLOADS = {"RequestResponse": "sync_request", "Event": "async_request", "DryRun": "sync_request"}


def check_payload(payload: bytes, invocation_type: str = "RequestResponse") -> Findings:
    """Is this payload small enough to invoke a function with? `ValueError` for an unknown invocation type."""
    if invocation_type not in PAYLOADS:
        raise BadValue(facts.unknown("invocation type", invocation_type, PAYLOADS))
    quota = facts.QUOTAS[PAYLOADS[invocation_type]]
    found = () if quota.allows(len(payload)) else (_too_large(len(payload), invocation_type, quota),)
    return Findings(found, ("Payload",))


def _too_large(size: int, invocation_type: str, quota: facts.Quota) -> Finding:
    message = f"Request must be smaller than {quota.maximum} bytes for the InvokeFunction operation"
    if invocation_type == "Event":
        message = f"{size} byte payload is too large for the Event invocation type (limit {quota.maximum} bytes)"
    return finding(
        quota.fact, "Payload", status=413, code=TOO_LARGE, aws_message=message,
        given=f"{size:,} bytes", allowed=f"{quota.maximum:,} bytes for {invocation_type}",
        message="An event travels through Lambda only up to this size.",
        remedy="Put the data into S3 and send its bucket and key.",
    )  # fmt: skip


def check_concurrency(
    *, reserved: int | None = None, provisioned: int = 0, account_limit: int | None = None, already_reserved: int = 0
) -> Findings:
    """Can this much concurrency be reserved or provisioned for a function?

    `provisioned` is the function's provisioned concurrency, `already_reserved` what other functions reserve, and
    `account_limit` the account's quota (1,000 unless it was raised, or less in a new account). What is taken leaves the
    account's minimum unreserved; 0 reserves nothing, switches the function off, and is always allowed. AWS was recorded
    to send these refusals without a `Type`.
    """
    limit = facts.QUOTAS["concurrency"].maximum if account_limit is None else account_limit
    kept = min(facts.QUOTAS["unreserved_concurrency"].minimum, limit)
    found = [
        *_reservation(reserved, limit, already_reserved, kept),
        *_provision(reserved, provisioned, limit - already_reserved, kept),
    ]
    given = {"ReservedConcurrentExecutions": reserved is not None, "ProvisionedConcurrentExecutions": bool(provisioned)}
    return Findings(tuple(found), tuple(name for name in given if given[name]))


def _reservation(reserved: int | None, limit: float, already_reserved: int, kept: float) -> Iterator[Finding]:
    argument = "ReservedConcurrentExecutions"
    most = max(0, limit - already_reserved - kept)
    said = {"given": f"{reserved:,}" if reserved is not None else "", "allowed": f"0 to {most:,}"}
    if reserved is not None and reserved < 0:
        yield shape_error(
            "CON-04", argument, "reservedConcurrentExecutions", reserved,
            "Member must have value greater than or equal to 0",
            message="A number of environments is not negative.", remedy="Give 0 or more.", **said,
        )  # fmt: skip
    elif reserved and reserved > most:
        yield invalid(
            "CON-04", argument, f"Specified {argument} for function {_below(kept)}", type=None,
            message=f"Of the account's {limit:,}, {already_reserved:,} are reserved and {kept:,} stay free for others.",
            remedy="Reserve less, release another reservation, or ask for a higher account quota.", **said,
        )  # fmt: skip


def _provision(reserved: int | None, provisioned: int, unreserved: float, kept: float) -> Iterator[Finding]:
    if reserved is not None and 0 <= reserved < provisioned:
        yield invalid(
            "CON-05", "ReservedConcurrentExecutions",
            f" ReservedConcurrentExecutions  {reserved} should not be lower than function's total provisioned "
            f"concurrency [{provisioned}].",
            type=None,
            given=f"{reserved:,} reserved, {provisioned:,} provisioned", allowed=f"{provisioned:,} or more",
            message="Provisioned environments count against the reservation.", remedy="Reserve more or provision less.",
        )  # fmt: skip
    elif reserved is None and provisioned and provisioned > unreserved - kept:
        above = f"is greater than account's unreserved concurrency [{unreserved}]."
        yield invalid(
            "CON-05", "ProvisionedConcurrentExecutions",
            f"Specified ConcurrentExecutions for function {above if provisioned > unreserved else _below(kept)}",
            type=None,
            given=f"{provisioned:,}", allowed=f"at most {max(0, unreserved - kept):,}",
            message="Provisioned environments count against the account's quota, of which some stays free for others.",
            remedy="Provision less, or ask for a higher account quota.",
        )  # fmt: skip


def _below(kept: float) -> str:
    return f"decreases account's UnreservedConcurrentExecution below its minimum value of [{kept}]."
