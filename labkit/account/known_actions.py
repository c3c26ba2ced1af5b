"""The actions of the services that a policy names, by botocore's operations and the kit's rules for them."""

from __future__ import annotations

from functools import cache

import botocore.session

from labkit.identity import ApiCall, Policy, requirements
from labkit.identity.call import PREFIXES

# Parameters that make a call need another action than without them.
VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"VersionId": "1"},
    {"ACL": "private", "Tagging": "a=b"},
    {"CopySource": "b/k"},
)


def known_actions(policy: Policy) -> set[str]:
    """The actions of all services of which the policy names an action."""
    named = {action.partition(":")[0].lower() for each in policy.statements for action in each.actions}
    services = (service for service in _services() if PREFIXES.get(service, service) in named)
    return {action for service in services for action in _actions(service)}


@cache
def _services() -> tuple[str, ...]:
    return tuple(botocore.session.get_session().get_available_services())


@cache
def _actions(service: str) -> frozenset[str]:
    operations = botocore.session.get_session().get_service_model(service).operation_names
    calls = (ApiCall(service, name, given, "us-east-1", "123456789012") for name in operations for given in VARIANTS)
    return frozenset(requirement.action for call in calls for requirement in requirements(call))
