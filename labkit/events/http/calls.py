"""A front door's call of its function: with permission, and no longer than the door waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any, Protocol

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.permission import REFUSED, warn_of_missing_permission
from labkit.moto_bridge.requests import Signature
from labkit.runtime.function import Stream


@dataclass(frozen=True)
class FunctionCall:
    """An event for a function. `source` is the front door's name in the record of the invocation.

    `stream` takes a response that the function streams.
    """

    function_arn: str
    payload: bytes
    source: str
    trace: str
    request_id: str
    stream: Stream | None = None


@dataclass(frozen=True)
class InvokedBy:
    """Who calls: a service on behalf of `source_arn`, or the role that the service was given."""

    service: str
    source_arn: str
    role: str = ""


@dataclass(frozen=True)
class Signer:
    """Who has signed a request; without a `role` the account's owner, who may do everything."""

    access_key_id: str
    arn: str
    user_id: str
    role: str = ""


def signer_identity(signer: Signer, account: str) -> dict[str, str | None]:
    """What an event of payload format 2.0 tells of a signer."""
    return {
        "accessKey": signer.access_key_id,
        "accountId": account,
        "callerId": signer.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": signer.arn,
        "userId": signer.user_id,
    }


class Signers(Protocol):
    """Judges requests that are to be signed."""

    def signer(self, signature: Signature) -> Signer:
        """Who has signed a request."""

    def may(self, signer: Signer | None, action: str, resource: str, keys: Mapping[str, Any]) -> bool:
        """Whether a signer, or anyone at all, may do this; `keys` are condition keys of the request."""


@dataclass(frozen=True)
class Functions:
    """`invoke(call)` waits for the function, and `send(call)` does not.

    `why_refused(function ARN, by)` is MISSING, REFUSED or empty.
    """

    invoke: Callable[[FunctionCall], Attempt]
    send: Callable[[FunctionCall], object]
    why_refused: Callable[[str, InvokedBy], str]

    def call(
        self, call: FunctionCall, by: InvokedBy, timeout: float | None = None, asynchronous: bool = False
    ) -> Attempt:
        """What came of it; `denied` without permission, `too_large` for an event that Lambda does not take.

        `late` when it takes more than `timeout` seconds; the function then runs on, as on AWS. An asynchronous event is
        queued, and its result is empty.
        """
        if why := self.why_refused(call.function_arn, by):
            _warn(call, by, why)
            return Attempt("denied")
        if not facts.QUOTAS["sync_request"].allows(len(call.payload)):
            return Attempt("too_large")
        if asynchronous:
            self.send(call)
            return Attempt("ok", payload=b"")
        if timeout is None:
            return self.invoke(call)
        waiting: Future[Attempt] = Future()
        Thread(target=self._invoke, args=(call, waiting), name="labkit-http", daemon=True).start()
        try:
            return waiting.result(timeout)
        except TimeoutError:
            return Attempt("late")

    def _invoke(self, call: FunctionCall, waiting: Future[Attempt]) -> None:
        try:
            waiting.set_result(self.invoke(call))
        except BaseException as error:
            waiting.set_exception(error)


def _warn(call: FunctionCall, by: InvokedBy, why: str) -> None:
    if by.role and why == REFUSED:
        needed = f"lambda:InvokeFunction on {call.function_arn}"
        logging.getLogger("labkit").warning("%s could not invoke: %s needs %s.", call.source, by.role, needed)
    else:
        warn_of_missing_permission(call.source, call.function_arn, why, by.service, by.source_arn)
