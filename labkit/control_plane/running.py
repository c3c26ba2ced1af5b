"""A stored version as the runtime runs it."""

from __future__ import annotations

from labkit.control_plane.configuration import has_snapstart, logging_configuration
from labkit.control_plane.images import configured
from labkit.control_plane.loops import ENDS_LOOPS
from labkit.control_plane.names import version_of
from labkit.control_plane.store import FunctionVersion, Store, StoredFunction
from labkit.runtime.function import Function, Logging


def function_at(store: Store, region: str, name: str, qualifier: str | None) -> Function | None:
    """The function version that a name and a version or alias lead to, or None."""
    function = store.region(region).functions.get(name)
    version = version_of(function, qualifier) if function else None
    return runtime_function(function, version) if function and version else None


def runtime_function(function: StoredFunction, version: FunctionVersion) -> Function:
    """What an environment of this version needs to know."""
    settings = version.settings
    _, _, _, region, account, *_ = function.arn.split(":")
    logging = logging_configuration(function.name, settings)
    image = configured(version.package.image, settings) if version.package.image else None
    return Function(
        account=account,
        region=region,
        name=function.name,
        version=version.number,
        handler=settings.get("Handler") or (image.command[-1] if image and image.command else ""),
        runtime=settings.get("Runtime", ""),
        role=settings["Role"],
        timeout=float(settings["Timeout"]),
        memory=int(settings["MemorySize"]),
        ephemeral_storage=int(settings["EphemeralStorage"]["Size"]),
        code_sha256=version.package.sha256,
        environment=tuple(sorted((settings.get("Environment", {}).get("Variables") or {}).items())),
        layer_arns=tuple(layer.arn for layer in version.layers),
        logging=Logging(
            logging["LogGroup"],
            logging["LogFormat"],
            logging.get("ApplicationLogLevel", ""),
            logging.get("SystemLogLevel", ""),
        ),
        architecture=settings["Architectures"][0],
        image=image,
        snap_start=has_snapstart(version),
        code=version.package.content,
        layers=tuple(layer.package.content for layer in version.layers),
        reserved_concurrency=function.reserved_concurrency,
        state=version.state.name,
        stops_loops=function.recursive_loop == ENDS_LOOPS,
    )
