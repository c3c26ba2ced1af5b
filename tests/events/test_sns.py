"""SNS calls functions: from Publish to what the handler received."""

from __future__ import annotations

import base64
import json
import re
import urllib.request

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate

TELL = 'import json\ndef lambda_handler(event, context):\n    print("GOT " + json.dumps(event))\n'
SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def topic(served, eventually):
    """A topic with a function that tells what it gets."""
    arn = served.sns.create_topic(Name="news")["TopicArn"]
    function = served.function(TELL)

    class Topic:
        def subscribe(self, allowed=True, **attributes):
            if allowed:
                served.awslambda.add_permission(
                    FunctionName="f", StatementId="sns", Action="lambda:InvokeFunction",
                    Principal="sns.amazonaws.com", SourceArn=arn,
                )  # fmt: skip
            return served.sns.subscribe(
                TopicArn=arn, Protocol="lambda", Endpoint=function, Attributes=attributes, ReturnSubscriptionArn=True
            )["SubscriptionArn"]

        def publish(self, message, **more):
            return served.sns.publish(TopicArn=arn, Message=message, **more)["MessageId"]

        def got(self, count=1):
            found = eventually(lambda: len(told := self.told()) >= count and told)
            assert len(found) == count
            return found

        def told(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

    found = Topic()
    found.arn = arn
    return found


def test_the_event(topic):
    subscription = topic.subscribe()
    assert re.fullmatch(rf"{topic.arn}:{UUID}", subscription)
    message_id = topic.publish("Héllo", Subject="Hi")
    (event,) = topic.got()
    (record,) = event["Records"]
    sns = record.pop("Sns")
    assert record == {"EventVersion": "1.0", "EventSubscriptionArn": subscription, "EventSource": "aws:sns"}
    assert base64.b64decode(sns.pop("Signature"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", sns.pop("Timestamp"))
    assert re.fullmatch(r"https://sns\.us-east-1\.amazonaws\.com/.*\.pem", sns.pop("SigningCertUrl"))
    assert sns.pop("SignatureVersion") in ("1", "2")
    assert sns == {
        "Type": "Notification", "MessageId": message_id, "TopicArn": topic.arn, "Message": "Héllo", "Subject": "Hi",
        "MessageAttributes": {},
        "UnsubscribeUrl": f"https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}",
    }  # fmt: skip


def test_attributes_and_a_missing_subject(topic):
    topic.subscribe()
    topic.publish(
        "m",
        MessageAttributes={
            "color": {"DataType": "String", "StringValue": "red"},
            "n": {"DataType": "Number", "StringValue": "5"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
    )
    sns = topic.got()[0]["Records"][0]["Sns"]
    assert sns["Subject"] is None
    assert sns["MessageAttributes"] == {
        "color": {"Type": "String", "Value": "red"},
        "n": {"Type": "String", "Value": "5"},
        "raw": {"Type": "Binary", "Value": "AP8="},
    }


@pytest.mark.parametrize(
    ("scope", "policy", "sent"),
    [
        ("MessageAttributes", {"color": ["red"]}, [("m", "blue"), ("m", "red")]),
        ("MessageBody", {"n": [{"numeric": [">", 5]}]}, [('{"n": 1}', "red"), ('{"n": 6}', "red")]),
    ],
)
def test_a_filter_policy_lets_only_some_through(topic, scope, policy, sent):
    topic.subscribe(FilterPolicy=json.dumps(policy), FilterPolicyScope=scope)
    ids = [
        topic.publish(message, MessageAttributes={"color": {"DataType": "String", "StringValue": color}})
        for message, color in sent
    ]
    assert [event["Records"][0]["Sns"]["MessageId"] for event in topic.got()] == ids[1:]


def test_a_message_for_each_protocol(topic):
    topic.subscribe()
    topic.publish(json.dumps({"default": "all", "lambda": "for functions"}), MessageStructure="json")
    assert topic.got()[0]["Records"][0]["Sns"]["Message"] == "for functions"


def test_a_topic_fans_out_to_a_function_and_a_queue(served, topic, eventually):
    topic.subscribe()
    queue = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    served.sns.subscribe(TopicArn=topic.arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    message_id = topic.publish("m")
    assert topic.got()[0]["Records"][0]["Sns"]["MessageId"] == message_id
    received = served.sqs.receive_message(QueueUrl=queue)["Messages"][0]
    assert json.loads(received["Body"])["MessageId"] == message_id


def test_without_permission_the_function_is_not_invoked_and_the_subscriptions_queue_gets_the_message(
    served, topic, eventually
):
    queue = served.sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead = {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead"}
    topic.subscribe(allowed=False, RedrivePolicy=json.dumps(dead))
    topic.publish("m")
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    assert json.loads(message["Body"])["Message"] == "m"
    assert topic.told() == []
    assert "does not let sns.amazonaws.com. lambda.add_permission" in served.complaints()


def test_a_signature_can_be_verified_with_the_certificate_that_the_account_serves(served, topic):
    topic.subscribe()
    queue = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    served.sns.subscribe(TopicArn=topic.arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    topic.publish("m", Subject="Hi")
    sent = json.loads(served.sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    got = topic.got()[0]["Records"][0]["Sns"]
    assert got["SigningCertUrl"] == sent["SigningCertURL"]
    name = got["SigningCertUrl"].removeprefix("https://sns.us-east-1.amazonaws.com/")
    to_sns = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIATESTER/20261125/us-east-1/sns/aws4_request"}
    request = urllib.request.Request(f"{served.endpoint}/{name}", headers=to_sns)
    key = load_pem_x509_certificate(urllib.request.urlopen(request).read()).public_key()
    for message in (got, sent):
        signed = "".join(f"{each}\n{message[each]}\n" for each in sorted(message) if each in SIGNED)
        key.verify(base64.b64decode(message["Signature"]), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
