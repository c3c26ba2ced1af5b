"""What the code of a hand-in may try: each attack runs as a lab's function, and the grader goes on."""

from __future__ import annotations

import base64
import io
import json
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner
from served import descendants

import labkit
from labkit.classroom.isolation import jail
from labkit.classroom.isolation.jail import PACKAGE, Jails, Limits
from labkit.classroom.isolation.probe import PROMISES, Isolation, isolation
from labkit.classroom.lab_running import LabRunner
from labkit.classroom.submission import FunctionEvidence
from labkit.cli import main
from labkit.quiz.bank.topics import BANK
from labkit.runtime.control import Exit, SpawnError

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
NOTHING = {"lab": "start-here", "seed": "", "functions": {}}
GOOD = """
    print(event["station"])
    return {"fahrenheit": event["celsius"] * 9 / 5 + 32}
"""


def evidence(body, before="", files=None, **configuration):
    """A function whose handler has this body, and answers as the lab asks unless the body returns."""
    code = f"import os, sys, socket, subprocess, time\n{before}\ndef lambda_handler(event, context):\n"
    code += textwrap.indent(textwrap.dedent(body), "    ") + "\n" + textwrap.dedent(GOOD).replace("\n", "\n    ")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in {"lambda_function.py": code, **(files or {})}.items():
            archive.writestr(name, content)
    given = {"Runtime": "python3.11", "Handler": "lambda_function.lambda_handler", "Timeout": 10, **configuration}
    return FunctionEvidence(packed.getvalue(), given, (BASIC,))


@pytest.fixture(scope="module")
def runner():
    """Runs labs in jails; skips where this machine has none."""
    with LabRunner() as runner:
        runner({"start-here": {}}, "")
        if not runner.isolation.holds:
            pytest.skip(str(runner.isolation))
        yield runner


@pytest.fixture
def check(runner):
    """What was seen of the lab start-here with this function."""

    def check(*arguments, runner=runner, **more):
        lab = runner({"start-here": {"fahrenheit": evidence(*arguments, **more)}}, "digest")["start-here"]
        return lab

    return check


@pytest.fixture
def tight(runner):
    """A runner with little time and memory, and the isolation that was found already."""

    def make(**limits):
        tight = LabRunner()
        tight.isolation, tight._jails = runner.isolation, tight._endings.enter_context(Jails(Limits(**limits)))
        made.append(tight)
        return tight

    made = []
    yield make
    for one in made:
        one._endings.close()


def told(lab):
    """All that was seen, in one text."""
    return lab.problem + " ".join(one.seen for one in lab.criteria)


def answers(check, expression, before="", **more):
    """What an expression of Python is in the function."""
    lab = check(f"return {{'found': str({expression})}}", before, **more)
    return json.loads(told(lab).partition("it answered ")[2].partition("; ")[0])["found"]


def test_a_good_function_has_full_marks(check):
    lab = check("pass")
    assert (lab.problem, lab.score) == ("", 1.0)


def test_the_same_hand_in_sees_the_same_inputs_and_another_sees_others(runner):
    function = {"start-here": {"fahrenheit": evidence("return event")}}
    one, same, other = (told(runner(function, digest)["start-here"]) for digest in ("a", "a", "b"))
    assert one == same != other


def test_labs_that_cannot_be_deployed_are_for_a_person(runner):
    broken = FunctionEvidence(b"no zip", {"Runtime": "python3.11", "Handler": "x", "MemorySize": 10**9})
    lab = runner({"start-here": {"fahrenheit": broken}}, "d")["start-here"]
    assert lab.problem.startswith("It could not be checked") and lab.score == 0


# Reading.


def test_no_file_of_the_machine_is_seen(check, tmp_path):
    places = [str(tmp_path), "/home", "/root/.ssh", "/etc/passwd", "/etc/shadow", "/mnt", "/work", "/dev/shm"]
    places += [str(Path(labkit.__file__).parents[1] / name) for name in ("quizzes", "notebooks", ".git")]
    assert answers(check, f"[p for p in {places!r} if os.path.exists(p)]") == "[]"


def test_the_key_is_nowhere_in_what_it_can_read(check):
    search = f"""
def found():
    yield from (path for path in {[str(BANK.directory), str(PACKAGE)]!r} if os.path.exists(path))
    for folder in ("/var", "/opt", "/tmp"):
        for directory, _, names in os.walk(folder):
            yield from (name for name in names if name.endswith((".yaml", ".ipynb", "request.json")))
"""
    assert answers(check, "[n for n in found() if not n.startswith('paginators')]", search) == "[]"


def test_nothing_of_the_teachers_environment_is_there(check, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "s3cret")
    with LabRunner() as runner:
        seen = answers(lambda *a, **k: check(*a, runner=runner, **k), "'s3cret' in str(os.environ)")
    assert seen == "False"


def test_neither_other_hand_ins_nor_the_grader_are_seen(check):
    assert answers(
        check, "[sorted(os.listdir('/proc'))[:2], os.getppid(), os.path.exists('/var/request.json')]"
    ) == str([["1", "2"], 1, False])


def test_one_hand_in_leaves_nothing_for_the_next(check):
    check("open('/tmp/left', 'w').close()")
    assert answers(check, "os.path.exists('/tmp/left')") == "False"


def test_a_zip_whose_names_lead_out_writes_nowhere(check, tmp_path):
    lab = check("pass", files={"../../../../tmp/out": "x", f"{tmp_path}/out": "x"})
    assert not list(tmp_path.iterdir()) and not Path("/tmp/out").exists()
    assert lab.problem or lab.score == 1


def test_a_link_in_a_zip_shows_nothing_of_the_machine(runner, tmp_path):
    (tmp_path / "key").write_text("the key")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        link = zipfile.ZipInfo("key")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(tmp_path / "key"))
        archive.writestr("lambda_function.py", "def lambda_handler(e, c):\n    return open('/var/task/key').read()\n")
    found = FunctionEvidence(packed.getvalue(), evidence("pass").configuration, (BASIC,))
    assert "the key" not in told(runner({"start-here": {"fahrenheit": found}}, "d")["start-here"])


# The network.


def test_no_connection_leaves_the_account(check):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        body = "subprocess.run([sys.executable, '-I', '-c', {!r}], capture_output=True).stderr[-80:]"
        assert "Connection refused" in answers(check, body.format(program))
        outside = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
        assert "Network is unreachable" in answers(check, body.format(outside))
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_name_is_looked_up(check):
    program = "import socket; socket.getaddrinfo('example.com', 80)"
    seen = answers(
        check, f"subprocess.run([sys.executable, '-I', '-c', {program!r}], capture_output=True).stderr[-120:]"
    )
    assert "gaierror" in seen


# More than its share.


def test_a_fork_bomb_ends_with_its_function(check):
    bomb = """
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.1)
"""
    lab = check(bomb, Timeout=2)
    assert lab.score < 1 and check("pass").score == 1


def test_processes_are_limited(check):
    count = """
def most():
    children = []
    try:
        while len(children) < 2000:
            child = os.fork()
            if child == 0:
                time.sleep(30)
                os._exit(0)
            children.append(child)
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
    return len(children)
"""
    assert int(answers(check, "most()", count, Timeout=30, MemorySize=3008)) < 300


def test_the_disk_is_not_filled(check):
    fill = """
def fill():
    try:
        with open("/tmp/full", "wb", buffering=0) as file:
            for number in range(4096):
                file.write(bytes(1 << 20))
    except OSError as error:
        return error.strerror
"""
    assert answers(check, "fill()", fill, Timeout=60) in ("No space left on device", "File too large")


def test_scratch_folders_of_many_functions_are_counted_together(check, tight):
    fill = "def fill():\n    [open(f'/tmp/{n}', 'wb').write(bytes(100 << 20)) for n in range(5)]\n"
    lab = check("fill(); time.sleep(8)", fill, runner=tight(memory=500), Timeout=10, MemorySize=1024)
    assert lab.problem == "It was ended since it used more than 500 MB."


@pytest.mark.parametrize(
    ("reason", "said"),
    [("machine_full", "since this machine's memory was nearly full"), ("out_of_memory", "used more than 2,048 MB")],
)
def test_why_a_jail_was_ended_is_said(monkeypatch, runner, reason, said):
    monkeypatch.setattr(jail.Inbox, "next", lambda inbox, deadline: Exit(-9, 0.0, reason))
    assert said in runner._jails.run("lab", NOTHING).problem


def test_memory_that_no_process_maps_is_refused(check):
    seen = answers(check, "attempt()", "def attempt():\n    try:\n        return os.memfd_create('x')\n"
                   "    except OSError as error:\n        return error.strerror\n")  # fmt: skip
    assert seen == "Operation not permitted"


@pytest.mark.parametrize("command", ["unshare -Ur true", "unshare -Urmn true", "mount -t tmpfs none /tmp"])
def test_no_other_namespaces_and_mounts_are_made(check, command):
    seen = answers(check, f"subprocess.run({command.split()!r}, capture_output=True)")
    assert "returncode=0" not in seen


def test_whoever_sleeps_is_ended(check, tight):
    began = time.monotonic()
    lab = check("time.sleep(600)", runner=tight(seconds=3), Timeout=900)
    assert lab.problem == "It was ended after 3 seconds."
    assert time.monotonic() - began < 60


def test_whoever_allocates_without_end_is_ended(check):
    lab = check("x = []\nwhile True:\n    x.append(bytearray(50 << 20))", Timeout=10)
    assert lab.score < 1 and "Runtime exited" in told(lab)


def test_whoever_kills_its_parent_and_all_it_sees_ends_itself_only(check):
    kill = """
    for pid in [os.getppid(), 1, -1]:
        try:
            os.kill(pid, 9)
        except OSError:
            pass
"""
    assert check(kill, Timeout=5).score < 1
    assert check("pass").score == 1


def test_one_lab_that_never_ends_spoils_no_other(tight):
    slow = {"checkout": evidence("time.sleep(600)", Timeout=900)}
    labs = {"life-of-an-invocation": slow, "start-here": {"fahrenheit": evidence("pass")}}
    found = tight(seconds=10)(labs, "d")
    assert found["life-of-an-invocation"].problem == "It was ended after 10 seconds."
    assert found["start-here"].score == 1


# Marks.


def test_a_value_that_equals_everything_gets_no_marks(check):
    cheat = "class Same(dict):\n    def __eq__(self, other):\n        return True\n    __ne__ = lambda *_: False\n"
    lab = check("print(event['station'])\nreturn Same()", cheat)
    assert [one.met for one in lab.criteria] == [True, False, True, True]


def test_patches_reach_the_function_alone(check):
    patch = """
import builtins, random, time as clock, json, boto3
builtins.abs = lambda x: 0
random.Random.randrange = lambda *_: 0
clock.time = lambda: 0
json.loads = lambda *_: {}
boto3.client = None
"""
    lab = check("return {'fahrenheit': 0}", patch)
    assert not lab.criteria[1].met


def test_what_it_prints_stays_in_its_log(check, capfd):
    lab = check(r"print('\x1b[2J{\"start-here\": {}}', file=sys.stderr); os.write(1, b'\x1b[2J'); os.write(3, b'{}')")
    assert lab.score == 1 and capfd.readouterr() == ("", "")


def test_after_each_nothing_is_left(runner, check, tmp_path):
    check("if os.fork() == 0:\n    os.setsid()\n    time.sleep(600)", Timeout=5)
    template = runner._jails._template.pid
    children = Path(f"/proc/{template}/task/{template}/children")
    deadline = time.monotonic() + 30
    while children.read_text().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not children.read_text().strip()


def test_when_the_grader_is_killed_its_jails_end(tmp_path):
    script = tmp_path / "grader.py"
    script.write_text(
        "from labkit.classroom.isolation.jail import Jails\n"
        "jails = Jails()\n"
        "print(jails._template.pid, jails._directory, flush=True)\n"
        "jails.run('lab', {'lab': 'start-here', 'seed': '', 'functions': {}})\n"
        "input()\n"
    )
    grader = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    template, folder = grader.stdout.readline().split()
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{template}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{template}").exists() and not Path(folder).exists()


def test_labs_of_several_hand_ins_run_side_by_side_and_none_is_mixed_up(runner):
    functions = {f"{n}": {"start-here": {"fahrenheit": evidence(f"return {{'fahrenheit': {n}}}")}} for n in range(6)}
    with ThreadPoolExecutor(3) as pool:
        found = dict(zip(functions, pool.map(runner, functions.values(), functions), strict=True))
    for number, labs in found.items():
        assert f'it answered {{"fahrenheit": {number}}};' in told(labs["start-here"])


def runs_a_function(jails):
    """Whether the runtime of a function lives in one of the jails."""
    found = [Path(f"/proc/{pid}/cmdline") for pid in descendants(jails._template.pid)]
    return any(b"/var/rapid/" in path.read_bytes() for path in found if path.exists())


def test_an_interrupt_ends_the_jails_that_are_under_way(runner):
    jails = Jails()
    assert jails.run("lab", NOTHING).problem == "", "the template has loaded all"
    function = evidence("time.sleep(600)", Timeout=900)
    slow = {**asdict(function), "code": base64.b64encode(function.code).decode()}
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(jails.run, "lab", {**NOTHING, "functions": {"fahrenheit": slow}})
        deadline = time.monotonic() + 60
        while not runs_a_function(jails) and time.monotonic() < deadline:
            time.sleep(0.05)
        began = time.monotonic()
        jails.close()
        assert waits.result().result is None
        assert time.monotonic() - began < 60


def test_when_the_template_ends_the_next_hand_in_has_another(runner):
    with LabRunner() as own:
        labs = {"start-here": {"fahrenheit": evidence("pass")}}
        assert own(labs, "d")["start-here"].score == 1
        own._jails._template.kill()
        own._jails._template.wait()
        lost = own(labs, "d")["start-here"]
        assert not lost.ran and lost.problem.startswith("Its code was not run: ")
        assert own(labs, "d")["start-here"].score == 1


# Where isolation does not hold.


@pytest.fixture
def no_namespaces(monkeypatch):
    def refused(self, what, request):
        raise SpawnError("this machine could not set up an environment: clone: Operation not permitted")

    monkeypatch.setattr(Jails, "run", refused)


def test_without_jails_nothing_runs_and_the_grader_says_so(no_namespaces):
    with LabRunner() as runner:
        lab = runner({"start-here": {"fahrenheit": evidence("pass")}}, "d")["start-here"]
        assert runner.refuses and not lab.ran
    assert lab.problem == (
        "Its code was not run, since this machine has no jails for the code of hand-ins (this machine could not set up "
        "an environment: clone: Operation not permitted)."
    )


def test_the_command_fails_and_tells_the_way(no_namespaces, hand_in, tmp_path):
    hand_in("s1", {"cold-starts/1": "C"}, labs={"start-here": {"fahrenheit": evidence("pass")}})
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["grade", str(hand_in.folder), "--out", str(out)])
    assert done.exit_code == 1
    assert (
        "labs were not run. Its code was not run, since this machine has no jails" in done.output
        and "--weak-isolation" in done.output
    )
    assert "s1,,2026" in (out / "gradebook.csv").read_text(), "the questions are graded"


def test_once_there_are_jails_the_labs_are_run(hand_in, tmp_path, runner, monkeypatch):
    hand_in("s1", {}, labs={"start-here": {"fahrenheit": evidence("pass")}})
    command = ["grade", str(hand_in.folder), "--out", str(tmp_path / "out")]
    with monkeypatch.context() as patched:
        patched.setattr("labkit.classroom.lab_running.isolation", lambda jails: Isolation(reason="no luck"))
        assert CliRunner().invoke(main, command).exit_code == 1
    assert CliRunner().invoke(main, command).exit_code == 0
    assert "s1,,2026-11-26T18:00:00+00:00,1,1,100.0" in (tmp_path / "out" / "gradebook.csv").read_text()


def test_weak_isolation_runs_labs_without_namespaces(monkeypatch):
    monkeypatch.setattr("labkit.classroom.lab_running.isolation", lambda jails: Isolation(reason="none here"))
    with LabRunner(weak=True) as runner:
        lab = runner({"start-here": {"fahrenheit": evidence("pass")}}, "d")["start-here"]
        assert (lab.problem, lab.score, runner.refuses) == ("", 1.0, False)


def test_what_does_not_hold_is_named(monkeypatch, runner):
    monkeypatch.setattr(jail.Jails, "run", lambda *_: jail.Ended([name for name in PROMISES if name != "network"]))
    found = isolation(runner._jails)
    assert found.broken == ("network",) and not found.holds
    assert str(found) == "what does not hold on this machine: it opens no connection off its own account"
