"""Functions that bring their own `bootstrap`: what starts it, what it may answer, and why it may not start."""

from __future__ import annotations

import json
import shutil
from zipfile import ZipInfo

import pytest
from bootstrap import SHELL

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
OWN = {"Runtime": "provided.al2023", "Handler": "greet.main"}


def executable(name, mode=0o755):
    entry = ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


@pytest.fixture
def own(served):
    """`own({name: content})`: a function `f` of the OS-only runtime with these files; returns its account."""

    def make(files, **configuration):
        served.function(files, **(OWN | configuration))
        return served

    return make


@needs_curl
def test_a_shell_script_speaks_the_runtime_api(own):
    account = own({executable("bootstrap"): SHELL})
    first, second = account.invoke(event={"a": 1}), account.invoke(event=[2], LogType="Tail")
    assert first.payload == {"n": 1, "event": {"a": 1}, "handler": "greet.main", "here": "/var/task"}
    assert second.payload["n"] == 2 and second.payload["event"] == [2]
    assert "number 2\n" in second.log and "Init Duration" not in second.log


@needs_curl
def test_an_error_that_the_bootstrap_posts(own):
    account = own({executable("bootstrap"): SHELL})
    refused = account.invoke(event="raise")
    assert refused.error == "Unhandled"
    assert refused.payload == {"errorType": "Greeting.Refused", "errorMessage": "not today"}
    assert account.invoke().payload["n"] == 2  # the same process goes on


@needs_curl
def test_an_exit_while_an_event_is_handled(own):
    account = own({executable("bootstrap"): SHELL})
    ended = account.invoke(event="exit", LogType="Tail")
    message = f"RequestId: {ended.request_id} Error: Runtime exited with error: exit status 7"
    assert ended.payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert f"{message}\nRuntime.ExitError\n" in ended.log
    assert account.invoke().payload["n"] == 1


@needs_curl
def test_a_bootstrap_in_a_layer_unless_the_function_has_its_own(own, served, make_zip):
    layer = make_zip({executable("bootstrap"): SHELL})
    published = served.awslambda.publish_layer_version(LayerName="shell", Content={"ZipFile": layer})
    layers = {"Layers": [published["LayerVersionArn"]]}
    own({executable("bootstrap/readme"): "a folder is no bootstrap"}, **layers)
    own({executable("bootstrap"): SHELL.replace('\\"n\\"', '\\"own\\"')}, name="g", **layers)
    assert served.invoke().payload["n"] == 1
    assert served.invoke("g").payload["own"] == 1


@needs_curl
def test_an_init_error_that_the_bootstrap_posts(own):
    account = own(
        {
            executable("bootstrap"): """#!/bin/sh
echo "no configuration"
curl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error" \\
  -H 'Lambda-Runtime-Function-Error-Type: Runtime.NoConfiguration' \\
  -d '{"errorType": "Runtime.NoConfiguration", "errorMessage": "there is none"}' > /dev/null
exit 1
"""
        }
    )
    answer = account.invoke()
    assert answer.payload == {"errorType": "Runtime.NoConfiguration", "errorMessage": "there is none"}
    messages = account.messages()
    assert "no configuration\n" in messages
    assert any("Phase: init\tStatus: error\tError Type: Runtime.NoConfiguration" in line for line in messages)


@needs_curl
def test_a_bootstrap_whose_interpreter_comes_in_a_layer(make_environment, run, request):
    if "bare" in request.node.name:
        pytest.skip("without a sandbox there is no /opt of the function's own")
    layer = {executable("bin/interpreter"): '#!/bin/sh\nexec /bin/sh "$@"\n'}
    code = {executable("bootstrap"): SHELL.replace("#!/bin/sh", "#!/opt/bin/interpreter")}
    environment = make_environment(code, runtime="provided.al2023", handler="greet.main", layers=[layer])
    assert json.loads(run(environment, {}).payload)["n"] == 1


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"main.sh": ""}, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        ({executable("bootstrap", 0o644): "#!/bin/sh\n"}, "fork/exec /var/task/bootstrap: permission denied"),
        (
            {executable("bootstrap"): "#!/bin/sh\r\necho from Windows\r\n"},
            "fork/exec /var/task/bootstrap: no such file or directory",
        ),
        ({executable("bootstrap"): "echo no first line\n"}, "fork/exec /var/task/bootstrap: exec format error"),
        (
            {executable("bootstrap"): b"\xcf\xfa\xed\xfe" + bytes(60)},
            "fork/exec /var/task/bootstrap: exec format error",
        ),
    ],
    ids=["missing", "not executable", "Windows line ends", "no interpreter line", "a program for macOS"],
)
def test_a_bootstrap_that_can_not_start(own, files, reason):
    account = own(files)
    answer = account.invoke(LogType="Tail")
    message = f"RequestId: {answer.request_id} Error: {reason}"
    assert answer.error == "Unhandled"
    assert answer.payload == {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message}
    assert "Phase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint" in "".join(account.messages())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("exit 0", "Runtime exited without providing a reason"),
        ("exit 4", "Runtime exited with error: exit status 4"),
        ("no_such_program", "Runtime exited with error: exit status 127"),
        ("exec /etc/passwd", "Runtime exited with error: exit status 126"),
        ("kill -9 $$", "Runtime exited with error: signal: killed"),
    ],
)
def test_a_bootstrap_that_ends_before_it_asks_for_an_event(own, line, told):
    account = own({executable("bootstrap"): f"#!/bin/sh\necho starting\n{line}\n"})
    answer = account.invoke()
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"] == f"RequestId: {answer.request_id} Error: {told}"
    assert account.messages().count("starting\n") == 2  # Lambda starts it again in the Invoke phase
