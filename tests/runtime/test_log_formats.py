"""A function's log as text and as JSON, and what its levels leave out, through `labkit serve`."""

from __future__ import annotations

import json

import pytest

SPEAKS = """
import json, logging
logger = logging.getLogger()
logger.setLevel("DEBUG")
def lambda_handler(event, context):
    print("printed plainly")
    for level in ("debug", "info", "warn", "error"):
        print(json.dumps({"timestamp": "2026-01-01T00:00:00Z", "level": level, "told": "printed as " + level}))
    print(json.dumps({"level": "error", "told": "printed without a time"}))
    logger.debug("logged as debug")
    logger.info("logged as info\\nin two lines", extra={"order": 7})
    logger.warning("logged as warn")
    logger.error("logged as error")
    if event == "fail":
        raise LookupError("not there")
    return 1
"""
ALL = {
    "printed plainly", "printed as debug", "printed as info", "printed as warn", "printed as error",
    "printed without a time", "logged as debug", "logged as info\nin two lines", "logged as warn", "logged as error",
}  # fmt: skip


def settings(application, system="INFO"):
    return {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": application, "SystemLogLevel": system}}


def records(served, event=None, name="f"):
    """What an invocation adds to the log, each line of it read as JSON where it is."""
    before = len(served.messages(name))
    served.invoke(name, event=event)
    lines = [line.rstrip("\n") for line in served.messages(name)[before:]]
    return [json.loads(line) if line.startswith("{") else line for line in lines]


def spoken(found):
    """What the handler said."""
    said = {each if isinstance(each, str) else each.get("told") or each.get("message") for each in found}
    return said & ALL


@pytest.mark.parametrize(
    ("level", "left_out"),
    [
        ("TRACE", set()),
        ("DEBUG", set()),
        ("INFO", {"printed as debug", "logged as debug"}),
        ("WARN", {each for each in ALL if "warn" not in each and "error" not in each}),
        ("ERROR", {each for each in ALL if "error" not in each}),
        ("FATAL", ALL),
    ],
)
def test_levels_choose_among_what_is_logged_and_what_is_printed(served, level, left_out):
    served.function(SPEAKS, **settings(level))
    assert spoken(records(served)) == ALL - left_out


def test_without_json_no_level_chooses(served):
    served.function(SPEAKS)
    log = "".join(map(str, records(served)))
    assert "logged as debug" in log and "printed as debug" in log


def test_a_record_has_its_request_and_what_was_added_and_lines_stay_together(served):
    served.function(SPEAKS, **settings("INFO"))
    answer = served.invoke()
    record = next(json.loads(line) for line in served.messages() if "two lines" in line)
    assert record["requestId"] == answer.request_id
    assert (record["level"], record["logger"], record["order"]) == ("INFO", "root", 7)
    assert record["message"] == "logged as info\nin two lines"


def test_an_exception_is_a_record(served):
    served.function(SPEAKS, **settings("ERROR"))
    told = [each for each in records(served, "fail") if isinstance(each, dict) and "errorType" in each]
    error = next(each for each in told if each.get("level") == "ERROR")
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "not there")
    assert error["stackTrace"][-1].startswith('  File "/var/task/lambda_function.py", line ')


COLD, WARM, FAILS = "cold", "warm", "fails"
SUCCESS = {
    "DEBUG": {
        COLD: ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"],
        WARM: ["start", "runtimeDone", "report"],
    },
    "INFO": {COLD: ["initStart", "start", "report"], WARM: ["start", "report"]},
    "WARN": {COLD: [], WARM: []},
}


@pytest.mark.parametrize("level", SUCCESS)
def test_the_platforms_own_records_have_levels_too(served, level):
    served.function(SPEAKS, **settings("FATAL", level))

    def kinds(event=None):
        return [each["type"].removeprefix("platform.") for each in records(served, event)]

    assert kinds() == SUCCESS[level][COLD]
    assert kinds() == SUCCESS[level][WARM]
    assert kinds("fail") == [*(["start"] if level != "WARN" else []), "runtimeDone", "report"]


def test_the_platforms_records_tell_what_the_lines_of_a_text_log_do(served):
    served.function(SPEAKS, **settings("FATAL", "DEBUG"))
    found = {each["type"]: each["record"] for each in records(served)}
    answer = served.invoke()
    assert found["platform.initStart"]["initializationType"] == "on-demand"
    assert found["platform.initReport"]["status"] == "success"
    metrics = found["platform.report"]["metrics"]
    assert list(metrics) == ["durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"]
    assert found["platform.initReport"]["metrics"]["durationMs"] == metrics["initDurationMs"]
    warm = json.loads(served.messages()[-1])
    assert (warm["type"], warm["record"]["requestId"]) == ("platform.report", answer.request_id)
    assert "initDurationMs" not in warm["record"]["metrics"]


@pytest.mark.parametrize("code", ["raise ValueError('broken')\n", "import os\nos._exit(3)\n"])
def test_an_init_that_fails_is_warned_of(served, code):
    served.function(code, **settings("FATAL", "WARN"))
    found = [each for each in records(served) if isinstance(each, dict)]
    assert [(each["type"], each["record"].get("phase")) for each in found] == [
        ("platform.initRuntimeDone", "init"), ("platform.initReport", "init"),
        ("platform.initRuntimeDone", "invoke"), ("platform.initReport", "invoke"),
        ("platform.runtimeDone", None), ("platform.report", None),
    ]  # fmt: skip
    assert {each["record"]["status"] for each in found} == {"error"}


def test_what_a_handler_prints_is_not_taken_for_the_platforms(served):
    code = "def lambda_handler(event, context):\n    print('INIT_START of my own')\n    print('START of my own')\n"
    served.function(code)
    for _ in range(2):
        assert "INIT_START of my own\nSTART of my own\n" in served.invoke(LogType="Tail").log
