"""A template or a CDK application of this machine, brought into an account."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from labkit.deploy import cdk
from labkit.deploy.bundle import Bundle, NotDeployable
from labkit.deploy.packaging import package
from labkit.deploy.paths import near_hint
from labkit.deploy.stack import Clients, Stack, deploy

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")


def deploy_template(
    path: Path, stack: str, parameters: Mapping[str, str], capabilities: Collection[str] | None, clients: Clients,
    account: str, region: str,
) -> Stack:  # fmt: skip
    """Deploy what a path leads to: a SAM or CloudFormation template, a CDK application's folder cdk.out or its source.

    `NotDeployable` for anything else, `StackFailed` when CloudFormation does not make it.
    """
    with tempfile.TemporaryDirectory(prefix="labkit-cdk-") as folder:
        bundle = _bundle(path, stack, account, region, Path(folder))
    return deploy(bundle, clients, parameters, CAPABILITIES if capabilities is None else capabilities)


def _bundle(path: Path, stack: str, account: str, region: str, scratch: Path) -> Bundle:
    if path.is_dir() and cdk.is_assembly(path):
        return cdk.bundle(path, stack, account, region)
    if path.is_file() and path.suffix == ".py":
        return cdk.bundle(cdk.synthesise(path, account, region, scratch), stack, account, region)
    if path.is_file():
        return package(path, stack, f"deployed-{account}-{region}")
    if hint := near_hint(path):
        raise NotDeployable(f"there is nothing to deploy at {path}{hint}")
    raise NotDeployable(
        f"there is nothing to deploy at {path}: give a template (template.yaml), the folder that a CDK application was "
        "synthesised to (cdk.out), or the application's source (app.py)"
    )
