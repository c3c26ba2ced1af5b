"""The folder with the modules that Lambda's Python runtime brings along, and nothing else of this installation."""

from __future__ import annotations

import py_compile
import shutil
from importlib.util import find_spec
from pathlib import Path

import labkit.runtime.launcher

MODULES = (
    "awslambdaric", "simplejson", "snapshot_restore_py",
    "boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3",
)  # fmt: skip


def make_runtime_directory(directory: Path) -> Path:
    """Link the runtime's modules into a new folder; `ModuleNotFoundError` names one that is not installed."""
    directory.mkdir()
    for name in MODULES:
        source = _source(name)
        (directory / source.name).symlink_to(source)
    _add_client(directory / "runtime_client")
    return directory


def _add_client(package: Path) -> None:
    """Add the Runtime API client, compiled: left to the function, which can't write, each cold start would do it."""
    package.mkdir()
    shutil.copy(Path(labkit.runtime.launcher.__path__[0]) / "runtime_client.py", package / "__init__.py")
    py_compile.compile(str(package / "__init__.py"), doraise=True)


def _source(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"the Python runtime needs {module}; install labkit's requirements again", name=module
        )
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
