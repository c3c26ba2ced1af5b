"""Is a function's configuration within Lambda's quotas? The table of rules, by argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from labkit.limits import meaning, package, shape
from labkit.limits.arguments import well_typed
from labkit.limits.finding import Finding, Findings
from labkit.limits.request import Request

Rule = Callable[[str, Request], Iterator[Finding]]
RULES: tuple[tuple[str, Rule], ...] = (  # in the order in which AWS checks what it means, as far as that is recorded
    ("Code.ZipFile", package.zipped_size),
    ("ZipFile", package.zipped_size),
    ("FunctionName", shape.function_name),
    ("Role", shape.role),
    ("Handler", shape.handler),
    ("Description", shape.description),
    ("Timeout", shape.in_range),
    ("MemorySize", shape.in_range),
    ("EphemeralStorage.Size", shape.in_range),
    ("Architectures", shape.architectures),
    ("PackageType", shape.one_of),
    ("VpcConfig.SubnetIds", shape.list_length),
    ("VpcConfig.SecurityGroupIds", shape.list_length),
    ("FileSystemConfigs", shape.list_length),
    ("Environment.Variables", shape.variable_names),
    ("SnapStart.ApplyOn", shape.one_of),
    ("Environment.Variables", meaning.environment),
    ("PackageType", meaning.image),
    ("ImageConfig", meaning.image_settings),
    ("Layers", meaning.layers),
    ("Runtime", meaning.runtime),
    ("FunctionName", meaning.function_name),
    ("SnapStart.ApplyOn", meaning.snapstart),
    ("Code.ZipFile", package.zip_content),
    ("ZipFile", package.zip_content),
    ("Code.ImageUri", package.source_image),
    ("ImageUri", package.source_image),
)
TOGETHER: tuple[tuple[str, Rule], ...] = (
    ("PackageType", meaning.image),
    ("SnapStart.ApplyOn", meaning.snapstart),
    ("FileSystemConfigs", meaning.file_system),
)


def check(
    *, operation: str | None = None, today: date | None = None, layers_unzipped: int = 0, request_size: int = 0,
    **arguments: Any,
) -> Findings:  # fmt: skip
    """Are these arguments of boto3's `create_function` within Lambda's quotas and rules?

    Give any of them: `check(Timeout=1200, MemorySize=20_000)`. With `operation` (create_function,
    update_function_configuration or update_function_code) they count as the whole request, so that what is missing is
    found too. `today` decides which runtimes are retired; `layers_unzipped` is the size of the function's layers, and
    `request_size` that of the request where it is known, both in bytes. `TypeError` for an argument that doesn't exist
    or has the wrong type, with the nearest names.
    """
    given = well_typed(operation or "create_function", arguments)
    request = Request(operation or "create_function", given, today or date.today(), layers_unzipped, request_size)
    checked = dict.fromkeys(argument for argument, _ in RULES if request.get(argument) is not None)
    found = [finding for argument, rule in RULES if argument in checked for finding in rule(argument, request)]
    if operation == "create_function":
        found += [*shape.missing(request), *meaning.missing(request)]
    covered = {argument.split(".")[0] for argument in checked}
    return Findings(tuple(found), tuple(checked), tuple(name for name in given if name not in covered))


def check_together(settings: Mapping[str, Any]) -> Findings:
    """Do these settings of a function go together, whichever requests gave them?"""
    request = Request("create_function", settings, date.today())
    found = [finding for argument, rule in TOGETHER for finding in rule(argument, request)]
    return Findings(tuple(found), tuple(argument for argument, _ in TOGETHER))


def check_package(data: bytes, *, layers_unzipped: int = 0) -> Findings:
    """Is this zip package, fetched from S3, one that Lambda unpacks? The limit of a direct upload doesn't hold for it.

    `layers_unzipped` is the size of the function's layers in bytes.
    """
    return Findings(tuple(package.content("Code", data, layers_unzipped)), ("Code",))


def check_layer_upload(data: bytes, *, request_size: int = 0) -> Findings:
    """May this zip of a layer be sent in the request itself? `request_size` in bytes, where it is known."""
    found = package.sent("Content.ZipFile", data, "PublishLayerVersion", request_size)
    return Findings(tuple(found), ("Content.ZipFile",))
