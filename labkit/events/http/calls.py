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
    """`invoke(call)` waits for the function; `permits(function ARN, by)` is what its policy says."""

    invoke: Callable[[FunctionCall], Attempt]
    permits: Callable[[str, InvokedBy], bool]

    def call(self, call: FunctionCall, by: InvokedBy, timeout: float | None = None) -> Attempt:
        """What came of it; `denied` without permission, `too_large` for an event that Lambda does not take.

        `late` when it takes more than `timeout` seconds; the function then runs on, as on AWS.
        """
        if not self.permits(call.function_arn, by):
            logging.getLogger("labkit").warning("%s", _not_permitted(call, by))
            return Attempt("denied")
        if not facts.QUOTAS["sync_request"].allows(len(call.payload)):
            return Attempt("too_large")
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


def _not_permitted(call: FunctionCall, by: InvokedBy) -> str:
    name = call.function_arn.split(":", 6)[-1]
    if by.role:
        return f"{by.role} may not invoke {name}; give the role lambda:InvokeFunction on {call.function_arn}"
    return (
        f"{by.service} may not invoke {name}: the function's resource policy does not allow it from "
        f"{by.source_arn}. lambda.add_permission(FunctionName={name!r}, StatementId='allow-http', "
        f"Action='lambda:InvokeFunction', Principal={by.service!r}, SourceArn={by.source_arn!r}) does."
    )
