"""The environment variables of a function, through `labkit serve`: Lambda's own, as recorded, and the function's."""

from __future__ import annotations

import shutil
import sys
from zipfile import ZipInfo

import pytest

CODE = "import os\ndef lambda_handler(event, context):\n    return dict(os.environ)\n"
RECORDED = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
    "AWS_REGION": "us-east-1",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LANG": "en_US.UTF-8",
    "TEST_KEY": "TEST_VAL",
    "TZ": ":UTC",
    "_AWS_XRAY_DAEMON_PORT": "2000",
}
EACH_ITS_OWN = {
    "AWS_ACCESS_KEY_ID", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS", "_X_AMZN_TRACE_ID",
}  # fmt: skip
OF_THE_KIT = {
    "AWS_CONFIG_FILE", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL", "AWS_SHARED_CREDENTIALS_FILE", "MOTO_HOST",
    "MOTO_HTTP_ENDPOINT", "MOTO_PORT",
}  # fmt: skip
LIBRARIES = "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
PROGRAMS = "/usr/local/bin:/usr/bin/:/bin:/opt/bin"
NODE_CODE = "exports.lambda_handler = async () => process.env;\n"
SHELL_CODE = r"""#!/bin/sh
API="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
env | sed 's/\\/\\\\/g; s/"/\\"/g; s/^\([^=]*\)=\(.*\)$/"\1": "\2",/' > /tmp/lines
while curl -sS -D /tmp/headers "$API/next" > /tmp/event; do
  id=$(grep -i '^Lambda-Runtime-Aws-Request-Id:' /tmp/headers | tr -d '[:space:]' | cut -d: -f2)
  { echo "{"; cat /tmp/lines; echo '"": ""}'; } | curl -sS "$API/$id/response" -d @-
done
"""


def executable(name, mode=0o755):
    entry = ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


@pytest.fixture
def variables(served):
    """What a function finds in its environment; skipped where the runtime is not installed."""

    def found(code, runtime, **own):
        served.function(
            code, Runtime=runtime, MemorySize=1024, Environment={"Variables": {"TEST_KEY": "TEST_VAL"} | own}
        )
        answer = served.invoke()
        if answer.error and answer.payload["errorType"] == "Runtime.NotInstalled":
            pytest.skip(answer.payload["errorMessage"])
        assert answer.error is None, answer.payload
        return answer.payload

    return found


def test_python_has_what_was_recorded_and_what_the_kit_needs(variables, sandboxed):
    found = variables(CODE, "python3.12")
    own = {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12", "LD_LIBRARY_PATH": f"/var/lang/lib:{LIBRARIES}",
        "PATH": f"/var/lang/bin:{PROGRAMS}", "PWD": "/var/task", "PYTHONPATH": "/var/runtime", "SHLVL": "0",
        "_HANDLER": "lambda_function.lambda_handler",
    }  # fmt: skip
    fixed = {name: value for name, value in found.items() if name not in EACH_ITS_OWN | OF_THE_KIT | {"LC_CTYPE"}}
    assert fixed == RECORDED | own
    assert set(found) >= EACH_ITS_OWN | OF_THE_KIT
    assert found["AWS_ENDPOINT_URL"] == found["MOTO_HTTP_ENDPOINT"] == f"{found['MOTO_HOST']}:{found['MOTO_PORT']}"


def test_node_has_what_was_recorded(variables, sandboxed):
    found = variables({"lambda_function.js": NODE_CODE}, "nodejs20.x")
    own = {
        "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x", "PATH": f"/var/lang/bin:{PROGRAMS}",
        "PWD": "/var/task", "SHLVL": "0",
    }  # fmt: skip
    assert (RECORDED | own).items() <= found.items()
    assert found["NODE_PATH"].startswith("/opt/nodejs/node20/node_modules:/opt/nodejs/node_modules:")
    assert "_LAMBDA_TELEMETRY_LOG_FD" not in found


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_bootstrap_of_ones_own_has_fewer(variables, sandboxed):
    found = variables({executable("bootstrap"): SHELL_CODE}, "provided.al2023")
    assert (RECORDED | {"LD_LIBRARY_PATH": LIBRARIES, "PATH": PROGRAMS}).items() <= found.items()
    assert not {"AWS_EXECUTION_ENV", "PYTHONPATH", "NODE_PATH", "HOME", "USER"} & set(found)


def test_what_is_not_reserved_may_be_replaced(variables):
    own = {"TZ": "Europe/Berlin", "LANG": "de_DE.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONPATH": "/var/task/vendored"}
    found = variables({"lambda_function.py": CODE, "vendored/greeting.py": ""}, "python3.12", **own)
    assert own.items() <= found.items()


def test_pythonpath_is_searched_after_the_function_and_its_runtime(served):
    code = "import boto3, greeting, lambda_function\ndef lambda_handler(event, context):\n    return greeting.word\n"
    files = {"lambda_function.py": code, "vendored/greeting.py": "word = 'hi'", "vendored/boto3.py": "1 / 0"}
    path = "/var/task/vendored" if sys.platform == "linux" else "vendored"
    served.function(files, Environment={"Variables": {"PYTHONPATH": path}})
    assert served.invoke().payload == "hi"


def test_logging_as_json_is_told_to_the_runtime(served):
    served.function(CODE, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN"})
    found = served.invoke().payload
    assert (found["AWS_LAMBDA_LOG_FORMAT"], found["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "WARN")


# AWS_LAMBDA_EXEC_WRAPPER

INSERTS_OPTIONS = """#!/bin/sh
for last; do :; done
until [ "$1" = "$last" ]; do set -- "$@" "$1"; shift; done
shift
export GREETING="$# arguments"
exec "$@" -X importtime "$last"
"""


def wrapped(served, files, wrapper, **configuration):
    configuration |= {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": wrapper}}}
    served.function(files, **configuration)
    return served.invoke(LogType="Tail")


def test_a_wrapper_sets_variables_and_inserts_options_before_the_script(served):
    files = {"lambda_function.py": CODE, executable("wrap"): INSERTS_OPTIONS}
    done = wrapped(served, files, "/var/task/wrap")
    assert done.error is None and done.payload["GREETING"].endswith(" arguments")
    assert any(line.startswith("import time:") for line in served.messages())
    assert served.invoke().error is None


def test_a_wrapper_in_a_layer(served, make_zip):
    script = '#!/bin/sh\nexport GREETING="from a layer"\nexec "$@"\n'
    layer = served.awslambda.publish_layer_version(
        LayerName="tools", Content={"ZipFile": make_zip({executable("tools/wrap"): script})}
    )
    done = wrapped(served, CODE, "/opt/tools/wrap", Layers=[layer["LayerVersionArn"]])
    assert done.payload["GREETING"] == "from a layer"


def test_a_wrapper_of_node(served):
    script = '#!/bin/sh\nexport NODE_OPTIONS="--title=wrapped"\nexec "$@"\n'
    files = {"lambda_function.js": "exports.lambda_handler = async () => process.title;\n", executable("wrap"): script}
    done = wrapped(served, files, "/var/task/wrap", Runtime="nodejs20.x")
    if done.error and done.payload["errorType"] == "Runtime.NotInstalled":
        pytest.skip(done.payload["errorMessage"])
    assert done.payload == "wrapped"


@pytest.mark.parametrize(
    ("mode", "status", "reason"), [(None, 127, "does not exist"), (0o644, 126, "is not an executable")]
)
def test_a_wrapper_that_can_not_be_executed(served, mode, status, reason):
    files = {"lambda_function.py": CODE} | ({executable("wrap", mode): "#!/bin/sh\n"} if mode else {})
    done = wrapped(served, files, "/var/task/wrap")
    message = f"RequestId: {done.request_id} Error: Runtime exited with error: exit status {status}"
    assert done.error == "Unhandled"
    assert done.payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert f"wrap: {reason}\n" in done.log
