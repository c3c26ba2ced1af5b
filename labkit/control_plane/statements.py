"""The statements that AddPermission writes.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.control_plane.errors import invalid_parameter

SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com)")  # Alexa's end in amazon.com
ACCOUNT = re.compile(r"\d{12}")
IDENTITY = re.compile(r"arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:.+")

# By argument: the operator and the condition key, in the order in which AWS was recorded to write them. The place of
# InvokedViaFunctionUrl is inferred.
CONDITIONS = {
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
}
ONLY_FOR = {"FunctionUrlAuthType": "lambda:InvokeFunctionUrl", "InvokedViaFunctionUrl": "lambda:InvokeFunction"}


def statement_of(given: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """The statement that AddPermission's arguments stand for; `ApiError` when it could allow nobody.

    The words about InvokedViaFunctionUrl are inferred from those about FunctionUrlAuthType.
    """
    for argument, action in ONLY_FOR.items():
        if given.get(argument) and given["Action"] != action:
            raise invalid_parameter(f"{argument} is only supported for {action} action")
    statement = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": resource,
    }
    condition = _condition(given)
    return {**statement, "Condition": condition} if condition else statement


def _principal(name: str) -> str | dict[str, str]:
    if name == "*":
        return name
    if SERVICE.fullmatch(name):
        return {"Service": name}
    if ACCOUNT.fullmatch(name):
        return {"AWS": f"arn:aws:iam::{name}:root"}
    if IDENTITY.fullmatch(name):
        return {"AWS": name}
    raise invalid_parameter("The provided principal was invalid. Please check the principal and try again.")


def _condition(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for argument, (operator, key) in CONDITIONS.items():
        if value := given.get(argument):
            found.setdefault(operator, {})[key] = "true" if value is True else value
    return found
