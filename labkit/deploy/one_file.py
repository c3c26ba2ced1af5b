"""A function of one file, as a learner writes it: its package, and what a role needs that may write logs only."""

from __future__ import annotations

import io
import json
import zipfile

from labkit import facts

MODULE = "lambda_function"
BASIC_EXECUTION = facts.MANAGED_POLICIES["AWSLambdaBasicExecutionRole"].arn
TRUST = json.dumps({  # Lambda may assume the role
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
})  # fmt: skip


def zip_of_module(code: str) -> bytes:
    """A deployment package with this code as its only module."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(f"{MODULE}.py", code)
    return archive.getvalue()
