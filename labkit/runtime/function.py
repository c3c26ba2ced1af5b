"""What a function version is configured to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labkit.runtime.image import Image

XRAY_DAEMON = ("127.0.0.1", "2000")  # Lambda's has an address of its own; nothing listens to this one

Stream = Callable[[str], Callable[[bytes], None]]


@dataclass(frozen=True)
class Logging:
    """Where a function's log goes and in which form. The levels count for JSON; they are empty for Text."""

    group: str
    format: str = "Text"
    application_level: str = ""
    system_level: str = ""


@dataclass(frozen=True)
class Function:
    """A function version as an environment needs it; two are equal when the same environments can serve both.

    `timeout` is in seconds, `memory` and `ephemeral_storage` in MB, `code` and `layers` are zip files; in the place of
    code, layers and runtime there may be an `image`. `state` is Active, Pending or Failed; `stops_loops` says whether
    recursion is ended.
    """

    account: str
    region: str
    name: str
    version: str
    handler: str
    runtime: str
    role: str
    timeout: float
    memory: int
    ephemeral_storage: int
    code_sha256: str
    environment: tuple[tuple[str, str], ...] = ()
    layer_arns: tuple[str, ...] = ()
    architecture: str = "x86_64"
    image: Image | None = None
    logging: Logging = Logging("")
    snap_start: bool = False
    code: bytes = field(default=b"", repr=False, compare=False)
    layers: tuple[bytes, ...] = field(default=(), repr=False, compare=False)
    reserved_concurrency: int | None = field(default=None, compare=False)
    state: str = field(default="Active", compare=False)
    stops_loops: bool = field(default=True, compare=False)

    @property
    def size(self) -> int:
        """How many bytes an environment fetches."""
        return self.image.size if self.image else len(self.code) + sum(map(len, self.layers))

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


@dataclass(frozen=True)
class InvocationRequest:
    """One event on its way to a function. `arrival` is account time in seconds since 1970.

    `stream(content type)` gives a function that takes the pieces of a response that is streamed; it is then not kept.
    """

    request_id: str
    payload: bytes
    invoked_function_arn: str
    arrival: float
    source: str = "invoke"
    client_context: str | None = None
    trace: str | None = None
    stream: Stream | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Credentials:
    """The temporary credentials of an execution role."""

    access_key_id: str
    secret_access_key: str
    session_token: str


def variables_of(
    function: Function,
    credentials: Credentials,
    initialization_type: str,
    log_stream: str,
    seen: Callable[[str], str],
    of_runtime: Mapping[str, str],
) -> dict[str, str]:
    """The environment variables of a function: Lambda's, some of which the function's own configuration may replace.

    `seen` tells where the function sees a folder, `of_runtime` are those of its runtime, which may be replaced too, by
    those of its image first.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html; values as AWS was recorded to set them.
    """
    replaceable = searched(seen) | {
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": ":".join(XRAY_DAEMON),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
    }
    defined = {
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization_type,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logging.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_REGION": function.region,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "LAMBDA_RUNTIME_DIR": seen("runtime"),
        "LAMBDA_TASK_ROOT": seen("task"),
        "_AWS_XRAY_DAEMON_ADDRESS": XRAY_DAEMON[0],
        "_AWS_XRAY_DAEMON_PORT": XRAY_DAEMON[1],
        "_HANDLER": function.handler,
        "_LAMBDA_TELEMETRY_LOG_FD": "3",
    }
    if function.logging.format == "JSON":
        defined["AWS_LAMBDA_LOG_FORMAT"] = function.logging.format
        defined["AWS_LAMBDA_LOG_LEVEL"] = function.logging.application_level
    of_image = dict(function.image.environment) if function.image else {}
    return {**replaceable, **of_runtime, **of_image, **dict(function.environment), **defined}


def searched(seen: Callable[[str], str]) -> dict[str, str]:
    """Where programs and shared libraries are looked for."""
    runtime, task, opt = seen("runtime"), seen("task"), seen("opt")
    return {
        "LD_LIBRARY_PATH": f"/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:{opt}/lib",
        "PATH": f"/usr/local/bin:/usr/bin/:/bin:{opt}/bin",
    }
