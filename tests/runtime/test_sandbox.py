"""What a sandbox shows and holds; skipped where the machine has none."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def inside(make_environment, run):
    """What an expression of Python is in a function."""

    def evaluate(expression, **configuration):
        code = f"import os, pathlib\ndef lambda_handler(event, context):\n    return {expression}\n"
        done = run(make_environment(code, **configuration))
        assert done.function_error is None, done.payload
        return json.loads(done.payload)

    return evaluate


pytestmark = pytest.mark.parametrize("make_host", ["sandboxed"], indirect=True)


def test_the_function_is_where_lambda_has_it(inside):
    assert inside("[__file__, os.getcwd(), os.environ['LAMBDA_TASK_ROOT'], sorted(os.listdir('/var'))]") == [
        "/var/task/lambda_function.py", "/var/task", "/var/task", ["rapid", "runtime", "task"],
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["/var/task/x", "/x", "/opt/x", "/var/runtime/x", "/etc/x", "/usr/x"])
def test_only_tmp_can_be_written(make_environment, run, place):
    done = run(make_environment(f"def lambda_handler(event, context):\n    open({place!r}, 'w')\n"))
    assert json.loads(done.payload)["errorType"] == "OSError"
    assert "Read-only file system" in json.loads(done.payload)["errorMessage"]


def test_nothing_else_of_the_machines_files_is_seen(inside, tmp_path):
    assert (
        inside(f"[os.path.exists(path) for path in ({str(tmp_path)!r}, '/home', '/work', '/dev/shm')]") == [False] * 4
    )


def test_processes_of_the_machine_are_not_seen(inside):
    assert inside("len([name for name in os.listdir('/proc') if name.isdigit()])") == 2  # the supervisor and this one


def test_tmp_has_its_size_and_is_private(make_environment, run):
    code = """
import os
def lambda_handler(event, context):
    found = os.listdir("/tmp")
    with open("/tmp/data", "wb") as file:
        file.write(b"x" * (event << 20))
    return found
"""
    small = make_environment(code, ephemeral_storage=16)
    assert json.loads(run(small, 8).payload) == []
    assert json.loads(run(make_environment(code), 1).payload) == []
    assert json.loads(run(small, 1).payload) == ["data"]
    error = json.loads(run(small, 32).payload)
    assert error["errorType"] == "OSError" and "No space left on device" in error["errorMessage"]


def test_layers_are_in_opt(make_environment, run):
    environment = make_environment(
        "def lambda_handler(event, context):\n    return open('/opt/note').read()\n",
        layers=[{"note": "first"}, {"note": "second"}],
    )
    assert json.loads(run(environment).payload) == "second"


def test_a_daemon_of_the_function_is_frozen_and_ends_with_it(make_environment, run):
    code = """
import os, time
def lambda_handler(event, context):
    if event == "start":
        if os.fork() == 0:
            os.setsid()
            while True:
                open("/tmp/ticks", "a").write(".")
                time.sleep(0.002)
        while not os.path.exists("/tmp/ticks"):
            time.sleep(0.002)
    if event == "exit":
        os._exit(1)
    return os.path.getsize("/tmp/ticks")
"""
    import time

    environment = make_environment(code)
    before = int(run(environment, "start").payload)
    time.sleep(0.4)
    after = int(run(environment, "look").payload)
    assert after - before < 50  # of about 200 were it not frozen
    assert run(environment, "exit").outcome == "error"
    ended = int(run(environment, "look").payload)
    assert int(run(environment, "look").payload) == ended


LIBC = "__import__('ctypes').CDLL(None)"
NEW_USERS, NEW_MOUNTS = 0x10000000, 0x00020000


@pytest.mark.parametrize(
    "call",
    [
        f"unshare({NEW_USERS})",
        f"unshare({NEW_USERS | NEW_MOUNTS})",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "memfd_create(b'uncounted', 0)",
        "shmget(0, 1 << 20, 0o1600)",
    ],
)
def test_what_would_lead_past_its_limits_is_refused(inside, call):
    assert inside(f"{LIBC}.{call}") == -1


def test_threads_and_programs_start_as_ever(inside):
    program = "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)[1]"
    assert inside(f"[__import__('subprocess').run(['true']).returncode, {program}]") == [0, 0]
    assert inside("__import__('concurrent.futures').futures.ThreadPoolExecutor().submit(int, 7).result()") == 7
