"""What the kit answers of the calls to IAM: its simulator, and policies that IAM would not store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from labkit.account.known_actions import known_actions
from labkit.account.simulator import simulate_custom, simulate_principal
from labkit.control_plane.errors import ApiError
from labkit.control_plane.request import Request
from labkit.identity import Policy, PolicyError
from labkit.identity.checking import checked_policy, checked_trust, nearly_known
from labkit.moto_bridge.answers import answer_of
from labkit.moto_bridge.server import Answer

SIMULATIONS: dict[str, Callable[[Request], Mapping[str, Any]]] = {
    "SimulateCustomPolicy": simulate_custom,
    "SimulatePrincipalPolicy": simulate_principal,
}
POLICY, TRUST = "PolicyDocument", "AssumeRolePolicyDocument"
# The calls that bring a policy: where it stands in them, and how it is checked.
DOCUMENTS: dict[str, tuple[str, Callable[[str, str], Policy]]] = {
    "CreateRole": (TRUST, checked_trust),
    "UpdateAssumeRolePolicy": (POLICY, checked_trust),
    **dict.fromkeys(
        ("CreatePolicy", "CreatePolicyVersion", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
        (POLICY, checked_policy),
    ),
}


def answer(request: Request) -> Answer | None:
    """The kit's answer, None for what is moto's; `ApiError` for what is refused."""
    if simulation := SIMULATIONS.get(request.operation):
        return answer_of("iam", request.operation, simulation(request))
    return None


def answer_checked(request: Request) -> Answer | None:
    """The same, after a look at the policy that a call brings: IAM's refusal says where it is wrong."""
    if request.operation in DOCUMENTS:
        name, checked = DOCUMENTS[request.operation]
        try:
            _warn(checked(request.given.get(name, ""), name))
        except PolicyError as error:
            raise ApiError(400, "MalformedPolicyDocument", f"Syntax errors in policy. {error}", None) from error
    return answer(request)


def _warn(policy: Policy) -> None:
    """Say which actions are likely to be misspelt; AWS stores those as well."""
    for where, action, near in nearly_known(policy, known_actions(policy)):
        print(
            f"labkit: {where}: {action} is no action that the kit knows; did you mean {near}? IAM stores the policy "
            "all the same, and such an action allows nothing.",
            file=sys.stderr,
        )
