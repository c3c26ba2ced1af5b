"""%%function NAME: the cell becomes a deployed function.

It is deployed with the same boto3 calls that a learner would use: file `lambda_function.py`, handler `lambda_handler`.
"""

from __future__ import annotations

import ast
import contextlib
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import click
from IPython.core.error import UsageError

from labkit import facts, limits
from labkit.deploy.one_file import BASIC_EXECUTION, MODULE, TRUST, zip_of_module
from labkit.facts import close_matches

LOOK_OFTEN = {"Delay": 0.05, "MaxAttempts": 6000}  # seconds; boto3's own waiters look every 1 or 5 s
LONGEST_ROLE_NAME = 64  # characters, IAM's limit
HOW = "it is written %%function NAME, such as %%function hello; %%function --help lists the options"


def function(line: str, cell: str) -> None:
    """Deploy the cell as a function: `%%function NAME [--memory 512] [--timeout 10] [--role NAME-OR-ARN] ...`"""
    try:
        _command.main(shlex.split(line), prog_name="%%function", standalone_mode=False, obj=cell)
    except click.UsageError as error:
        raise UsageError(f"{error.format_message()} ({HOW})") from None
    except ValueError as error:  # a quotation mark that is not closed
        raise UsageError(f"the line %%function {line} can't be read: {error}") from None


@click.command("%%function")
@click.argument("name")
@click.option("--memory", type=int, default=128, help="MB")
@click.option("--timeout", type=int, default=3, help="seconds")
@click.option("--role", help="name or ARN of an execution role; without it one that may only write logs")
@click.option("--handler", default="lambda_handler", help="the function in the cell that is called")
@click.option("--runtime", help="such as python3.13; the machine's own Python runs it")
@click.option("--env", multiple=True, help="KEY=VALUE, repeatable")
@click.option("--layer", multiple=True, help="ARN of a layer version, repeatable")
@click.option("--snapstart", is_flag=True, help="publish a version whose environments are restored from a snapshot")
@click.pass_obj
def _command(
    cell: str, name: str, memory: int, timeout: int, role: str | None, handler: str, runtime: str | None,
    env: tuple[str, ...], layer: tuple[str, ...], snapstart: bool,
) -> None:  # fmt: skip
    check_cell(cell, handler)
    if runtime and not runtime.startswith("python"):
        raise UsageError(f"the cell is Python, so --runtime takes one such as {machine_runtime()}, not {runtime!r}")
    configuration: dict[str, Any] = {
        "FunctionName": name,
        "Runtime": runtime or machine_runtime(snapstart),
        "Handler": f"{MODULE}.{handler}",
        "MemorySize": memory,
        "Timeout": timeout,
        "Environment": {"Variables": dict(_variable(text) for text in env)},
        "Layers": list(layer),
        "SnapStart": {"ApplyOn": "PublishedVersions" if snapstart else "None"},
    }
    _check_limits(configuration)
    with contextlib.nullcontext(_existing_role(role)) if role else _basic_role(name) as arn:
        changed = _deploy({**configuration, "Role": arn}, zip_of_module(_module(cell)))
    role_name = arn.rpartition("/")[2]
    print(f"{changed} {name}: {memory} MB, timeout {timeout} s, role {role_name}, {configuration['Runtime']}.")
    if snapstart:
        version = _publish(name)
        print(f"Published version {version}, and its snapshot is taken: call it with Qualifier={version!r}.")


def check_cell(cell: str, handler: str) -> None:
    """`UsageError` when the cell is no Python or does not define the handler, so that nothing is deployed."""
    try:
        defined = _defined_names(ast.parse(_module(cell)))
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise UsageError(
            f"the cell is not deployed, since line {error.lineno} of it is not Python ({error.msg}){text}"
        ) from None
    if handler not in defined:
        close = close_matches(handler, defined)
        hint = f" It defines {close[0]}: rename that, or say --handler {close[0]}." if close else ""
        raise UsageError(
            f"the cell is not deployed, since it defines no {handler}. A handler looks like this: "
            f"def {handler}(event, context): return event.{hint}"
        )


def _check_limits(configuration: dict[str, Any]) -> None:
    for finding in limits.check(**configuration):
        if finding.refused:
            raise UsageError(
                f"the cell is not deployed, since Lambda refuses its {finding.argument} ({finding.code}). "
                f"Given: {finding.given}. Allowed: {finding.allowed}. {finding.remedy}"
            )


def machine_runtime(snapstart: bool = False) -> str:
    """The runtime that is this Python, or the nearest one that Lambda knows.

    With `snapstart` it is one that SnapStart works with (fact NOTES-13).
    """
    runtimes = facts.RUNTIMES.items()
    known = [name for name, row in runtimes if name.startswith("python3.") and (row.snapstart or not snapstart)]
    return min(known, key=lambda name: abs(int(name.removeprefix("python3.")) - sys.version_info.minor))


def _defined_names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {(alias.asname or alias.name).split(".")[0] for alias in aliases}
    return names


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise UsageError(f"--env takes KEY=VALUE; {text!r} was given.")
    return name, value


def _module(cell: str) -> str:
    """The module that the cell becomes; the cell's first line is the magic's, so line numbers agree."""
    return "\n" + cell


@contextlib.contextmanager
def _basic_role(name: str) -> Iterator[str]:
    """A role of the function's own that may write logs and nothing else; a new one goes when the deployment fails."""
    iam = boto3.client("iam")
    role = {"RoleName": f"{name[: LONGEST_ROLE_NAME - 5]}-role"}
    try:
        arn, new = str(iam.get_role(**role)["Role"]["Arn"]), False
    except iam.exceptions.NoSuchEntityException:
        arn, new = str(iam.create_role(**role, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]), True
        iam.attach_role_policy(**role, PolicyArn=BASIC_EXECUTION)
    try:
        yield arn
    except BaseException:
        if new:
            iam.detach_role_policy(**role, PolicyArn=BASIC_EXECUTION)
            iam.delete_role(**role)
        raise


def _existing_role(role: str) -> str:
    roles = {found["RoleName"]: found["Arn"] for found in boto3.client("iam").list_roles()["Roles"]}
    name = role.rpartition("/")[2]
    if name not in roles:
        close = close_matches(name, roles)
        hint = f"Did you mean {close[0]}?" if close else "Make it with iam.create_role, or leave --role out."
        raise UsageError(f"there is no role {name!r}. {hint}")
    return str(roles[name])


def _publish(name: str) -> str:
    client = boto3.client("lambda")
    version = str(client.publish_version(FunctionName=name)["Version"])
    client.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version, WaiterConfig=LOOK_OFTEN)
    return version


def _deploy(configuration: dict[str, Any], package: bytes) -> str:
    client = boto3.client("lambda")
    try:
        client.create_function(**configuration, Code={"ZipFile": package})
    except client.exceptions.ResourceConflictException:
        function = {"FunctionName": configuration["FunctionName"]}
        updated = client.get_waiter("function_updated_v2")
        client.update_function_configuration(**configuration)
        updated.wait(**function, WaiterConfig=LOOK_OFTEN)
        client.update_function_code(**function, ZipFile=package)
        updated.wait(**function, WaiterConfig=LOOK_OFTEN)
        return "Updated"
    return "Deployed"
