"""The life of an execution environment as boto3 sees it, through `labkit serve`."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

HANDLER = "def lambda_handler(event, context):\n    return 'served'\n"
COUNTER = """
import os, time
n = 0
def lambda_handler(event, context):
    global n
    n += 1
    with open("/tmp/kept", "a+") as file:
        file.write("x")
        file.seek(0)
        kept = len(file.read())
    exec(event)
    return [n, kept]
"""


def reports(lines, name):
    """The fields of the lines that begin with this word."""
    return [
        dict(re.findall(r"([A-Z][A-Za-z ]+): ([^\t\n]+)", line.partition(" ")[2]))
        for line in lines
        if line.startswith(name)
    ]


def milliseconds(field):
    return float(field.removesuffix(" ms"))


# Init.


def test_init_is_once_and_told_of_by_the_first_report_only(served):
    served.function("import time\ntime.sleep(0.2)\nprint('loading')\n" + HANDLER)
    for _ in range(3):
        assert served.invoke().payload == "served"
    assert served.messages().count("loading\n") == 1
    first, *others = reports(served.messages(), "REPORT")
    assert milliseconds(first["Init Duration"]) > 200 > milliseconds(first["Duration"])
    billed = milliseconds(first["Duration"]) + milliseconds(first["Init Duration"])
    assert billed <= milliseconds(first["Billed Duration"]) < billed + 1.02
    assert all("Init Duration" not in each for each in others)


def test_init_may_take_ten_seconds_and_more_only_ahead_of_traffic(served, sandboxed, eventually):
    slow = (
        "import os, time\nif not os.path.exists('/tmp/seen'):\n    open('/tmp/seen', 'w').close()\n    time.sleep({})\n"
    )
    served.function(slow.format(60) + HANDLER, Timeout=30)
    served.function(slow.format(10.5) + HANDLER, "ahead", Timeout=30)
    served.awslambda.publish_version(FunctionName="ahead")
    configured = {"FunctionName": "ahead", "Qualifier": "1"}
    served.awslambda.put_provisioned_concurrency_config(**configured, ProvisionedConcurrentExecutions=1)
    assert served.invoke(LogType="Tail").payload == "served"
    tried = reports(served.messages(), "INIT_REPORT")
    assert [(each["Phase"], each["Status"]) for each in tried] == [("init", "timeout")]
    assert 10_000 <= milliseconds(tried[0]["Init Duration"]) < 13_000
    [done] = reports(served.messages(), "REPORT")
    assert "Init Duration" not in done and milliseconds(done["Billed Duration"]) < 10_000
    eventually(lambda: served.awslambda.get_provisioned_concurrency_config(**configured)["Status"] == "READY")
    assert served.invoke("ahead", Qualifier="1").payload == "served"
    assert reports(served.messages("ahead"), "INIT_REPORT") == []


def test_the_second_init_is_within_the_functions_timeout(served):
    served.function("import sys\nsys.exit(3)\n", Timeout=20)
    failed = served.invoke()
    assert failed.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert [each["Phase"] for each in reports(served.messages(), "INIT_REPORT")] == ["init", "invoke"]
    served.function("import time\ntime.sleep(1.5)\nraise ValueError\n", "late", Timeout=1)
    assert served.invoke("late").payload["errorType"] == "Sandbox.Timedout"
    [done] = reports(served.messages("late"), "REPORT")
    assert (done["Duration"], done["Status"]) == ("1000.00 ms", "timeout")


def test_a_segmentation_fault_during_init_ends_in_the_timeout_and_one_in_the_handler_at_once(served):
    fault = "import ctypes\n{}ctypes.string_at(0)\n"
    served.function(fault.format(""), Timeout=2)
    answer = served.invoke()
    message = f"RequestId: {answer.request_id} Error: Task timed out after 2.00 seconds"
    assert answer.payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    served.function(fault.format("def lambda_handler(event, context):\n    "), "handler", Timeout=20)
    assert served.invoke("handler").payload["errorMessage"].endswith("signal: segmentation fault")


# Between invocations.


def test_threads_stand_still_between_invocations(served):
    code = """
import threading, time
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        time.sleep(0.002)
threading.Thread(target=tick, daemon=True).start()
def lambda_handler(event, context):
    time.sleep(event)
    return ticks
"""
    served.function(code)
    assert served.invoke(event=0.2).payload > 20
    before = served.invoke(event=0).payload
    time.sleep(0.5)
    assert served.invoke(event=0).payload - before < 25  # of about 250 were it not frozen


def test_state_and_tmp_are_kept_and_the_deadline_is_each_invocations_own(served, sandboxed):
    served.function(COUNTER, Timeout=5)
    assert [served.invoke(event="").payload for _ in range(3)] == [[1, 1], [2, 2], [3, 3]]


# What ends a process, and what is left after it.


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("raise SystemExit(7)", "Runtime exited with error: exit status 7"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
        ("os.kill(os.getpid(), 15)", "Runtime exited with error: signal: terminated"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("import ctypes; ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault"),
        ("raise BaseException", "Runtime exited with error: exit status 1"),
    ],
)
def test_a_crash_loses_the_state_and_keeps_tmp_and_the_next_init_is_suppressed(served, sandboxed, ends, told):
    served.function(COUNTER)
    assert served.invoke(event="").payload == [1, 1]
    crashed = served.invoke(event=ends, LogType="Tail")
    message = f"RequestId: {crashed.request_id} Error: {told}"
    assert (crashed.error, crashed.raw["StatusCode"]) == ("Unhandled", 200)
    assert list(crashed.payload.items()) == [("errorType", "Runtime.ExitError"), ("errorMessage", message)]
    assert f"{message}\nRuntime.ExitError\n" in crashed.log
    assert reports([crashed.log.splitlines()[-1]], "REPORT")[0]["Status"] == "error"
    after = served.invoke(event="", LogType="Tail")
    assert after.payload == [1, 3]
    assert "INIT" not in after.log and "Init Duration" not in after.log


def test_a_timeout_loses_the_state_and_keeps_tmp(served, sandboxed):
    served.function(COUNTER, Timeout=1)
    assert served.invoke(event="").payload == [1, 1]
    late = served.invoke(event="print('before'); time.sleep(3); print('after')", LogType="Tail")
    message = f"RequestId: {late.request_id} Error: Task timed out after 1.00 seconds"
    assert late.payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    assert "before\n" in late.log and "after\n" not in late.log
    assert served.invoke(event="").payload == [1, 3]


def test_a_crash_loop_goes_on_in_one_environment_and_ends_when_the_code_is_mended(served, make_zip):
    served.function("import os\nos._exit(1)\n")
    with ThreadPoolExecutor(3) as callers:
        answers = list(callers.map(lambda _: served.invoke(), range(15)))
    assert {answer.payload["errorType"] for answer in answers} == {"Runtime.ExitError"}
    assert len(served.logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]) <= 3
    served.awslambda.update_function_code(FunctionName="f", ZipFile=make_zip(HANDLER))
    assert served.invoke().payload == "served"


def test_over_its_memory_it_is_killed(served):
    served.function("def lambda_handler(event, context):\n    return len(bytearray(event << 20))\n", MemorySize=128)
    killed = served.invoke(event=200, LogType="Tail")
    message = f"RequestId: {killed.request_id} Error: Runtime exited with error: signal: killed"
    assert killed.payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    [told] = reports(killed.log.splitlines(), "REPORT")
    assert (told["Memory Size"], told["Max Memory Used"]) == ("128 MB", "128 MB")
    assert served.invoke(event=1).payload == 1 << 20


# Sizes.


def test_a_request_is_as_large_as_it_may_be(served):
    served.function("def lambda_handler(event, context):\n    return len(event)\n", MemorySize=512)
    limit = 6 * 1024 * 1024
    assert served.invoke(event="x" * (limit - 2)).payload == limit - 2
    with pytest.raises(ClientError) as refused:
        served.invoke(event="x" * (limit - 1))
    error = refused.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert error["Error"]["Code"] == "RequestEntityTooLargeException"
    assert served.invoke(event="x").payload == 1


def test_what_can_not_be_told_as_json(served):
    returns = "def lambda_handler(event, context):\n    return {}\n"
    for number, (result, reason) in enumerate(
        [("{1, 2}", "set is not JSON serializable"), ("object", "type is not JSON"), ("[].append", "not JSON")]
    ):
        served.function(returns.format(result), f"f{number}")
        answer = served.invoke(f"f{number}")
        assert (answer.error, answer.payload["errorType"]) == ("Unhandled", "Runtime.MarshalError")
        assert reason in answer.payload["errorMessage"] and "Unable to marshal response" in json.dumps(answer.payload)
