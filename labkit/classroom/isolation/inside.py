"""What runs in a jail: an account of its own, in which the functions of a hand-in are deployed and its labs checked."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labkit.deploy.one_file import BASIC_EXECUTION, MODULE, TRUST, zip_of_module

OWN_CODE = "def lambda_handler(event, context):\n    print(event)\n    return event\n"
OWN_CONFIGURATION = {"Runtime": "python3.13", "Handler": f"{MODULE}.lambda_handler"}
CREATION = 60  # seconds of account time, in which a function becomes active
LOOK_OFTEN = {"Delay": 0.02, "MaxAttempts": 3000}  # seconds
LONGEST = 2_000  # characters of what is told of one thing


def main(arguments: list[str], result: int) -> None:
    """Do what is asked, `lab` or `probe`, with the request in the file that is named, and write JSON to `result`."""
    what, path = arguments
    request = json.loads(Path(path).read_text(encoding="utf-8"))
    if what == "probe":
        from labkit.classroom.isolation.probe import tried

        found: Any = tried(request)
    else:
        found = _lab(**request)
    os.write(result, json.dumps(found).encode())


def rehearse() -> None:
    """Play a lab through with a function of the kit's own, so that forks of this process find all of it loaded."""
    import labkit

    code = base64.b64encode(zip_of_module(OWN_CODE)).decode()
    own = {"code": code, "configuration": OWN_CONFIGURATION, "managed": [BASIC_EXECUTION], "inline": {}}
    _lab("start-here", "", {"fahrenheit": own})
    labkit.start().stop()  # which leaves no thread


def _lab(lab: str, seed: str, functions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The criteria of a lab, or the problem that kept it from being checked."""
    import labkit
    from labkit.labs import checked

    labkit.start()
    try:
        for name, function in functions.items():
            _deploy(name, function)
        report = checked(lab, random.Random(seed))
    except Exception as error:
        return {"criteria": [], "problem": f"It could not be checked: {type(error).__name__}: {error}"[:LONGEST]}
    return {"criteria": [[one.asked, one.met, one.seen[:LONGEST]] for one in report.criteria], "problem": ""}


def _deploy(name: str, function: Mapping[str, Any]) -> None:
    import boto3

    import labkit

    iam, client = boto3.client("iam"), boto3.client("lambda")
    role = {"RoleName": "handed-in"}
    try:
        arn = iam.create_role(**role, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        arn = iam.get_role(**role)["Role"]["Arn"]
    for policy in function["managed"]:
        iam.attach_role_policy(**role, PolicyArn=policy)
    for policy, document in function["inline"].items():
        iam.put_role_policy(**role, PolicyName=policy, PolicyDocument=json.dumps(document))
    code = {"ZipFile": base64.b64decode(function["code"])}
    client.create_function(**{**function["configuration"], "FunctionName": name, "Role": arn, "Code": code})
    labkit.clock.advance(seconds=CREATION)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=LOOK_OFTEN)
