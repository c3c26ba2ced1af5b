"""One environment, in a sandbox and without: its phases, what ends them, and what survives."""

from __future__ import annotations

import json
import os
import re
import threading
import time

import pytest

from labkit.clock import Clock
from labkit.runtime.host import transfer_seconds

COUNTER = "n = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n    return n\n"


def texts(completion):
    return [event.message for event in completion.log]


def test_state_survives_from_one_invocation_to_the_next(make_environment, run):
    environment = make_environment(COUNTER)
    done = [run(environment) for _ in range(3)]
    assert [each.payload for each in done] == [b"1", b"2", b"3"]
    assert [each.start_type for each in done] == ["cold", "warm", "warm"]
    assert done[0].init > 0 and done[1].init == 0
    assert all(each.billed >= each.duration + each.init for each in done)


def test_billed_time_counts_init_and_is_rounded_up_to_the_millisecond(make_environment, run):
    environment = make_environment("import time; time.sleep(0.2)\n" + COUNTER)
    cold, warm = run(environment), run(environment)
    assert cold.init > 0.2 and cold.billed > 0.2
    for each in (cold, warm):
        assert 0 <= each.billed - (each.init + each.duration) < 0.001


def test_the_process_is_frozen_between_invocations(make_environment, run):
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
    time.sleep(event["sleep"])
    return ticks
"""
    environment = make_environment(code)
    assert int(run(environment, {"sleep": 0.1}).payload) >= 10  # it ticks while the handler runs
    before = int(run(environment, {"sleep": 0}).payload)
    time.sleep(0.4)
    assert int(run(environment, {"sleep": 0}).payload) - before < 20  # of about 200 were it not frozen


def test_a_timeout_ends_the_process_but_not_tmp(make_environment, run):
    code = """
import tempfile, time
n = 0
def lambda_handler(event, context):
    global n
    n += 1
    with open(tempfile.gettempdir() + "/kept", "a+") as file:
        file.write("x")
        file.seek(0)
        kept = len(file.read())
    if event.get("sleep"):
        print("before")
        time.sleep(event["sleep"])
        print("after")
    return [n, kept]
"""
    environment = make_environment(code, timeout=1.0)
    run(environment, {})
    late = run(environment, {"sleep": 5})
    assert (late.outcome, late.function_error) == ("timeout", "Unhandled")
    error = json.loads(late.payload)
    assert error["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(r"RequestId: [\w-]{36} Error: Task timed out after 1\.00 seconds", error["errorMessage"])
    assert late.duration == pytest.approx(1.0)
    assert "before\n" in texts(late) and "after\n" not in texts(late)
    next_one = run(environment, {})
    assert json.loads(next_one.payload) == [1, 3]  # a new process, the same /tmp
    assert next_one.start_type == "warm" and next_one.init == 0 and next_one.duration > 0.01  # init is in the duration


def test_what_is_printed_after_a_timeout_is_in_no_log(make_environment, run):
    code = """
import time
def lambda_handler(event, context):
    while event:
        print("still here")
        time.sleep(0.0001)
"""
    environment = make_environment(code, timeout=1.0)
    run(environment)
    assert run(environment, {"loop": True}).outcome == "timeout"
    assert texts(run(environment))[0].startswith("START ")


def test_an_init_over_its_limit_is_done_again_in_the_invocation(make_environment, run):
    code = "import time\ntime.sleep(0.6)\ndef lambda_handler(event, context):\n    return 'at last'\n"
    environment = make_environment(code, init_limit=0.3, timeout=5.0)
    done = run(environment)
    assert done.payload == b'"at last"' and done.init == 0 and done.duration > 0.6
    report = [line for line in texts(done) if line.startswith("INIT_REPORT")]
    assert len(report) == 1
    found = re.fullmatch(r"INIT_REPORT Init Duration: (\d+\.\d\d) ms\tPhase: init\tStatus: timeout\n", report[0])
    assert found and float(found[1]) >= 300
    assert "Init Duration" not in texts(done)[-1]


def test_an_init_over_the_functions_timeout_never_gets_to_the_handler(make_environment, run):
    code = "import time\ntime.sleep(5)\ndef lambda_handler(event, context):\n    return 1\n"
    environment = make_environment(code, init_limit=0.2, timeout=0.3)
    done = run(environment)
    assert (done.outcome, json.loads(done.payload)["errorType"]) == ("timeout", "Sandbox.Timedout")
    assert done.duration == pytest.approx(0.3, abs=0.1)


def test_an_import_error_is_told_with_an_empty_request_id(make_environment, run):
    environment = make_environment("import nowhere\n")
    error = json.loads(run(environment).payload)
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'lambda_function': No module named 'nowhere'"
    assert error["requestId"] == ""


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("import sys; sys.exit()", "Runtime exited without providing a reason"),
        ("import sys; sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Runtime exited with error: signal: killed"),
    ],
)
def test_a_handler_that_ends_its_process(make_environment, run, statement, message):
    environment = make_environment(f"def lambda_handler(event, context):\n    if event: {statement}\n    return 'ok'\n")
    run(environment)
    ended = run(environment, {"end": True})
    assert ended.outcome == "error" and json.loads(ended.payload)["errorType"] == "Runtime.ExitError"
    assert json.loads(ended.payload)["errorMessage"].endswith(f" Error: {message}")
    assert run(environment).payload == b'"ok"'


def test_a_module_that_ends_its_process_is_initialised_twice(make_environment, run):
    environment = make_environment("print('once more')\nimport sys\nsys.exit(4)\n")
    done = run(environment)
    error = json.loads(done.payload)
    assert re.fullmatch(r"RequestId: [\w-]{36} Error: Runtime exited with error: exit status 4", error["errorMessage"])
    assert texts(done).count("once more\n") == 2


def test_memory_over_the_limit_ends_the_process(make_environment, run):
    code = "def lambda_handler(event, context):\n    return len(b'1' * (event['mb'] << 20))\n"
    environment = make_environment(code, memory=128)
    killed = run(environment, {"mb": 300})
    assert (killed.outcome, killed.max_memory) == ("out_of_memory", 128.0)
    assert json.loads(killed.payload)["errorType"] == "Runtime.ExitError"
    assert json.loads(killed.payload)["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Max Memory Used: 128 MB" in texts(killed)[-1]
    assert run(environment, {"mb": 10}).payload == str(10 << 20).encode()


def test_most_memory_is_measured(make_environment, run):
    code = "def lambda_handler(event, context):\n    held = b'1' * (event['mb'] << 20)\n"
    environment = make_environment(code)
    little, much = run(environment, {"mb": 1}), run(environment, {"mb": 150})
    assert 5 < little.max_memory < 100 and 150 < much.max_memory < 300
    assert run(environment, {"mb": 1}).max_memory >= much.max_memory  # it is the environment's maximum, not the call's


def test_who_waits_for_an_answer_is_told_when_the_environment_is_ended(make_environment, run):
    environment = make_environment(
        "import time\ndef lambda_handler(event, context):\n    print('in')\n    time.sleep(60)\n", timeout=60.0
    )
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(run(environment)), daemon=True)
    waiting.start()
    deadline = time.monotonic() + 60
    while b"in\n" not in (environment._layout.log.read_bytes() if environment._layout.log.exists() else b""):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    environment.terminate()
    waiting.join(60)
    assert not waiting.is_alive(), "it waits for the timeout of a function that is gone"
    assert answers[0].function_error == "Unhandled"


def test_terminate_leaves_no_file(make_environment, run):
    environment = make_environment(COUNTER)
    run(environment)
    assert environment._layout.directory.exists()
    environment.terminate()
    assert not environment._layout.directory.exists()


def test_a_cold_start_tells_the_account_time_of_each_line(make_environment, run):
    clock = Clock()
    clock.advance(days=2)
    environment = make_environment(
        "import logging\ndef lambda_handler(event, context):\n    logging.getLogger().warning('w')\n    print('p')\n",
        clock=clock,
    )
    before = time.time() + 2 * 86_400
    done = run(environment)
    assert all(before - 1 < event.timestamp < before + 30 for event in done.log)
    assert [event.timestamp for event in done.log] == sorted(event.timestamp for event in done.log)


def test_layers_lie_over_each_other_and_under_the_function(make_environment, run):
    environment = make_environment(
        "import one, two, lambda_data\ndef lambda_handler(event, context):\n"
        "    return [one.word, two.word, open('/opt/note').read() if event else None]\n",
        layers=[
            {"python/one.py": "word = 'first'", "python/two.py": "word = 'first'", "python/lambda_data.py": ""},
            {"python/two.py": "word = 'second'"},
        ],
    )
    assert json.loads(run(environment).payload) == ["first", "second", None]


def test_what_is_told_has_lambdas_paths(make_environment, run):
    environment = make_environment("def lambda_handler(event, context):\n    print(__file__)\n    raise ValueError\n")
    done = run(environment)
    assert "/var/task/lambda_function.py\n" in texts(done)
    frame = json.loads(done.payload)["stackTrace"][0]
    assert frame.startswith('  File "/var/task/lambda_function.py", line 3, in lambda_handler\n')


def test_a_package_travels_before_it_is_unpacked():
    assert transfer_seconds(0) == 0
    assert transfer_seconds(50 << 20) == pytest.approx((50 << 20) * 8 / 625e6)


def test_the_transfer_is_in_the_time_before_init(make_environment):
    started = time.perf_counter()
    make_environment({"data.bin": os.urandom(8 << 20)})
    assert time.perf_counter() - started >= transfer_seconds(8 << 20)


def test_a_flood_of_log_keeps_its_beginning_and_the_next_log_is_whole(make_environment, run):
    code = """
def lambda_handler(event, context):
    for number in range(event):
        print(f"{number:08d}", "x" * 1014)
"""
    environment = make_environment(code)
    lines = texts(run(environment, 6 * 1024))
    assert lines[2].startswith("00000000 x")
    assert [line for line in lines if "left out" in line] == ["labkit: 2.0 MB of log follow here and are left out\n"]
    assert lines[-1].startswith("REPORT ")
    assert len(texts(run(environment, 3))) == 3 + len(("START", "END", "REPORT"))


def test_memory_shared_by_forks_counts_once(make_environment, run):
    code = """
import os, time
held = b"1" * (60 << 20)
def lambda_handler(event, context):
    for _ in range(4):
        if os.fork() == 0:
            time.sleep(0.2)
            os._exit(0)
    for _ in range(4):
        os.wait()
    return "all done"
"""
    environment = make_environment(code, memory=256)
    assert run(environment).payload == b'"all done"'
