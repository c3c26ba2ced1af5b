"""The rules about the meaning of a request. AWS: InvalidParameterValueException."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from labkit import facts
from labkit.limits.finding import ONE_ERROR, Finding, finding, invalid
from labkit.limits.request import Request
from labkit.limits.shape import NAME

# LIM-03; Lambda sets these itself.
RESERVED = (
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
)  # fmt: skip
NOT_CONFIGURED = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
)


def function_name(argument: str, request: Request) -> Iterator[Finding]:
    """A new function's name, without what an ARN has before and after it, that is too long."""
    matched, quota = re.fullmatch(NAME, request.get(argument), re.ASCII), facts.QUOTAS["function_name"]
    name = matched[11] if matched else ""
    if request.operation == "create_function" and len(name) > quota.maximum:
        yield invalid(
            quota.fact, argument,
            f"{ONE_ERROR}Value '{name}' at 'functionName' failed to satisfy constraint: Member must have length less "
            f"than or equal to {quota.maximum}",
            given=f"{len(name):,} {quota.unit}", allowed=f"{quota.minimum:,} to {quota.maximum:,} {quota.unit}",
            message=f"A function's name has at most {quota.maximum:,} {quota.unit}.", remedy="Shorten it.",
        )  # fmt: skip


def runtime(argument: str, request: Request) -> Iterator[Finding]:
    """A runtime that doesn't exist, is retired, or will be."""
    name = request.get(argument)
    if name not in facts.RUNTIMES:
        yield _unknown_runtime(argument, name, request)
        return
    row = facts.RUNTIMES[name]
    refused_from = row.update_block if request.operation == "update_function_configuration" else row.create_block
    if refused_from and request.today >= refused_from:
        message = (
            f"The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
        yield invalid("RT-03", argument, message, **_retired(row, f"Lambda refuses {name} since {refused_from}."))
    elif row.deprecated and request.today >= row.deprecated:
        later = f" and refuses it from {refused_from}" if refused_from else ""
        said = _retired(row, f"AWS has not maintained {name} since {row.deprecated}{later}.")
        yield finding("RT-03", argument, status=200, code="", aws_message="", **said)


def _unknown_runtime(argument: str, name: str, request: Request) -> Finding:
    supported = [
        row.name for row in facts.RUNTIMES.values() if not row.create_block or request.today < row.create_block
    ]
    near = facts.close_matches(name, supported)
    return invalid(
        "RT-01", argument,
        f"Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
        f"[{', '.join(facts.listed_runtimes())}] or be a valid ARN",
        given=repr(name), allowed=f"one of {len(supported)} identifiers such as {', '.join(near or supported[-3:])}",
        message="Lambda has no runtime of this name.",
        remedy=f"Did you mean {' or '.join(near)}?" if near else f"Choose one of {', '.join(supported)}.",
    )  # fmt: skip


def _retired(row: facts.Runtime, message: str) -> dict[str, str]:
    return {
        "given": repr(row.name), "allowed": "a runtime that AWS maintains", "message": message,
        "remedy": f"Move to {row.successor}." if row.successor else "Choose another runtime.",
    }  # fmt: skip


def environment(argument: str, request: Request) -> Iterator[Finding]:
    """Environment variables that are reserved, or too large together."""
    variables = request.get(argument)
    if reserved := [name for name in variables if name in RESERVED]:
        names = ", ".join(reserved)
        yield invalid(
            "LIM-03", argument,
            f"{NOT_CONFIGURED}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {names}",
            given=names, allowed="names that Lambda doesn't set itself",
            message="Lambda sets these variables itself in every environment.",
            remedy="Leave them out and read them in your code, or use another name.",
        )  # fmt: skip
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    size, quota = len(measured.encode("utf-8", "surrogatepass")), facts.QUOTAS["environment"]
    if not quota.allows(size):
        yield invalid(
            quota.fact, argument, f"{NOT_CONFIGURED}exceeded the 4KB limit. String measured: {measured}",
            given=f"{size:,} bytes", allowed=f"{quota.maximum:,} bytes for all variables together",
            message="The variables are measured together, names and values, as JSON.",
            remedy="Keep large values in Parameter Store, Secrets Manager or S3 and pass their name.",
        )  # fmt: skip


def layers(argument: str, request: Request) -> Iterator[Finding]:
    """Too many layers."""
    items, quota = request.get(argument), facts.QUOTAS["layers"]
    if not quota.allows(len(items)):
        yield invalid(
            quota.fact, argument, f"Cannot reference more than {quota.maximum} layers.",
            given=f"{len(items)} layers", allowed=f"at most {quota.maximum}",
            message=f"A function has at most {quota.maximum} layers.", remedy="Put several into one, or use an image.",
        )  # fmt: skip


def image(argument: str, request: Request) -> Iterator[Finding]:
    """What a container image brings itself."""
    given = [name for name in ("Handler", "Runtime", "Layers") if request.get(name)]
    if given and request.get(argument) == "Image":
        yield invalid(
            "NOTES-31", argument,
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
            given=f"{', '.join(given)} and a container image", allowed="an image without these, or a zip package",
            message="An image holds its runtime, names what it runs, and takes no layers.",
            remedy="Leave them out; ImageConfig.Command replaces what the image runs.",
        )  # fmt: skip


def image_settings(argument: str, request: Request) -> Iterator[Finding]:
    """What replaces an image's own settings, when it is too large."""
    settings, quota = request.get(argument), facts.QUOTAS["image_settings"]
    size = len(json.dumps(settings, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if not quota.allows(size):
        yield invalid(
            quota.fact, argument, f"{argument} must be smaller than {quota.maximum} bytes",
            given=f"{size:,} bytes", allowed=f"{quota.maximum:,} bytes for entry point, command and folder together",
            message="The settings are measured together, as JSON.",
            remedy="Put long arguments into a file of the image, or into environment variables.", inferred=True,
        )  # fmt: skip


def file_system(argument: str, request: Request) -> Iterator[Finding]:
    """A file system without the VPC that leads to it."""
    arns = [each.get("Arn", "") for each in request.get(argument) or ()]
    reached = [arn for arn in arns if arn.split(":")[2:3] == ["elasticfilesystem"]]
    if reached and not request.get("VpcConfig.SubnetIds"):
        yield invalid(
            "LIM-20", argument,
            f"Function must be configured to execute in a VPC to reference access point {reached[0]}. Please update "
            "the function configuration to include VPC subnets and security groups.",
            given=reached[0], allowed="a file system with a VpcConfig",
            message="An EFS file system is reached through the subnets of its VPC.", remedy="Give a VpcConfig.",
        )  # fmt: skip


def snapstart(argument: str, request: Request) -> Iterator[Finding]:
    """SnapStart with a runtime, a size of /tmp or a file system that it doesn't work with."""
    if request.get(argument) != "PublishedVersions":
        return
    name, size = request.get("Runtime"), request.get("EphemeralStorage.Size") or 0
    most = facts.QUOTAS["ephemeral_storage"].default or 0
    if name in facts.RUNTIMES and not facts.RUNTIMES[name].snapstart:
        yield _without_snapstart(argument, name, name, "Java 11, Python 3.12, .NET 8 and later", recorded=True)
    if request.get("PackageType") == "Image":
        yield _without_snapstart(argument, "ContainerImage", "a container image", "a zip package", recorded=True)
    if size > most:
        yield _without_snapstart(argument, f"EphemeralStorage of {size} MB", f"{size:,} MB", f"at most {most:,} MB")
    if request.get("FileSystemConfigs"):
        yield _without_snapstart(argument, "FileSystemConfigs", "a file system", "no file system")


def _without_snapstart(argument: str, what: str, given: str, allowed: str, recorded: bool = False) -> Finding:
    return invalid(
        "NOTES-13", argument, f"{what} is not supported for SnapStart enabled functions.",
        given=given, allowed=allowed, message="Not everything can be part of the snapshot that SnapStart saves.",
        remedy=f"Change that, or set {argument} to None.", inferred=not recorded,
    )  # fmt: skip


def missing(request: Request) -> Iterator[Finding]:
    """What a zip package or an image can't do without when a function is created."""
    image = request.get("PackageType") == "Image"
    absent = [name for name in ("Runtime", "Handler") if not request.get(name)]
    if absent and not image:
        yield invalid(
            "DEP-01", absent[0],
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            given="nothing", allowed="a Runtime and a Handler",
            message="A zip package says neither what runs it nor where to begin.",
            remedy=f"Give {' and '.join(absent)}.",
        )  # fmt: skip
    sources = ("ImageUri",) if image else ("ZipFile", "S3Bucket")
    if request.get("Code") is not None and not any(name in request.code for name in sources):
        yield invalid(
            "DEP-01", "Code", "Please provide a source for function code.",
            given=", ".join(request.code) or "nothing", allowed=" or ".join(sources),
            message="Lambda fetches the code from there.", remedy=f"Give Code one of {', '.join(sources)}.",
        )  # fmt: skip
