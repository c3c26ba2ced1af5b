"""Code that stands in a template: a zip of one file, index.py or index.js, and of CloudFormation's response module.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from moto.utilities.utils import load_resource_as_str

from labkit.moto_bridge.cloudformation.properties import BadProperty

NODE_MODULE = Path(__file__).parent / "inline" / "cfn-response.js"
LONGEST = 4 << 20  # characters
FILES = {  # the runtime's family -> its file, the module that CloudFormation adds, and how code names that
    "python": ("index.py", "cfnresponse.py", "cfnresponse"),
    "nodejs": ("index.js", "cfn-response.js", "cfn-response"),
}


def zip_of(code: str, runtime: str) -> bytes:
    """The zip, always the same for the same code; `BadProperty` for a runtime whose code can't stand in a template."""
    family = next((name for name in FILES if runtime.startswith(name)), None)
    if family is None:
        raise BadProperty("#/Code/ZipFile: code can stand in the template of a Python or Node.js function only")
    if len(code) > LONGEST:
        raise BadProperty(f"#/Code/ZipFile: expected maxLength: {LONGEST}, actual: {len(code)}")
    file, module, name = FILES[family]
    added = {module: _response_module(family)} if name in code else {}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path, content in {file: code, **added}.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _response_module(family: str) -> str:
    if family == "python":
        return str(load_resource_as_str("awslambda/resources/cfnresponse.py.txt"))  # AWS's own
    return NODE_MODULE.read_text(encoding="utf-8")
