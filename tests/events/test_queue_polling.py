"""A queue calls a function through an event source mapping: from SendMessage to what the handler received and left."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

TELL = """
import json
def lambda_handler(event, context):
    print("GOT " + json.dumps(event))
    bad = [r["messageId"] for r in event["Records"] if "bad" in r["body"]]
    if "raise" in [r["body"] for r in event["Records"]]:
        raise ValueError("no good")
    return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}
"""
POLL = [{"Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": "*"}]


@pytest.fixture
def queue(served, eventually):
    """A queue with a function that tells what it gets; `map` connects them."""

    class Queue:
        def __init__(self):
            self.functions = 0

        def make(self, name="q", **attributes):
            self.url = served.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "30", **attributes})[
                "QueueUrl"
            ]
            self.arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
            return self

        def map(self, code=TELL, **settings):
            role = served.role("AWSLambdaBasicExecutionRole", name="poller", allow=POLL)
            served.function(code, Role=role, Timeout=20)
            return self.map_to("f", **settings)

        def map_to(self, function, **settings):
            return served.awslambda.create_event_source_mapping(
                EventSourceArn=self.arn, FunctionName=function, **settings
            )["UUID"]

        def send(self, *bodies, **more):
            return [
                served.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)["MessageId"] for body in bodies
            ]

        def left(self):
            names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            found = served.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
            return tuple(int(found[name]) for name in names)

        def state(self, mapping):
            return served.awslambda.get_event_source_mapping(UUID=mapping)["State"]

        def events(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

        def got(self, count):
            """The bodies of the first `count` records, by event."""
            eventually(lambda: sum(len(event["Records"]) for event in self.events()) >= count)
            return [[record["body"] for record in event["Records"]] for event in self.events()]

    return Queue()


def test_the_record_and_the_message_is_gone(served, queue, eventually):
    queue.make().map()
    attributes = {
        "a": {"DataType": "String", "StringValue": "x"},
        "n": {"DataType": "Number", "StringValue": "5"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x00"},
    }
    (message_id,) = queue.send("héllo", MessageAttributes=attributes)
    queue.got(1)
    (record,) = queue.events()[0]["Records"]
    assert record.pop("receiptHandle") and record.pop("md5OfMessageAttributes") and record.pop("md5OfBody")
    told = record.pop("attributes")
    assert told["ApproximateReceiveCount"] == "1" and abs(int(told["SentTimestamp"]) / 1000 - time.time()) < 60
    assert all(isinstance(value, str) for value in told.values())
    assert record.pop("messageAttributes") == {
        "a": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "n": {"stringValue": "5", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
        "b": {"binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    }
    assert record == {
        "messageId": message_id, "body": "héllo", "eventSource": "aws:sqs", "eventSourceARN": queue.arn,
        "awsRegion": "us-east-1",
    }  # fmt: skip
    eventually(lambda: queue.left() == (0, 0))


def test_messages_of_before_the_mapping_are_delivered_and_a_deleted_mapping_is_silent(served, queue, eventually):
    queue.make().send("early")
    mapping = queue.map()
    assert queue.got(1) == [["early"]]
    served.advance(1)
    served.awslambda.delete_event_source_mapping(UUID=mapping)
    queue.send("late")
    served.advance(60)
    assert queue.got(1) == [["early"]] and queue.left() == (1, 0)


def test_a_batch_waits_for_its_window_or_until_it_is_full(served, queue):
    queue.make(VisibilityTimeout="120").map(BatchSize=3, MaximumBatchingWindowInSeconds=60)
    queue.send("1", "2")
    served.advance(30)
    assert queue.events() == []
    served.advance(31)
    assert queue.got(2) == [["1", "2"]]
    queue.send("3", "4", "5")
    assert queue.got(5) == [["1", "2"], ["3", "4", "5"]]


def test_what_fails_comes_back_after_the_visibility_timeout_and_goes_to_the_dead_letter_queue(
    served, queue, eventually
):
    dead = served.sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2}
    queue.make(RedrivePolicy=json.dumps(redrive)).map()
    queue.send("raise")
    queue.got(1)
    served.advance(29)
    assert len(queue.events()) == 1
    served.advance(2)
    queue.got(2)
    counts = [event["Records"][0]["attributes"]["ApproximateReceiveCount"] for event in queue.events()]
    assert counts == ["1", "2"]
    served.advance(31)
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=dead).get("Messages"))[0]
    assert message["Body"] == "raise" and len(queue.events()) == 2


def test_only_what_is_reported_as_failed_comes_back(served, queue, eventually):
    queue.make().send("good", "bad", "fine")
    queue.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.got(3)
    eventually(lambda: queue.left() == (0, 1))
    served.advance(31)
    queue.got(4)
    assert [record["body"] for event in queue.events() for record in event["Records"]].count("bad") == 2


def test_only_what_the_filters_want_is_delivered_and_the_rest_is_deleted(queue, eventually):
    queue.make().map(FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"n": [{"numeric": [">", 5]}]}})}]})
    queue.send('{"n": 1}', "text", '{"n": 6}')
    assert queue.got(1) == [['{"n": 6}']]
    eventually(lambda: queue.left() == (0, 0))


def test_a_mapping_that_is_disabled_rests_until_it_is_enabled(served, queue):
    mapping = queue.make().map(Enabled=False)
    queue.send("m")
    served.advance(60)
    assert queue.events() == []
    served.awslambda.update_event_source_mapping(UUID=mapping, Enabled=True)
    assert queue.got(1) == [["m"]]


def test_the_order_of_a_message_group_holds_through_a_failure(served, queue):
    queue.make("q.fifo", FifoQueue="true").map(BatchSize=1)
    for number, body in enumerate(["a1", "raise", "a3"]):
        queue.send(body, MessageGroupId="a", MessageDeduplicationId=str(number))
    queue.send("b1", MessageGroupId="b", MessageDeduplicationId="b")
    queue.got(3)
    served.advance(31)
    seen = [body for (body,) in queue.got(4) if body != "b1"]
    assert seen[:3] == ["a1", "raise", "raise"] and "a3" not in seen


def test_a_loop_through_a_queue_is_stopped(served, queue):
    again = """
import boto3
def lambda_handler(event, context):
    print("GOT {}")
    url = "http" + boto3.client("sqs").meta.endpoint_url[4:] + "/123456789012/q"
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="again")
"""
    queue.make()
    role = served.role(
        "AWSLambdaBasicExecutionRole", name="poller", allow=[*POLL, {"Action": "sqs:SendMessage", "Resource": "*"}]
    )
    served.function(again, Role=role)
    served.awslambda.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName="f")
    queue.send("first")
    served.advance(1)
    assert len([line for line in served.messages() if line.startswith("GOT")]) == 16


def test_the_poller_uses_the_functions_role_and_goes_on_when_it_may(served, queue, eventually):
    mapping = queue.make().map()
    served.advance(1)
    served.iam.delete_role_policy(RoleName="poller", PolicyName="inline")
    queue.send("m")
    assert eventually(lambda: "delivers nothing" in served.complaints() and "sqs:receivemessage" in served.complaints())
    assert queue.left() == (1, 0) and queue.state(mapping) == "Enabled"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **POLL[0]}]})
    served.iam.put_role_policy(RoleName="poller", PolicyName="inline", PolicyDocument=policy)
    served.advance(60)
    assert queue.got(1) == [["m"]]


def test_a_function_that_is_gone_gets_nothing_and_its_successor_does(served, queue, eventually):
    mapping = queue.make().map()
    served.advance(1)  # until the poller rests
    served.awslambda.delete_function(FunctionName="f")
    queue.send("m")
    eventually(lambda: "is gone" in served.complaints())
    assert queue.left() == (1, 0) and queue.state(mapping) == "Enabled"
    served.function(TELL, Role="arn:aws:iam::123456789012:role/poller")
    served.advance(60)
    assert queue.got(1) == [["m"]]


def test_a_queue_that_is_gone_leaves_its_mapping(served, queue, eventually):
    mapping = queue.make().map()
    served.advance(1)
    served.sqs.delete_queue(QueueUrl=queue.url)
    queue.make()
    queue.send("to the new one")
    assert queue.got(1) == [["to the new one"]] and queue.state(mapping) == "Enabled"


ANSWERS = """
import json
def lambda_handler(event, context):
    (record,) = event["Records"]
    return json.loads(record["body"].replace("MINE", record["messageId"]))
"""
WELL = ["null", "[]", "{}", "[{}]", '{"batchItemFailures": []}', '{"batchItemFailures": null}', '{"other": 1}']
BADLY = [
    '{"batchItemFailures": [{"itemIdentifier": "MINE"}]}', '{"batchItemFailures": [{"itemIdentifier": "unknown"}]}',
    '{"batchItemFailures": [{"itemIdentifier": ""}]}', '{"batchItemFailures": [{"itemIdentifier": null}]}',
    '{"batchItemFailures": [{"itemIdentifier": 7}]}', '{"batchItemFailures": [{"foo": "notvalid"}]}',
    '{"batchItemFailures": {"itemIdentifier": "MINE"}}', '"(lambda)"', "7",
]  # fmt: skip


def test_what_a_handler_answers_decides_what_is_deleted(served, queue, eventually):
    queue.make().map(ANSWERS, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send(*WELL, *BADLY)
    eventually(lambda: queue.left() == (0, len(BADLY)))
    served.advance(31)
    received = served.sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages", [])
    assert {message["Body"] for message in received} <= set(BADLY)


def test_an_answer_counts_for_nothing_unless_the_mapping_has_it_report(queue, eventually):
    queue.make().map()
    queue.send("bad")
    queue.got(1)
    eventually(lambda: queue.left() == (0, 0))


def test_a_throttled_batch_is_received_anew_and_may_end_in_the_dead_letter_queue_without_having_run(served, queue):
    dead = served.sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2}
    queue.make(RedrivePolicy=json.dumps(redrive))
    queue.send("m")
    role = served.role("AWSLambdaBasicExecutionRole", name="poller", allow=POLL)
    served.function(TELL, Role=role, Timeout=20)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    queue.map_to("f")
    served.advance(29)
    assert queue.left() == (0, 1)
    served.advance(60)
    assert [message["Body"] for message in served.sqs.receive_message(QueueUrl=dead)["Messages"]] == ["m"]
    assert queue.events() == []


def test_a_throttled_batch_is_tried_again_while_its_messages_are_hidden(served, queue):
    queue.make().map()
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    queue.send("m")
    served.advance(5)
    served.awslambda.delete_function_concurrency(FunctionName="f")
    served.advance(15)
    assert queue.got(1) == [["m"]]
    assert queue.events()[0]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1"


SPANS = """
import time
def lambda_handler(event, context):
    began = time.time()
    time.sleep(0.25)
    (record,) = event["Records"]
    print("RAN", record["body"], began, time.time())
"""


def spans(served, count, eventually):
    """(body, began, ended) of so many invocations."""

    def found():
        return [line.split()[1:] for line in served.messages() if line.startswith("RAN")]

    eventually(lambda: len(found()) == count, 60)
    return [(body, float(began), float(ended)) for body, began, ended in found()]


def most_at_once(spans):
    return max(sum(began <= moment < ended for _, began, ended in spans) for _, moment, _ in spans)


def test_no_more_than_the_maximum_concurrency_run_at_once(served, queue, eventually):
    queue.make()
    queue.send(*map(str, range(10)))
    queue.map(SPANS, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    assert most_at_once(spans(served, 10, eventually)) == 2


def test_five_batches_run_at_once_to_begin_with_and_300_more_in_a_minute(served, queue, eventually):
    queue.make()
    queue.send(*map(str, range(8)))
    mapped = time.time()
    queue.map(SPANS, BatchSize=1)
    ran = spans(served, 8, eventually)
    passed = max(began for _, began, _ in ran) - mapped
    assert 2 < most_at_once(ran) <= 5 + passed * 300 / 60


def test_message_groups_run_beside_each_other_and_one_invocation_of_each_at_a_time(served, queue, eventually):
    queue.make("q.fifo", FifoQueue="true")
    for number in range(12):
        group = "abc"[number % 3]
        queue.send(f"{group}{number}", MessageGroupId=group, MessageDeduplicationId=str(number))
    queue.map(SPANS, BatchSize=1)
    ran = spans(served, 12, eventually)
    assert most_at_once(ran) > 1
    for group in "abc":
        mine = sorted((began, ended, int(body[1:])) for body, began, ended in ran if body.startswith(group))
        assert all(before[1] <= after[0] and before[2] < after[2] for before, after in pairwise(mine))


def test_a_group_comes_back_in_order_when_several_of_its_messages_have_failed(served, queue):
    queue.make("q.fifo", FifoQueue="true")
    for number, body in enumerate(["a1", "raise", "a3", "a4"]):
        queue.send(body, MessageGroupId="a", MessageDeduplicationId=str(number))
    queue.map()
    assert queue.got(4) == [["a1", "raise", "a3", "a4"]]
    served.advance(31)
    assert queue.got(8)[1] == ["a1", "raise", "a3", "a4"]


LARGE = "x" * (1 << 20)
SIZES = """
import json
def lambda_handler(event, context):
    bodies = [record["body"][:2] for record in event["Records"]]
    print("GOT", json.dumps({"size": len(json.dumps(event)), "bodies": bodies}))
    if "b3" in bodies and event["Records"][0]["attributes"]["ApproximateReceiveCount"] == "1":
        raise ValueError("no good")
"""


@pytest.mark.parametrize("fifo", [False, True])
def test_an_event_has_six_megabytes_at_most(served, queue, fifo):
    queue.make(*(["q.fifo"] if fifo else []), **({"FifoQueue": "true"} if fifo else {}), MaximumMessageSize="1048576")
    for number in range(8):
        more = {"MessageGroupId": "g", "MessageDeduplicationId": str(number)} if fifo else {}
        queue.send(f"b{number}{LARGE[4:]}", **more)
    queue.map(SIZES)
    served.advance(31)
    served.advance(31)
    events = [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]
    assert max(event["size"] for event in events) <= 6 * 1024 * 1024 + 1024
    bodies = [event["bodies"] for event in events]
    first, rest = [f"b{number}" for number in range(5)], [f"b{number}" for number in range(5, 8)]
    if fifo:  # what follows in the group waits until what failed has been processed
        assert bodies == [first, first, rest]
    else:
        assert sorted(bodies) == sorted([first, rest, first])


def test_a_batching_window_as_long_as_the_visibility_timeout_is_warned_of(served, queue, eventually):
    queue.make(VisibilityTimeout="30").map(MaximumBatchingWindowInSeconds=45)
    eventually(lambda: "visible again after 30 s, before the 45 s" in served.complaints())
    queue.send("m")
    served.advance(46)
    assert queue.got(1) == [["m"]]
    assert queue.events()[0]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_that_another_consumer_makes_visible_is_received_at_once(served, queue):
    queue.make(VisibilityTimeout="600").send("m")
    handle = served.sqs.receive_message(QueueUrl=queue.url)["Messages"][0]["ReceiptHandle"]
    queue.map()
    served.advance(60)
    assert queue.events() == []
    served.sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0)
    assert queue.got(1) == [["m"]]


def test_a_function_that_has_come_to_run_longer_than_its_messages_are_hidden_is_warned_of(served, queue, eventually):
    queue.make(VisibilityTimeout="30").map()
    served.advance(1)
    served.awslambda.update_function_configuration(FunctionName="f", Timeout=50)
    queue.send("m")
    eventually(lambda: "visible again after 30 s, but f may run for 50 s" in served.complaints())
    assert queue.got(1) == [["m"]]


def test_a_message_with_a_delay_comes_when_it_is_due_and_a_queue_with_long_polling_is_no_slower(served, queue):
    queue.make(ReceiveMessageWaitTimeSeconds="20").map()
    queue.send("late", DelaySeconds=60)
    started = time.monotonic()
    served.advance(50)
    assert queue.events() == []
    served.advance(11)
    assert queue.got(1) == [["late"]] and time.monotonic() - started < 15


def test_a_running_batch_ends_though_its_mapping_is_disabled(served, queue, eventually):
    mapping = queue.make().map(
        "import time\ndef lambda_handler(event, context):\n    print('RAN')\n    time.sleep(1)\n"
    )
    served.advance(1)  # until the mapping is at rest
    queue.send("m")
    eventually(lambda: queue.left() == (0, 1))
    served.awslambda.update_event_source_mapping(UUID=mapping, Enabled=False)
    eventually(lambda: queue.left() == (0, 0))
    queue.send("later")
    served.advance(60)
    assert queue.left() == (1, 0)


def test_a_mapping_to_a_version_and_one_to_the_function_share_the_queue(served, queue):
    tell = "def lambda_handler(event, context):\n    print('BY', context.invoked_function_arn)\n"
    queue.make().map(tell, BatchSize=1)
    served.awslambda.publish_version(FunctionName="f")
    queue.map_to("f:1", BatchSize=1)
    queue.send(*map(str, range(20)))
    served.advance(1)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    by = [line.split()[1] for line in served.messages() if line.startswith("BY")]
    assert len(by) == 20 and set(by) == {arn, f"{arn}:1"}


FILTERED = [  # a pattern, bodies that it wants and that it does not want
    ({"body": ["text"]}, ["text"], ["other", '{"a": 1}', '"text"']),
    ({"body": {"a": [1]}}, ['{"a": 1}', '{"a": 1, "b": 2}'], ["text", '{"a": 2}', "{", "[1]"]),
    ({"body": {"a": [{"prefix": "x"}, {"anything-but": ["y", "x1"]}]}}, ['{"a": "x1"}', '{"a": "z"}'], ['{"a": "y"}']),
    ({"body": {"n": [{"numeric": [">=", 1, "<", 3]}]}}, ['{"n": 1}', '{"n": 2.5}'], ['{"n": 3}', '{"n": "1"}']),
    ({"body": {"a": [{"exists": False}]}}, ['{"b": 1}'], ['{"a": 1}']),
    ({"body": {"a": [None, ""]}}, ['{"a": null}', '{"a": ""}'], ['{"a": 0}']),
    ({"body": {"$or": [{"a": [1]}, {"b": [1]}]}}, ['{"a": 1}', '{"b": 1}'], ['{"c": 1}']),
    ({"body": {"a": [{"suffix": ".png"}], "b": [{"equals-ignore-case": "OK"}]}},
     ['{"a": "x.png", "b": "ok"}'], ['{"a": "x.png", "b": "no"}', '{"a": "x", "b": "ok"}']),
    ({"messageAttributes": {"kind": {"stringValue": ["wanted"]}}}, [], ["text"]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "wanted", "unwanted"), FILTERED, ids=[json.dumps(each) for each, *_ in FILTERED])
def test_a_pattern_lets_through_what_it_describes(served, queue, eventually, pattern, wanted, unwanted):
    queue.make().map(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    queue.send(*unwanted, *wanted)
    kind = {"kind": {"DataType": "String", "StringValue": "wanted" if "messageAttributes" in pattern else "other"}}
    queue.send("last", MessageAttributes=kind)
    served.advance(1)
    got = sorted(record["body"] for event in queue.events() for record in event["Records"])
    assert got == sorted([*wanted, *(["last"] if "messageAttributes" in pattern else [])])
    eventually(lambda: queue.left() == (0, 0))


def test_one_filter_of_several_is_enough_and_a_batch_of_which_nothing_is_left_invokes_nothing(served, queue):
    patterns = [json.dumps({"body": {"a": [value]}}) for value in (1, 2)]
    queue.make().map(FilterCriteria={"Filters": [{"Pattern": pattern} for pattern in patterns]})
    queue.send('{"a": 3}')
    served.advance(1)
    assert not [line for line in served.messages() if line.startswith("START")]
    queue.send('{"a": 1}', '{"a": 2}')
    assert sorted(body for event in queue.got(2) for body in event) == ['{"a": 1}', '{"a": 2}']


def test_a_large_batch_is_gathered_from_many_receives(served, queue):
    queue.make(VisibilityTimeout="120").map(BatchSize=40, MaximumBatchingWindowInSeconds=20)
    queue.send(*map(str, range(100)))
    served.advance(30)
    sizes = sorted(len(batch) for batch in queue.got(100))
    assert sizes == [20, 40, 40]


def test_a_change_of_a_mapping_holds_from_then_on(served, queue):
    by_g = "def lambda_handler(event, context):\n    for r in event['Records']:\n        print('G', r['body'])\n"
    mapping = queue.make().map()
    served.function(by_g, "g", Role="arn:aws:iam::123456789012:role/poller")
    queue.send("before")
    queue.got(1)
    served.advance(1)
    filters = {"Filters": [{"Pattern": json.dumps({"body": [{"prefix": "w"}]})}]}
    served.awslambda.update_event_source_mapping(UUID=mapping, FunctionName="g", FilterCriteria=filters)
    queue.send("wanted", "other", "wished")
    served.advance(1)
    assert queue.got(1) == [["before"]] and queue.left() == (0, 0)
    assert sorted(line for line in served.messages("g") if line.startswith("G ")) == ["G wanted\n", "G wished\n"]


def test_an_alias_gets_the_messages_of_its_mapping(served, queue):
    tell = "def lambda_handler(event, context):\n    print('BY', context.function_version)\n"
    queue.make()
    role = served.role("AWSLambdaBasicExecutionRole", name="poller", allow=POLL)
    served.function(tell, Role=role)
    version = served.awslambda.publish_version(FunctionName="f")["Version"]
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion=version)
    queue.map_to("f:live")
    queue.send("m")
    served.advance(1)
    assert [line for line in served.messages() if line.startswith("BY")] == [f"BY {version}\n"]


def test_a_message_that_has_expired_does_not_hold_up_the_others(served, queue):
    queue.make(MessageRetentionPeriod="60").send("expires", "too")
    served.advance(61)
    queue.send("new")
    queue.map()
    assert queue.got(1) == [["new"]]
    served.advance(31)
    assert queue.got(1) == [["new"]] and queue.left() == (0, 0)


def test_a_message_of_a_group_is_not_deleted_with_a_handle_that_has_expired(served, queue):
    queue.make("q.fifo", FifoQueue="true").send("m", MessageGroupId="g", MessageDeduplicationId="1")
    (first,) = served.sqs.receive_message(QueueUrl=queue.url)["Messages"]
    served.advance(31)
    with pytest.raises(ClientError, match="Reason: The receipt handle has expired"):
        served.sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=first["ReceiptHandle"])
    (second,) = served.sqs.receive_message(QueueUrl=queue.url)["Messages"]
    entries = [
        {"Id": "a", "ReceiptHandle": first["ReceiptHandle"]},
        {"Id": "b", "ReceiptHandle": second["ReceiptHandle"]},
    ]
    answer = served.sqs.delete_message_batch(QueueUrl=queue.url, Entries=entries)
    assert [each["Id"] for each in answer["Failed"]] == ["a"] and queue.left() == (0, 0)
