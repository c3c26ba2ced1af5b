"""CloudFormation: Lambda's resources by the account's own API, and stacks that leave nothing behind when one fails.

moto parses templates; of its models of resources it keeps those of other services.
"""

from __future__ import annotations

from dataclasses import dataclass

from labkit.clock import Clock
from labkit.moto_bridge.cloudformation.resource_type import Call, CallFailed
from labkit.moto_bridge.late import when_loaded

__all__ = ["Account", "CallFailed", "connect", "current"]


@dataclass(frozen=True)
class Account:
    """What stacks ask of the account: a call of an API, its endpoint as a function sees it, and its time.

    Where it does not `evaluate_roles`, nobody has to acknowledge that a stack makes some.
    """

    call: Call
    endpoint: str
    clock: Clock
    evaluate_roles: bool


_accounts: list[Account] = []  # the one that runs


def connect(account: Account) -> None:
    """From now on stacks are made in this account."""
    _accounts[:] = [account]
    when_loaded("moto.cloudformation.responses", _change_moto)


def current() -> Account:
    """The account that runs."""
    return _accounts[0]


def _change_moto() -> None:
    from labkit.moto_bridge.cloudformation.connection import change_moto  # loads moto's CloudFormation

    change_moto()
