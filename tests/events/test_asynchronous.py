"""Events that nobody waits for: tried again, told of, dropped. The first part on a clock that only the test moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError
from served import zip_of

from labkit.clock import Clock
from labkit.events.agenda import Agenda
from labkit.events.asynchronous import Asynchronous, Attempt, Handling
from labkit.runtime.trace import times_invoked

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
START = 1000.0


class Bench:
    """A queue whose deliveries and ends are recorded; `outcomes` are answered in turn, the last one for ever."""

    def __init__(self, *outcomes, retries=2, longest_age=21_600.0):
        self.clock = Clock(lambda: START)
        self.agenda = Agenda(self.clock)
        self.outcomes = list(outcomes)
        self.handling = Handling(retries, longest_age)
        self.delivered, self.ended = [], []
        self.during = lambda: None
        self.queue = Asynchronous(self.agenda, self.clock, self.deliver, lambda arn: self.handling, self.tell)

    def deliver(self, event):
        self.delivered.append((self.clock.time() - START, event))
        self.during()
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return Attempt(outcome)

    def tell(self, event, attempt, condition):
        self.ended.append((round(self.clock.time() - START), condition, event.failures))

    def times(self, seconds=100_000):
        self.queue.send(ARN, b"{}", "invoke")
        self.clock.advance(seconds=seconds)
        return [round(time) for time, _ in self.delivered]


@pytest.fixture
def bench():
    made = []

    def make(*outcomes, **settings):
        made.append(Bench(*outcomes, **settings))
        return made[-1]

    yield make
    for each in made:
        each.agenda.close()


def test_an_event_that_succeeds_is_delivered_once(bench):
    b = bench("ok")
    assert b.times() == [0] and b.ended == [(0, "Success", 0)]


def test_a_failing_event_is_tried_three_times_a_minute_and_two_minutes_apart(bench):
    b = bench("failed")
    assert b.times() == [0, 60, 180] and b.ended == [(180, "RetriesExhausted", 3)]
    assert len({event.request_id for _, event in b.delivered}) == 1


def test_it_is_not_tried_again_once_it_has_succeeded(bench):
    b = bench("failed", "ok")
    assert b.times() == [0, 60] and b.ended == [(60, "Success", 1)]


@pytest.mark.parametrize(("retries", "times"), [(0, [0]), (1, [0, 60])])
def test_fewer_retries(bench, retries, times):
    b = bench("failed", retries=retries)
    assert b.times() == times and b.ended == [(times[-1], "RetriesExhausted", retries + 1)]


@pytest.mark.parametrize(("age", "times"), [(60, [0]), (90, [0, 60]), (181, [0, 60, 180])])
def test_an_event_that_would_be_too_old_ends_at_once(bench, age, times):
    b = bench("failed", longest_age=age)
    assert b.times() == times
    assert b.ended == [(times[-1], "EventAgeExceeded" if len(times) < 3 else "RetriesExhausted", len(times))]


def test_throttled_events_return_after_ever_longer_waits_of_at_most_five_minutes_until_too_old(bench):
    b = bench("throttled", longest_age=1200)
    assert b.times() == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111]
    assert b.ended == [(1111, "EventAgeExceeded", 0)]


def test_being_throttled_uses_up_no_retry(bench):
    assert bench("throttled", "failed").times() == [0, 1, 61, 181]


def test_a_function_that_is_stopped_is_not_tried_again(bench):
    b = bench("stopped")
    assert b.times() == [0] and b.ended == [(0, "ZeroReservedConcurrency", 0)]


@pytest.mark.parametrize(
    ("qualifier", "retries", "ended"), [("", 2, True), (":1", 2, True), (":live", 0, True), (":live", 2, False)]
)
def test_an_event_whose_target_is_gone_is_handled_as_was_configured(bench, qualifier, retries, ended):
    b = bench("gone", retries=retries)
    b.queue.send(ARN + qualifier, b"{}", "invoke")
    b.handling = None
    b.clock.advance(seconds=100_000)
    last = [0, 60, 180][retries]
    assert b.ended == ([(last, "RetriesExhausted", retries + 1)] if ended else [])


def test_what_is_called_must_be_there(bench):
    b = bench("ok")
    b.handling = None
    assert b.times() == [] and not b.ended


def test_a_function_that_is_given_no_concurrency_meanwhile_ends_the_event(bench):
    b = bench("failed")
    b.handling = replace(b.handling, reserves_none=True)
    assert b.times() == [] and b.ended == [(0, "ZeroReservedConcurrency", 0)]


def test_settings_count_that_hold_when_an_attempt_has_ended(bench):
    b = bench("failed")
    b.during = lambda: setattr(b, "handling", Handling(0, 21_600.0))
    assert b.times() == [0] and b.ended == [(0, "RetriesExhausted", 1)]


def test_each_delivery_is_one_more_in_its_chain_and_a_chain_is_ended(bench):
    b = bench("ok")
    trace = None
    for _ in range(20):
        b.queue.send(ARN, b"{}", "sqs", trace)
        b.clock.advance(seconds=1)
        trace = b.delivered[-1][1].trace
    assert len(b.delivered) == times_invoked(trace, ARN) == 16
    assert [condition for _, condition, _ in b.ended[16:]] == ["RecursiveInvocationDetected"] * 4


# From the call to what the handler did, through an account in another process.

FAILING = "def lambda_handler(event, context):\n    raise ValueError('no good')\n"
TELL = """
import json, os
def lambda_handler(event, context):
    print("RAN", context.function_version, os.environ.get("VARIANT", ""), context.aws_request_id, json.dumps(event))
    if event == "fail":
        raise ValueError("no good")
"""


def ran(account):
    """Version, variant, request id and event of each invocation."""
    return [line.removeprefix("RAN ").rstrip().split(" ", 3) for line in account.messages() if line.startswith("RAN ")]


def refusal(call, *arguments, **more):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **more)
    error = refused.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def test_an_event_is_accepted_and_answered_with_nothing(served, eventually):
    served.function(TELL)
    answer = served.invoke(InvocationType="Event", LogType="Tail")
    assert answer.raw["StatusCode"] == 202 and answer.body == b""
    assert not {"ExecutedVersion", "FunctionError", "LogResult"} & answer.raw.keys()
    assert eventually(lambda: ran(served)) == [["$LATEST", "", answer.request_id, "{}"]]


def test_what_is_no_event_is_refused_and_not_queued(served):
    served.function(TELL)
    invoke = served.awslambda.invoke
    status, code, message = refusal(invoke, FunctionName="f", InvocationType="Event", Payload=b"{")
    assert (status, code) == (400, "InvalidRequestContentException") and "Could not parse payload into json" in message
    large = b'"%s"' % (b"x" * 1_048_576)
    status, code, message = refusal(invoke, FunctionName="f", InvocationType="Event", Payload=large)
    assert (status, code) == (413, "RequestEntityTooLargeException")
    assert "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)" in message
    assert refusal(invoke, FunctionName="g", InvocationType="Event")[:2] == (404, "ResourceNotFoundException")
    served.invoke(event="last")
    assert [event for *_, event in ran(served)] == ['"last"']


def test_retries_keep_the_request_id_and_come_a_minute_and_two_minutes_later(served):
    served.function(TELL)
    sent = served.invoke(event="fail", InvocationType="Event")
    for seconds, count in ((59, 1), (2, 2), (118, 2), (3, 3), (21_600, 3)):
        served.advance(seconds)
        assert len(ran(served)) == count
    assert {request_id for _, _, request_id, _ in ran(served)} == {sent.request_id}


@pytest.mark.parametrize(("settings", "attempts"), [
    ({"MaximumRetryAttempts": 0}, 1),
    ({"MaximumRetryAttempts": 1}, 2),
    ({"MaximumEventAgeInSeconds": 60}, 1),
    ({"MaximumEventAgeInSeconds": 90}, 2),
])  # fmt: skip
def test_retries_and_age_are_configured(served, settings, attempts):
    served.function(TELL)
    served.awslambda.put_function_event_invoke_config(FunctionName="f", **settings)
    served.invoke(event="fail", InvocationType="Event")
    served.advance(1000)
    assert len(ran(served)) == attempts


def test_an_event_that_waits_runs_in_the_new_code(served):
    served.function(FAILING)
    served.invoke(event={"n": 1}, InvocationType="Event")
    served.advance(1)
    served.awslambda.update_function_code(FunctionName="f", ZipFile=zip_of(TELL))
    served.advance(60)
    assert [event for *_, event in ran(served)] == ['{"n": 1}']


def test_an_event_that_waits_follows_its_alias(served):
    served.function(FAILING, Publish=True)
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    served.invoke(event=1, InvocationType="Event", Qualifier="live")
    served.advance(1)
    served.awslambda.update_function_code(FunctionName="f", ZipFile=zip_of(TELL), Publish=True)
    served.awslambda.update_alias(FunctionName="f", Name="live", FunctionVersion="2")
    served.advance(60)
    assert [version for version, *_ in ran(served)] == ["2"]


def test_an_event_that_waits_runs_in_a_function_that_is_made_anew(served):
    served.function(FAILING)
    sent = served.invoke(event=1, InvocationType="Event")
    served.advance(1)
    served.awslambda.delete_function(FunctionName="f")
    served.function(TELL)
    served.advance(60)
    assert [request_id for _, _, request_id, _ in ran(served)] == [sent.request_id]


WAITING = """
import time, boto3
def lambda_handler(event, context):
    sqs = boto3.client("sqs")
    print("RAN - -", context.aws_request_id, event)
    sqs.send_message(QueueUrl=event["started"], MessageBody="")
    while "Messages" not in sqs.receive_message(QueueUrl=event["go"]):
        time.sleep(0.05)
"""


def test_a_throttled_event_waits_its_turn_while_a_call_is_refused(served, eventually):
    allow = [{"Action": "sqs:*", "Resource": "*"}]
    served.function(WAITING, Role=served.role("AWSLambdaBasicExecutionRole", allow=allow), Timeout=60)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    urls = {name: served.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("started", "go")}
    first = served.invoke(event=urls, InvocationType="Event")
    eventually(lambda: "Messages" in served.sqs.receive_message(QueueUrl=urls["started"]))
    assert refusal(served.awslambda.invoke, FunctionName="f")[:2] == (429, "TooManyRequestsException")
    second = served.invoke(event=urls, InvocationType="Event")
    assert second.raw["StatusCode"] == 202
    for _ in range(2):
        served.sqs.send_message(QueueUrl=urls["go"], MessageBody="")
    assert eventually(
        lambda: [request_id for _, _, request_id, _ in ran(served)] == [first.request_id, second.request_id]
    )
