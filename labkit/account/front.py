"""The account's front door: each request is checked against its caller's role, then answered by the room it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from labkit.account.roles import policies_of_session
from labkit.account.uses import Uses
from labkit.clock import Clock
from labkit.control_plane.errors import ApiError, access_denied, error_answer
from labkit.control_plane.model import path_beginnings
from labkit.control_plane.request import Request
from labkit.events.s3.notifications import configures_notifications
from labkit.identity import ApiCall, Denial, Policy, Requirement, authorize, time_keys
from labkit.moto_bridge import iam
from labkit.moto_bridge.named_resources import with_resources
from labkit.moto_bridge.requests import AwsCall, read_call, read_signature
from labkit.moto_bridge.server import Answer

CODE = "/_labkit/code/"  # then the ARN of a function's or a layer's version
OWNER = "moto"  # the user that moto's STS says the owner of the account is
EVERYTHING = Policy.parse({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
Answers = Callable[[Request], Answer | None]  # None for what is moto's; `ApiError` for what is refused
MISSING_TOKEN = "Missing Authentication Token"


class Front:
    """Answers what is the kit's, and None for what is moto's; `services` are those that the kit offers itself."""

    def __init__(
        self, account: str, services: Mapping[str, Answers], clock: Clock, reset: Callable[[], None],
        package: Callable[[str], bytes | None], evaluate_roles: bool,
        policies_for: Callable[[Requirement], list[Policy]], put_notifications: Callable[[Mapping[str, Any]], None],
        uses: Uses,
    ):  # fmt: skip
        self._account = account
        self._services = services
        self._clock = clock
        self._reset = reset
        self._package = package
        self._evaluate_roles = evaluate_roles
        self._policies_for = policies_for
        self._put_notifications = put_notifications
        self._uses = uses

    def __call__(self, environ: dict[str, Any]) -> Answer | None:
        match environ["REQUEST_METHOD"], environ["PATH_INFO"]:
            case "POST", "/_labkit/clock":
                return self._move_clock(environ)
            case "POST", "/moto-api/reset":
                self._reset()
                return Answer(200, b'{"status": "ok"}', {"Content-Type": "application/json"})
            case "GET", path if path.startswith(CODE):
                return self._code(path.removeprefix(CODE))
        signature = read_signature(environ)
        if signature is None:
            return _unsigned(environ["PATH_INFO"])
        session = iam.session_of(self._account, signature.access_key_id) if self._evaluate_roles else None
        if session is None and not self._is_read(signature.service, environ):
            return None
        call = read_call(environ, signature)
        if self._evaluate_roles and (denial := self._denial(call, session, environ["REMOTE_ADDR"])):
            return access_denied(call.protocol, denial.code, denial.message)
        try:
            return self._answer(call)
        except ApiError as error:
            return error_answer(call.protocol, error)

    def _denial(self, call: AwsCall, session: iam.RoleSession | None, source: str) -> Denial | None:
        """What a role's session may not do, or a policy of Lambda's denies to the owner of the account as well."""
        known = {"aws:SourceIp": source, **time_keys(self._clock.now())}
        region = call.signature.region
        if session is None:
            if call.service != "lambda":
                return None
            api_call = ApiCall(call.service, call.operation, call.parameters, region, self._account)
            user = f"arn:aws:sts::{self._account}:user/{OWNER}"
            known |= {"aws:PrincipalType": "User", "aws:username": OWNER}
            return authorize(api_call, [EVERYTHING], user, known, self._policies_for)
        parameters = with_resources(self._account, region, call.service, call.parameters)
        api_call = ApiCall(call.service, call.operation, parameters, region, self._account)
        policies = policies_of_session(self._account, session)
        known |= {"aws:PrincipalArn": session.role_arn}
        denial = authorize(api_call, policies, session.principal_arn, known, self._policies_for)
        self._uses.note(session.role_arn, session.name, api_call, denial)
        return denial

    def _answer(self, call: AwsCall) -> Answer | None:
        """The kit's answer, None for what is moto's; `ApiError` for what is refused."""
        if answers := self._services.get(call.service):
            _refuse_unreadable(call)
            request = Request(
                call.operation, call.parameters, call.signature.region, self._account, call.trace_id, call.size,
                call.by_waiter,
            )  # fmt: skip
            return answers(request)
        if (call.service, call.operation) == ("s3", "PutBucketNotificationConfiguration"):
            self._put_notifications(call.parameters)
            return Answer(200)
        return None

    def _is_read(self, service: str, environ: dict[str, Any]) -> bool:
        """Whether the kit has to do with a request that is allowed in any case."""
        if service == "s3":
            return configures_notifications(environ["REQUEST_METHOD"], environ["QUERY_STRING"])
        return service in self._services

    def _code(self, arn: str) -> Answer:
        """The zip of a function's or a layer's version, at the address that Lambda's API gives."""
        content = self._package(arn)
        if content is None:
            return Answer(404, b"no such version", {"Content-Type": "text/plain"})
        return Answer(200, content, {"Content-Type": "application/zip"})

    def _move_clock(self, environ: dict[str, Any]) -> Answer:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            seconds = json.loads(body)["advance_seconds"]
            if isinstance(seconds, bool):
                raise TypeError(f"{seconds} is a truth value")
            now = self._clock.advance(seconds=seconds)
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            message = f'send {{"advance_seconds": 900}}, a number that is not negative ({error})'
            return Answer(400, json.dumps({"message": message}).encode(), {"Content-Type": "application/json"})
        return Answer(200, json.dumps({"time": now.isoformat()}).encode(), {"Content-Type": "application/json"})


def _unsigned(path: str) -> Answer | None:
    """Lambda's API answers no call without a signature; what other services answer is moto's to say."""
    found = re.match(r"/20\d\d-\d\d-\d\d/([^/]+)", path)
    if found is None or found[1] not in path_beginnings():
        return None
    return error_answer("rest-json", ApiError(403, "MissingAuthenticationTokenException", MISSING_TOKEN, None))


def _refuse_unreadable(call: AwsCall) -> None:
    """`ApiError` for a body that is no JSON, or a parameter of another type than the model's (words inferred)."""
    if isinstance(call.unreadable, json.JSONDecodeError):
        message = f"Could not parse request body into json: {call.unreadable}"
        raise ApiError(400, "InvalidRequestContentException", message)
    if call.unreadable is not None:
        raise ApiError(400, "SerializationException", str(call.unreadable), None)
