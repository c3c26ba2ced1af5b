"""The labkit command, run as a learner runs it."""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from served import descendants

from labkit.cli import main

WIDE = {"COLUMNS": "500"}
LABKIT = str(Path(sys.executable).with_name("labkit"))
# Leaves two processes behind, each in a session of its own, and goes on when both have told that they run.
DAEMONS = """
import os, tempfile, time
def daemon(left):
    if os.fork() == 0:
        os.setsid()
        if left:
            daemon(left - 1)
        open(f"{tempfile.gettempdir()}/{left}", "w").close()
        time.sleep(300)
def lambda_handler(event, context):
    daemon(1)
    while len(os.listdir(tempfile.gettempdir())) < 2:
        time.sleep(0.01)
    if event.get("sleep"):
        time.sleep(300)
"""


def run(*arguments):
    return subprocess.run([LABKIT, *arguments], capture_output=True, text=True, timeout=120)


def gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def occupied(serve, eventually, tmp_path):
    """An account with a frozen environment and one whose handler runs, both with daemons; its processes and folder."""
    account = serve(TMPDIR=str(tmp_path))
    account.function(DAEMONS, Timeout=300)
    assert account.invoke(event={}).error is None
    account.function(DAEMONS, "g", Timeout=300)
    account.invoke("g", event={"sleep": True}, InvocationType="Event")
    # The spawner, and for each environment a supervisor, a runtime and two daemons.
    left = eventually(lambda: len(found := descendants(account.process.pid)) == 9 and found)
    (folder,) = tmp_path.glob("labkit-*")
    return account, left, folder


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_serve_and_everything_it_started(occupied, number):
    account, left, folder = occupied
    account.process.send_signal(number)
    assert account.process.wait(60) == 0
    assert all(map(gone, left)) and not folder.exists()
    assert account.process.stdout.read() == "" and account.complaints() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_survives_a_killed_account(occupied, eventually):
    account, left, folder = occupied
    account.process.kill()
    account.process.wait()
    eventually(lambda: all(map(gone, left)) and not folder.exists())


def test_a_signal_that_reaches_another_thread_ends_serve_too(serve):
    process = serve().process
    thread = next(int(each) for each in os.listdir(f"/proc/{process.pid}/task") if int(each) != process.pid)
    assert ctypes.CDLL(None).tgkill(process.pid, thread, signal.SIGTERM) == 0
    assert process.wait(60) == 0


def test_serve_refuses_a_port_in_use_with_one_message():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: port {port} can't be used on 127.0.0.1: another program has it, or it needs more rights. "
        "Choose another, or 0 for any that is free.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "70000"], "70000 is not in the range 0<=x<=65535"),
        (["--port", "web"], "'web' is not a valid integer range"),
        (["--concurrency-quota", "0"], "0 is not in the range x>=1"),
        (["--no-aim"], "No such option '--no-aim'. Did you mean '--no-iam'?"),
    ],
)
def test_serve_refuses_options_before_it_starts_anything(arguments, message):
    done = CliRunner().invoke(main, ["serve", *arguments])
    assert done.exit_code == 2 and message in re.sub(r"\s+", " ", done.output.replace("(", "").replace(")", ""))


def test_serve_takes_the_port_that_is_asked_for(serve):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    account = serve("--port", str(port))
    assert account.endpoint == f"http://127.0.0.1:{port}"
    assert account.stop() == 0


def test_serve_listens_on_loopback_only(served):
    port = int(served.endpoint.rpartition(":")[2])
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {
        local.split(":")[0] for _, local, _, state, *_ in listening if local.endswith(f":{port:04X}") and state == "0A"
    }
    assert addresses == {"0100007F"}


@pytest.mark.parametrize("command", ["lab", "rehearse"])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("00-start-heer", "Did you mean 00-start-here?"),
        ("start", "Did you mean 00-start-here?"),
        ("zzz", "There are 00-start-here, "),
        ("99", "There are 00-"),
    ],
)
def test_an_unknown_lesson_suggests_the_closest(command, name, hint):
    done = CliRunner().invoke(main, [command, name])
    assert done.exit_code == 2 and isinstance(done.exception, SystemExit)
    assert f"there is no lesson {name!r}. {hint}" in re.sub(r"\s+", " ", done.output)


def test_rehearse_runs_the_lesson_named_by_its_number_and_fails_when_it_fails(tmp_path, monkeypatch):
    def notebook(source):
        cell = {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})

    (tmp_path / "03-good.ipynb").write_text(notebook("print(1)"))
    (tmp_path / "04-bad.ipynb").write_text(notebook("1 / 0"))
    monkeypatch.setattr("labkit.cli.LESSONS", tmp_path)
    good, bad = (CliRunner().invoke(main, ["rehearse", name]) for name in ("3", "04-bad"))
    assert good.exit_code == 0 and "03-good ran in" in good.output and "04-bad" not in good.output
    assert bad.exit_code == 1 and "04-bad failed" in bad.output and "ZeroDivisionError" in bad.output


def test_doctor_tells_of_each_thing_what_it_is_here_and_on_lambda():
    done = subprocess.run([LABKIT, "doctor"], capture_output=True, text=True, timeout=120, env=os.environ | WIDE)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines() if "│" in line]
    states = {name: state for name, state, here, on_lambda in rows if here and on_lambda and state}
    assert {"isolation", "/tmp", "freeze", "memory limit", "processor share", "network"} <= set(states)
    assert {"python3.x", "Node.js", "Java", "code download", "SnapStart", "provisioned concurrency"} <= set(states)
    assert set(states.values()) <= {"real", "approximated", "absent"}
    assert "For labkit grade: " in done.stdout


def test_help_names_the_commands():
    done = CliRunner().invoke(main, ["-h"])
    assert done.exit_code == 0
    for command in ("lab", "rehearse", "serve", "doctor"):
        assert f"\n  {command} " in done.output
