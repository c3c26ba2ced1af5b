"""A poller of a queue at moments that are hard to meet from outside: what happens while it looks into the queue."""

from __future__ import annotations

import json

import boto3
import moto.core.utils
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from labkit.clock import Clock
from labkit.control_plane.store import EventSourceMapping
from labkit.events.asynchronous import Attempt
from labkit.events.polling.queue import QueuePoller
from labkit.events.polling.surroundings import Surroundings
from labkit.moto_bridge import account_time

BEGIN = 1_800_000_000.0
CAPACITY = 4
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


class HandAgenda:
    """An agenda whose actions run when the test says so."""

    def __init__(self, clock):
        self.clock, self.entries = clock, []

    def at(self, due, action):
        self.entries.append((due, action))

    def after(self, delay, action):
        self.at(self.clock.time() + delay, action)

    def run(self):
        """Run what is due, and what that leads to."""
        while due := [entry for entry in self.entries if entry[0] <= self.clock.time()]:
            self.entries.remove(due[0])
            due[0][1]()


class Bench:
    """A poller of the queue q, whose receives and invocations the test can hook into."""

    def __init__(self, name="q", **attributes):
        self.now = BEGIN
        self.clock = Clock(lambda: self.now)
        self.agenda = HandAgenda(self.clock)
        self.sqs = boto3.client("sqs", "us-east-1", aws_access_key_id="A", aws_secret_access_key="s")
        attributes = {"VisibilityTimeout": "60", **attributes}
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
        self.receive, self.sqs.receive_message = self.sqs.receive_message, self._receive
        self.during_receive = self.during_invoke = lambda: None
        self.invoked, self.counts = 0, []

    def poller(self, **settings):
        surroundings = Surroundings(
            self.agenda, self.clock, self._invoke, lambda *_: self.sqs, lambda *_: None, lambda _: None,
            lambda _: None, CAPACITY,
        )  # fmt: skip
        settings = {"EventSourceArn": self.arn, "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, **settings}
        mapping = EventSourceMapping(
            uuid="u", arn="arn", function_arn=FUNCTION, settings=settings, enabled=True, modified=0, transition=None,
            tags={},
        )  # fmt: skip
        return QueuePoller(mapping, surroundings)

    def send(self, **more):
        self.sqs.send_message(QueueUrl=self.url, MessageBody="m", **more)

    def at(self, seconds):
        self.now = BEGIN + seconds

    def _receive(self, **arguments):
        try:
            return self.receive(**arguments)
        finally:
            self.during_receive()

    def _invoke(self, function_arn, payload, *more):
        self.during_invoke()
        self.invoked += 1
        records = json.loads(payload)["Records"]
        self.counts += [record["attributes"]["ApproximateReceiveCount"] for record in records]
        return Attempt("ok")


@pytest.fixture
def make_bench(monkeypatch):
    monkeypatch.setattr(moto.core.utils, "datetime", moto.core.utils.datetime)  # put back afterwards

    def make(*name, **attributes):
        bench = Bench(*name, **attributes)
        account_time.follow(bench.clock)
        return bench

    with mock_aws():
        yield make


@pytest.fixture
def bench(make_bench):
    return make_bench()


def test_a_window_that_ends_while_the_poller_looks_gives_its_batch_away(bench):
    poller = bench.poller(MaximumBatchingWindowInSeconds=20)
    bench.send()
    poller.wake()
    bench.agenda.run()

    def the_window_ends():
        bench.during_receive = lambda: None
        bench.at(20)
        bench.agenda.run()

    bench.at(19)
    bench.during_receive = the_window_ends
    poller.wake()
    bench.agenda.run()
    assert bench.invoked == 1


def test_a_message_that_is_visible_again_right_after_the_poller_has_looked_is_received(bench):
    bench.send()
    bench.receive(QueueUrl=bench.url)
    poller = bench.poller()
    bench.at(59.9)
    bench.during_receive = lambda: bench.at(60.2)
    poller.wake()
    bench.agenda.run()
    assert bench.invoked == 1


def test_messages_that_come_while_all_batches_are_busy_leave_one_timer(bench):
    poller = bench.poller(BatchSize=1, ScalingConfig={"MaximumConcurrency": 1})

    def twenty_more():
        bench.during_invoke = lambda: None
        for _ in range(20):
            bench.send()
            poller.wake()
            bench.agenda.run()
        assert len(bench.agenda.entries) <= 1

    bench.during_invoke = twenty_more
    bench.send()
    poller.wake()
    bench.agenda.run()
    assert bench.invoked == 21


def test_messages_that_come_while_the_role_is_refused_leave_one_retry_which_is_no_later_for_them(bench):
    poller = bench.poller()

    def refused():
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ReceiveMessage")

    bench.during_receive = refused
    for _ in range(20):
        poller.wake()
        bench.agenda.run()
    assert [due for due, _ in bench.agenda.entries] == [BEGIN + 10]
    bench.at(10)
    bench.agenda.run()
    assert [due for due, _ in bench.agenda.entries] == [BEGIN + 30]


def test_a_batch_whose_messages_are_visible_again_before_it_is_invoked_is_not(bench):
    poller = bench.poller()
    bench.send()
    poller.wake()
    begun = [bench.agenda.entries.pop()]
    begun[0][1]()  # the look, which leaves the attempt on the agenda
    assert bench.invoked == 0
    bench.at(61)
    bench.agenda.run()
    poller.wake()
    bench.agenda.run()
    assert bench.invoked == 1 and bench.counts == ["2"]


def test_of_message_groups_no_more_are_received_than_the_machine_can_carry(make_bench):
    bench = make_bench("q.fifo", FifoQueue="true")
    poller = bench.poller(BatchSize=1)
    for number in range(10):
        bench.send(MessageGroupId=str(number), MessageDeduplicationId=str(number))
    poller.wake()
    bench.agenda.entries.pop()[1]()  # the look
    attributes = bench.sqs.get_queue_attributes(QueueUrl=bench.url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == str(CAPACITY)
    bench.agenda.run()
    assert bench.invoked == 10
