"""The actions of the services that a policy names, by botocore's operations and the kit's rules for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from labkit.facts import close_matches
from labkit.identity import ApiCall, Policy, requirements
from labkit.identity.call import PREFIXES
from labkit.identity.services import SERVICES
from labkit.moto_bridge.requests import operation_names

# Parameters that make a call need another action than without them.
VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"VersionId": "1"},
    {"ACL": "private", "Tagging": "a=b"},
    {"CopySource": "b/k"},
)


def known_actions(policy: Policy) -> set[str]:
    """The actions of the services among which those that the policy names in full must be, or are nearly.

    A further service is read only while an action is not found, since reading one takes a while.
    """
    listed = (action for each in policy.statements for action in (*each.actions, *each.not_actions))
    known: set[str] = set()
    for action in listed:
        if not set(action) & set("*?"):
            for service in _services(action.partition(":")[0].lower()):
                if action.lower() in map(str.lower, known):
                    break
                known |= _actions(service)
    return known


def _services(prefix: str) -> Iterator[str]:
    """What boto3 calls the services with this prefix of IAM's, or with nearly this one if there are none."""
    near = [] if operation_names(prefix) else close_matches(prefix, SERVICES)[:1]
    yield from (prefix, *(service for service, called in PREFIXES.items() if called == prefix), *near)


@cache
def _actions(service: str) -> frozenset[str]:
    names = operation_names(service)
    calls = (ApiCall(service, name, given, "us-east-1", "123456789012") for name in names for given in VARIANTS)
    return frozenset(requirement.action for call in calls for requirement in requirements(call))
