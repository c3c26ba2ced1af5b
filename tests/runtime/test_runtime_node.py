"""Node.js functions through an account in another process, and what is told where there is no Node.js."""

from __future__ import annotations

import base64
import json
import re
import shutil

import pytest

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
NODE = {"Runtime": "nodejs22.x", "Handler": "index.handler"}
COUNTER = "let n = 0;\nexports.handler = async () => ++n;\n"


@pytest.fixture
def node(served):
    """`node(code)`: a Node.js function `f` with this index.js, or these files; returns its account."""

    def make(code, **configuration):
        files = {"index.js": code} if isinstance(code, str) else code
        served.function(files, **(NODE | configuration))
        return served

    return make


@needs_node
def test_state_survives_and_only_the_first_start_is_cold(node):
    account = node(COUNTER)
    answers = [account.invoke(LogType="Tail") for _ in range(3)]
    assert [answer.payload for answer in answers] == [1, 2, 3]
    assert ["Init Duration" in answer.log for answer in answers] == [True, False, False]


@needs_node
@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"index.js": "exports.handler = async (event) => event.x;"}, "index.handler"),
        ({"src/app.js": "module.exports.handler = async (event) => event.x;"}, "src/app.handler"),
        ({"index.js": "exports.api = { get: async (event) => event.x };"}, "index.api.get"),
        ({"index.cjs": "exports.handler = async (event) => event.x;"}, "index.handler"),
        ({"index.mjs": "export const handler = async (event) => event.x;"}, "index.handler"),
        (
            {"package.json": '{"type": "module"}', "src/index.js": "export const handler = async (event) => event.x;"},
            "src/index.handler",
        ),
        ({"index.js": "exports.handler = (event) => Promise.resolve(event.x);"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context, callback) => callback(null, event.x);"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context) => context.succeed(event.x);"}, "index.handler"),
        ({"index.js": "exports.handler = (event, context) => context.done(null, event.x);"}, "index.handler"),
        ({"index.mjs": "await null; export const handler = async (event) => event.x;"}, "index.handler"),
    ],
)
def test_a_handler_is_found_and_answers(node, files, handler):
    account = node(files, Handler=handler)
    assert account.invoke(event={"x": "ä"}).payload == "ä"


@needs_node
def test_the_context_has_awss_names(node):
    account = node("""
exports.handler = async (event, context) => {
  const before = context.getRemainingTimeInMillis();
  await new Promise((done) => setTimeout(done, 50));
  return { ...context, before, after: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID };
};
""")
    client = base64.b64encode(json.dumps({"custom": {"who": "ä"}}).encode()).decode()
    answer = account.invoke(ClientContext=client)
    context = answer.payload
    assert context["functionName"] == "f" and context["functionVersion"] == "$LATEST"
    assert context["invokedFunctionArn"].endswith(":function:f")
    assert context["memoryLimitInMB"] == "1769" and context["awsRequestId"] == answer.request_id
    assert context["logGroupName"] == "/aws/lambda/f" and "[$LATEST]" in context["logStreamName"]
    assert context["callbackWaitsForEmptyEventLoop"] is True
    assert context["clientContext"] == {"custom": {"who": "ä"}} and "identity" not in context
    assert 45 <= context["before"] - context["after"] < 5000 and context["before"] <= 20_000
    assert context["trace"].startswith("Root=1-")


@needs_node
@pytest.mark.parametrize("waits", [True, False])
def test_a_callback_waits_for_the_event_loop_unless_told_otherwise(node, waits):
    account = node(f"""
exports.handler = (event, context, callback) => {{
  context.callbackWaitsForEmptyEventLoop = {json.dumps(waits)};
  setTimeout(() => console.log("afterwards"), 50);
  callback(null, "done");
}};
""")
    answer = account.invoke(LogType="Tail")
    assert answer.payload == "done" and ("afterwards" in answer.log) is waits


@needs_node
@pytest.mark.parametrize(("runtime", "answer"), [("nodejs22.x", None), ("nodejs24.x", "plain")])
def test_what_a_handler_just_returns_counts_since_node_24(node, runtime, answer):
    account = node('exports.handler = () => "plain";', Runtime=runtime)
    assert account.invoke().payload == answer


@needs_node
def test_node_24_takes_no_callbacks(node):
    account = node("exports.handler = (event, context, callback) => callback(null, 1);", Runtime="nodejs24.x")
    answer = account.invoke()
    assert answer.payload["errorType"] == "Runtime.CallbackHandlerDeprecated"
    account = node("exports.handler = async (event, context) => Object.keys(context);", name="g", Runtime="nodejs24.x")
    assert not {"done", "succeed", "callbackWaitsForEmptyEventLoop"} & set(account.invoke("g").payload)


@needs_node
def test_an_exception_is_told_with_its_trace_and_logged_as_one_event(node):
    account = node('exports.handler = async () => {\n  throw new RangeError("too\\nfar");\n};\n')
    answer = account.invoke()
    assert answer.error == "Unhandled"
    assert list(answer.payload) == ["errorType", "errorMessage", "trace"]
    assert (answer.payload["errorType"], answer.payload["errorMessage"]) == ("RangeError", "too\nfar")
    assert answer.payload["trace"][0] == "RangeError: too"
    assert re.search(r"\(?/var/task/index\.js:2:9\)?$", answer.payload["trace"][2])
    logged = next(message for message in account.messages() if "Invoke Error" in message)
    head, details = logged.split("\tInvoke Error \t")
    assert re.fullmatch(rf"\S+Z\t{answer.request_id}\tERROR", head)
    assert json.loads(details)["stack"] == answer.payload["trace"]


@needs_node
@pytest.mark.parametrize(
    ("body", "error_type", "message"),
    [
        ('throw "a text"', "string", "a text"),
        ("return 10n", "Error", "Unable to stringify response body"),
        ('context.fail(new TypeError("failed")); return new Promise(() => {})', "TypeError", "failed"),
        ('callback(new Error("given")); return new Promise(() => {})', "Error", "given"),
        ('const error = new Error("round"); error.self = error; throw error', "Error", "round"),
    ],
)
def test_ways_to_fail(node, body, error_type, message):
    account = node(f"exports.handler = async (event, context, callback) => {{ {body}; }};")
    answer = account.invoke()
    assert (answer.payload["errorType"], answer.payload["errorMessage"]) == (error_type, message)


@needs_node
@pytest.mark.parametrize(
    ("code", "handler", "error_type", "message"),
    [
        (COUNTER, "main.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'main'"),
        ("require('left-pad')", "index.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'left-pad'"),
        (COUNTER, "index.main", "Runtime.HandlerNotFound", "index.main is undefined or not exported"),
        ("exports.handler = 1;", "index.handler", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("exports.handler = (;", "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
        (COUNTER, "index", "Runtime.MalformedHandlerName", "'index' is not a valid handler name."),
        ("throw new TypeError('at once')", "index.handler", "TypeError", "at once"),
    ],
)
def test_an_init_that_fails(node, code, handler, error_type, message):
    account = node(code, Handler=handler)
    answer = account.invoke()
    assert answer.error == "Unhandled" and answer.payload["errorType"] == error_type
    assert answer.payload["errorMessage"].split("\n")[0] == message
    messages = account.messages()
    assert any("\tundefined\tERROR\tUncaught Exception \t" in line for line in messages)
    assert any(f"Phase: init\tStatus: error\tError Type: {error_type}" in line for line in messages)


@needs_node
@pytest.mark.parametrize("line", ["require('@aws-sdk/client-s3');", "await import('@aws-sdk/client-s3');"])
def test_the_sdk_that_lambda_has_and_this_machine_has_not(node, line):
    name = "index.mjs" if line.startswith("await") else "index.js"
    account = node({name: line})
    assert "@aws-sdk/client-s3" in account.invoke().payload["errorMessage"]
    assert any("\tWARN\tlabkit: Lambda's Node.js has the modules of @aws-sdk" in line for line in account.messages())


@needs_node
def test_a_syntax_error_names_file_and_line(node):
    account = node("exports.handler = async () => {\n  return 1 +;\n};\n")
    assert account.invoke().payload["trace"][0] == "/var/task/index.js:2"


@needs_node
@pytest.mark.parametrize(
    ("body", "error_type", "message", "title"),
    [
        (
            'Promise.reject(new Error("lost")); return "fine"',
            "Runtime.UnhandledPromiseRejection", "Error: lost", "Unhandled Promise Rejection",
        ),
        (
            'setTimeout(() => { throw new EvalError("late") }, 5); await new Promise((done) => setTimeout(done, 2000))',
            "EvalError", "late", "Uncaught Exception",
        ),
    ],
)  # fmt: skip
def test_an_exception_that_nothing_caught_ends_the_process(node, body, error_type, message, title):
    account = node(f"let n = 0; exports.handler = async (event) => {{ n++; if (event.good) return n; {body}; }};")
    answer = account.invoke()
    assert (answer.payload["errorType"], answer.payload["errorMessage"]) == (error_type, message)
    assert any(f"{answer.request_id}\tERROR\t{title} \t" in line for line in account.messages())
    assert account.invoke(event={"good": True}).payload == 1  # in a new process


@needs_node
def test_a_promise_that_is_never_settled(node):
    account = node("exports.handler = async () => new Promise(() => {});")
    answer = account.invoke()
    assert answer.payload["errorType"] == "Runtime.NodeJsExit" and "never settled" in answer.payload["errorMessage"]


@needs_node
def test_an_exit_of_the_process(node):
    account = node("exports.handler = async () => process.exit(3);")
    answer = account.invoke()
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


@needs_node
def test_a_timeout_starts_the_module_anew_and_keeps_tmp(node):
    account = node(
        """
const fs = require("fs"), os = require("os"), path = require("path");
let n = 0;
exports.handler = async (event) => {
  n++;
  const file = path.join(os.tmpdir(), "kept");
  fs.appendFileSync(file, "x");
  if (event.slow) { console.log("before"); await new Promise((done) => setTimeout(done, 5000)); }
  return [n, fs.readFileSync(file, "utf8")];
};
""",
        Timeout=1,
    )
    account.invoke()
    late = account.invoke(event={"slow": True}, LogType="Tail")
    assert late.payload["errorType"] == "Sandbox.Timedout"
    assert late.payload["errorMessage"].endswith("Task timed out after 1.00 seconds") and "\tbefore\n" in late.log
    assert account.invoke().payload == [1, "xxx"]


@needs_node
def test_each_environment_has_its_own_tmp(node):
    account = node("""
const fs = require("fs"), os = require("os"), path = require("path");
exports.handler = async (event) => {
  const found = fs.readdirSync(os.tmpdir());
  fs.writeFileSync(path.join(os.tmpdir(), event.name), "");
  return found;
};
""")
    other = {"index.js": 'exports.handler = async () => require("fs").readdirSync(require("os").tmpdir());'}
    account.function(other, name="other", **NODE)
    assert account.invoke(event={"name": "a"}).payload == []
    assert account.invoke("other").payload == []
    assert account.invoke(event={"name": "b"}).payload == ["a"]


@needs_node
def test_what_console_writes_is_one_event_a_call_in_awss_form(node):
    account = node("""
console.log("loading");
exports.handler = async () => {
  console.log("two\\nlines", { a: [1, 2] });
  console.info("%d apples", 3);
  console.warn("careful");
  console.error(new Error("shown"));
  console.debug("details");
  process.stdout.write("raw 1\\nraw 2\\n");
};
""")
    request_id = account.invoke().request_id
    messages = [line for line in account.messages() if not line.startswith(("INIT_START", "START", "END", "REPORT"))]
    loading, *called = messages
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tundefined\tINFO\tloading\n", loading)
    assert [re.sub(r"^\S+Z\t", "", line) for line in called[:3]] == [
        f"{request_id}\tINFO\ttwo\nlines {{ a: [ 1, 2 ] }}\n",
        f"{request_id}\tINFO\t3 apples\n",
        f"{request_id}\tWARN\tcareful\n",
    ]
    assert f"{request_id}\tERROR\tError: shown\n    at " in called[3] and "/var/task/index.js:7:17" in called[3]
    assert called[4].endswith(f"{request_id}\tDEBUG\tdetails\n")
    assert called[5:] == ["raw 1\n", "raw 2\n"]


@needs_node
def test_the_log_as_json_with_a_level(node):
    code = """
exports.handler = async () => {
  console.debug("too little");
  console.log({ order: 7 });
  console.warn("%s is late", "it");
  console.error(new RangeError("far"));
};
"""
    account = node(code, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"})
    request_id = account.invoke().request_id
    records = [json.loads(line) for line in account.messages()]
    mine = [record for record in records if record.get("requestId") == request_id and "level" in record]
    assert [(record["level"], record["message"]) for record in mine[:2]] == [
        ("INFO", {"order": 7}),
        ("WARN", "it is late"),
    ]
    assert mine[2]["message"]["errorType"] == "RangeError" and mine[2]["message"]["errorMessage"] == "far"
    assert len(mine) == 3 and re.fullmatch(r"\S+\.\d{3}Z", mine[0]["timestamp"])


@needs_node
def test_an_answer_over_6_mb(node):
    account = node('exports.handler = async (event) => "x".repeat(event.size);')
    assert account.invoke(event={"size": 7 << 20}).payload["errorType"] == "Function.ResponseSizeTooLarge"
    assert len(account.invoke(event={"size": 5 << 20}).payload) == 5 << 20


@needs_node
def test_a_large_event_arrives_whole(node):
    account = node("exports.handler = async (event) => [event.text.length, event.text.at(-1)];")
    assert account.invoke(event={"text": "ä" * 1_000_000 + "z"}).payload == [1_000_001, "z"]


@needs_node
def test_garbage_does_not_exceed_128_mb_but_what_is_held_does(node):
    account = node(
        """
const held = [];
exports.handler = async (event) => {
  for (let i = 0; i < 3000; i++) { const made = new Array(10000).fill(i); if (event.hold) held.push(made); }
  return "done";
};
""",
        MemorySize=128,
    )
    assert account.invoke().payload == "done"
    answer = account.invoke(event={"hold": True})
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith("Runtime exited with error: signal: killed")


@needs_node
def test_an_outside_connection_is_refused(node):
    account = node("""
const net = require("net");
exports.handler = async () => new Promise((resolve) => {
  net.connect(443, "192.0.2.1").on("error", (error) => resolve(error.message));
});
""")
    assert "the connection to '192.0.2.1' was refused" in account.invoke().payload


@needs_node
def test_it_reaches_the_account(node):
    account = node("""
exports.handler = async () => {
  const url = process.env.AWS_ENDPOINT_URL + "/_labkit/clock";
  const answer = await fetch(url, { method: "POST", body: '{"advance_seconds": 0}' });
  return answer.status;
};
""")
    assert account.invoke().payload == 200


@needs_node
def test_layers_and_paths_with_a_sandbox_and_without(make_environment, run):
    layer = {"nodejs/node_modules/greeting/index.js": "module.exports = 'hello from a layer';"}
    code = {
        "index.js": "const greeting = require('greeting');\nexports.handler = async () => { throw Error(greeting) };"
    }
    environment = make_environment(code, runtime="nodejs22.x", handler="index.handler", layers=[layer])
    payload = json.loads(run(environment).payload)
    assert payload["errorMessage"] == "hello from a layer"
    assert "/var/task/index.js:2:" in payload["trace"][1]
    assert not [line for line in payload["trace"] if "labkit" in line]


def test_a_machine_without_node_is_told_so(serve, tmp_path):
    account = serve(PATH=str(tmp_path))
    account.function({"index.js": COUNTER}, **NODE)
    answer = account.invoke()
    assert answer.error == "Unhandled" and answer.payload["errorType"] == "Runtime.NotInstalled"
    message = answer.payload["errorMessage"]
    assert "nodejs22.x" in message and "no program node" in message and "install Node.js 18 or later" in message


def test_a_machine_with_an_old_node_is_told_so(serve, tmp_path):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v12.22.9\n")
    old.chmod(0o755)
    account = serve(PATH=str(tmp_path))
    account.function({"index.js": COUNTER}, **NODE)
    message = account.invoke().payload["errorMessage"]
    assert "which is version 12.22.9" in message and "install Node.js 18 or later" in message
