"""Environments end when they are told to, when the account ends, and when the process that holds it is killed.

These have no sandbox, so that their processes can be seen from here; tests/runtime/test_sandbox.py has those that do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from labkit.runtime.control import SpawnError
from labkit.runtime.inbox import Inbox
from labkit.runtime.spawner import Spawner

PYTHON = [sys.executable, "-I", "-S", "-c"]
SLEEP = "import time; time.sleep(300)"
# Each of four generations leaves its session, ignores SIGTERM and tells its process id in a file.
DAEMONS = """
import os, signal, sys, time
def daemon(left):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
        if left:
            daemon(left - 1)
        time.sleep(300)
daemon(3)
time.sleep(300)
"""
TWICE_FORKED = """
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
        time.sleep(300)
    os._exit(0)
time.sleep(300)
"""


@pytest.fixture
def spawner(tmp_path):
    folder = tmp_path / "account"
    folder.mkdir()
    started = Spawner(folder)
    yield started
    started.close()


class Child:
    """A supervised process, and how it ended."""

    def __init__(self, spawner, tmp_path, *arguments, memory=512):
        self.log = tmp_path / "log"
        self.inbox = Inbox()
        self.supervisor = spawner.supervise(None, self.log, memory, self.inbox)
        self.supervisor.start(arguments, {"WORD": "given"}, str(tmp_path))

    def exit(self):
        return self.inbox.next(time.perf_counter() + 60)


def state(pid):
    """The kernel's letter for what the process does; Z when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"


def lives(pid):
    return state(pid) != "Z"


def test_output_status_folder_and_variables_are_the_process_own(spawner, tmp_path):
    script = "import os, sys; print(sorted(os.environ), os.getcwd()); print('err', file=sys.stderr); sys.exit(3)"
    child = Child(spawner, tmp_path, *PYTHON, script)
    ended = child.exit()
    out = child.log.read_text()
    assert ended.status == 3 and ended.peak_memory > 1
    assert "'WORD'" in out and "'HOME'" not in out and str(tmp_path) in out and "err" in out


def test_a_signal_is_a_negative_status(spawner, tmp_path):
    child = Child(spawner, tmp_path, *PYTHON, "import os; os.kill(os.getpid(), 11)")
    assert child.exit().status == -signal.SIGSEGV


def test_what_can_not_be_executed_ends_with_127_and_says_why(spawner, tmp_path):
    child = Child(spawner, tmp_path, str(tmp_path / "nothing"))
    assert child.exit().status == 127
    assert "could not be started" in child.log.read_text()


def test_no_descriptor_of_the_account_leaks_into_an_environment(spawner, tmp_path):
    child = Child(spawner, tmp_path, *PYTHON, "import os; print(sorted(map(int, os.listdir('/proc/self/fd'))))")
    child.exit()
    assert child.log.read_text().startswith("[0, 1, 2, 3, 4]")  # 3 is for telemetry, 4 the listing itself


def test_a_stopped_process_does_not_run_until_resumed_and_dies_frozen(spawner, tmp_path, eventually):
    ticks, told = tmp_path / "ticks", tmp_path / "pid"
    script = f"import os, time\nopen({str(told)!r}, 'w').write(str(os.getpid()))\n"
    script += f"while True:\n    open({str(ticks)!r}, 'a').write('.'); time.sleep(0.005)"
    child = Child(spawner, tmp_path, *PYTHON, script)
    eventually(ticks.exists)
    pid = told.read_text()
    child.supervisor.stop()
    eventually(lambda: state(pid) == "T")
    frozen = ticks.stat().st_size
    child.supervisor.resume()
    eventually(lambda: ticks.stat().st_size > frozen)
    child.supervisor.stop()
    child.supervisor.kill()
    eventually(lambda: not lives(pid))


def test_a_process_that_takes_more_memory_than_the_limit_is_killed(spawner, tmp_path):
    child = Child(spawner, tmp_path, *PYTHON, "held = b'1' * (200 << 20)\nimport time; time.sleep(300)", memory=128)
    ended = child.exit()
    assert (ended.status, ended.reason) == (-signal.SIGKILL, "out_of_memory")
    assert ended.peak_memory > 128


def test_memory_counts_what_the_process_has_started(spawner, tmp_path):
    script = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', 'x = bytes(200 << 20) + b\"1\"'])"
    child = Child(spawner, tmp_path, *PYTHON, script, memory=128)
    assert child.exit().reason == "out_of_memory"


def test_a_second_start_is_not_told_of_the_first_ones_end(spawner, tmp_path):
    child = Child(spawner, tmp_path, *PYTHON, SLEEP)
    child.supervisor.kill()
    child.supervisor.start([*PYTHON, "raise SystemExit(5)"], {}, str(tmp_path))
    assert child.exit().status == 5


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the spawner")
def test_what_an_environment_left_behind_in_sessions_of_its_own_ends_with_it(spawner, tmp_path, eventually):
    told = tmp_path / "daemons"
    told.mkdir()
    child = Child(spawner, tmp_path, *PYTHON, DAEMONS, str(told))
    daemons = eventually(lambda: len(found := os.listdir(told)) == 4 and found)
    assert all(map(lives, daemons))
    child.supervisor.kill()
    eventually(lambda: not any(map(lives, daemons)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the spawner")
def test_a_daemon_lives_as_long_as_its_environment(spawner, tmp_path, eventually):
    other = Child(spawner, tmp_path, *PYTHON, "pass")
    told = tmp_path / "daemons"
    told.mkdir()
    child = Child(spawner, tmp_path, *PYTHON, TWICE_FORKED, str(told))
    daemon = eventually(lambda: os.listdir(told))[0]
    other.exit()
    assert lives(daemon)
    child.supervisor.close()
    eventually(lambda: not lives(daemon))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the spawner")
@pytest.mark.parametrize("frozen", [False, True])
def test_close_ends_every_generation_and_removes_the_folder(tmp_path, eventually, frozen):
    folder, told = tmp_path / "account", tmp_path / "daemons"
    folder.mkdir()
    told.mkdir()
    spawner = Spawner(folder)
    child = Child(spawner, tmp_path, *PYTHON, DAEMONS, str(told))
    daemons = eventually(lambda: len(found := os.listdir(told)) == 4 and found)
    if frozen:
        child.supervisor.stop()
    closing = threading.Thread(target=spawner.close, daemon=True)
    closing.start()
    closing.join(60)
    assert not closing.is_alive(), "close waits for a process that nothing ends"
    assert not any(map(lives, daemons))
    assert not folder.exists()
    with pytest.raises((SpawnError, OSError)):
        Child(spawner, tmp_path, *PYTHON, "pass")


def test_a_killed_holder_takes_its_environments_and_folder_along(tmp_path, eventually):
    folder = tmp_path / "account"
    folder.mkdir()
    holder = f"""
import pathlib, sys, time
from labkit.runtime.inbox import Inbox
from labkit.runtime.spawner import Spawner
here = pathlib.Path({str(tmp_path)!r})
spawner = Spawner(here / "account")
for name in ("running", "frozen"):
    supervisor = spawner.supervise(None, here / "log", 512, Inbox())
    script = f"import os, time; open({{str(here / name)!r}}, 'w').write(str(os.getpid())); time.sleep(300)"
    supervisor.start([*{PYTHON!r}, script], {{}}, str(here))
    while not ((here / name).exists() and (here / name).read_text()):
        time.sleep(0.01)
supervisor.stop()
print(spawner._process.pid, flush=True)
time.sleep(300)
"""
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    spawner = process.stdout.readline().strip()
    pids = [spawner, *((tmp_path / name).read_text() for name in ("running", "frozen"))]
    eventually(lambda: state(pids[2]) == "T")
    assert len(pids) == 3 and all(map(lives, pids))
    process.kill()
    process.wait()
    process.stdout.close()
    eventually(lambda: not any(map(lives, pids)) and not folder.exists())
