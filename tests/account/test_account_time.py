"""What a client of `labkit serve` can do with account time, and a fresh account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

FAILS = "def lambda_handler(event, context):\n    raise RuntimeError('attempt of ' + context.aws_request_id)\n"


def attempts(account):
    return [line.split()[2] for line in account.messages() if line.startswith("START")]


def test_a_failing_event_is_run_three_times_with_one_request_id(served, eventually):
    served.function(FAILS)
    sent = served.invoke(event={}, InvocationType="Event").request_id
    eventually(lambda: len(attempts(served)) == 1)
    for step, expected in ((60, 2), (120, 3)):
        served.advance(step - 5)
        served.invoke("f", event={})  # a later invocation is logged, so an early retry would be seen
        before = attempts(served).count(sent)
        assert before == expected - 1
        served.advance(5)
        eventually(lambda expected=expected: attempts(served).count(sent) == expected)
    served.advance(100_000)
    served.invoke("f", event={})
    assert attempts(served).count(sent) == 3


def test_an_event_that_succeeds_at_the_second_attempt_is_left_alone(served, eventually):
    code = "n = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n    assert n == 2\n"
    served.function(code)
    served.invoke(event={}, InvocationType="Event")
    eventually(lambda: len(attempts(served)) == 1)
    served.advance(60)
    eventually(lambda: len(attempts(served)) == 2)
    served.advance(120)
    assert served.invoke(event={}).error and len(attempts(served)) == 3


def test_idle_environments_expire_when_the_clock_is_moved(served):
    served.function("n = 0\ndef lambda_handler(event, context):\n    global n\n    n += 1\n    return n\n")
    assert [served.invoke().payload for _ in range(2)] == [1, 2]
    served.advance(8 * 3600)
    done = served.invoke(LogType="Tail")
    assert done.payload == 1 and "Init Duration" in done.log


def test_the_log_is_dated_in_account_time(served):
    served.function("def lambda_handler(event, context):\n    return context.log_stream_name\n")
    status, answer = served.post("/_labkit/clock", b'{"advance_seconds": 864000}')
    later = datetime.now(UTC) + timedelta(days=10)
    assert status == 200 and abs(datetime.fromisoformat(answer["time"]) - later) < timedelta(minutes=1)
    assert served.invoke().payload.startswith(f"{later:%Y/%m/%d}/[$LATEST]")
    (first, *_) = served.logs.filter_log_events(logGroupName="/aws/lambda/f")["events"]
    assert abs(first["timestamp"] / 1000 - later.timestamp()) < 60


@pytest.mark.parametrize(
    "body",
    [b"", b"soon", b"{}", b"[]", b"7", b'{"advance_seconds": "900"}', b'{"advance_seconds": null}',
     b'{"advance_seconds": true}', b'{"advance_seconds": -1}', b'{"advance_seconds": NaN}',
     b'{"advance_seconds": Infinity}', b'{"advance_seconds": 1e12}', b"\xff", b"[" * 100_000],
    ids=lambda body: repr(body[:40]),
)  # fmt: skip
def test_what_is_no_step_is_refused_with_an_example_and_changes_nothing(served, body):
    status, answer = served.post("/_labkit/clock", body)
    assert status == 400 and 'send {"advance_seconds": 900}' in answer["message"]
    assert "Error" not in answer["message"] and len(answer["message"]) < 300
    _, now = served.post("/_labkit/clock", b'{"advance_seconds": 0}')
    assert abs(datetime.fromisoformat(now["time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_reset_empties_the_account_and_returns_to_the_machines_time(served):
    role = served.role("AWSLambdaBasicExecutionRole")
    served.function("def lambda_handler(event, context):\n    return 1\n", Role=role)
    served.invoke()
    served.s3.create_bucket(Bucket="bucket")
    served.advance(86_400)
    status, answer = served.post("/moto-api/reset")
    assert (status, answer) == (200, {"status": "ok"})
    assert served.awslambda.list_functions()["Functions"] == []
    assert served.s3.list_buckets()["Buckets"] == []
    assert served.iam.list_roles()["Roles"] == []
    assert served.logs.describe_log_groups()["logGroups"] == []
    _, now = served.post("/_labkit/clock", b'{"advance_seconds": 0}')
    assert abs(datetime.fromisoformat(now["time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_reset_interrupts_what_runs_and_nothing_of_it_comes_after(served, eventually):
    code = "import time, boto3\ndef lambda_handler(event, context):\n"
    code += "    boto3.client('s3').create_bucket(Bucket='began')\n"
    role = served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": "s3:*", "Resource": "*"}])
    served.function(code + "    time.sleep(30)\n", Role=role, Timeout=60)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(served.invoke)
        eventually(lambda: served.s3.list_buckets()["Buckets"])
        served.post("/moto-api/reset")
        assert answer.result(10).error == "Unhandled"
    served.function("def lambda_handler(event, context):\n    return 'new'\n")
    assert served.invoke().payload == "new"
    assert len(attempts(served)) == 1
    assert served.s3.list_buckets()["Buckets"] == []
