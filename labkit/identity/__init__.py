"""Who may do what: what an API call needs, and whether policies of roles and of resources allow it as IAM would.

`authorize(call, policies, principal_arn)` answers for a whole request; `requirements` and `evaluate` are its halves.
"""

from labkit.identity.authorization import Denial, authorize
from labkit.identity.call import ApiCall, Requirement
from labkit.identity.context import Context, anonymous_context, request_context, service_context, time_keys
from labkit.identity.evaluation import Decision, evaluate
from labkit.identity.operations import requirements
from labkit.identity.policy import (
    IDENTITY_BASED,
    PERMISSIONS_BOUNDARY,
    RESOURCE_BASED,
    ROLE_TRUST_POLICY,
    SESSION_POLICY,
    Policy,
    PolicyError,
    Statement,
)
from labkit.identity.principal import Principal
from labkit.identity.trust import trust_of, trusts

__all__ = [
    "IDENTITY_BASED", "PERMISSIONS_BOUNDARY", "RESOURCE_BASED", "ROLE_TRUST_POLICY", "SESSION_POLICY",
    "ApiCall", "Context", "Decision", "Denial", "Policy", "PolicyError", "Principal", "Requirement", "Statement",
    "anonymous_context", "authorize", "evaluate", "request_context", "requirements", "service_context", "time_keys",
    "trust_of", "trusts",
]  # fmt: skip
