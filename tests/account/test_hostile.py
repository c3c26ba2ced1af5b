"""Functions and packages that mean harm, or know no better: contained, explained, and the account goes on."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

GOOD = "def lambda_handler(event, context):\n    return 'well'\n"
API = """
import os, urllib.error, urllib.request
def call(path, body=None):
    try:
        return urllib.request.urlopen(f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{path}", body)
    except urllib.error.HTTPError as error:
        return error.code
"""
HANDLERS = {
    "closes its output": ("import os, sys\nsys.stdout.close(); os.closerange(1, 3)\nreturn 'silent'", None, "silent"),
    "swallows SIGTERM": (
        "import os, signal\nsignal.signal(15, signal.SIG_IGN); os.kill(os.getpid(), 15)\nreturn 1",
        None,
        1,
    ),
    "spins": ("while True: pass", "Sandbox.Timedout", None),
    "recurses": ("def down(): return down()\nreturn down()", "RecursionError", None),
    "deletes its own code": ("import os\nos.remove(__file__)", "OSError", None),
    "writes over the runtime": ("open('/var/runtime/boto3/__init__.py', 'w')", "OSError", None),
    "leaves a child in a session of its own": (
        "import os, time\nif os.fork() == 0:\n    os.setsid(); time.sleep(600)\nreturn 'left'",
        None,
        "left",
    ),
    "kills what it can": ("import os, signal\nos.kill(-1, signal.SIGKILL)", "ProcessLookupError", None),
    "ends its first process": (
        "import os, signal\ntry:\n    os.kill(1, signal.SIGKILL)\nexcept PermissionError:\n    pass\nreturn 'cannot'",
        None,
        "cannot",
    ),
    "takes all descriptors": (
        "import os\nglobal held\nheld = []\ntry:\n    while True: held.append(os.dup(0))\n"
        "except OSError as error:\n    return error.strerror",
        None,
        "Too many open files",
    ),
    "writes the kernel's settings": (
        "try:\n    open('/proc/sys/kernel/core_pattern', 'w')\nexcept OSError:\n    return 'refused'",
        None,
        "refused",
    ),
    "reads what is root's": (
        "import os\nreturn os.path.exists('/etc/shadow') and os.access('/etc/shadow', os.R_OK)",
        None,
        False,
    ),
    "empties its log": ("open('/dev/stdout', 'w')\nprint('after')\nreturn 'went on'", None, "went on"),
    "fetches events itself": (f"{API}return call('invocation/next')", None, 403),
    "answers what it was not asked": (f"{API}return call('invocation/another/response', b'1')", None, 400),
    "tells of a failed Init when that is over": (f"{API}return call('init/error', b'1')", None, 403),
    "closes all that it has open": ("import os\nos.closerange(3, 1024)\nreturn 1", "Runtime.ExitError", None),
    "begins requests that it does not end": (
        "import os, socket\nglobal held\nhost, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        "held = [socket.create_connection((host, port)) for _ in range(8)]\n"
        "for one in held: one.sendall(b'POST /x HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\nhalf')\nreturn 'begun'",
        None,
        "begun",
    ),
    "sends what is no HTTP": (
        "import os, socket\nhost, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        "opened = socket.create_connection((host, port))\nopened.sendall(bytes(1 << 17))\n"
        "try:\n    return len(opened.recv(1))\nexcept ConnectionError:\n    return 0",
        None,
        0,
    ),
    "crashes": ("import ctypes\nctypes.string_at(0)", "Runtime.ExitError", None),
    "eats memory": ("held = []\nwhile True: held.append(b'x' * (1 << 20))", "Runtime.ExitError", None),
}


@pytest.mark.parametrize("harm", HANDLERS)
def test_a_handler_harms_itself_only(served, sandboxed, harm):
    statements, error, result = HANDLERS[harm]
    body = "\n    ".join(statements.splitlines())
    timeout = 1 if error == "Sandbox.Timedout" else 20  # any other harm is done before its time is up
    served.function(f"def lambda_handler(event, context):\n    {body}\n", MemorySize=256, Timeout=timeout)
    answer = served.invoke()
    if error is None:
        assert (answer.error, answer.payload) == (None, result)
    else:
        assert (answer.error, answer.payload["errorType"]) == ("Unhandled", error)
    served.function(GOOD, name="good")
    assert served.invoke("good").payload == "well"


@pytest.mark.parametrize("during", ["", "def lambda_handler(event, context):\n    "])
def test_an_error_that_is_too_long_is_told_as_a_response_that_is(served, during):
    served.function(f"{during}raise ValueError('x' * (7 << 20))\n")
    failed = served.invoke()
    assert (failed.error, failed.payload["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


def test_a_function_has_no_more_threads_than_on_lambda(served, sandboxed):
    code = """
import threading, time
def lambda_handler(event, context):
    try:
        for number in range(event):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError as error:
        return [number, str(error)]
"""
    served.function(code)
    number, message = served.invoke(event=2000).payload
    assert 1000 < number <= 1024 and message == "can't start new thread"


def test_a_fork_bomb_ends_with_its_invocation(served, sandboxed):
    code = """
import os
def lambda_handler(event, context):
    while event == "fork":
        try:
            os.fork()
        except OSError:
            pass
    return len([name for name in os.listdir("/proc") if name.isdigit()])
"""
    served.function(code, MemorySize=256, Timeout=3)
    assert served.invoke(event="fork").payload["errorType"] in ("Sandbox.Timedout", "Runtime.ExitError")
    assert served.invoke().payload == 2  # what watches over the function, and itself


def test_a_flood_of_log_ends_neither_the_function_nor_the_disk(served, eventually):
    code = """
import os
def lambda_handler(event, context):
    for _ in range(event):
        os.write(1, b"x" * (1 << 18) + b"\\n")
    return "all written"
"""
    served.function(code)
    assert served.invoke(event=400).payload == "all written"
    lines = served.messages()
    assert sum(map(len, lines)) < 5 << 20 and lines[2] == "x" * (1 << 18) + "\n"
    assert "labkit: 96.0 MB of log follow here and are left out\n" in lines
    assert served.invoke(event=1, LogType="Tail").log.startswith("xxx")


def test_not_a_number_is_passed_on_as_python_writes_it(served):
    served.function("def lambda_handler(event, context):\n    return float('nan')\n")
    assert served.invoke().body == b"NaN"


def package(*entries):
    """A zip of (name, content, mode)."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("lambda_function.py", GOOD)
        for name, content, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            opened.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def refused(served, code):
    with pytest.raises(served.awslambda.exceptions.ClientError) as caught:
        served.function(code)
    return caught.value.response["Error"]


def test_a_package_that_unpacks_to_more_than_allowed_is_refused_unread(served):
    bomb = package(("zeros", bytes(263 << 20), stat.S_IFREG | 0o644))
    assert len(bomb) < 1 << 20
    error = refused(served, bomb)
    assert (error["Code"], error["Message"]) == (
        "InvalidParameterValueException",
        "Unzipped size must be smaller than 262144000 bytes",
    )


@pytest.mark.parametrize("name", ["../../outside", "/tmp/outside", "a/../../outside"])
def test_a_package_that_leads_outside_is_refused(served, name):
    assert refused(served, package((name, b"x", stat.S_IFREG | 0o644)))["Code"] == "InvalidParameterValueException"


def test_a_link_out_of_a_package_is_refused_and_one_within_it_is_followed(served):
    served.function(package(("secret", b"/etc/passwd", stat.S_IFLNK | 0o777)))
    with pytest.raises(served.awslambda.exceptions.ClientError) as caught:
        served.invoke()
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidZipFileException" and "the link 'secret' leads to '/etc/passwd'" in error["Message"]
    served.function(
        package(("link.py", b"lambda_function.py", stat.S_IFLNK | 0o777)), "g", Handler="link.lambda_handler"
    )
    assert served.invoke("g").payload == "well"


def test_a_file_in_the_place_of_a_folder_is_told_without_a_path_of_this_machine(served):
    served.function(package(("a", b"1", stat.S_IFREG | 0o644), ("a/b", b"2", stat.S_IFREG | 0o644)))
    with pytest.raises(served.awslambda.exceptions.ClientError) as caught:
        served.invoke()
    message = caught.value.response["Error"]["Message"]
    assert message.endswith("could not be unpacked: 'a/b': File exists")


def test_many_small_files_are_unpacked(served):
    served.function(package(*((f"data/{n}", b"", stat.S_IFREG | 0o644) for n in range(5000))), Timeout=60)
    assert served.invoke().payload == "well"
