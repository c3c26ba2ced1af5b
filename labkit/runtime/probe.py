"""What this machine can give an environment, found out by trying, and how it differs from Lambda."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from labkit import facts
from labkit.runtime.control import SpawnError
from labkit.runtime.inbox import Inbox
from labkit.runtime.spawner import Sandbox, Spawner

REAL, APPROXIMATED, ABSENT = "real", "approximated", "absent"
LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Capability:
    """One thing that Lambda gives a function: whether it is real, approximated or absent here, and what Lambda does."""

    name: str
    state: str
    here: str
    on_lambda: str


def why_no_sandbox(spawner: Spawner, directory: Path) -> str | None:
    """The reason why environments get no sandbox on this machine, or None when they get one."""
    root = directory / "probe"
    root.mkdir()
    trial = Sandbox(str(root), ((sys.base_prefix, sys.base_prefix),), temporary_megabytes=1)
    try:
        spawner.supervise(trial, directory / "probe.log", memory=128, inbox=Inbox()).close()
    except SpawnError as error:
        return str(error)
    return None


def capabilities(no_sandbox: str | None) -> list[Capability]:
    """All of them for this machine; `no_sandbox` is what `why_no_sandbox` found."""
    other = [_other_runtime("Node.js", "node", "--version"), _other_runtime("Java", "java", "-version")]
    isolation = [_isolation(no_sandbox), _temporary(no_sandbox), _freeze(), _memory(), _processor(), _network()]
    return [*isolation, _python(), *other, _images(), _download(), _snap_start(), _provisioned()]


def _isolation(no_sandbox: str | None) -> Capability:
    on_lambda = "a Firecracker microVM of its own for each environment"
    if no_sandbox is None:
        here = "processes, users and files of its own in Linux namespaces; the machine's network and kernel are shared"
        return Capability("isolation", APPROXIMATED, here, on_lambda)
    return Capability(
        "isolation", ABSENT, f"an ordinary process that sees this machine's files ({no_sandbox})", on_lambda
    )


def _temporary(no_sandbox: str | None) -> Capability:
    on_lambda = "a disk of the configured size, private to the environment; all other files are read-only"
    if no_sandbox is None:
        return Capability(
            "/tmp", REAL, "private, of the configured size, held in memory; the rest is read-only", on_lambda
        )
    here = "a private folder that tempfile uses; a path that says /tmp reaches this machine's, and no size is enforced"
    return Capability("/tmp", ABSENT, here, on_lambda)


def _freeze() -> Capability:
    on_lambda = "the environment is frozen between invocations"
    if hasattr(os, "killpg"):
        return Capability("freeze", REAL, "every process of the environment is stopped between invocations", on_lambda)
    return Capability("freeze", ABSENT, "this system has no signal that stops a process", on_lambda)


def _memory() -> Capability:
    on_lambda = "an environment over its memory is killed"
    if LINUX:
        return Capability("memory limit", REAL, "looked at every 5 ms, killed when over", on_lambda)
    return Capability("memory limit", ABSENT, "not enforced: only Linux tells what a process holds", on_lambda)


def _processor() -> Capability:
    cores, whole = os.cpu_count() or 1, facts.QUOTAS["memory_per_vcpu"].default or 1
    on_lambda = f"processor time in proportion to memory: one vCPU at {whole:,.0f} MB (fact LIM-01)"
    if not LINUX:
        return Capability("processor share", ABSENT, "every function runs at full speed", on_lambda)
    here = f"held to in the Invoke phase, up to the {cores} of this machine ({cores * whole:,.0f} MB)"
    return Capability("processor share", APPROXIMATED, here, on_lambda)


def _network() -> Capability:
    here = (
        "Python reaches this machine only, and so do its libraries; a program that a function starts is not held back"
    )
    return Capability("network", APPROXIMATED, here, "the internet, unless attached to a VPC without a way to it")


def _python() -> Capability:
    version = ".".join(map(str, sys.version_info[:3]))
    return Capability(
        "python3.x", APPROXIMATED, f"every version runs on Python {version}", "each runtime its own Python"
    )


def _other_runtime(name: str, program: str, option: str) -> Capability:
    on_lambda = "each runtime its own version"
    if shutil.which(program) is None:
        return Capability(name, ABSENT, f"there is no {program} here; install it to run such functions", on_lambda)
    done = subprocess.run([program, option], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return Capability(
        name, APPROXIMATED, f"every version runs on {name} {found[0] if found else 'as installed'}", on_lambda
    )


def _images() -> Capability:
    here = "their files, settings and programs on this machine's runtimes; nothing of their operating system is used"
    return Capability("container images", APPROXIMATED, here, "the image's own file system, loaded in pieces as used")


def _download() -> Capability:
    speed = f"{facts.QUOTAS['bandwidth'].default:.0f} Mbps (fact LIM-15)"
    here = (
        f"its transfer is simulated, at {speed}; a zip is unpacked for each cold start, an image for the first, "
        "and that is measured"
    )
    return Capability("code download", APPROXIMATED, here, "fetched from S3 or ECR and unpacked before Init")


def _snap_start() -> Capability:
    on_lambda = "the memory and disk of a microVM, stored, and loaded from a cache in chunks as they are used"
    if not hasattr(os, "fork"):
        return Capability("SnapStart", ABSENT, "published versions start cold: this system has no fork", on_lambda)
    here = "Python only: a fork of the initialised process, without the threads that Init started; Java starts cold"
    return Capability("SnapStart", APPROXIMATED, here, on_lambda)


def _provisioned() -> Capability:
    here = "really initialised ahead, up to what this machine carries; allocated in seconds"
    return Capability("provisioned concurrency", APPROXIMATED, here, "up to the account's quota, allocated in minutes")
