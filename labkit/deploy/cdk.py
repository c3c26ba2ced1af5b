"""A CDK application: what it was synthesised to, or its source, which is then synthesised.

https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labkit.deploy.bundle import Bundle, NotDeployable, Upload
from labkit.deploy.folder import zip_of

MANIFEST = "manifest.json"
STACK, ASSETS = "aws:cloudformation:stack", "cdk:asset-manifest"
LONGEST_SYNTHESIS = 120  # seconds


def is_assembly(path: Path) -> bool:
    """Whether a folder is what an application was synthesised to."""
    return (path / MANIFEST).is_file()


def synthesise(source: Path, account: str, region: str, into: Path) -> Path:
    """The folder that an application's source makes; `NotDeployable` where the CDK is missing or the source fails."""
    if importlib.util.find_spec("aws_cdk") is None or shutil.which("node") is None:
        raise NotDeployable(
            f"{source} needs the CDK to be synthesised: aws-cdk-lib (pip install aws-cdk-lib, 460 MB) and Node.js. "
            "Without them, deploy the folder cdk.out that it was synthesised to."
        )
    variables = {"CDK_OUTDIR": str(into), "CDK_DEFAULT_ACCOUNT": account, "CDK_DEFAULT_REGION": region}
    done = subprocess.run(
        [sys.executable, source.name], cwd=source.parent, env={**os.environ, **variables}, capture_output=True,
        text=True, timeout=LONGEST_SYNTHESIS, check=False,
    )  # fmt: skip
    if done.returncode or not is_assembly(into):
        last = (done.stderr.strip().splitlines() or ["it made no cdk.out: does it call app.synth()?"])[-1]
        raise NotDeployable(f"{source} could not be synthesised: {last}")
    return into


def bundle(folder: Path, stack: str, account: str, region: str) -> Bundle:
    """The stack of an application with its assets; `NotDeployable` when it has several, and none is named."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    artifacts: Mapping[str, Any] = manifest["artifacts"]
    stacks = {name: body["properties"] for name, body in artifacts.items() if body["type"] == STACK}
    if stack not in stacks and (stack or len(stacks) != 1):
        raise NotDeployable(f"{folder} has the stacks {', '.join(sorted(stacks))}; name one of them with stack=…")
    name = stack or next(iter(stacks))
    place = _Place(folder, account, region)
    dependencies = artifacts[name].get("dependencies", [])
    uploads = [
        upload
        for each in [*dependencies, *stacks[name].get("additionalDependencies", [])]
        if artifacts.get(each, {}).get("type") == ASSETS
        for upload in place.uploads(artifacts[each]["properties"]["file"])
    ]
    version = stacks[name].get("bootstrapStackVersionSsmParameter")
    stored = {version: str(stacks[name].get("requiresBootstrapStackVersion", 6))} if version else {}
    template = (folder / stacks[name]["templateFile"]).read_text(encoding="utf-8")
    return Bundle(stacks[name].get("stackName", name), template, tuple(dict.fromkeys(uploads)), stored)


class _Place:
    """The folder of an application, and the account for which its assets are named."""

    def __init__(self, folder: Path, account: str, region: str):
        self._folder = folder
        self._names = {"${AWS::AccountId}": account, "${AWS::Region}": region, "${AWS::Partition}": "aws"}

    def uploads(self, file: str) -> list[Upload]:
        """What an asset manifest puts into buckets."""
        assets = json.loads((self._folder / file).read_text(encoding="utf-8"))
        if images := sorted(assets.get("dockerImages") or {}):
            raise NotDeployable(f"{self._folder} has container images ({', '.join(images)}), which no CDK builds here.")
        return [
            Upload(self._named(to["bucketName"]), self._named(to["objectKey"]), self._content(asset["source"]))
            for asset in (assets.get("files") or {}).values()
            for to in asset["destinations"].values()
        ]

    def _content(self, source: Mapping[str, str]) -> bytes:
        path = self._folder / source["path"]
        return zip_of(path) if source.get("packaging") == "zip" else path.read_bytes()

    def _named(self, text: str) -> str:
        for name, value in self._names.items():
            text = text.replace(name, value)
        return text
