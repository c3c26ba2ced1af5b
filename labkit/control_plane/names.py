"""Which function a request names: by name, partial ARN or ARN, with or without a qualifier.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, FunctionName and Qualifier
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from labkit.control_plane.errors import ApiError, invalid_parameter, not_found
from labkit.control_plane.model import lambda_model
from labkit.control_plane.request import Request
from labkit.control_plane.store import LATEST, Alias, FunctionVersion, Region, StoredFunction

NAME = re.compile(
    r"(?:arn:[^:]+:lambda:)?(?:(?P<region>[a-z]+(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?"
)
RESOURCE = re.compile(
    r"arn:aws:lambda:(?P<region>[^:]+):(?P<account>\d{12}):(?P<kind>function|layer):(?P<name>[^:]+)"
    r"(?::(?P<qualifier>[^:]+))?"
)
ALIAS = re.compile(lambda_model().shape_for("Alias").metadata["pattern"], re.ASCII)

FUNCTIONS_ONLY = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please "
    "specify either a function name or an unqualified function ARN."
)


@dataclass(frozen=True)
class Target:
    """The function that a request names and the qualifier it was given, if any."""

    arn: str
    name: str
    qualifier: str | None

    @property
    def region(self) -> str:
        """The region of the function."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account of the function."""
        return self.arn.split(":")[4]

    @property
    def qualified_arn(self) -> str:
        """The ARN with the qualifier, if one was given."""
        return f"{self.arn}:{self.qualifier}" if self.qualifier else self.arn


def target_of(request: Request) -> Target:
    """The function and qualifier that `FunctionName` and `Qualifier` name; `ApiError` as for `target_at`."""
    return target_at(request, request.given["FunctionName"], request.given.get("Qualifier"))


def target_at(request: Request, name: str, qualifier: str | None = None) -> Target:
    """The function and qualifier that a request names so.

    `ApiError` where they contradict each other, or name another region or account. AWS's answer about another account
    is recorded for CreateFunction and inferred for the rest.
    """
    target = parse(name, qualifier, request.region, request.account)
    if target.region != request.region:
        raise not_found(f"Functions from '{target.region}' are not reachable in this region ('{request.region}')")
    if target.account != request.account:
        raise ApiError(403, "AccessDeniedException", None, None)
    return target


def unqualified_target(request: Request) -> Target:
    """The function that is named; `ApiError` for a version or an alias.

    That is recorded for PutFunctionConcurrency and inferred for the rest of what concerns a function as a whole.
    """
    target = target_of(request)
    if target.qualifier is not None:
        raise invalid_parameter(FUNCTIONS_ONLY)
    return target


def parse(name: str, qualifier: str | None, region: str, account: str) -> Target:
    """The function that a name, partial ARN or ARN names; region and account are those of a name without them."""
    found = NAME.fullmatch(name)
    if found is None:
        raise not_found(f"Function not found: {name}")
    if qualifier and found["qualifier"] and qualifier != found["qualifier"]:
        raise invalid_parameter("The derived qualifier from the function name does not match the specified qualifier.")
    region, account = found["region"] or region, found["account"] or account
    arn = f"arn:aws:lambda:{region}:{account}:function:{found['name']}"
    return Target(arn, found["name"], qualifier or found["qualifier"])


def function_of(region: Region, target: Target) -> StoredFunction:
    """The function; `ApiError` with the target's ARN when there is none."""
    function = region.functions.get(target.name)
    if function is None:
        raise not_found(f"Function not found: {target.qualified_arn}")
    return function


def version_of(function: StoredFunction, qualifier: str | None) -> FunctionVersion | None:
    """The version that a number or an alias leads to, $LATEST without a qualifier; an alias with weights draws lots."""
    alias = function.aliases.get(qualifier or "")
    if alias is None:
        return function.version(qualifier or LATEST)
    numbers = [alias.version, *alias.weights]
    shares = [1 - sum(alias.weights.values()), *alias.weights.values()]
    return function.version(random.choices(numbers, shares)[0])


def existing_version(function: StoredFunction, target: Target) -> FunctionVersion:
    """The version that the target leads to; `ApiError` when there is none."""
    version = version_of(function, target.qualifier)
    if version is None:
        raise not_found(f"Function not found: {target.qualified_arn}")
    return version


def existing_resource(function: StoredFunction, target: Target) -> FunctionVersion | Alias:
    """The alias or version that the target names, $LATEST without a qualifier; `ApiError` when there is none."""
    qualifier = target.qualifier or LATEST
    resource = function.aliases.get(qualifier) or function.version(qualifier)
    if resource is None:
        raise unknown_qualifier(target)
    return resource


def unknown_qualifier(target: Target) -> ApiError:
    """The function has no such version or alias."""
    if ALIAS.fullmatch(target.qualifier or ""):
        return not_found(f"Cannot find alias arn: {target.qualified_arn}")
    return not_found(f"Function not found: {target.qualified_arn}")
