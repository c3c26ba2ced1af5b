"""Nothing reaches real AWS: neither by credentials or settings on this machine, nor by a connection.

In this process and its children, boto3 is given invented credentials and the account's endpoint for every service,
no profile or configuration file of the machine is read, and no proxy stands between. Python's own sockets connect to
loopback only.
"""

from __future__ import annotations

import os
import sys

from labkit.runtime.launcher import guard

REGION = "us-east-1"
ACCESS_KEY_ID = "AKIALABKITLEARNER000"
PAST_PROXIES = ("no_proxy", "NO_PROXY")
NO_ACCOUNT = "http://no-account-yet.localhost:9"  # nobody answers there


def variables_for_boto3(endpoint: str) -> dict[str, str]:
    """What points any AWS SDK at the account and at nothing else of this machine."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def function_variables(endpoint: str) -> dict[str, str]:
    """The same for a function, and the names under which functions find moto's server.

    Source: moto's documentation, "Lambda".
    """
    scheme, host, port = endpoint.split(":")
    moto = {"MOTO_HOST": f"{scheme}:{host}", "MOTO_PORT": port, "MOTO_HTTP_ENDPOINT": endpoint}
    return variables_for_boto3(endpoint) | moto


def learner_variables(endpoint: str) -> dict[str, str]:
    """The same with the learner's own, invented credentials."""
    return variables_for_boto3(endpoint) | {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": "invented-by-labkit",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        **dict.fromkeys(PAST_PROXIES, _no_proxy()),
    }


def _no_proxy() -> str:
    """The hosts for which no proxy is used, the account's among them."""
    before = [os.environ[name] for name in PAST_PROXIES if os.environ.get(name)]
    return ",".join([*before[:1], "127.0.0.1", "localhost"])


def point_boto3_at(endpoint: str) -> None:
    """Have boto3 in this process and its children talk to this endpoint, with invented credentials."""
    variables = learner_variables(endpoint)
    for name in _guarded():
        del os.environ[name]
    os.environ |= variables


class Guard:
    """Holds this process to the account until `lift`, which puts every variable back."""

    def __init__(self, endpoint: str):
        self._before = {name: os.environ[name] for name in _guarded()}
        point_boto3_at(endpoint)
        _forget_sessions()
        guard.refuse_outside_connections()

    def lift(self) -> None:
        """Restore the variables and allow connections again."""
        for name in _guarded():
            del os.environ[name]
        os.environ |= self._before
        _forget_sessions()
        guard.allow_outside_connections()


def _guarded() -> list[str]:
    return [name for name in os.environ if name.startswith("AWS_") or name in PAST_PROXIES]


def _forget_sessions() -> None:
    """boto3 keeps a default session with the credentials it found first."""
    if "boto3" in sys.modules:
        sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]
