"""%%function in a shell such as a lesson has: what it deploys, and one clear message for each mistake."""

from __future__ import annotations

import json

import pytest

SHELL = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()

def cell(text):
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        result = shell.run_cell(text)
    return {"out": out.getvalue(), "err": err.getvalue(), "ok": result.success}

def state():
    import boto3
    functions = boto3.client("lambda").list_functions()["Functions"]
    roles = boto3.client("iam").list_roles()["Roles"]
    return {"functions": {f["FunctionName"]: [f["MemorySize"], f["Timeout"], f["CodeSha256"]] for f in functions},
            "roles": sorted(role["RoleName"] for role in roles)}
"""
HANDLER = "def lambda_handler(event, context):\n    return event\n"


@pytest.fixture
def cells(in_child):
    """Runs cells one after the other in one shell after %load_ext labkit; what each printed, and the account then."""

    def run(*texts):
        script = f"results = [dict(cell(text), **state()) for text in {texts!r}]\nprint(json.dumps(results))"
        done = in_child(SHELL + "loaded = cell('%load_ext labkit')\nassert loaded['ok'], loaded\n" + script)
        assert done.status == 0, done.err
        return json.loads(done.out.splitlines()[-1])

    return run


def test_a_cell_becomes_a_function_with_a_role_that_may_write_logs(cells):
    deployed, used, again = cells(
        f"%%function hello --memory 512 --timeout 7 --env WORD=given --env EMPTY= --runtime python3.12\n"
        f"import os\n{HANDLER}",
        """
import boto3, json
found = boto3.client("lambda").get_function_configuration(FunctionName="hello")
answer = json.load(boto3.client("lambda").invoke(FunctionName="hello", Payload="[1]")["Payload"])
policies = boto3.client("iam").list_attached_role_policies(RoleName="hello-role")["AttachedPolicies"]
keys = ["Runtime", "Handler", "MemorySize", "Timeout", "Role"]
print(json.dumps([answer, {k: found[k] for k in keys}, found["Environment"]["Variables"],
                  [p["PolicyName"] for p in policies]]))
""",
        f"%%function hello --memory 256\n{HANDLER}",
    )
    assert deployed["out"] == "Deployed hello: 512 MB, timeout 7 s, role hello-role, python3.12.\n"
    answer, configuration, variables, policies = json.loads(used["out"])
    assert answer == [1] and variables == {"WORD": "given", "EMPTY": ""} and policies == ["AWSLambdaBasicExecutionRole"]
    assert configuration == {
        "Runtime": "python3.12", "Handler": "lambda_function.lambda_handler", "MemorySize": 512, "Timeout": 7,
        "Role": "arn:aws:iam::123456789012:role/hello-role",
    }  # fmt: skip
    assert again["out"].startswith("Updated hello: 256 MB, timeout 3 s, role hello-role, ")
    assert again["functions"]["hello"][:2] == [256, 3] and again["roles"] == ["hello-role"]


def test_a_second_run_with_other_code_runs_that(cells):
    invoke = 'import boto3; print(boto3.client("lambda").invoke(FunctionName="f")["Payload"].read().decode())'
    found = cells(
        "%%function f\ndef lambda_handler(event, context):\n    return 'old'\n",
        invoke,
        "%%function f\ndef lambda_handler(event, context):\n    return 'new'\n",
        invoke,
    )
    assert [each["out"] for each in found[1::2]] == ['"old"\n', '"new"\n']


def test_an_error_in_the_handler_has_the_line_of_the_cell(cells):
    _, invoked = cells(
        "%%function f\n# second line\ndef lambda_handler(event, context):\n    return 1 / 0\n",
        'import boto3; print(boto3.client("lambda").invoke(FunctionName="f")["Payload"].read().decode())',
    )
    assert 'lambda_function.py\\", line 4, in lambda_handler' in invoked["out"]


MISTAKES = {
    "no handler": ("%%function f\nprint(1)\n", "it defines no lambda_handler. A handler looks like this"),
    "misspelt handler": (
        "%%function f\ndef lambda_handlr(event, context):\n    return 1\n",
        "It defines lambda_handlr: rename that, or say --handler lambda_handlr.",
    ),
    "nothing": ("%%function f\n\n", "it defines no lambda_handler"),
    "no name": (f"%%function\n{HANDLER}", "Missing argument 'NAME'"),
    "two names": (f"%%function my function\n{HANDLER}", "unexpected extra argument"),
    "syntax": (
        "%%function f\ndef lambda_handler(event, context):\n    return (\n\nx = 1\n",
        "line 3 of it is not Python ('(' was never closed): return (",
    ),
    "other handler": (f"%%function f --handler main\n{HANDLER}", "it defines no main"),
    "no role": (f"%%function f --role nobody\n{HANDLER}", "there is no role 'nobody'. Make it with iam.create_role"),
    "misspelt option": (f"%%function f --memry 512\n{HANDLER}", "No such option '--memry'. Did you mean '--memory'?"),
    "no number": (f"%%function f --memory lots\n{HANDLER}", "'lots' is not a valid integer"),
    "little memory": (f"%%function f --memory 64\n{HANDLER}", "64"),
    "long timeout": (f"%%function f --timeout 901\n{HANDLER}", "901"),
    "bad variable": (f"%%function f --env WORD\n{HANDLER}", "--env takes KEY=VALUE; 'WORD' was given."),
    "reserved variable": (f"%%function f --env AWS_REGION=x\n{HANDLER}", "AWS_REGION"),
    "open quotation": (f"%%function f --env 'A=1\n{HANDLER}", "can't be read: No closing quotation"),
    "bad name": (f"%%function a.b\n{HANDLER}", "a.b"),
    "no runtime": (f"%%function f --runtime python2.7\n{HANDLER}", "python2.7"),
    "no layer": (f"%%function f --layer arn:aws:lambda:us-east-1:123456789012:layer:x:1\n{HANDLER}", "layer:x:1"),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of each mistake, all made one after the other beside a function that is there."""
    import subprocess
    import sys

    texts = [f"%%function there\n{HANDLER}", *(text for text, _ in MISTAKES.values())]
    script = tmp_path_factory.mktemp("shell") / "script.py"
    script.write_text(
        SHELL + f"cell('%load_ext labkit')\nprint(json.dumps([dict(cell(text), **state()) for text in {texts!r}]))"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    first, *others = json.loads(done.stdout.splitlines()[-1])
    assert first["ok"], first
    return {"there": first} | dict(zip(MISTAKES, others, strict=True))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_one_message_and_changes_nothing(outcomes, mistake):
    found, before = outcomes[mistake], outcomes["there"]
    said = found["out"] + found["err"]
    assert MISTAKES[mistake][1] in said
    assert not found["ok"] and "Traceback" not in said and 'File "' not in said
    assert len(said.strip().splitlines()) <= 2, said  # boto3's own refusals have two lines
    assert (found["functions"], found["roles"]) == (before["functions"], before["roles"])


def test_a_misspelt_role_is_suggested(cells):
    _, mistaken = cells(f"%%function first\n{HANDLER}", f"%%function second --role frist-role\n{HANDLER}")
    assert "there is no role 'frist-role'. Did you mean first-role?" in mistaken["err"] + mistaken["out"]


def test_a_learners_own_mistakes_show_one_message_and_others_their_trace(cells):
    missing, outside, own = cells(
        "import boto3\nboto3.client('lambda').invoke(FunctionName='nope')",
        "import boto3\nboto3.client('s3', endpoint_url='https://s3.amazonaws.com').list_buckets()",
        "1 / 0",
    )
    said = missing["out"] + missing["err"]
    assert "ResourceNotFoundException (line 2 of the cell): An error occurred" in said and "Traceback" not in said
    said = outside["out"] + outside["err"]
    assert "labkit keeps everything on this machine" in said and "Traceback" not in said
    assert "ZeroDivisionError" in own["out"] + own["err"] and "Traceback" in own["out"] + own["err"]


def test_unload_stops_the_account(in_child):
    done = in_child(
        SHELL
        + """
cell("%load_ext labkit")
import os
first = "AWS_ENDPOINT_URL" in os.environ
unloaded = cell("%unload_ext labkit")
gone = cell("%%function f\\ndef lambda_handler(event, context): pass")
print(json.dumps([first, unloaded["ok"], "AWS_ENDPOINT_URL" in os.environ, gone["ok"]]))
"""
    )
    assert json.loads(done.out.splitlines()[-1]) == [True, True, False, False], done.err
