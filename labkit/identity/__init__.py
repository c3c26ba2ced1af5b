"""Execution roles: what an API call needs, and whether policies allow it as IAM would.

`authorize(call, policies, principal_arn)` answers for a whole request; `requirements` and `evaluate` are its halves.
"""

from labkit.identity.authorization import Denial, authorize
from labkit.identity.call import ApiCall, Requirement
from labkit.identity.context import Context, request_context
from labkit.identity.evaluation import Decision, evaluate
from labkit.identity.operations import requirements
from labkit.identity.policy import Policy, PolicyError, Statement

__all__ = [
    "ApiCall", "Context", "Decision", "Denial", "Policy", "PolicyError", "Requirement", "Statement",
    "authorize", "evaluate", "request_context", "requirements",
]  # fmt: skip
