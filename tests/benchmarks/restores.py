"""SnapStart: a restore beside the cold start of the same function, in one run."""

from __future__ import annotations

import io
import zipfile
from statistics import median
from typing import Any

import boto3
from measures import TRUST
from result import Result

import labkit

FULL_CPU = 1769  # MB, where Lambda gives a function one whole CPU
BOTO3 = "import boto3\ns3 = boto3.client('s3')\n\ndef lambda_handler(event, context):\n    return event\n"
TIMES = 21


def restores() -> Result:
    """From the arrival of an event to its answer, for a function that makes a boto3 client at Init."""
    account = labkit.start()
    try:
        client = boto3.client("lambda")
        _publish(client)
        for _ in range(TIMES):
            labkit.clock.advance(hours=1)  # ends the environments of the calls before
            for qualifier in ("1", "$LATEST"):
                client.invoke(FunctionName="f", Qualifier=qualifier, Payload=b"1")["Payload"].read()
        trace = labkit.invocations()
        assert trace.counts()["restored"] == trace.counts()["cold"] == TIMES
        took = {
            kind: median(row.wait + row.init + row.duration for row in trace if row.start_type == kind)
            for kind in ("restored", "cold")
        }
        return Result("restore to first answer", took["restored"], 1 / 20, took["cold"], "cold start of the same")
    finally:
        account.stop()


def _publish(client: Any) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("lambda_function.py", BOTO3)
    role = boto3.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    client.create_function(
        FunctionName="f", Runtime="python3.13", Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": package.getvalue()}, MemorySize=FULL_CPU, SnapStart={"ApplyOn": "PublishedVersions"},
    )  # fmt: skip
    client.publish_version(FunctionName="f")
    waiting = {"Delay": 0.1, "MaxAttempts": 300}
    client.get_waiter("published_version_active").wait(FunctionName="f", Qualifier="1", WaiterConfig=waiting)
