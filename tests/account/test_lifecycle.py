"""Starting, stopping and resetting the account of this process, each in a process of its own."""

from __future__ import annotations

import json

import pytest
from served import GATED


@pytest.fixture
def outcome(in_child, tmp_path):
    """What a script printed last, as JSON."""

    def run(script):
        done = in_child("import json, os, socket, threading\nimport boto3, labkit\n" + script, TMPDIR=str(tmp_path))
        assert done.status == 0, done.err
        assert "Traceback" not in done.err
        return json.loads(done.out.splitlines()[-1])

    return run


def test_a_second_start_is_the_same_account_and_one_after_stop_is_new_and_empty(outcome):
    found = outcome("""
first = labkit.start()
boto3.client("s3").create_bucket(Bucket="old")
same = labkit.start(concurrency_quota=5) is first and first.concurrency_quota == 1000
labkit.clock.advance(days=3)
folder = first.rooms.hosting.host.directory
first.stop()
gone = not folder.exists() and not first.running and "stopped" in repr(first)
second = labkit.start(concurrency_quota=5)
buckets = boto3.client("s3").list_buckets()["Buckets"]
print(json.dumps([same, gone, second is first, second.concurrency_quota, buckets, labkit.clock.offset,
                  len(labkit.invocations()), labkit.settle()]))
""")
    assert found == [True, True, False, 5, [], 0, 0, True]


def test_stop_ends_the_connections_that_are_open(outcome):
    assert outcome("""
import http.client
account = labkit.start()
connection = http.client.HTTPConnection(account.endpoint.removeprefix("http://"), timeout=60)
connection.request("GET", "/moto-api/data.json")
connection.getresponse().read()
account.stop()
connection.auto_open = False
try:
    connection.request("GET", "/moto-api/data.json")
    print(json.dumps(connection.getresponse().status))
except OSError as error:
    print(json.dumps("ended"))
""") == "ended"  # fmt: skip


def test_without_an_account_the_message_says_how_to_start_one(outcome):
    found = outcome("""
said = []
for use in (labkit.settle, labkit.invocations):
    try:
        use()
    except RuntimeError as error:
        said.append(str(error))
print(json.dumps(said))
""")
    assert found == ["there is no account yet; start one with labkit.start() or %load_ext labkit"] * 2


@pytest.mark.parametrize("quota", [0, -1])
def test_a_quota_below_one_is_refused(outcome, quota):
    assert "at least 1" in outcome(f"""
try:
    labkit.start(concurrency_quota={quota})
except ValueError as error:
    print(json.dumps(str(error)))
""")


def test_a_start_that_fails_leaves_nothing_behind(outcome):
    found = outcome("""
from pathlib import Path
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
before = dict(os.environ)
try:
    labkit.start(port=port)
except OSError as error:
    said = str(error)
print(json.dumps([said.replace(str(port), "PORT"), dict(os.environ) == before, threading.active_count(),
                  len(list(Path(os.environ["TMPDIR"]).glob("labkit-*"))), labkit.clock._listeners == [],
                  labkit.start().running]))
""")
    assert found[0].startswith("port PORT can't be used on 127.0.0.1")
    assert found[1:] == [True, 1, 0, True, True]


def test_reset_forgets_records_and_functions_but_not_the_account(outcome):
    found = outcome("""
account = labkit.start()
boto3.client("s3").create_bucket(Bucket="bucket")
labkit.clock.advance(hours=1)
account.reset()
print(json.dumps([boto3.client("s3").list_buckets()["Buckets"], len(labkit.invocations()), labkit.clock.offset,
                  account.running, boto3.client("sts").get_caller_identity()["Account"]]))
""")
    assert found == [[], 0, 0, True, "123456789012"]


def test_settle_waits_for_what_is_queued_and_gives_up_in_time(outcome):
    found = outcome(
        f"GATED = {GATED!r}"
        + """
import io, sys, time, zipfile
labkit.start(evaluate_roles=False)
boto3.client("s3").create_bucket(Bucket="gate")
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as opened:
    opened.writestr("m.py", GATED)
role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
client = boto3.client("lambda")
client.create_function(FunctionName="f", Runtime="python3.13", Role=role, Handler="m.lambda_handler", Timeout=300,
                       Code={"ZipFile": archive.getvalue()})
client.invoke(FunctionName="f", InvocationType="Event", Payload=b"1")
early = labkit.settle(timeout=0.1)
before = len(labkit.invocations())
boto3.client("s3").put_object(Bucket="gate", Key="open")
late = labkit.settle()
trace = labkit.invocations()
print(json.dumps([early, before, late, len(trace), trace[0].source, trace[0].start_type, trace.counts()["cold"],
                  trace[0].duration > 0]))
"""
    )
    assert found == [False, 0, True, 1, "invoke", "cold", 1, True]
