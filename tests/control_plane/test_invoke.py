"""Invoke as boto3 sees it: the three types, the shapes of answers and errors, versions, context and log."""

from __future__ import annotations

import base64
import json
import re

import pytest
from botocore.exceptions import ClientError

RID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
ECHO = "def lambda_handler(event, context):\n    return event\n"


def refusal(action, *arguments, **named):
    with pytest.raises(ClientError) as refused:
        action(*arguments, **named)
    return refused.value.response


# The three types.


def test_request_response(served):
    served.function(ECHO)
    done = served.invoke(event={"é": [1, None, "\n"]})
    assert done.payload == {"é": [1, None, "\n"]}
    assert (done.raw["StatusCode"], done.raw["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in done.raw and "LogResult" not in done.raw


def test_no_payload_is_an_empty_event_and_no_result_is_null(served):
    served.function("def lambda_handler(event, context):\n    return event if event != {} else None\n")
    assert served.invoke().body == b"null"


@pytest.mark.parametrize("payload", [b"null", b"7", b'"text"', b"[]"])
def test_any_json_is_an_event(served, payload):
    served.function(ECHO)
    assert served.awslambda.invoke(FunctionName="f", Payload=payload)["Payload"].read() == payload


def test_event_answers_while_the_handler_still_runs(served, eventually):
    served.gated_function()
    done = served.invoke(event={}, InvocationType="Event")
    assert (done.raw["StatusCode"], done.body) == (202, b"")
    assert "ExecutedVersion" not in done.raw and "FunctionError" not in done.raw
    assert served.messages() == []
    served.open_gate()
    log = eventually(served.messages)
    assert "handler done\n" in log and any(done.request_id in line for line in log)


def test_dry_run_does_not_run(served):
    served.function("def lambda_handler(event, context):\n    print('it ran')\n")
    done = served.invoke(event={}, InvocationType="DryRun")
    assert (done.raw["StatusCode"], done.body) == (204, b"")
    assert re.fullmatch(RID, done.request_id)
    served.invoke(event={})
    assert len([line for line in served.messages() if line == "it ran\n"]) == 1


# Versions.

VERSION = "def lambda_handler(event, context):\n    return [context.invoked_function_arn, context.function_version]\n"


@pytest.fixture
def versions(served, make_zip):
    """Version 1 answers "one" before its ARN, $LATEST "two"; alias `live` leads to 1."""
    served.function(VERSION.replace("return [", "return ['one', "))
    assert served.awslambda.publish_version(FunctionName="f")["Version"] == "1"
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    served.awslambda.update_function_code(
        FunctionName="f", ZipFile=make_zip(VERSION.replace("return [", "return ['two', "))
    )
    return served


@pytest.mark.parametrize(
    ("name", "qualifier", "arn", "version", "word"),
    [
        ("f", None, ARN, "$LATEST", "two"),
        ("f", "$LATEST", f"{ARN}:$LATEST", "$LATEST", "two"),
        ("f", "1", f"{ARN}:1", "1", "one"),
        ("f", "live", f"{ARN}:live", "1", "one"),
        ("f:live", None, f"{ARN}:live", "1", "one"),
        (f"{ARN}:1", None, f"{ARN}:1", "1", "one"),
        ("123456789012:function:f", "live", f"{ARN}:live", "1", "one"),
    ],
)
def test_a_qualifier_leads_to_its_version(versions, name, qualifier, arn, version, word):
    done = versions.invoke(name, event={}, **({"Qualifier": qualifier} if qualifier else {}))
    assert done.payload == [word, arn, version] and done.raw["ExecutedVersion"] == version


def test_an_alias_that_is_moved_leads_to_the_new_version(versions):
    assert versions.invoke(Qualifier="live").payload[0] == "one"
    second = versions.awslambda.publish_version(FunctionName="f")["Version"]
    versions.awslambda.update_alias(FunctionName="f", Name="live", FunctionVersion=second)
    done = versions.invoke(Qualifier="live")
    assert done.payload[0] == "two" and done.raw["ExecutedVersion"] == second


def test_new_code_and_new_configuration_run_at_the_next_invocation_and_start_cold(served, make_zip):
    code = "n = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n    return ['{}', n]\n"
    served.function(code.format("old"))
    assert [served.invoke().payload for _ in range(2)] == [["old", 1], ["old", 2]]
    served.awslambda.update_function_code(FunctionName="f", ZipFile=make_zip(code.format("new")))
    done = served.invoke(LogType="Tail")
    assert done.payload == ["new", 1] and "Init Duration" in done.log
    served.advance(1)  # the first update is done
    served.awslambda.update_function_configuration(FunctionName="f", Environment={"Variables": {"MODE": "1"}})
    assert served.invoke().payload == ["new", 1]


def test_a_deleted_function_is_not_found(served):
    served.function(ECHO)
    served.invoke()
    served.awslambda.delete_function(FunctionName="f")
    answer = refusal(served.invoke)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert answer["Error"] == {"Code": "ResourceNotFoundException", "Message": f"Function not found: {ARN}:$LATEST"}
    assert (answer["Type"], answer["Message"]) == ("User", answer["Error"]["Message"])


def test_an_unknown_alias_is_not_found(served):
    served.function(ECHO)
    assert refusal(served.invoke, Qualifier="nope")["Error"]["Message"] == f"Function not found: {ARN}:nope"


# What the caller gets when something goes wrong.


def test_an_exception(served):
    code = (
        "class Odd(Exception):\n    pass\n\ndef inner():\n    raise Odd('é went wrong')\n\n"
        "def lambda_handler(event, context):\n    inner()\n"
    )
    served.function(code)
    done = served.invoke()
    assert (done.raw["StatusCode"], done.error, done.raw["ExecutedVersion"]) == (200, "Unhandled", "$LATEST")
    assert list(done.payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert done.payload == {
        "errorMessage": "é went wrong",
        "errorType": "Odd",
        "requestId": done.request_id,
        "stackTrace": [
            '  File "/var/task/lambda_function.py", line 8, in lambda_handler\n    inner()\n',
            "  File \"/var/task/lambda_function.py\", line 5, in inner\n    raise Odd('é went wrong')\n",
        ],
    }


def test_an_exception_while_the_module_loads(served):
    served.function("raise LookupError('no config')\n")
    done = served.invoke()
    assert done.error == "Unhandled"
    assert (done.payload["errorMessage"], done.payload["errorType"]) == ("no config", "LookupError")
    assert done.payload["requestId"] == ""
    assert any("importlib" in frame for frame in done.payload["stackTrace"])
    assert done.payload["stackTrace"][-1].startswith('  File "/var/task/lambda_function.py", line 1, in <module>\n')


@pytest.mark.parametrize(
    ("code", "configuration", "kind", "message"),
    [
        (ECHO, {"Handler": "other.lambda_handler"}, "Runtime.ImportModuleError", "module 'other': No module named"),
        (ECHO, {"Handler": "lambda_function.nope"}, "Runtime.HandlerNotFound", "Handler 'nope' missing on module"),
        (ECHO, {"Handler": "lambda_function"}, "Runtime.MalformedHandlerName", "Bad handler 'lambda_function'"),
        ("def lambda_handler(:\n", {}, "Runtime.UserCodeSyntaxError", "Syntax error in module 'lambda_function'"),
        ("def lambda_handler(e, c):\n    return {1, 2}\n", {}, "Runtime.MarshalError", "set is not JSON serializable"),
        ("def lambda_handler():\n    return 1\n", {}, "TypeError", "takes 0 positional arguments but 2 were given"),
    ],
)
def test_what_the_runtime_refuses(served, code, configuration, kind, message):
    served.function(code, **configuration)
    done = served.invoke()
    assert (done.error, done.payload["errorType"]) == ("Unhandled", kind)
    assert message in done.payload["errorMessage"]


def test_sys_exit(served):
    served.function("import sys\ndef lambda_handler(event, context):\n    sys.exit()\n")
    done = served.invoke()
    message = f"RequestId: {done.request_id} Error: Runtime exited without providing a reason"
    assert (done.error, done.payload) == ("Unhandled", {"errorType": "Runtime.ExitError", "errorMessage": message})


def test_a_timeout_ends_the_process(served):
    served.function(
        "import time\nn = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n"
        "    time.sleep(event.get('sleep', 0))\n    return n\n",
        Timeout=2,
    )
    assert [served.invoke().payload for _ in range(2)] == [1, 2]
    late = served.invoke(event={"sleep": 9}, LogType="Tail")
    assert late.raw["StatusCode"] == 200 and late.error == "Unhandled"
    message = f"RequestId: {late.request_id} Error: Task timed out after 2.00 seconds"
    assert late.payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    assert "Task timed out after 2.00 seconds" in late.log and "Status: timeout" in late.log
    assert served.invoke().payload == 1


@pytest.mark.parametrize("over", [False, True])
def test_the_largest_response(served, over):
    served.function(
        "def lambda_handler(event, context):\n    print('was here')\n    return 'x' * event\n", MemorySize=512
    )
    limit = 6 * 1024 * 1024 + 100
    done = served.invoke(event=limit - 2 + over, LogType="Tail")
    assert "was here" in done.log
    if over:
        message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        assert done.payload == {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        assert done.error == "Unhandled" and served.invoke(event=1).payload == "x"
    else:
        assert done.error is None and len(done.body) == limit


# Requests that are refused.


@pytest.mark.parametrize(
    "payload", [b"{oops", b"'text'", b"NaN", b"\xff\xfe[\x00]\x00", b"[" * 100_000], ids=lambda it: repr(it[:9])
)
def test_a_payload_that_is_no_json(served, payload):
    served.function(ECHO)
    answer = refusal(served.awslambda.invoke, FunctionName="f", Payload=payload)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400 and answer["Type"] == "User"
    assert answer["Error"]["Code"] == "InvalidRequestContentException"
    start = "Could not parse request body into json: Could not parse payload into json: "
    assert answer["message"].startswith(start)
    assert served.messages() == []


@pytest.mark.parametrize("context", ["%%%", "é", base64.b64encode(b"no json").decode()])
def test_a_client_context_that_is_no_base64_of_json(served, context):
    served.function(ECHO)
    answer = refusal(served.invoke, ClientContext=context)
    assert answer["Error"]["Code"] == "InvalidRequestContentException"
    assert "Client context must be a valid Base64-encoded JSON object" in answer["Error"]["Message"]


def test_a_package_that_cannot_be_unpacked_is_told_as_lambda_tells_it(served, make_zip):
    broken = bytearray(make_zip({"lambda_function.py": ECHO}))
    broken[broken.index(b"def")] ^= 1  # the directory of the zip is whole, what it holds is not
    served.function(bytes(broken))
    answer = refusal(served.invoke)
    assert answer["Error"]["Code"] == "InvalidZipFileException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert served.invoke(event={}, InvocationType="Event").raw["StatusCode"] == 202


# The context.


def test_the_context_object(served):
    served.function(
        "import time\ndef lambda_handler(event, context):\n"
        "    first = context.get_remaining_time_in_millis()\n    time.sleep(0.1)\n"
        "    second = context.get_remaining_time_in_millis()\n"
        "    names = ['aws_request_id', 'function_name', 'function_version', 'invoked_function_arn',\n"
        "             'memory_limit_in_mb', 'log_group_name', 'log_stream_name', 'client_context']\n"
        "    return {name: getattr(context, name) for name in names} | {'left': [first, second]}\n",
        MemorySize=512, Timeout=20,
    )  # fmt: skip
    done = served.invoke()
    found = done.payload
    first, second = found.pop("left")
    assert 10_000 < first <= 20_000 and first - second >= 90
    stream = found.pop("log_stream_name")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    streams = served.logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
    assert [each["logStreamName"] for each in streams] == [stream]
    assert found == {
        "aws_request_id": done.request_id,
        "function_name": "f",
        "function_version": "$LATEST",
        "invoked_function_arn": ARN,
        "memory_limit_in_mb": "512",
        "log_group_name": "/aws/lambda/f",
        "client_context": None,
    }


def test_the_client_context_reaches_the_handler_unchanged(served):
    served.function(
        "def lambda_handler(event, context):\n    given = context.client_context\n"
        "    return [given.custom, given.client.app_title]\n"
    )
    given = {"custom": {"é": "line\nbreak"}, "client": {"app_title": "app"}}
    pretty = json.dumps(given, indent=2, ensure_ascii=False).encode()
    done = served.invoke(ClientContext=base64.b64encode(pretty).decode())
    assert done.payload == [{"é": "line\nbreak"}, "app"]


# The log.


def test_the_lines_of_the_log(served):
    served.function(
        "import logging\nlogging.getLogger().setLevel('INFO')\n"
        "def lambda_handler(event, context):\n"
        "    print('two\\nlines')\n    print('carriage\\rreturn')\n    logging.info('several\\nlines')\n"
        "    return 'not logged'\n",
        MemorySize=512,
    )
    cold, warm = served.invoke(LogType="Tail"), served.invoke(LogType="Tail")
    report = rf"REPORT RequestId: {RID}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 512 MB"
    report += r"\tMax Memory Used: \d+ MB\t"
    expected = [
        r"INIT_START Runtime Version: python:3\.\d+\..+\n",
        rf"START RequestId: {cold.request_id} Version: \$LATEST\n",
        r"two\n",
        r"lines\n",
        r"carriage\rreturn\n",
        rf"\[INFO\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{cold.request_id}\tseveral\nlines\n",
        rf"END RequestId: {cold.request_id}\n",
        report + r"Init Duration: \d+\.\d\d ms\t\n",
    ]
    lines = served.messages()
    assert len(lines) == 8 + 7
    for pattern, line in zip(expected, lines, strict=False):
        assert re.fullmatch(pattern, line), (pattern, line)
    assert re.fullmatch(report + r"\n", lines[-1]) and f"RequestId: {warm.request_id}" in lines[-1]
    assert cold.log == "".join(lines[1:8]) and warm.log == "".join(lines[8:])
    assert "not logged" not in "".join(lines)


def test_an_exceptions_entry_is_one_event_indented_by_no_break_spaces(served):
    served.function("def lambda_handler(event, context):\n    raise ValueError('some error')\n")
    done = served.invoke()
    errors = [line for line in served.messages() if line.startswith("[ERROR]")]
    assert len(errors) == 1
    assert errors[0].startswith("[ERROR] ValueError: some error\nTraceback (most recent call last):\n")
    assert '\n\u00a0\u00a0File "/var/task/lambda_function.py", line 2, in lambda_handler\n' in errors[0]
    where = [line.split(" ")[0] for line in served.messages()]
    assert where.index("START") < where.index("[ERROR]") < where.index("END")
    assert done.request_id in served.messages()[-1]


def test_the_tail_is_the_last_four_kilobytes(served):
    served.function("def lambda_handler(event, context):\n    for n in range(1000):\n        print(f'line {n:04}')\n")
    done = served.invoke(LogType="Tail")
    assert len(done.log.encode()) == 4096
    assert "line 0999\nEND" in done.log and "line 0000" not in done.log and done.log.rstrip("\n").endswith("ms\t")
    assert len([line for line in served.messages() if line.startswith("line ")]) == 1000


TRACED = """
import os
def lambda_handler(event, context):
    return os.environ["_X_AMZN_TRACE_ID"]
"""


def test_a_trace_id_is_passed_on_and_made_where_there_is_none(served):
    served.function(TRACED)
    given = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    signed = served.awslambda.meta.events

    def add_header(request, **_):
        request.headers["X-Amzn-Trace-Id"] = given

    signed.register("before-sign.lambda.Invoke", add_header)
    try:
        assert re.fullmatch(f"{given};Lineage=1:[0-9a-f]{{8}}:0", served.invoke().payload)
    finally:
        signed.unregister("before-sign.lambda.Invoke", add_header)
    made = served.invoke().payload
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01];Lineage=1:[0-9a-f]{8}:0", made
    )
