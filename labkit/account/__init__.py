"""The composition root: starts the account, and is the one that knows every room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import labkit
from labkit.mistake import BadValue, Mistake
from labkit.records import MessageTrace, Trace

if TYPE_CHECKING:
    from labkit.account.account import Account
    from labkit.deploy.stack import Stack
    from labkit.identity.least_privilege import LeastPrivilege

_current: Account | None = None


class NotStarted(Mistake, RuntimeError):
    """There is no account yet."""


def start(concurrency_quota: int = 1000, *, evaluate_roles: bool = True, port: int = 0) -> Account:
    """Start an account (123456789012, us-east-1) and point boto3 at it, in this process and its children.

    `concurrency_quota` is the number of concurrent executions AWS allows, 1,000 by default and often 10 for a new
    account. A second call returns the same account. `OSError` when the port is taken, `ValueError` for a quota below 1.
    """
    from labkit.account.account import Account

    global _current
    if _current is None or not _current.running:
        if not (isinstance(concurrency_quota, int) and concurrency_quota >= 1):
            raise BadValue(f"a concurrency quota is a whole number, at least 1; {concurrency_quota!r} was given")
        if port not in range(65536):
            raise BadValue(f"a port is a number from 0, which takes any that is free, to 65535; {port!r} was given")
        _current = Account(labkit.clock, concurrency_quota=concurrency_quota, evaluate_roles=evaluate_roles, port=port)
    return _current


def current() -> Account:
    """The running account; `NotStarted` when there is none."""
    if _current is None or not _current.running:
        raise NotStarted("there is no account yet; start one with labkit.start() or %load_ext labkit")
    return _current


def settle(timeout: float = 60) -> bool:
    """Wait until all queued events that are due are delivered and functions are idle.

    What is due later in account time (a retry in a minute) is not waited for. False when `timeout` seconds pass first.
    """
    return current().settle(timeout)


def invocations() -> Trace:
    """The records of all invocations since the account was started or reset."""
    return current().invocations()


def least_privilege(function_name: str) -> LeastPrivilege:
    """The policy that allows just the calls that a function has made so far, and what its role has beyond that.

    `.policy` is a document for `iam.put_role_policy` (`.document` as text); it shows as text. `BadValue` when there is
    no such function.
    """
    return current().least_privilege(function_name)


def deploy_template(
    path: str | Path, stack: str = "", *, parameters: Mapping[str, str] | None = None,
    capabilities: Collection[str] | None = None,
) -> Stack:  # fmt: skip
    """Deploy a template of this machine, and return its stack: `.outputs`, `.resources`, `.delete()`.

    `path` leads to a SAM or CloudFormation template, whose local folders are zipped and uploaded as `sam package` does;
    to the folder `cdk.out` of a CDK application; or to its source, where aws-cdk-lib and Node.js are installed. A
    second call changes the stack. `capabilities` are what you acknowledge, all if none are named. `StackFailed` has
    CloudFormation's reasons, `NotDeployable` says what else to give.
    """
    return current().deploy_template(Path(path), stack, parameters or {}, capabilities)


def messages() -> MessageTrace:
    """What has happened to each message of a queue and record of a stream since the start or the last reset.

    Sent, received, batched, invoked, failed, visible again, deleted, dead-lettered: one row each. `.of(message_id)` is
    one message's.
    """
    return current().messages()


def url(resource: str) -> str:
    """The URL on this machine that a browser or curl can open for an API, a function URL or a load balancer.

    `resource` is an API's id, an API endpoint or invoke URL, a function URL, or a balancer's ARN or DNS name, as AWS's
    API returned it; a path in it is kept. `BadValue` when it leads nowhere.
    """
    return current().url(resource)
