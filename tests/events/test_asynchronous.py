"""Events that nobody waits for: tried again, told of, dropped. The first part on a clock that only the test moves."""

from __future__ import annotations

import json

import pytest

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
        self.queue = Asynchronous(self.agenda, self.clock, self.deliver, lambda arn: self.handling, self.tell)

    def deliver(self, event):
        self.delivered.append((self.clock.time() - START, event))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return Attempt(outcome)

    def tell(self, event, attempt, condition, handling):
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


def test_an_event_whose_function_is_gone_is_dropped(bench):
    b = bench("ok")
    b.handling = None
    assert b.times() == [] and not b.ended


def test_an_event_whose_version_is_gone_is_tried_again_all_the_same(bench):
    b = bench("gone")
    assert b.times() == [0, 60, 180] and b.ended == [(180, "RetriesExhausted", 3)]


def test_each_delivery_is_one_more_in_its_chain_and_a_chain_is_ended(bench):
    b = bench("ok")
    trace = None
    for _ in range(20):
        b.queue.send(ARN, b"{}", "sqs", trace)
        b.clock.advance(seconds=1)
        trace = b.delivered[-1][1].trace
    assert len(b.delivered) == times_invoked(trace, ARN) == 16
    assert [condition for _, condition, _ in b.ended[16:]] == ["RecursiveInvocationDetected"] * 4


# From the call to what is told, through an account in another process.

FAILING = "def lambda_handler(event, context):\n    raise ValueError('no good')\n"
SEND = [{"Action": ["sqs:SendMessage", "sns:Publish"], "Resource": "*"}]


@pytest.fixture
def queue_of(served, eventually):
    """A queue that a function may send to, and what is in it."""

    class Queue:
        def __init__(self, name="told"):
            self.url = served.sqs.create_queue(QueueName=name)["QueueUrl"]
            self.arn = served.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ]

        def message(self):
            def received():
                answer = served.sqs.receive_message(QueueUrl=self.url, MessageAttributeNames=["All"])
                return answer.get("Messages")

            return eventually(received)[0]

    return Queue


def test_a_dead_letter_queue_gets_the_event_after_three_attempts(served, queue_of):
    queue = queue_of()
    role = served.role("AWSLambdaBasicExecutionRole", allow=SEND)
    served.function(FAILING, Role=role, DeadLetterConfig={"TargetArn": queue.arn})
    sent = served.invoke(event={"n": 1}, InvocationType="Event")
    served.advance(200)
    message = queue.message()
    assert json.loads(message["Body"]) == {"n": 1}
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "RequestID": sent.request_id, "ErrorCode": "200", "ErrorMessage": "no good",
    }  # fmt: skip
    assert {name: value["DataType"] for name, value in message["MessageAttributes"].items()}["ErrorCode"] == "Number"
    starts = [line for line in served.messages() if line.startswith("START")]
    assert len(starts) == 3 and all(sent.request_id in line for line in starts)


def test_a_role_that_may_not_send_loses_the_event_and_a_warning_says_so(served, queue_of, eventually):
    queue = queue_of()
    role = served.role("AWSLambdaBasicExecutionRole", allow=SEND)
    served.function(FAILING, Role=role, DeadLetterConfig={"TargetArn": queue.arn})
    served.iam.delete_role_policy(RoleName="tester", PolicyName="inline")
    served.invoke(event={"n": 1}, InvocationType="Event")
    served.advance(200)
    assert eventually(lambda: "told got no record of an event" in served.complaints())
    assert "sqs:sendmessage" in served.complaints()
