"""SnapStart: environments restored from a snapshot by fork, in a sandbox and without one."""

from __future__ import annotations

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from served import descendants

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted and limited on Linux")

STATE = """
import os, random, tempfile, uuid
me, n = uuid.uuid4().hex, 0
with open(os.path.join(tempfile.gettempdir(), "from_init"), "w") as file:
    file.write("written at Init")
def lambda_handler(event, context):
    global n
    n += 1
    folder = tempfile.gettempdir()
    with open(os.path.join(folder, "from_init")) as file:
        before = file.read()
    with open(os.path.join(folder, "from_init"), "w") as file:
        file.write(f"changed by {context.log_stream_name}")
    print("handled")
    return dict(
        me=me, n=n, random=random.random(), urandom=os.urandom(8).hex(), before=before, stream=context.log_stream_name,
        type=os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], files=sorted(os.listdir(folder)),
    )
"""


def payload(completion):
    assert completion.outcome == "ok", completion.payload
    return json.loads(completion.payload)


def messages(completion):
    return [event.message for event in completion.log]


def test_what_init_made_is_there_once_in_every_restored_environment(make_snapshot, run):
    taken = make_snapshot(STATE)
    assert taken.failure is None
    first, second = (payload(run(taken.restore())) for _ in range(2))
    assert first["type"] == "snap-start" and first["n"] == second["n"] == 1
    assert first["me"] == second["me"] and first["random"] == second["random"]  # not unique, as on Lambda
    assert first["urandom"] != second["urandom"] and first["stream"] != second["stream"]


def test_tmp_is_that_of_the_snapshot_and_private_afterwards(make_snapshot, run):
    taken = make_snapshot(STATE)
    one, other = taken.restore(), taken.restore()
    for environment in (one, other):
        assert payload(run(environment))["before"] == "written at Init"
        again = payload(run(environment))
        assert again["before"] == f"changed by {environment.log_stream}" and again["files"] == ["from_init"]


def test_it_is_restored_once_and_then_warm(make_snapshot, run):
    environment = make_snapshot(STATE).restore()
    first, second = run(environment), run(environment)
    assert (first.start_type, second.start_type) == ("restored", "warm")
    assert 0 < first.init < 5 and second.init == 0
    assert 0 < first.billed_restore <= first.billed and first.duration <= first.billed
    assert second.billed_restore == 0


def test_the_log_tells_of_the_restore(make_snapshot, run):
    taken = make_snapshot(STATE)
    assert [event.message.split("\t")[0] for event in taken.log] == [messages_start("INIT")]
    lines = messages(run(taken.restore()))
    assert lines[0].startswith(messages_start("RESTORE") + "\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:")
    assert re.fullmatch(r"RESTORE_REPORT Restore Duration: \d+\.\d\d ms\n", lines[1])
    assert lines[2].startswith("START RequestId: ") and lines[3:4] == ["handled\n"] and lines[4].startswith("END")
    shape = r"REPORT .*\tMax Memory Used: \d+ MB\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t\n"
    assert re.fullmatch(shape, lines[5]) and len(lines) == 6


def messages_start(word):
    version = f"{sys.version_info.major}.{sys.version_info.minor}.v{sys.version_info.micro}"
    return f"{word}_START Runtime Version: python:{version}"


HOOKS = """
import time
from snapshot_restore_py import register_after_restore, register_before_snapshot
seen = []
@register_before_snapshot
def before():
    seen.append("before")
    print("taking")
@register_after_restore
def after():
    seen.append("after")
    print("restored")
    {after}
def lambda_handler(event, context):
    return seen
"""


def test_the_hooks_run(make_snapshot, run):
    taken = make_snapshot(HOOKS.format(after=""))
    assert "taking\n" in [event.message for event in taken.log]
    for _ in range(2):
        done = run(taken.restore())
        assert payload(done) == ["before", "after"]
        lines = messages(done)
        assert lines.index("restored\n") == 1 and lines[2].startswith("RESTORE_REPORT")


def test_what_a_hook_takes_is_billed(make_snapshot, run):
    done = run(make_snapshot(HOOKS.format(after="time.sleep(0.8)")).restore())
    assert done.init >= 0.8  # the bill begins when the account learns that the process is there
    assert done.billed_restore >= 0.3 and done.billed >= 0.3 > done.duration


def test_a_hook_that_fails_is_an_exception_of_the_api(make_snapshot, run):
    environment = make_snapshot(HOOKS.format(after="raise ValueError('no connection')")).restore()
    for _ in range(2):  # each invocation tries again
        done = run(environment)
        assert (done.refused_as, done.outcome) == ("SnapStartException", "error")
        assert b"no connection" in done.payload
        assert any("\tStatus: error\tError Type: " in line for line in messages(done))
        assert any("no connection" in line for line in messages(done))


def test_a_restore_that_takes_too_long_is_ended(make_snapshot, run):
    environment = make_snapshot(HOOKS.format(after="time.sleep(30)"), restore_limit=0.5).restore()
    done = run(environment)
    assert (done.refused_as, done.outcome) == ("SnapStartTimeoutException", "timeout")
    assert 0.5 <= done.init < 5 and messages(done)[-1].endswith("\tStatus: timeout\n")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("raise ValueError('no')", "ValueError"),
        ("import os; os._exit(3)", "Runtime.ExitError"),
        (
            "from snapshot_restore_py import register_before_snapshot\nregister_before_snapshot(lambda: 1 / 0)\n"
            "def lambda_handler(event, context): pass",
            "Runtime.BeforeSnapshotError",
        ),
    ],
)
def test_a_snapshot_that_can_not_be_taken_says_why(make_snapshot, code, error):
    taken = make_snapshot(code)
    assert taken.failure.error_type == error


BEHAVING = """
import os, sys, threading, time
ticks = 0
def tick():
    global ticks
    while True:
        ticks += 1
        time.sleep(0.01)
def lambda_handler(event, context):
    match event["do"]:
        case "tick":
            threading.Thread(target=tick, daemon=True).start()
        case "ticks":
            return ticks
        case "sleep":
            time.sleep(30)
        case "grow":
            held = bytearray(1 << 30)
            for i in range(0, len(held), 4096):
                held[i] = 1
        case "children":
            for _ in range(2):
                if os.fork() == 0:
                    held = b"x" * (100 << 20)
                    time.sleep(30)
            time.sleep(30)
        case "exit":
            os._exit(7)
        case "kill":
            os.kill(os.getpid(), 9)
        case "see":
            status = dict(line.split(":\\t", 1) for line in open("/proc/self/status"))
            modules = [name for name in ("restore", "restored", "supervisor", "linux", "guard") if name in sys.modules]
            return status["CapEff"].strip(), status["CapPrm"].strip(), modules, [p for p in sys.path if "rapid" in p]
        case "open":
            return sorted(map(int, os.listdir("/proc/self/fd")))
    return "done"
"""


def test_it_is_frozen_between_invocations(make_snapshot, run):
    environment = make_snapshot(BEHAVING).restore()
    run(environment, {"do": "tick"})
    time.sleep(0.5)
    assert payload(run(environment, {"do": "ticks"})) < 25


@pytest.mark.parametrize(
    ("event", "configuration", "outcome"),
    [
        ("sleep", {"timeout": 1.0}, "timeout"), ("exit", {}, "error"), ("kill", {}, "error"),
        ("grow", {"memory": 128}, "out_of_memory"), ("children", {"memory": 128}, "out_of_memory"),
    ],
)  # fmt: skip
def test_it_ends_as_others_do_and_is_restored_again_in_the_next_invocation(
    make_snapshot, run, event, configuration, outcome
):
    environment = make_snapshot(BEHAVING, **configuration).restore()
    assert payload(run(environment, {"do": ""})) == "done"
    done = run(environment, {"do": event})
    assert done.outcome == outcome and done.start_type == "warm" and done.function_error == "Unhandled"
    after = run(environment, {"do": ""})
    assert payload(after) == "done" and after.init == 0


def test_the_limit_on_memory_counts_what_is_shared(make_snapshot, run):
    code = "held = bytearray(b'x') * (100 << 20)\ndef lambda_handler(event, context):\n    return len(held)\n"
    done = run(make_snapshot(code, memory=256).restore())
    assert payload(done) == 100 << 20 and 100 <= done.max_memory <= 150


def test_the_function_has_no_more_rights_and_modules_than_elsewhere(make_snapshot, make_environment, run):
    restored, cold = make_snapshot(BEHAVING).restore(), make_environment(BEHAVING)
    for event in ({"do": "see"}, {"do": "open"}):
        assert payload(run(restored, event)) == payload(run(cold, event))


def test_several_are_restored_at_once(make_snapshot, run):
    taken = make_snapshot(STATE)
    environments = [taken.restore() for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        done = [payload(each) for each in threads.map(run, environments)]
    assert len({each["stream"] for each in done}) == 6 and {each["n"] for each in done} == {1}
    assert len({each["me"] for each in done}) == len({each["random"] for each in done}) == 1


def test_no_process_is_left_of_it(make_snapshot, run, eventually):
    taken = make_snapshot(BEHAVING)
    restored = [taken.restore() for _ in range(2)]
    for environment in restored:
        run(environment, {"do": "tick"})
    supervisor = taken.snapshot._process.supervisor._pid
    # A supervisor and a runtime each, the snapshot, and the sandbox of the next one.
    eventually(lambda: len(descendants(supervisor)) == 2 * 2 + 2)
    restored[0].terminate()
    eventually(lambda: len(descendants(supervisor)) == 4)
    taken.snapshot.retire()
    assert payload(run(restored[1], {"do": ""})) == "done"  # it outlives the version
    restored[1].terminate()
    eventually(lambda: not descendants(supervisor))


def test_a_snapshot_rests(make_snapshot):
    taken = make_snapshot("x = 1\ndef lambda_handler(event, context): pass\n")
    time.sleep(0.3)
    pids = {taken.snapshot._process.supervisor._pid, *descendants(taken.snapshot._process.supervisor._pid)}
    before = sum(map(switches, pids))
    time.sleep(0.5)
    assert sum(map(switches, pids)) == before


def switches(pid):
    with open(f"/proc/{pid}/status") as status:
        return sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
