"""Whom Lambda's resources admit by their own policies, as IAM evaluates them.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.control_plane.names import RESOURCE
from labkit.control_plane.store import LATEST, Region, ResourcePolicy, Store
from labkit.identity import RESOURCE_BASED, Policy, Principal, Requirement, evaluate, service_context

# The actions for which Lambda looks at the policies of its resources (Developer Guide, "Working with resource-based
# policies in Lambda", and "Granting Lambda layer access to other accounts").
BY_RESOURCE = {
    "CreateAlias", "DeleteAlias", "DeleteFunction", "DeleteFunctionConcurrency", "DeleteFunctionEventInvokeConfig",
    "DeleteProvisionedConcurrencyConfig", "GetAlias", "GetFunction", "GetFunctionConcurrency",
    "GetFunctionConfiguration", "GetFunctionEventInvokeConfig", "GetPolicy", "GetProvisionedConcurrencyConfig",
    "InvokeFunction", "InvokeFunctionUrl", "ListAliases", "ListFunctionEventInvokeConfigs",
    "ListProvisionedConcurrencyConfigs", "ListTags", "ListVersionsByFunction", "PublishVersion",
    "PutFunctionConcurrency", "PutFunctionEventInvokeConfig", "PutProvisionedConcurrencyConfig", "TagResource",
    "UntagResource", "UpdateAlias", "UpdateFunctionCode", "UpdateFunctionEventInvokeConfig", "GetLayerVersion",
}  # fmt: skip


def may_invoke(
    store: Store,
    function_arn: str,
    service: str,
    source_arn: str,
    source_account: str,
    known: Mapping[str, Any] | None = None,
) -> bool:
    """Whether an AWS service, such as `s3.amazonaws.com`, may invoke a function for one of its resources.

    `function_arn` is as it is called, with its qualifier: a permission for the function is none for its versions and
    aliases. `known` are further condition keys of the call, the time above all.
    """
    _, _, _, region, account, *_ = function_arn.split(":")
    keys = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_account, **(known or {})}
    context = service_context(service, region, account, keys)
    requirement = Requirement("lambda:InvokeFunction", function_arn)
    return evaluate(policies_of(store, function_arn), requirement, context, Principal.service(service)).allowed


def policies_for(store: Store, requirement: Requirement) -> list[Policy]:
    """The policies of resources that have a say in what is required."""
    return policies_of(store, requirement.resource) if requirement.action.removeprefix("lambda:") in BY_RESOURCE else []


def policies_of(store: Store, arn: str) -> list[Policy]:
    """The policies that a resource has: of a version or an alias also its function's, which may mean it by wildcard."""
    found = RESOURCE.fullmatch(arn)
    if found is None or found["account"] != store.account:
        return []
    held_by = _of_function if found["kind"] == "function" else _of_layer
    held = held_by(store.region(found["region"]), found["name"], found["qualifier"])
    return [Policy.parse(policy.document, f"the policy of {arn}", kind=RESOURCE_BASED) for policy in held]


def _of_function(region: Region, name: str, qualifier: str | None) -> list[ResourcePolicy]:
    function = region.functions.get(name)
    keys = dict.fromkeys((LATEST, qualifier or LATEST))
    return [function.policies[key] for key in keys if key in function.policies] if function else []


def _of_layer(region: Region, name: str, number: str | None) -> list[ResourcePolicy]:
    layer = region.layers.get(name)
    policy = layer.policies.get(int(number)) if layer and number and number.isdigit() else None
    return [policy] if policy else []
