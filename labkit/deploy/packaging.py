"""A template on this machine, packaged as `sam package` does: folders that it names are zipped and go to a bucket.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-package.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from labkit.deploy.bundle import Bundle, NotDeployable, Upload
from labkit.deploy.folder import digest, zip_of

CODE = {  # a type -> its property that may name a folder
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
URIS = ("CodeUri", "ContentUri")  # the others name a bucket and a key


def package(path: Path, stack: str, bucket: str) -> Bundle:
    """The template with its code as uploads to a bucket; `NotDeployable` when it names a path that is not there."""
    template = read_template(path)
    uploads = [_upload(properties, name, path, bucket) for properties, name in _folders(template)]
    return Bundle(stack or _name(path.resolve()), json.dumps(template, default=str), tuple(uploads))


def _name(path: Path) -> str:
    """A stack's name for a template: its file's, or its folder's where it is called template as usual."""
    named = path.parent.name if path.stem == "template" else path.stem
    return re.sub(r"^[^A-Za-z]+|[^A-Za-z0-9-]+", "-", named).strip("-") or "stack"


def read_template(path: Path) -> Any:
    """What a template's file says, its intrinsic functions in the long form; `NotDeployable` when it is no template."""
    from labkit.moto_bridge.cloudformation.template_text import NotWellFormed, read  # loads moto's CloudFormation

    try:
        template = read(path.read_text(encoding="utf-8"))
    except NotWellFormed as error:
        raise NotDeployable(f"{path}: {error.message}") from error
    if not isinstance(template, dict):
        raise NotDeployable(f"{path} is no template: it has no Resources")
    return template


def _folders(template: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """The properties that name a path of this machine, each with the name of the one that does."""
    resources = template.get("Resources")
    bodies = [body for body in resources.values() if isinstance(body, Mapping)] if isinstance(resources, dict) else []
    for body in bodies:
        name = CODE.get(str(body.get("Type")), "")
        properties = body.get("Properties")
        if isinstance(properties, dict) and _is_path(properties.get(name)):
            yield properties, name
    function = ((template.get("Globals") or {}).get("Function")) or {}
    if _is_path(function.get("CodeUri")):
        yield function, "CodeUri"


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith(("s3://", "https://"))


def _upload(properties: dict[str, Any], name: str, template: Path, bucket: str) -> Upload:
    folder = template.parent / properties[name]
    if not folder.exists():
        raise NotDeployable(
            f"{template}: {name} is {properties[name]!r}, but there is no {folder}. "
            "Paths in a template begin at the template's folder."
        )
    content = zip_of(folder)
    key = f"{digest(content)}.zip"
    properties[name] = f"s3://{bucket}/{key}" if name in URIS else {"S3Bucket": bucket, "S3Key": key}
    return Upload(bucket, key, content)
