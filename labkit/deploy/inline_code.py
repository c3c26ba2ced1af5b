"""Code that a CloudFormation template holds as text.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

from __future__ import annotations

import io
import zipfile

from labkit.moto_bridge.cloudformation import cfnresponse


def inline_package(text: str, runtime: str) -> bytes:
    """The package that CloudFormation makes of a text: a file `index`, and in Python a module for custom resources."""
    files = {"index.js": text}
    if runtime.startswith("python"):
        files = {"index.py": text, "cfnresponse.py": cfnresponse()}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()
