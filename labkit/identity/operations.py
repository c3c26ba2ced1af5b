"""Which permissions an API call needs."""

from __future__ import annotations

from labkit.identity.call import ApiCall, Requirement
from labkit.identity.resources import needs
from labkit.identity.services import SERVICES, Service


def requirements(call: ApiCall) -> tuple[Requirement, ...]:
    """The actions a call needs and the resource of each, none for a call that anyone may make.

    An operation with no rule of its own needs the action of its name on the resource its service is known by, and on
    `*` for a service without rules. Source: Service Authorization Reference, a page a service.
    """
    service = SERVICES.get(call.prefix, Service())
    rule = service.rules.get(call.operation) or needs(f"{call.prefix}:{call.operation}", service.resource)
    return tuple(dict.fromkeys(rule(call)))
