"""Java functions through an account in another process, and what is told where there is no Java."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

needs_java = pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK is installed")
CORE = "com/amazonaws/services/lambda/runtime/"
SOURCES = {
    # What a function gets from aws-lambda-java-core, in as far as these tests use it.
    CORE + "LambdaLogger.java": """package com.amazonaws.services.lambda.runtime;
public interface LambdaLogger { void log(String message); }
""",
    CORE + "Context.java": """package com.amazonaws.services.lambda.runtime;
public interface Context {
    String getAwsRequestId();
    String getLogGroupName();
    String getLogStreamName();
    String getFunctionName();
    String getFunctionVersion();
    String getInvokedFunctionArn();
    int getRemainingTimeInMillis();
    int getMemoryLimitInMB();
    LambdaLogger getLogger();
}
""",
    CORE + "RequestHandler.java": """package com.amazonaws.services.lambda.runtime;
public interface RequestHandler<I, O> { O handleRequest(I input, Context context); }
""",
    CORE + "RequestStreamHandler.java": """package com.amazonaws.services.lambda.runtime;
public interface RequestStreamHandler {
    void handleRequest(java.io.InputStream in, java.io.OutputStream out, Context context) throws java.io.IOException;
}
""",
    "shop/Order.java": """package shop;
import java.util.List;
public class Order {
    public enum State { OPEN, PAID }
    private String customer;
    private List<Line> lines;
    public State state;
    public void setCustomer(String customer) { this.customer = customer; }
    public String getCustomer() { return customer; }
    public void setLines(List<Line> lines) { this.lines = lines; }
    public List<Line> getLines() { return lines; }
    public static class Line {
        public String article;
        public int count;
        public double price;
    }
}
""",
    "shop/Handlers.java": """package shop;
import com.amazonaws.services.lambda.runtime.Context;
import java.io.*;
import java.util.*;
public class Handlers {
    private static int n;
    public int count() { return ++n; }
    public static String greet(String name) { return "hello " + name; }
    public Integer twice(Integer x) { return 2 * x; }
    public double half(double x) { return x / 2; }
    public boolean not(boolean x) { return !x; }
    public Object same(Object x) { return x; }
    public long sum(List<Long> numbers) { long sum = 0; for (long each : numbers) { sum += each; } return sum; }
    public String[] sorted(Set<String> words) { return new TreeSet<>(words).toArray(new String[0]); }
    public Map<String, Integer> longer(Map<String, Integer> all) { all.values().removeIf(x -> x < 3); return all; }
    public void nothing(Map<String, Object> event) { }
    public Order pay(Order order) { order.state = Order.State.PAID; return order; }
    public double total(Order order) {
        double total = 0;
        for (Order.Line line : order.getLines()) { total += line.count * line.price; }
        return total;
    }
    public void upper(InputStream in, OutputStream out) throws IOException {
        out.write(new String(in.readAllBytes(), "UTF-8").toUpperCase().getBytes("UTF-8"));
    }
    public Map<String, Object> context(Map<String, Object> event, Context context) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("id", context.getAwsRequestId());
        told.put("name", context.getFunctionName());
        told.put("version", context.getFunctionVersion());
        told.put("arn", context.getInvokedFunctionArn());
        told.put("memory", context.getMemoryLimitInMB());
        told.put("group", context.getLogGroupName());
        told.put("stream", context.getLogStreamName());
        told.put("left", context.getRemainingTimeInMillis());
        context.getLogger().log("two\\nlines of " + context);
        System.out.println("printed 1\\nprinted 2");
        return told;
    }
    public String over(String x) { return "short"; }
    public String over(String x, Context context) { return "with context"; }
    public String fail(String why) { throw new IllegalStateException(why, new RuntimeException("the cause")); }
    public void leave(int status) { System.exit(status); }
    public void overflow() { overflow(); }
    public String files(Map<String, Object> event) throws IOException {
        File folder = new File(System.getProperty("java.io.tmpdir"));
        String found = String.join(" ", folder.list());
        new File(folder, "mine").createNewFile();
        return found;
    }
    public String slow(int seconds) throws Exception { n++; Thread.sleep(1000L * seconds); return "awake " + n; }
    public int hold(int megabytes) {
        List<byte[]> held = new ArrayList<>();
        for (int i = 0; i < megabytes; i++) { held.add(new byte[1 << 20]); }
        return held.size();
    }
    public int garbage(int megabytes) {
        int made = 0;
        for (int i = 0; i < megabytes; i++) { made += new byte[1 << 20].length >> 20; }
        return made;
    }
}
""",
    "shop/Interface.java": """package shop;
import com.amazonaws.services.lambda.runtime.*;
import java.util.Map;
public class Interface implements RequestHandler<Map<String, Integer>, String> {
    public String handleRequest(Map<String, Integer> event, Context context) {
        if (event.isEmpty()) { throw new IllegalArgumentException(); }
        return event.get("x") + 1 + " for " + context.getFunctionName();
    }
}
""",
    "shop/Streams.java": """package shop;
import com.amazonaws.services.lambda.runtime.*;
import java.io.*;
public class Streams implements RequestStreamHandler {
    public void handleRequest(InputStream in, OutputStream out, Context context) throws IOException {
        out.write('[');
        in.transferTo(out);
        out.write(']');
    }
}
""",
    "shop/Broken.java": """package shop;
public class Broken {
    static final int LIMIT = Integer.parseInt("many");
    public int get() { return LIMIT; }
}
""",
    "shop/Constructed.java": """package shop;
public class Constructed {
    public Constructed() { throw new UnsupportedOperationException("no database"); }
    public int get() { return 1; }
}
""",
    "Json.java": 'public class Json { public String own() { return "a class of mine"; } }',
}
JAVA = {"Runtime": "java21"}


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    """The compiled classes: {path in the package: content}."""
    folder = tmp_path_factory.mktemp("java")
    for name, source in SOURCES.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    sources = map(str, (folder / "source").rglob("*.java"))
    subprocess.run(["javac", "-d", str(folder / "out"), *sources], check=True)
    return {path.relative_to(folder / "out").as_posix(): path.read_bytes() for path in folder.glob("out/**/*.class")}


@pytest.fixture
def java(served, classes):
    """`java("shop.Handlers::count")`: a Java function `f` with this handler; returns its account."""

    def make(handler, **configuration):
        served.function(classes, Handler=handler, **(JAVA | configuration))
        return served

    return make


@needs_java
def test_state_survives_and_only_the_first_start_is_cold(java):
    account = java("shop.Handlers::count")
    answers = [account.invoke(LogType="Tail") for _ in range(3)]
    assert [answer.payload for answer in answers] == [1, 2, 3]
    assert ["Init Duration" in answer.log for answer in answers] == [True, False, False]


ORDER = {
    "customer": "Zoë \u2028 \"quoted\"",
    "lines": [{"article": "a", "count": 2, "price": 1.5}, {"article": "b", "count": 1, "price": 4}],
    "unknown": {"to": ["the", "class"]},
}  # fmt: skip
ANYTHING = {"a": [1, 2.5, -3e-7, True, False, None, {}, [], 'ü\n\t\\"\u0001 😀'], "big": 12345678901, "huge": 2**80}


@needs_java
@pytest.mark.parametrize(
    ("handler", "event", "answer"),
    [
        ("shop.Handlers::greet", "Ada", "hello Ada"),
        ("shop.Handlers::twice", 21, 42),
        ("shop.Handlers::half", 3, 1.5),
        ("shop.Handlers::not", False, True),
        ("shop.Handlers::same", ANYTHING, ANYTHING),
        ("shop.Handlers::same", None, None),
        ("shop.Handlers::sum", [1, 2, 3_000_000_000], 3_000_000_003),
        ("shop.Handlers::sorted", ["b", "a", "b"], ["a", "b"]),
        ("shop.Handlers::longer", {"a": 1, "b": 4}, {"b": 4}),
        ("shop.Handlers::nothing", {}, None),
        ("shop.Handlers::total", ORDER, 7.0),
        (
            "shop.Handlers::pay", ORDER | {"State": "OPEN"},
            {"customer": ORDER["customer"], "lines": ORDER["lines"], "state": "PAID"},
        ),
        ("shop.Handlers::upper", {"a": 1}, {"A": 1}),
        ("shop.Handlers::over", "x", "with context"),
        ("shop.Interface", {"x": 1}, "2 for f"),
        ("shop.Interface::handleRequest", {"x": 1}, "2 for f"),
        ("shop.Streams", 5, [5]),
        ("Json::own", {}, "a class of mine"),
    ],
)  # fmt: skip
def test_what_a_handler_takes_and_gives(java, handler, event, answer):
    assert java(handler).invoke("f", Payload=json.dumps(event)).payload == answer


def documents(random, depth=3):
    """A JSON document of anything that JSON can hold."""
    kinds = ["text", "whole", "float", "word"] + (["list", "object"] if depth else [])
    match random.choice(kinds):
        case "text":
            return "".join(chr(random.choice([random.randrange(1, 0x250), 0x2028, 0x1F600])) for _ in range(5))
        case "whole":
            return random.choice([-1, 1]) * random.getrandbits(random.choice([3, 31, 32, 63, 64, 90]))
        case "float":
            return random.uniform(-1, 1) * 10.0 ** random.randrange(-300, 300)
        case "word":
            return random.choice([None, True, False])
        case "list":
            return [documents(random, depth - 1) for _ in range(random.randrange(4))]
    return {f"{i}\t{documents(random, 0)}": documents(random, depth - 1) for i in range(random.randrange(4))}


@needs_java
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_goes_in_and_out_unchanged(java, ascii_only):
    random = Random(7)
    given = [documents(random) for _ in range(500)]
    text = json.dumps(given, ensure_ascii=ascii_only, indent=1)
    assert java("shop.Handlers::same").invoke("f", Payload=text.encode()).payload == given


@needs_java
def test_the_context_and_the_log(java):
    account = java("shop.Handlers::context")
    answer = account.invoke()
    told = answer.payload
    assert (told["id"], told["name"], told["version"]) == (answer.request_id, "f", "$LATEST")
    assert told["arn"].endswith(":function:f") and told["memory"] == 1769
    assert told["group"] == "/aws/lambda/f" and "[$LATEST]" in told["stream"] and 10_000 < told["left"] <= 20_000
    messages = account.messages()
    assert f"two\nlines of Context of request {answer.request_id}\n" in messages
    assert "printed 1\n" in messages and "printed 2\n" in messages


@needs_java
def test_an_exception_is_told_with_its_cause_and_logged_as_one_event(java):
    account = java("shop.Handlers::fail")
    answer = account.invoke(event="closed")
    assert answer.error == "Unhandled"
    assert list(answer.payload) == ["errorMessage", "errorType", "stackTrace", "cause"]
    assert (answer.payload["errorMessage"], answer.payload["errorType"]) == (
        "closed",
        "java.lang.IllegalStateException",
    )
    assert re.fullmatch(r"shop\.Handlers\.fail\(Handlers\.java:\d+\)", answer.payload["stackTrace"][0])
    assert answer.payload["cause"]["errorMessage"] == "the cause"
    assert "labkit" not in answer.body.decode()
    logged = next(message for message in account.messages() if message.startswith("closed"))
    assert logged.startswith("closed: java.lang.IllegalStateException\njava.lang.IllegalStateException: closed\n\tat ")
    assert "Caused by: java.lang.RuntimeException: the cause" in logged


@needs_java
@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        ("shop.Missing::get", "java.lang.ClassNotFoundException", "Class not found: shop.Missing"),
        (
            "shop.Handlers::missing", None,
            "No public method named missing with appropriate method signature found on class shop.Handlers",
        ),
        (
            "shop.Handlers", None,
            "Class does not implement an appropriate handler interface: shop.Handlers",
        ),
        ("shop.Handlers::", None, "Invalid handler: `shop.Handlers::'"),
    ],
)  # fmt: skip
def test_a_handler_that_is_not_there(java, handler, error_type, message):
    account = java(handler)
    answer = account.invoke()
    assert answer.error == "Unhandled"
    assert (answer.payload["errorMessage"], answer.payload.get("errorType")) == (message, error_type)


@needs_java
@pytest.mark.parametrize(
    ("handler", "error_type", "message"),
    [
        (
            "shop.Broken::get", "java.lang.NumberFormatException",
            'Error loading class shop.Broken: For input string: "many"',
        ),
        ("shop.Constructed::get", "java.lang.UnsupportedOperationException", "no database"),
    ],
)  # fmt: skip
def test_an_init_that_fails(java, handler, error_type, message):
    account = java(handler)
    answer = account.invoke()
    assert (answer.payload["errorMessage"], answer.payload["errorType"]) == (message, error_type)
    assert any("Phase: init\tStatus: error" in line for line in account.messages())


@needs_java
def test_an_event_of_another_type(java):
    answer = java("shop.Handlers::twice").invoke(event={"not": "a number"})
    assert answer.payload["errorMessage"] == "An error occurred during JSON parsing"
    assert answer.payload["errorType"] == "java.lang.RuntimeException" and "cause" in answer.payload


@needs_java
def test_an_exception_without_a_message_is_told_by_its_class(java):
    assert java("shop.Interface").invoke(event={}).payload["errorMessage"] == "java.lang.IllegalArgumentException"


@needs_java
def test_an_exit_and_an_error_of_the_machine_end_the_process(java):
    account = java("shop.Handlers::leave")
    assert account.invoke(event=3).payload["errorMessage"].endswith("Runtime exited with error: exit status 3")
    account = java("shop.Handlers::overflow", name="g")
    assert account.invoke("g").payload["errorType"] == "java.lang.StackOverflowError"


@needs_java
def test_a_timeout_starts_the_class_anew(java):
    account = java("shop.Handlers::slow", Timeout=1)
    assert account.invoke(event=0).payload == "awake 1"
    assert account.invoke(event=5).payload["errorType"] == "Sandbox.Timedout"
    assert account.invoke(event=0).payload == "awake 1"


@needs_java
def test_tmp_is_its_own_and_empty(java):
    account = java("shop.Handlers::files")
    assert [account.invoke().payload for _ in range(2)] == ["", "mine"]


@needs_java
def test_garbage_does_not_exceed_128_mb_but_what_is_held_does(java):
    account = java("shop.Handlers::garbage", MemorySize=128)
    assert account.invoke(event=400).payload == 400
    account = java("shop.Handlers::hold", name="g", MemorySize=128)
    told = account.invoke("g", event=400).payload
    assert told["errorType"] in ("java.lang.OutOfMemoryError", "Runtime.ExitError")


@needs_java
def test_a_jar_in_lib_and_one_in_a_layer(served, classes, make_zip):
    core = {name: content for name, content in classes.items() if name.startswith("com/")}
    own = {name: content for name, content in classes.items() if name.startswith("shop/")}
    layer = make_zip({"java/lib/core.jar": make_zip(core)})
    published = served.awslambda.publish_layer_version(LayerName="core", Content={"ZipFile": layer})
    served.function(
        {"lib/shop.jar": make_zip(own)}, Handler="shop.Interface", Layers=[published["LayerVersionArn"]], **JAVA
    )
    assert served.invoke(event={"x": 1}).payload == "2 for f"


@needs_java
def test_with_a_sandbox_and_without(make_environment, run, classes):
    environment = make_environment(classes, runtime="java17", handler="shop.Handlers::files")
    assert [json.loads(run(environment, {}).payload) for _ in range(2)] == ["", "mine"]


def test_a_machine_without_java_is_told_so(serve, tmp_path):
    account = serve(PATH=str(tmp_path))
    account.function({"a.txt": ""}, Handler="shop.Handlers::count", **JAVA)
    answer = account.invoke()
    assert answer.error == "Unhandled" and answer.payload["errorType"] == "Runtime.NotInstalled"
    message = answer.payload["errorMessage"]
    assert "java21" in message and "no program java" in message and "install a JDK 11 or later" in message


def test_a_java_that_can_not_compile_is_told_so(serve, tmp_path):
    Path(tmp_path, "java").write_text("#!/bin/sh\necho 'Error occurred: module jdk.compiler not found' >&2\nexit 1\n")
    Path(tmp_path, "java").chmod(0o755)
    account = serve(PATH=str(tmp_path))
    account.function({"a.txt": ""}, Handler="shop.Handlers::count", **JAVA)
    message = account.invoke().payload["errorMessage"]
    assert "module jdk.compiler not found" in message and "install a JDK 11 or later" in message
