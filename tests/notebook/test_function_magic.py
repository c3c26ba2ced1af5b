"""%%function in a shell such as a lesson has: what it deploys, and one clear message for each mistake.

All cells run in one shell, in a process of its own; each test looks at what came of its cells.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from labkit.notebook import mistakes

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
    import boto3, os
    if "AWS_ENDPOINT_URL" not in os.environ:
        return {}
    functions = boto3.client("lambda").list_functions()["Functions"]
    roles = boto3.client("iam").list_roles()["Roles"]
    return {"functions": {f["FunctionName"]: [f["MemorySize"], f["Timeout"], f["CodeSha256"]] for f in functions},
            "roles": sorted(role["RoleName"] for role in roles)}
"""
HANDLER = "def lambda_handler(event, context):\n    return event\n"


MISTAKES = {
    "no handler": ("%%function f\nprint(1)\n", "it defines no lambda_handler. A handler looks like this"),
    "misspelt handler": (
        "%%function f\ndef lambda_handlr(event, context):\n    return 1\n",
        "It defines lambda_handlr: rename that, or say --handler lambda_handlr.",
    ),
    "nothing": ("%%function f\n\n", "it defines no lambda_handler"),
    "no name": (f"%%function\n{HANDLER}", "Missing argument 'NAME'. (it is written %%function NAME"),
    "two names": (f"%%function my function\n{HANDLER}", "unexpected extra argument"),
    "syntax": (
        "%%function f\ndef lambda_handler(event, context):\n    return (\n\nx = 1\n",
        "line 3 of it is not Python ('(' was never closed): return (",
    ),
    "indentation": (
        "%%function f\ndef lambda_handler(event, context):\nreturn 1\n",
        "line 3 of it is not Python (expected an indented block after function definition on line 2): return 1",
    ),
    "other handler": (f"%%function f --handler main\n{HANDLER}", "it defines no main"),
    "no role": (f"%%function f --role nobody\n{HANDLER}", "there is no role 'nobody'. Make it with iam.create_role"),
    "misspelt option": (f"%%function f --memry 512\n{HANDLER}", "No such option '--memry'. Did you mean '--memory'?"),
    "no number": (f"%%function f --memory lots\n{HANDLER}", "'lots' is not a valid integer"),
    "little memory": (f"%%function f --memory 64\n{HANDLER}", "Given: 64 MB. Allowed: 128 to 10,240 MB."),
    "long timeout": (f"%%function f --timeout 901\n{HANDLER}", "Given: 901 s. Allowed: 1 to 900 s. Cut the work"),
    "bad variable": (f"%%function f --env WORD\n{HANDLER}", "--env takes KEY=VALUE; 'WORD' was given."),
    "reserved variable": (f"%%function f --env AWS_REGION=x\n{HANDLER}", "AWS_REGION"),
    "open quotation": (f"%%function f --env 'A=1\n{HANDLER}", "can't be read: No closing quotation"),
    "bad name": (f"%%function a.b\n{HANDLER}", "Given: 'a.b'. Allowed: letters, digits, - and _"),
    "old runtime": (f"%%function f --runtime python2.7\n{HANDLER}", "Lambda refuses its Runtime"),
    "no runtime": (f"%%function f --runtime python3.1\n{HANDLER}", "Did you mean python3.10 or python3.11"),
    "another language": (f"%%function f --runtime nodejs22.x\n{HANDLER}", "the cell is Python, so --runtime takes one"),
    "misspelt argument": ("import labkit; labkit.limits.check(Timout=3)", "did you mean Timeout?"),
    "misspelt name": ("import labkit; labkit.invocatons()", "did you mean invocations?"),
    "misspelt column": ("import labkit; labkit.invocations().durations", "did you mean duration?"),
    "no words": (
        "import labkit; labkit.invocations().words('start')",
        "'start' is no column of words; did you mean st",
    ),
    "no invocation": ("import labkit; labkit.invocations()[-1]", "there is no invocation [-1]: the trace holds 0"),
    "step in words": (
        "import labkit; labkit.clock.advance(minutes='5')",
        "given in numbers, as in advance(minutes=15)",
    ),
    "step back in time": ("import labkit; labkit.clock.advance(minutes=-1)", "account time only moves forward"),
    "unknown lab": ("import labkit; labkit.check('start-her')", "did you mean start-here?"),
    "unknown question": ("import labkit; labkit.ask('selfquiz/1')", "did you mean 'self-quiz/1'?"),
    "nothing to layer": ("import labkit; labkit.layer('nmpy')", "did you mean numpy"),
    "nothing to draw": ("import labkit; labkit.plots.timeline(labkit.invocations()[:0])", "invoke a function first"),
    "no trace": ("import labkit; labkit.plots.starts(3)", "draws a Trace, such as labkit.invocations()"),
    "no JSON": (
        "import boto3; boto3.client('lambda').invoke(FunctionName='there', Payload=b'{a: 1}')",
        "Could not parse request body into json",
    ),
    "no layer": (f"%%function f --layer arn:aws:lambda:us-east-1:123456789012:layer:x:1\n{HANDLER}", "layer:x:1"),
}


INVOKE = 'import boto3; print(boto3.client("lambda").invoke(FunctionName="{}")["Payload"].read().decode())'
CELLS = {
    "before": [
        "import labkit; labkit.settle()",
        "labkit.ask('selfquiz/1')",
        "import socket; taken = socket.create_server(('127.0.0.1', 0)); labkit.start(port=taken.getsockname()[1])",
        "labkit.start(port='web')",
        "labkit.start('ten')",
    ],
    "load": ["%load_ext labkit", f"%%function there\n{HANDLER}"],
    "mistakes": [text for text, _ in MISTAKES.values()],
    "deploy": [
        "%%function hello --memory 512 --timeout 7 --env WORD=given --env EMPTY= --runtime python3.12\n"
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
    ],
    "twice": [
        "%%function twice\ndef lambda_handler(event, context):\n    return 'old'\n",
        INVOKE.format("twice"),
        "%%function twice\ndef lambda_handler(event, context):\n    return 'new'\n",
        INVOKE.format("twice"),
    ],
    "lines": [
        "%%function lines\n# second line\ndef lambda_handler(event, context):\n    return 1 / 0\n",
        INVOKE.format("lines"),
    ],
    "other handler": ["%%function other --handler main\nmain = lambda event, context: 3\n", INVOKE.format("other")],
    "other role": [
        f"%%function second --role tehre-role\n{HANDLER}",
        f"%%function second --role there-role\n{HANDLER}",
    ],
    "long name": [f"%%function {'n' * 64}\n{HANDLER}"],
    "snapstart": [
        "%%function quick --snapstart --memory 512\nimport uuid\nmade = str(uuid.uuid4())\n"
        "def lambda_handler(event, context):\n    return [context.function_version, made]\n",
        """
import boto3, json, labkit
answers = []
for _ in range(2):
    answers.append(json.load(boto3.client("lambda").invoke(FunctionName="quick", Qualifier="1")["Payload"]))
    labkit.clock.advance(hours=1)
print(json.dumps([answers, labkit.invocations()[-2:].counts()["restored"]]))
""",
    ],
    "own": [
        "import boto3\nboto3.client('lambda').invoke(FunctionName='nope')",
        "import boto3\nboto3.client('s3', endpoint_url='https://s3.amazonaws.com').list_buckets()",
        "1 / 0",
    ],
    "order": [
        "lambda_client.invoke(FunctionName='hello')",
        "def later():\n    return not_yet\nlater()",
        "colour = 'blue'\ncolor",
        "import boto3\nfor _ in range(2):\n    boto3.client('iam').create_user(UserName='twice')",
        "boto3.client('s3').get_object(Bucket='not-made-yet', Key='a')",
        "raise KeyboardInterrupt",
    ],
    "unload": ["%unload_ext labkit", "import os; print('AWS_ENDPOINT_URL' in os.environ)", f"%%function f\n{HANDLER}"],
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each cell printed, and what was in the account after it."""
    script = tmp_path_factory.mktemp("shell") / "script.py"
    cells = "found = {name: [dict(cell(text), **state()) for text in texts] for name, texts in CELLS.items()}"
    script.write_text(f"{SHELL}\nCELLS = {CELLS!r}\n{cells}\nprint(json.dumps(found))")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert all(each["ok"] for each in found["load"]), found["load"]
    return found


def said(cell):
    return cell["out"] + cell["err"]


def test_a_cell_becomes_a_function_with_a_role_that_may_write_logs(outcomes):
    deployed, used, again = outcomes["deploy"]
    assert deployed["out"] == "Deployed hello: 512 MB, timeout 7 s, role hello-role, python3.12.\n"
    answer, configuration, variables, policies = json.loads(used["out"])
    assert answer == [1] and variables == {"WORD": "given", "EMPTY": ""} and policies == ["AWSLambdaBasicExecutionRole"]
    assert configuration == {
        "Runtime": "python3.12", "Handler": "lambda_function.lambda_handler", "MemorySize": 512, "Timeout": 7,
        "Role": "arn:aws:iam::123456789012:role/hello-role",
    }  # fmt: skip
    assert again["out"].startswith("Updated hello: 256 MB, timeout 3 s, role hello-role, ")
    assert again["functions"]["hello"][:2] == [256, 3] and again["roles"] == deployed["roles"]


def test_a_second_run_with_other_code_runs_that(outcomes):
    assert [each["out"] for each in outcomes["twice"][1::2]] == ['"old"\n', '"new"\n']


def test_an_error_in_the_handler_has_the_line_of_the_cell(outcomes):
    assert 'lambda_function.py\\", line 4, in lambda_handler' in outcomes["lines"][1]["out"]


def test_another_handler(outcomes):
    assert outcomes["other handler"][1]["out"] == "3\n"


def test_a_misspelt_role_is_suggested_and_the_right_one_is_taken(outcomes):
    misspelt, right = outcomes["other role"]
    assert "there is no role 'tehre-role'. Did you mean there-role?" in said(misspelt)
    assert right["out"].startswith("Deployed second: ") and "role there-role" in right["out"]
    assert right["roles"] == misspelt["roles"]


def test_the_longest_name_a_function_may_have(outcomes):
    assert outcomes["long name"][0]["out"].startswith("Deployed nnn")


def test_snapstart_publishes_a_version_that_is_restored(outcomes):
    published, called = outcomes["snapstart"]
    assert "Published version 1, and its snapshot is taken: call it with Qualifier='1'." in published["out"]
    (first, second), restored = json.loads(called["out"])
    assert first == second and first[0] == "1" and restored == 2


def test_a_mistake_is_one_message_before_the_extension_is_loaded_too(outcomes):
    messages = [said(cell) for cell in outcomes["before"]]
    told = (
        "there is no account yet; start one with labkit.start() or %load_ext labkit",
        "did you mean 'self-quiz/1'?",
        "can't be used on 127.0.0.1: another program has it",
        "a port is a number from 0, which takes any that is free, to 65535; 'web' was given",
        "a concurrency quota is a whole number, at least 1; 'ten' was given",
    )
    for message, part in zip(messages, told, strict=True):
        assert part in message and len(message.strip().splitlines()) == 1, message


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_one_message_and_changes_nothing(outcomes, mistake):
    found, before = outcomes["mistakes"][list(MISTAKES).index(mistake)], outcomes["load"][-1]
    message = said(found)
    assert MISTAKES[mistake][1] in message
    assert not found["ok"] and "Traceback" not in message and 'File "' not in message
    assert len(message.strip().splitlines()) <= 2, message  # boto3's own refusals have two lines
    assert (found["functions"], found["roles"]) == (before["functions"], before["roles"])


def test_a_learners_own_mistakes_show_one_message_and_others_their_trace(outcomes):
    missing, outside, own = map(said, outcomes["own"])
    assert "ResourceNotFoundException (line 2 of the cell): An error occurred" in missing and "Traceback" not in missing
    assert "labkit keeps everything on this machine" in outside and "Traceback" not in outside
    assert "ZeroDivisionError" in own and "Traceback" in own


def test_cells_run_in_another_order_get_one_sentence_of_advice(outcomes):
    undefined, inside, misspelt, again, missing, interrupted = map(said, outcomes["order"])
    for message, advice in (
        (undefined, mistakes.MISSING), (inside, mistakes.MISSING), (misspelt, "Did you mean colour?"),
        (again, mistakes.THERE), (missing, mistakes.MISSING), (interrupted, mistakes.INTERRUPTED),
    ):  # fmt: skip
        assert advice in message and "Traceback" not in message


def test_unload_stops_the_account_and_takes_the_cell_away(outcomes):
    unloaded, endpoint, function = outcomes["unload"]
    assert unloaded["ok"] and endpoint["out"] == "False\n" and not function["ok"]
