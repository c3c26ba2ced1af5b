"""What happened to each message and record, told from the call that sends it to its end."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parents[1]
BEGIN = f"""
import json, sys
import boto3, labkit
sys.path.insert(0, {str(TESTS)!r})
from served import RUNTIME, TRUST, zip_of

def allow(*actions):
    statement = {{"Effect": "Allow", "Action": list(actions), "Resource": "*"}}
    return json.dumps({{"Version": "2012-10-17", "Statement": [statement]}})

account = labkit.start()
iam = boto3.client("iam")
role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=allow("sqs:*", "kinesis:*", "logs:*"))

def function(code):
    boto3.client("lambda").create_function(
        FunctionName="f", Runtime=RUNTIME, Handler="lambda_function.lambda_handler", Role=role, Timeout=20,
        Code={{"ZipFile": zip_of(code)}},
    )

def show(trace):
    print(json.dumps([[step.step, step.count, step.batch, step.function, step.detail] for step in trace]))
"""
QUEUE = (
    BEGIN
    + """
sqs = boto3.client("sqs")
dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
redrive = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2}
url = sqs.create_queue(QueueName="q", Attributes={"RedrivePolicy": json.dumps(redrive)})["QueueUrl"]
function("def lambda_handler(event, context):\\n"
         "    bad = [r['messageId'] for r in event['Records'] if 'bad' in r['body']]\\n"
         "    return {'batchItemFailures': [{'itemIdentifier': each} for each in bad]}\\n")
bodies = [json.dumps({"is": word}) for word in ("good", "bad", "no")]
ids = [sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"] for body in bodies]
pattern = json.dumps({"body": {"is": ["good", "bad"]}})
boto3.client("lambda").create_event_source_mapping(
    EventSourceArn="arn:aws:sqs:us-east-1:123456789012:q", FunctionName="f",
    FunctionResponseTypes=["ReportBatchItemFailures"], FilterCriteria={"Filters": [{"Pattern": pattern}]},
)
labkit.clock.advance(minutes=2)
trace = labkit.messages()
for each in ids:
    show(trace.of(each))
times = [step.time for step in trace.of(ids[1])]
print(60 <= times[-1] - times[0] < 90, trace[0].source, trace.of(ids[1])[-1].source)
requests = {step.request_id for step in trace if step.request_id}
print(requests == {invocation.request_id for invocation in labkit.invocations()})
account.reset()
print(len(labkit.messages()))
account.stop()
"""
)


def test_a_message_is_told_of_from_its_sending_to_its_end(in_child):
    done = in_child(QUEUE)
    assert done.status == 0, done.err
    good, bad, unwanted, times, requests, left = done.out.splitlines()
    batch = '"f", ""]'
    reported = '"f", "reported in batchItemFailures"]'
    assert good == (
        f'[["sent", 0, 0, "", ""], ["received", 1, 0, "", ""], ["batched", 1, 2, {batch}, ["invoked", 1, 2, {batch}, '
        f'["processed", 1, 2, {batch}, ["deleted", 1, 0, "", ""]]'
    )
    assert bad == (
        f'[["sent", 0, 0, "", ""], ["received", 1, 0, "", ""], ["batched", 1, 2, {batch}, ["invoked", 1, 2, {batch}, '
        f'["failed", 1, 2, {reported}, ["visible again", 0, 0, {batch}, ["received", 2, 0, "", ""], '
        f'["batched", 2, 1, {batch}, ["invoked", 2, 1, {batch}, ["failed", 2, 1, {reported}, '
        f'["visible again", 0, 0, {batch}, ["dead-lettered", 2, 0, "", ""]]'
    )
    assert unwanted == (
        f'[["sent", 0, 0, "", ""], ["received", 1, 0, "", ""], ["filtered out", 0, 0, {batch}, '
        '["deleted", 1, 0, "", ""]]'
    )
    assert times == "True q dead" and requests == "True" and left == "0"


STREAM = (
    BEGIN
    + """
kinesis = boto3.client("kinesis")
kinesis.create_stream(StreamName="s", ShardCount=1)
function("import base64\\n"
         "def lambda_handler(event, context):\\n"
         "    assert all(base64.b64decode(r['kinesis']['data']) != b'bad' for r in event['Records'])\\n")
boto3.client("lambda").create_event_source_mapping(
    EventSourceArn="arn:aws:kinesis:us-east-1:123456789012:stream/s", FunctionName="f", BatchSize=1,
    StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1,
)
for body in (b"good", b"bad"):
    kinesis.put_record(StreamName="s", Data=body, PartitionKey="p")
labkit.clock.advance(minutes=2)
for each in ("shardId-000000000000:1", "shardId-000000000000:2"):
    show(labkit.messages().of(each))
account.stop()
"""
)


def test_a_record_is_told_of_until_it_is_processed_or_given_up(in_child):
    done = in_child(STREAM)
    assert done.status == 0, done.err
    good, bad = done.out.splitlines()
    one, two = '1, 1, "f", ""]', '2, 1, "f", ""]'
    begin = '[["sent", 0, 0, "", ""], ["received", 0, 0, "f", ""], ["batched", ' + one + ', ["invoked", ' + one
    assert good == f'{begin}, ["processed", {one}]'
    assert bad == (
        f'{begin}, ["failed", 1, 1, "f", "AssertionError: "], ["invoked", {two}, '
        '["failed", 2, 1, "f", "AssertionError: "], ["given up", 2, 1, "f", "RetryAttemptsExhausted"]]'
    )


VISIBILITY = (
    BEGIN
    + """
sqs = boto3.client("sqs")
url = sqs.create_queue(QueueName="q")["QueueUrl"]
function("import boto3\\n"
         "def lambda_handler(event, context):\\n"
         "    (record,) = event['Records']\\n"
         "    sqs = boto3.client('sqs')\\n"
         "    if record['attributes']['ApproximateReceiveCount'] == '1':\\n"
         "        sqs.change_message_visibility(QueueUrl=sqs.get_queue_url(QueueName='q')['QueueUrl'],\\n"
         "            ReceiptHandle=record['receiptHandle'], VisibilityTimeout=int(record['body']))\\n"
         "        raise ValueError('later')\\n")
boto3.client("lambda").create_event_source_mapping(
    EventSourceArn="arn:aws:sqs:us-east-1:123456789012:q", FunctionName="f", BatchSize=1
)
labkit.clock.advance(seconds=1)
short, long = [sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"] for body in ("5", "300")]
labkit.settle()
labkit.clock.advance(minutes=10)
for each in (short, long):
    steps = labkit.messages().of(each)
    (failed,), (visible,) = [[step.time for step in steps if step.step == name] for name in ("failed", "visible again")]
    print(steps[-1].step, round((visible - failed) / 5) * 5)
account.stop()
"""
)


def test_a_message_is_visible_again_when_its_handler_has_said(in_child):
    done = in_child(VISIBILITY)
    assert done.out.splitlines() == ["deleted 5", "deleted 300"], done.err
