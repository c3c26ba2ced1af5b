"""CloudWatch Logs calls functions that subscribe: from what is written to a log group to what the handler received."""

from __future__ import annotations

import json
import re
import time

import pytest
from botocore.exceptions import ClientError
from served import zip_of

UNPACK = """
import base64, gzip, json
def lambda_handler(event, context):
    print("GOT " + json.dumps(json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))))
"""
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
NOT_EXECUTED = (
    "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your "
    "function."
)


@pytest.fixture
def app(served, eventually):
    """The log group app, the function f that unpacks what it gets, and ways of subscribing, writing and looking."""
    served.function(UNPACK)
    served.logs.create_log_group(logGroupName="app")
    served.logs.create_log_stream(logGroupName="app", logStreamName="one")

    class App:
        def permit(self, group="app", principal="logs.amazonaws.com", **more):
            served.awslambda.add_permission(
                FunctionName="f", StatementId=group.replace("/", "-"), Action="lambda:InvokeFunction",
                Principal=principal, SourceArn=f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*", **more,
            )  # fmt: skip

        def subscribe(self, pattern="", name="filter", group="app", **more):
            given = {"filterName": name, "filterPattern": pattern, "destinationArn": ARN} | more
            served.logs.put_subscription_filter(logGroupName=group, **given)

        def write(self, *messages, stream="one"):
            now = int(1000 * time.time())
            events = [{"timestamp": now + number, "message": message} for number, message in enumerate(messages)]
            served.logs.put_log_events(logGroupName="app", logStreamName=stream, logEvents=events)
            return [event["timestamp"] for event in events]

        def got(self, count=1):
            found = eventually(lambda: len(told := self.told()) >= count and told)
            assert len(found) == count
            return found

        def told(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

    return App()


def texts(message):
    return [event["message"] for event in message["logEvents"]]


def test_what_is_written_comes_as_one_message(served, app):
    app.permit(principal="logs.us-east-1.amazonaws.com")
    app.subscribe("", "all")
    times = app.write("first é", "second")
    (message,) = app.got()
    assert list(message) == ["messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "logEvents"]
    events = message.pop("logEvents")
    assert message == {
        "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "app", "logStream": "one",
        "subscriptionFilters": ["all"],
    }  # fmt: skip
    ids = [event.pop("id") for event in events]
    assert all(re.fullmatch(r"\d{56}", each) for each in ids) and ids == sorted(ids)
    assert events == [{"timestamp": times[0], "message": "first é"}, {"timestamp": times[1], "message": "second"}]
    found = served.logs.filter_log_events(logGroupName="app")["events"]
    assert [event["eventId"] for event in found] == ids


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("ERROR -retried -level", ["ERROR one"]),
        ('{ $.level = "ERROR" && $.took > 100 }', ['{"level": "ERROR", "took": 120}']),
        ("[level=INFO, code=4*, ...]", ["INFO 404 /a"]),
        ("%^INFO 2[0-9]{2}%", ["INFO 200 /b"]),
    ],
)
def test_only_what_matches_is_sent_and_found(served, app, pattern, matching):
    messages = [
        "ERROR one", "ERROR two, retried", '{"level": "ERROR", "took": 120}', '{"level": "ERROR", "took": 20}',
        "INFO 404 /a", "INFO 200 /b", "last",
    ]  # fmt: skip
    app.permit()
    app.subscribe(pattern)
    app.write("nothing that matches")
    app.write(*messages)
    assert [texts(message) for message in app.got()] == [matching]
    found = served.logs.filter_log_events(logGroupName="app", filterPattern=pattern)["events"]
    assert [event["message"] for event in found] == matching


def test_named_fields_are_extracted(app):
    app.permit()
    app.subscribe("[method, path, status=5*]")
    app.write("GET / 200", "PUT /a 503")
    (message,) = app.got()
    assert message["logEvents"][0]["extractedFields"] == {"method": "PUT", "path": "/a", "status": "503"}


def test_each_batch_is_an_event_and_streams_are_apart(served, app):
    served.logs.create_log_stream(logGroupName="app", logStreamName="two")
    app.permit()
    app.subscribe()
    app.write("1", "2")
    app.write("3", stream="two")
    found = sorted(app.got(2), key=lambda message: message["logStream"])
    assert [(message["logStream"], texts(message)) for message in found] == [("one", ["1", "2"]), ("two", ["3"])]


def test_the_log_of_another_function_is_subscribed_to(served, app):
    served.function("def lambda_handler(event, context):\n    raise ValueError(event)\n", "g")
    served.logs.create_log_group(logGroupName="/aws/lambda/g")
    app.permit("/aws/lambda/g")
    app.subscribe("?ERROR ?WARN", group="/aws/lambda/g")
    served.invoke("g", "no good")
    (message,) = app.got()
    assert message["logGroup"] == "/aws/lambda/g" and texts(message)[0].startswith("[ERROR] ValueError: no good")


def test_a_function_that_subscribes_to_its_own_log_is_warned_of_and_stopped(served, app, eventually):
    served.logs.create_log_group(logGroupName="/aws/lambda/f")
    app.permit("/aws/lambda/f")
    app.subscribe("GOT", group="/aws/lambda/f")
    assert "which is its own log" in served.complaints()
    served.awslambda.update_function_code(
        FunctionName="f",
        ZipFile=zip_of("def lambda_handler(event, context):\n    print('GOT', len(str(event)))\n"),
    )
    served.invoke()
    assert eventually(lambda: len([line for line in served.messages() if line.startswith("START")]) == 16)
    assert eventually(lambda: "Its own log is what it subscribes to" in served.complaints())
    assert "AWS would not end this one" in served.complaints()


def refusal(call, *arguments, **more):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **more)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_without_permission_a_function_can_not_subscribe(served, app):
    assert refusal(app.subscribe) == ("InvalidParameterException", NOT_EXECUTED)
    app.permit("another")
    assert refusal(app.subscribe) == ("InvalidParameterException", NOT_EXECUTED)
    assert refusal(app.subscribe, destinationArn=f"{ARN}-gone") == ("InvalidParameterException", NOT_EXECUTED)
    assert served.logs.describe_subscription_filters(logGroupName="app")["subscriptionFilters"] == []


def test_a_permission_that_is_taken_away_ends_the_deliveries(served, app, eventually):
    app.permit()
    app.subscribe()
    served.awslambda.remove_permission(FunctionName="f", StatementId="app")
    app.write("unheard")
    assert eventually(lambda: "log group app could not invoke" in served.complaints())
    app.permit()
    app.write("heard")
    assert texts(app.got()[0]) == ["heard"]


def test_a_group_has_two_subscriptions_which_may_be_replaced(served, app):
    app.permit()
    for name in ("a", "b"):
        app.subscribe(name=name)
    app.subscribe("ERROR", name="b")
    assert refusal(app.subscribe, name="c") == ("LimitExceededException", "Resource limit exceeded.")
    found = served.logs.describe_subscription_filters(logGroupName="app")["subscriptionFilters"]
    assert all(each.pop("creationTime") for each in found)
    assert found[1] == {
        "filterName": "b", "logGroupName": "app", "filterPattern": "ERROR", "destinationArn": ARN,
        "distribution": "ByLogStream", "applyOnTransformedLogs": False,
    }  # fmt: skip
    served.logs.delete_subscription_filter(logGroupName="app", filterName="b")
    missing = refusal(served.logs.delete_subscription_filter, logGroupName="app", filterName="b")
    assert missing == ("ResourceNotFoundException", "The specified subscription filter does not exist.")
    app.write("ERROR once")
    assert [message["subscriptionFilters"] for message in app.got()] == [["a"]]


def test_what_is_refused_is_refused_in_aws_s_words_and_a_warning_says_where(served, app):
    invalid = "InvalidParameterException"
    vendor = "PutSubscriptionFilter operation cannot work with destinationArn for vendor "
    queue, elsewhere = "arn:aws:sqs:us-east-1:123456789012:q", ARN.replace("us-east-1", "eu-west-1")
    app.permit()
    assert refusal(app.subscribe, group="missing") == (
        "ResourceNotFoundException", "The specified log group does not exist."
    )  # fmt: skip
    assert refusal(app.subscribe, destinationArn=queue) == (invalid, f"{vendor}sqs")
    assert refusal(app.subscribe, destinationArn=elsewhere) == (invalid, f"{vendor}lambda")
    assert refusal(app.subscribe, roleArn="arn:aws:iam::123456789012:role/r") == (
        invalid, "destinationArn for vendor lambda cannot be used with roleArn"
    )  # fmt: skip
    ends = "If a filter pattern starts with '[' it must end with ']'"
    assert refusal(app.subscribe, "[a, b", destinationArn=f"{ARN}-gone") == (invalid, ends)
    assert refusal(app.subscribe, "{ $.a = }") == (invalid, "Invalid filter pattern")
    assert "filterPattern { $.a = }: a value should stand here, at character 9 of" in served.complaints()
    found = refusal(served.logs.filter_log_events, logGroupName="app", filterPattern="request-id")
    assert found == (invalid, "Invalid character(s) in term 'request-id'")
