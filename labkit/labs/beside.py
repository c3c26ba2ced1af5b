"""The version of a function that a lesson gives, deployed beside the learner's to be measured in turns with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from labkit.deploy.one_file import MODULE, zip_of_module
from labkit.labs.functions import exists


@contextmanager
def deployed_beside(name: str, given: str, code: str, memory: int) -> Iterator[None]:
    """Function `given` with this code and memory (MB), and the role, runtime and timeout of `name`; gone afterwards."""
    client = boto3.client("lambda")
    found = client.get_function_configuration(FunctionName=name)
    _delete(given)
    client.create_function(
        FunctionName=given,
        Handler=f"{MODULE}.lambda_handler",
        Code={"ZipFile": zip_of_module(code)},
        MemorySize=memory,
        **{setting: found[setting] for setting in ("Role", "Runtime", "Timeout")},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=given)
    try:
        yield
    finally:
        _delete(given)


@contextmanager
def with_memory(name: str, memory: int) -> Iterator[None]:
    """The function has so much memory (MB) meanwhile, and what it had afterwards."""
    before = boto3.client("lambda").get_function_configuration(FunctionName=name)["MemorySize"]
    set_memory(name, memory)
    try:
        yield
    finally:
        set_memory(name, before)


def set_memory(name: str, memory: int) -> None:
    """Give the function so much memory (MB), and wait until it has it."""
    client = boto3.client("lambda")
    client.update_function_configuration(FunctionName=name, MemorySize=memory)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)


def _delete(name: str) -> None:
    if exists(name):
        boto3.client("lambda").delete_function(FunctionName=name)
