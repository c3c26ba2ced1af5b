"""Environments end when they are told to, when the account ends, and when the process that holds it is killed."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labkit.runtime.spawner import Spawner, SpawnError

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
    """A process started by a spawner, and how it ended."""

    def __init__(self, spawner, tmp_path, *arguments):
        self.log = tmp_path / "log"
        self.exits = queue.SimpleQueue()
        self.process = spawner.start(arguments, {"WORD": "given"}, tmp_path, self.log, self.exits.put)

    def exit(self):
        return self.exits.get(timeout=10)


def lives(pid):
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


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
    assert child.log.read_text().startswith("[0, 1, 2, 3, 4]")  # 4 is the listing itself


def test_a_stopped_process_does_not_run_until_resumed_and_dies_frozen(spawner, tmp_path, eventually):
    ticks = tmp_path / "ticks"
    script = f"import time\nwhile True:\n    open({str(ticks)!r}, 'a').write('.'); time.sleep(0.005)"
    child = Child(spawner, tmp_path, *PYTHON, script)
    eventually(ticks.exists)
    child.process.stop()
    eventually(lambda: Path(f"/proc/{child.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    frozen = ticks.stat().st_size
    child.process.resume()
    eventually(lambda: ticks.stat().st_size > frozen)
    child.process.stop()
    child.process.kill()
    assert child.exit().status == -signal.SIGKILL


def test_an_ended_process_is_not_signalled_again(spawner, tmp_path, monkeypatch):
    child = Child(spawner, tmp_path, *PYTHON, "pass")
    child.exit()
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("its id may be another process's by now"))
    child.process.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the spawner")
def test_what_an_environment_left_behind_in_sessions_of_its_own_ends_with_it(spawner, tmp_path, eventually):
    told = tmp_path / "daemons"
    told.mkdir()
    child = Child(spawner, tmp_path, *PYTHON, DAEMONS, str(told))
    daemons = eventually(lambda: len(found := os.listdir(told)) == 4 and found)
    assert all(map(lives, daemons))
    child.process.kill()
    child.exit()
    eventually(lambda: not any(map(lives, daemons)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the spawner")
def test_a_daemon_lives_as_long_as_its_environment(spawner, tmp_path, eventually):
    other = Child(spawner, tmp_path, *PYTHON, SLEEP)
    told = tmp_path / "daemons"
    told.mkdir()
    child = Child(spawner, tmp_path, *PYTHON, TWICE_FORKED, str(told))
    daemon = eventually(lambda: os.listdir(told))[0]
    other.process.kill()
    other.exit()  # the spawner has looked after its children
    assert lives(daemon)
    child.process.kill()
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
        child.process.stop()
    closing = threading.Thread(target=spawner.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive(), "close waits for a process that nothing ends"
    assert not lives(child.process.pid) and not any(map(lives, daemons))
    assert not folder.exists()
    with pytest.raises((SpawnError, OSError)):
        Child(spawner, tmp_path, *PYTHON, "pass")


def test_a_killed_holder_takes_its_environments_and_folder_along(tmp_path, eventually):
    folder = tmp_path / "account"
    folder.mkdir()
    holder = f"""
import pathlib, sys, time
from labkit.runtime.spawner import Spawner
here = pathlib.Path({str(tmp_path)!r})
spawner = Spawner(here / "account")
running = spawner.start({[*PYTHON, SLEEP]!r}, {{}}, here, here / "log", lambda ended: None)
frozen = spawner.start({[*PYTHON, SLEEP]!r}, {{}}, here, here / "log", lambda ended: None)
frozen.stop()
print(running.pid, frozen.pid, spawner._process.pid, flush=True)
time.sleep(300)
"""
    process = subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True)
    pids = process.stdout.readline().split()
    assert len(pids) == 3 and all(map(lives, pids))
    process.kill()
    process.wait()
    process.stdout.close()
    eventually(lambda: not any(map(lives, pids)) and not folder.exists())
