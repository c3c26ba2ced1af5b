"""Answers IAM's policy simulator, which moto lacks, for what the account's roles, users and groups hold.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import ApiError
from labkit.control_plane.request import Request
from labkit.identity import (
    IDENTITY_BASED,
    PERMISSIONS_BOUNDARY,
    RESOURCE_BASED,
    Policy,
    PolicyError,
    Principal,
    Requirement,
)
from labkit.identity.evaluation import Match
from labkit.identity.positions import Position, statement_positions
from labkit.identity.simulation import Simulated, simulate
from labkit.moto_bridge import iam
from labkit.moto_bridge.iam import Held

PAGE = 100
ANYTHING = ["*"]
# What the simulator could be asked besides, and the kit does not do.
NOT_HERE = ("OrderedOrganizationPolicyInputList", "PolicyExclusionList", "ResourceHandlingOption")


def simulate_custom(request: Request) -> Mapping[str, Any]:
    """SimulateCustomPolicy; `ApiError` for policies and actions that are none."""
    return _results(request, _given(request, "PolicyInputList"), _given(request, "PermissionsBoundaryPolicyInputList"))


def simulate_principal(request: Request) -> Mapping[str, Any]:
    """SimulatePrincipalPolicy: the policies given come to those held; a boundary given stands for the one held."""
    arn = request.given["PolicySourceArn"]
    if not iam.exists(request.account, arn):
        kind, _, name = arn.rpartition(":")[2].partition("/")
        raise ApiError(404, "NoSuchEntity", f"The {kind} with name {name.rpartition('/')[2]} cannot be found.", None)
    own = [*iam.policies_of(request.account, arn), *_given(request, "PolicyInputList")]
    held = iam.boundary_of(request.account, arn)
    boundary = _given(request, "PermissionsBoundaryPolicyInputList") or ([held] if held else [])
    return _results(request, own, boundary)


def _results(request: Request, own: list[Held], boundary: list[Held]) -> dict[str, Any]:
    given = request.given
    for name in NOT_HERE:
        if given.get(name):
            raise _invalid(f"labkit's simulator takes no {name}; leave it out.")
    resource = [Held("ResourcePolicy", given["ResourcePolicy"])] if given.get("ResourcePolicy") else []
    caller = given.get("CallerArn") or given.get("PolicySourceArn")
    if resource and not caller:
        raise _invalid("CallerArn must be specified when ResourcePolicy is specified.")
    kinds = ((IDENTITY_BASED, own), (PERMISSIONS_BOUNDARY, boundary), (RESOURCE_BASED, resource))
    policies = [_policy(held, kind) for kind, listed in kinds for held in listed]
    texts = {held.name: held.text for _, listed in kinds for held in listed}
    pairs = itertools.product(map(_action, given["ActionNames"]), given.get("ResourceArns") or ANYTHING)
    keys = {entry["ContextKeyName"]: entry.get("ContextKeyValues") for entry in given.get("ContextEntries") or []}
    principal = Principal.of_account(caller) if caller else Principal()
    found = simulate(policies, itertools.starmap(Requirement, pairs), keys, principal)
    return _page(given, [_result(each, texts, bool(given.get("ResourceArns"))) for each in found])


def _given(request: Request, name: str) -> list[Held]:
    return [Held(f"{name}.{number}", text) for number, text in enumerate(request.given.get(name) or [], 1)]


def _policy(held: Held, kind: str) -> Policy:
    try:
        return Policy.parse(held.text, held.name, kind) if held.document else Policy(held.name, (), kind)
    except PolicyError as error:
        raise _invalid(str(error)) from error


def _action(name: str) -> str:
    service, _, operation = name.partition(":")
    if not (service and operation) or "*" in name:
        raise _invalid(f"Invalid action name {name}: write one action in full, such as s3:GetObject.")
    return str(name)


def _result(simulated: Simulated, texts: Mapping[str, str], named: bool) -> dict[str, Any]:
    matched = [_matched(match, texts) for match in simulated.determining]
    within = simulated.within_boundary
    details = {
        "MatchedStatements": matched,
        "MissingContextValues": list(simulated.missing),
        **({} if within is None else {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": within}}),
    }
    resource = simulated.requirement.resource
    specific = {"EvalResourceName": resource, "EvalResourceDecision": simulated.verdict, **details}
    return {
        "EvalActionName": simulated.requirement.action,
        "EvalResourceName": resource,
        "EvalDecision": simulated.verdict,
        **details,
        **({"ResourceSpecificResults": [specific]} if named else {}),
    }


def _matched(match: Match, texts: Mapping[str, str]) -> dict[str, Any]:
    start, end = statement_positions(texts[match.policy.name])[match.policy.statements.index(match.statement)]
    kind = "resource" if match.policy.kind == RESOURCE_BASED else "IAM Policy"
    return {
        "SourcePolicyId": match.policy.name,
        "SourcePolicyType": kind,
        "StartPosition": _place(start),
        "EndPosition": _place(end),
    }


def _place(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}


def _page(given: Mapping[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    marker = given.get("Marker") or "0"
    if not marker.isdecimal():
        raise _invalid(f"Invalid Marker: {marker}")
    end = int(marker) + int(given.get("MaxItems") or PAGE)
    more = end < len(results)
    return {
        "EvaluationResults": results[int(marker) : end],
        "IsTruncated": more,
        **({"Marker": str(end)} if more else {}),
    }


def _invalid(message: str) -> ApiError:
    return ApiError(400, "InvalidInput", message, None)
