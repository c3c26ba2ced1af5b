"""What a function finds around it: Lambda's modules and variables, and nothing of this installation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.runtime.launcher.guard import is_loopback

OUTSIDE = ["numpy", "yaml", "matplotlib", "labkit", "moto", "pytest", "IPython", "click", "pip", "guard", "conftest"]
INSIDE = ["boto3", "botocore", "s3transfer", "json", "sqlite3", "ssl", "urllib3", "dateutil", "lambda_function"]
IMPORTS = """
import importlib, sys
def lambda_handler(event, context):
    found = {}
    for name in event:
        try:
            importlib.import_module(name)
            found[name] = "imported"
        except ModuleNotFoundError as error:
            found[name] = str(error)
    return found
"""


def test_boto3_and_the_standard_library_are_there_and_nothing_else(make_environment, run):
    found = json.loads(run(make_environment(IMPORTS), OUTSIDE + INSIDE).payload)
    assert found == {name: f"No module named '{name}'" for name in OUTSIDE} | dict.fromkeys(INSIDE, "imported")


def test_a_functions_own_modules_come_first(make_environment, run):
    files = {
        "lambda_function.py": "import boto3, guard, json\n"
        "def lambda_handler(event, context):\n    return [boto3.mine, guard.mine, json.dumps(1)]\n",
        "boto3.py": "mine = 'own boto3'", "guard.py": "mine = 'own guard'",
    }  # fmt: skip
    assert json.loads(run(make_environment(files)).payload) == ["own boto3", "own guard", "1"]


def test_the_variables_are_lambdas_and_the_functions(make_environment, run):
    code = "import os\ndef lambda_handler(event, context):\n    return dict(os.environ)\n"
    environment = make_environment(code, environment=(("GREETING", "hello"), ("LANG_OF", "é")), memory=256)
    found = json.loads(run(environment).payload)
    expected = {
        "GREETING": "hello", "LANG_OF": "é", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "TZ": ":UTC",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
        "AWS_LAMBDA_LOG_STREAM_NAME": environment.log_stream, "_HANDLER": "lambda_function.lambda_handler",
        "AWS_ACCESS_KEY_ID": "ASIATEST", "AWS_SESSION_TOKEN": "token",
    }  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected
    assert not {"HOME", "USER", "VIRTUAL_ENV", "HOSTNAME"} & set(found)


def test_logging_and_printing_work_as_in_lambda(make_environment, run):
    code = (
        "import logging, sys\nlogger = logging.getLogger()\nlogger.setLevel(logging.INFO)\n"
        "def lambda_handler(event, context):\n    print('to stdout')\n    print('to stderr', file=sys.stderr)\n"
        "    logger.info('told')\n    logger.debug('untold')\n    print('no newline', end='')\n"
    )
    messages = [event.message for event in run(make_environment(code)).log]
    assert [message.rsplit("\t", 1)[-1] for message in messages[2:-2]] == [
        "to stdout\n", "to stderr\n", "told\n", "no newline\n",
    ]  # fmt: skip


@pytest.mark.parametrize("attempt", [
    "socket.create_connection(('192.0.2.1', 443))", "socket.getaddrinfo('sts.amazonaws.com', 443)",
    "socket.gethostbyname('sts.amazonaws.com')",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
])  # fmt: skip
def test_a_handler_stays_on_this_machine(make_environment, run, attempt):
    error = json.loads(run(make_environment(f"import socket\ndef lambda_handler(e, c):\n    {attempt}\n")).payload)
    assert error["errorType"] == "OutsideConnection"
    assert "labkit keeps everything on this machine" in error["errorMessage"]


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.1", "127.255.0.3", "localhost", "LOCALHOST.", "app.localhost", "::1", "::ffff:127.0.0.1", "",
    None, b"127.0.0.1", "0.0.0.0",
])  # fmt: skip
def test_loopback_is_known_by_its_names(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", [
    "127.0.0.1.example.com", "127.evil", "localhost.example.com", "notlocalhost", "169.254.169.254", "10.0.0.1",
    "::ffff:192.0.2.1", "2001:db8::1", "s3.amazonaws.com", b"sts.amazonaws.com", "::2", 7,
])  # fmt: skip
def test_what_is_not_loopback(host):
    assert not is_loopback(host)


@given(st.ip_addresses())
def test_addresses_are_judged_as_the_standard_library_does(address):
    if not address.is_unspecified:
        assert is_loopback(str(address)) == address.is_loopback
