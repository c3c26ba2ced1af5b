"""Calls of the account's API that Lambda makes itself with a function's execution role, so that IAM judges them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from labkit.moto_bridge.server import current_trace
from labkit.runtime.function import Credentials

ONCE = Config(retries={"total_max_attempts": 1})


class Caller:
    """Clients of the account at `endpoint`; `credentials(role ARN, region, name)` are those of a role's session."""

    def __init__(self, endpoint: str, credentials: Callable[[str, str, str], Credentials]):
        self._endpoint = endpoint
        self._credentials = credentials
        self._clients: dict[tuple[str, str, str, str], Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str, role_arn: str, region: str, session: str = "AWSLambda") -> Any:
        """A boto3 client that calls with the role, in a session of this name."""
        key = (service, role_arn, region, session)
        return self._kept(key, lambda: self._credentials(role_arn, region, session))

    def service(self, service: str, region: str) -> Any:
        """A boto3 client with the rights of AWS's own services, which no role limits."""
        return self._kept((service, "", region, ""), lambda: Credentials("AKIALABKITSERVICES00", "of-the-account", ""))

    def forget(self) -> None:
        """Make clients anew: the sessions of before are gone."""
        with self._lock:
            self._clients.clear()

    def _kept(self, key: tuple[str, str, str, str], credentials: Callable[[], Credentials]) -> Any:
        with self._lock:  # making one is not safe in several threads
            if key not in self._clients:
                service, _, region, _ = key
                self._clients[key] = self._new_client(service, credentials(), region)
            return self._clients[key]

    def _new_client(self, service: str, credentials: Credentials, region: str) -> Any:
        client = boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            config=ONCE,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token or None,
        )
        client.meta.events.register("before-call", _pass_trace_on)
        return client


def _pass_trace_on(params: dict[str, Any], **_: Any) -> None:
    """What led to a call goes with it, so that loops are found."""
    if trace := current_trace.get():
        params["headers"]["X-Amzn-Trace-Id"] = trace
