"""GetAccountSettings: the account's limits and what it uses of them.

https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
"""

from __future__ import annotations

import json

from labkit import facts
from labkit.moto_bridge import awslambda
from labkit.moto_bridge.server import Answer

GIGABYTE = 1 << 30


def account_settings(account: str, region: str, concurrency_quota: int) -> Answer:
    """The answer; `concurrency_quota` is the account's, of which reservations leave the unreserved part."""
    functions, size = awslambda.stored_code(account, region)
    reserved = sum(awslambda.reserved_concurrency(account, region).values())
    quotas = facts.QUOTAS
    limit = {
        "TotalCodeSize": int(quotas["code_storage"].maximum * GIGABYTE),
        "CodeSizeUnzipped": int(quotas["unzipped"].maximum),
        "CodeSizeZipped": int(quotas["zip_direct"].maximum),
        "ConcurrentExecutions": concurrency_quota,
        "UnreservedConcurrentExecutions": concurrency_quota - reserved,
    }
    body = {"AccountLimit": limit, "AccountUsage": {"TotalCodeSize": size, "FunctionCount": functions}}
    return Answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
