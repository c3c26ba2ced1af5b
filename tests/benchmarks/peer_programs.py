"""The tools that labkit is compared with, each installed once, apart from labkit and from one another."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

EMULATOR = "samcli/local/rapid/aws-lambda-rie-x86_64"  # where the wheel of aws-sam-cli has it
SERVERLESS = ("serverless@3", "serverless-offline@13")  # later ones ask for an account


def _from_pypi(packages: str, program: str) -> Callable[[Path], Path]:
    def install(folder: Path) -> Path:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(folder / "bin/pip"), "install", "-q", *packages.split())
        return folder / "bin" / program

    return install


def _emulator(folder: Path) -> Path:
    _run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), "aws-sam-cli")
    with zipfile.ZipFile(next(folder.glob("aws_sam_cli-*.whl"))) as wheel:
        program = Path(wheel.extract(EMULATOR, folder))
    program.chmod(0o755)
    return program


def _serverless(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _run("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), *SERVERLESS)
    return folder / "node_modules/.bin/serverless"


INSTALLERS = {
    "MiniStack": _from_pypi("ministack", "ministack"),
    "python-lambda-local": _from_pypi("python-lambda-local", "python-lambda-local"),
    "Runtime Interface Emulator": _emulator,
    "serverless-offline": _serverless,
    "nbgrader": _from_pypi("nbgrader", "nbgrader"),
    "otter": _from_pypi("otter-grader ipykernel", "otter"),
    "SimFaaS": _from_pypi("simfaas simpy", "python"),
}


def installed(name: str, folder: Path) -> Path:
    """The program of a tool, which is installed below `folder` unless it is there; `OSError` when that fails."""
    own = (folder / name.replace(" ", "-").lower()).absolute()
    remembered = own.with_suffix(".program")
    if not remembered.exists():
        program = INSTALLERS[name](own)
        remembered.write_text(str(program), encoding="utf-8")
    return Path(remembered.read_text(encoding="utf-8"))


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise OSError(f"{' '.join(command[:3])} …: {last}")
