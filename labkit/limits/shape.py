"""The rules about the shape of a request: ranges, lengths, patterns and fixed words. AWS: ValidationException."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from labkit import facts
from labkit.limits.finding import HIDDEN, Finding, shape_error
from labkit.limits.request import Request

# The patterns are those of Lambda's API model.
NAME = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
ROLE = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
HANDLER = r"[^\s]+"
VARIABLE = r"[a-zA-Z]([a-zA-Z0-9_])+"
ARCHITECTURES = ("x86_64", "arm64")

# By argument: its path in AWS's messages, its quota, and what to do when more is needed.
RANGES = {
    "Timeout": (
        "timeout",
        "timeout",
        "Cut the work into shorter steps (Step Functions, a queue), or run it on ECS Fargate or AWS Batch.",
    ),
    "MemorySize": (
        "memorySize",
        "memory",
        "Work on smaller pieces or stream the data; work that needs more memory at once belongs on ECS Fargate or EC2.",
    ),
    "EphemeralStorage.Size": (
        "ephemeralStorage.size",
        "ephemeral_storage",
        "Keep the data in S3 and stream it, or mount a file system (EFS).",
    ),
}
LISTS = {
    "VpcConfig.SubnetIds": ("vpcConfig.subnetIds", "subnets"),
    "VpcConfig.SecurityGroupIds": ("vpcConfig.securityGroupIds", "security_groups"),
    "FileSystemConfigs": ("fileSystemConfigs", "file_systems"),
}


def in_range(argument: str, request: Request) -> Iterator[Finding]:
    """A whole number outside its quota."""
    path, name, remedy = RANGES[argument]
    value, quota = request.get(argument), facts.QUOTAS[name]
    low = (quota.managed_minimum if request.managed else None) or quota.minimum
    high = (quota.managed_maximum if request.managed else None) or quota.maximum
    if low <= value <= high:
        return
    constraint = f"greater than or equal to {low}" if value < low else f"less than or equal to {high}"
    allowed = f"{low:,} to {high:,} {quota.unit}"
    exception = ""
    if quota.managed_maximum and not request.managed:
        exception = f" Only on Lambda Managed Instances may it be up to {quota.managed_maximum:,} {quota.unit}."
    yield shape_error(
        quota.fact, argument, path, value, f"Member must have value {constraint}",
        given=f"{value:,} {quota.unit}", allowed=allowed, message=f"A function's {argument} is {allowed}.{exception}",
        remedy=f"Set {argument} to {low:,} or more." if value < low else remedy,
    )  # fmt: skip


def function_name(argument: str, request: Request) -> Iterator[Finding]:
    """A name or ARN that is too long, or has other characters than letters, digits, - and _."""
    name, quota = request.get(argument), facts.QUOTAS["function_arn"]
    yield from _length(argument, "functionName", name, quota)
    if not re.fullmatch(NAME, name, re.ASCII):
        yield shape_error(
            quota.fact, argument, "functionName", name, f"Member must satisfy regular expression pattern: {NAME}",
            given=repr(name), allowed="letters, digits, - and _, or a function's ARN",
            message="A function's name becomes part of its ARN.", remedy="Replace the other characters by - or _.",
        )  # fmt: skip


def handler(argument: str, request: Request) -> Iterator[Finding]:
    """A handler that is too long, empty, or has blanks."""
    text, quota = request.get(argument), facts.QUOTAS["handler"]
    yield from _length(argument, "handler", text, quota)
    if not re.fullmatch(HANDLER, text):
        yield shape_error(
            quota.fact, argument, "handler", text, f"Member must satisfy regular expression pattern: {HANDLER}",
            given=repr(text), allowed="text without blanks, such as lambda_function.lambda_handler",
            message="The handler names a file and a function in it.", remedy="Give file.function, without blanks.",
        )  # fmt: skip


def description(argument: str, request: Request) -> Iterator[Finding]:
    """A description that is too long."""
    text = request.get(argument)
    yield from _length(argument, "description", text, facts.QUOTAS["description"])


def _length(argument: str, path: str, text: str, quota: facts.Quota) -> Iterator[Finding]:
    if quota.allows(len(text)):
        return
    constraint = f"{'less' if text else 'greater'} than or equal to {quota.maximum if text else quota.minimum}"
    yield shape_error(
        quota.fact, argument, path, text, f"Member must have length {constraint}",
        given=f"{len(text):,} {quota.unit}", allowed=f"{quota.minimum:,} to {quota.maximum:,} {quota.unit}",
        message=f"{argument} has at most {quota.maximum:,} {quota.unit}.",
        remedy="Shorten it." if text else f"Give a {argument}.",
    )  # fmt: skip


def role(argument: str, request: Request) -> Iterator[Finding]:
    """A role that isn't given by its ARN."""
    arn = request.get(argument)
    if not re.fullmatch(ROLE, arn, re.ASCII):
        yield shape_error(
            "NOTES-27", argument, "role", arn, f"Member must satisfy regular expression pattern: {ROLE}",
            given=repr(arn), allowed="the ARN of an IAM role",
            message="A function assumes its execution role, which is named by its ARN.",
            remedy="Give the ARN, such as arn:aws:iam::123456789012:role/NAME; iam.get_role returns it.",
        )  # fmt: skip


def list_length(argument: str, request: Request) -> Iterator[Finding]:
    """More subnets, security groups or file systems than a function may have."""
    path, name = LISTS[argument]
    items, quota = request.get(argument), facts.QUOTAS[name]
    if not quota.allows(len(items)):
        yield shape_error(
            quota.fact, argument, path, _as_aws_writes(items),
            f"Member must have length less than or equal to {quota.maximum}",
            given=f"{len(items)} {quota.unit}", allowed=f"at most {quota.maximum} {quota.unit}",
            message=f"A function has at most {quota.maximum} {quota.unit}.", remedy="Leave some out.",
        )  # fmt: skip


def architectures(argument: str, request: Request) -> Iterator[Finding]:
    """Not exactly one architecture, or an unknown one."""
    items = request.get(argument)
    constraints = []
    if len(items) != 1:
        constraints.append(f"Member must have length {'less' if items else 'greater'} than or equal to 1")
    if not set(items) <= set(ARCHITECTURES):
        known = f"Member must satisfy enum value set: {_as_aws_writes(ARCHITECTURES)}"
        constraints.append(f"Member must satisfy constraint: [{known}, Member must not be null]")
    for constraint in constraints:
        yield shape_error(
            "RT-04", argument, "architectures", _as_aws_writes(items), constraint,
            given=_as_aws_writes(items), allowed=f"one of {' and '.join(ARCHITECTURES)}",
            message="A function runs on one processor architecture.",
            remedy=f"Give {' or '.join(f'[{name!r}]' for name in ARCHITECTURES)}.",
        )  # fmt: skip


WORDS = {
    "PackageType": (
        "packageType",
        ("Image", "Zip"),
        "DEP-01",
        "The code comes as a zip archive or as a container image.",
    ),
    "SnapStart.ApplyOn": ("snapStart.applyOn", ("PublishedVersions", "None"), "NOTES-13", "SnapStart is on or off."),
}


def one_of(argument: str, request: Request) -> Iterator[Finding]:
    """A word that isn't one of the fixed ones."""
    path, words, fact, message = WORDS[argument]
    word = request.get(argument)
    if word not in words:
        near = facts.close_matches(word, words)
        yield shape_error(
            fact, argument, path, word, f"Member must satisfy enum value set: {_as_aws_writes(words)}",
            given=repr(word), allowed=" or ".join(words), message=message,
            remedy=f"Write {near[0] if near else ' or '.join(words)}.",
        )  # fmt: skip


def variable_names(argument: str, request: Request) -> Iterator[Finding]:
    """Environment variables whose names have other characters than letters, digits and _."""
    wrong = [name for name in request.get(argument) if not re.fullmatch(VARIABLE, name)]
    if wrong:
        yield shape_error(
            "LIM-03", argument, "environment.variables", HIDDEN,
            f"Map keys must satisfy constraint: [Member must satisfy regular expression pattern: {VARIABLE}]",
            given=", ".join(map(repr, wrong)), allowed="a letter, then letters, digits and _; two characters or more",
            message="The names of environment variables have a fixed pattern.", remedy="Rename them.",
        )  # fmt: skip


def _as_aws_writes(items: Sequence[object]) -> str:
    return f"[{', '.join(map(str, items))}]"


def missing(request: Request) -> Iterator[Finding]:
    """Arguments without which no function can be created."""
    for argument, fact in {"FunctionName": "LIM-16", "Role": "NOTES-27", "Code": "DEP-01"}.items():
        if request.get(argument) is None:
            path = argument[0].lower() + argument[1:]
            yield shape_error(
                fact, argument, path, None, "Member must not be null", given="nothing", allowed=f"a {argument}",
                message=f"create_function needs a {argument}.", remedy=f"Give {argument}.",
            )  # fmt: skip
