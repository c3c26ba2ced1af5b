"""Event invoke configurations as boto3 sees them, and what they change about an event that fails."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

CODE = "def lambda_handler(event, context):\n    return event['missing']\n"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
GONE_ARN = "arn:aws:lambda:us-east-1:123456789012:function:gone"
EMPTY = {"OnSuccess": {}, "OnFailure": {}}
INVALID, NOT_FOUND = (400, "InvalidParameterValueException"), (404, "ResourceNotFoundException")
NO_FUNCTION = "The function doesn't exist."
SENDS = [{"Action": ["sqs:SendMessage", "sns:Publish", "events:PutEvents", "lambda:InvokeFunction", "s3:PutObject"],
          "Resource": "*"}]  # fmt: skip


@pytest.fixture
def aliased(served):
    """The account with a function whose role may send anywhere, its version 1 and the alias `live`."""
    served.function(CODE, Role=served.role("AWSLambdaBasicExecutionRole", allow=SENDS))
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return served


def call(account, verb, name="f", **more):
    found = getattr(account.awslambda, f"{verb}_function_event_invoke_config")(FunctionName=name, **more)
    return {key: value for key, value in found.items() if key not in ("ResponseMetadata", "LastModified")}


def refused(account, verb, *name, **more):
    with pytest.raises(ClientError) as error:
        call(account, verb, *name, **more)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def listed(account, **more):
    return account.awslambda.list_function_event_invoke_configs(FunctionName="f", **more)


def test_put_replaces_and_update_keeps(served):
    served.function(CODE)
    common = {"FunctionArn": f"{ARN}:$LATEST", "DestinationConfig": EMPTY}
    assert call(served, "put", MaximumRetryAttempts=0) == common | {"MaximumRetryAttempts": 0}
    assert call(served, "put", MaximumEventAgeInSeconds=60) == common | {"MaximumEventAgeInSeconds": 60}
    both = common | {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 1}
    assert call(served, "update", MaximumRetryAttempts=1) == both
    assert call(served, "get") == call(served, "get", Qualifier="$LATEST") == both
    stored = served.awslambda.get_function_event_invoke_config(FunctionName="f")
    [found] = listed(served)["FunctionEventInvokeConfigs"]
    assert found == {key: value for key, value in stored.items() if key != "ResponseMetadata"}
    assert stored["LastModified"].year >= 2025
    assert call(served, "put", MaximumRetryAttempts=2, MaximumEventAgeInSeconds=21600)["MaximumRetryAttempts"] == 2


@pytest.mark.parametrize(
    ("name", "qualifier", "ending"),
    [
        ("f", "$LATEST", "$LATEST"),
        ("f", "1", "1"),
        ("f", "live", "live"),
        (f"{ARN}:live", None, "live"),
        ("f:live", "live", "live"),
        ("f:1", None, "1"),
        ("f:$LATEST", "$LATEST", "$LATEST"),
    ],
)
def test_each_qualifier_has_its_own(aliased, name, qualifier, ending):
    given = {"Qualifier": qualifier} if qualifier else {}
    assert call(aliased, "put", name, MaximumRetryAttempts=1, **given)["FunctionArn"] == f"{ARN}:{ending}"
    found = listed(aliased)["FunctionEventInvokeConfigs"]
    assert [each["FunctionArn"] for each in found] == [f"{ARN}:{ending}"]
    call(aliased, "delete", name, **given)
    assert listed(aliased)["FunctionEventInvokeConfigs"] == []
    told = refused(aliased, "delete", name, **given)
    assert told == (*NOT_FOUND, f"The function {ARN}:{ending} doesn't have an EventInvokeConfig")


@pytest.mark.parametrize(("name", "qualifier"), [("f:1", "$LATEST"), ("f:$LATEST", "1"), (f"{ARN}:live", "other")])
def test_two_qualifiers_contradict(aliased, name, qualifier):
    message = "The derived qualifier from the function name does not match the specified qualifier."
    for verb in ("put", "update", "get", "delete"):
        setting = {"MaximumRetryAttempts": 1} if verb in ("put", "update") else {}
        assert refused(aliased, verb, name, Qualifier=qualifier, **setting) == (*INVALID, message)


def test_what_does_not_exist(aliased):
    one = {"MaximumRetryAttempts": 1}
    for name in ("gone", GONE_ARN):
        assert refused(aliased, "put", name, **one) == refused(aliased, "update", name, **one)
        assert refused(aliased, "put", name, **one) == (*NOT_FOUND, NO_FUNCTION)
        for verb in ("get", "delete"):
            message = f"The function {GONE_ARN}:$LATEST doesn't have an EventInvokeConfig"
            assert refused(aliased, verb, name) == (*NOT_FOUND, message)
    for qualifier in ("nowhere", "7"):
        assert refused(aliased, "put", Qualifier=qualifier, **one) == (*NOT_FOUND, NO_FUNCTION)
    for verb, setting in (("get", {}), ("delete", {}), ("update", one)):
        for qualifier in ("live", "1", "nowhere"):
            message = f"The function {ARN}:{qualifier} doesn't have an EventInvokeConfig"
            assert refused(aliased, verb, Qualifier=qualifier, **setting) == (*NOT_FOUND, message)
    with pytest.raises(ClientError, match=NO_FUNCTION):
        aliased.awslambda.list_function_event_invoke_configs(FunctionName="gone")


def test_something_is_to_be_set(served):
    message = "You must specify at least one of error handling or destination setting."
    assert refused(served, "put", "gone") == refused(served, "update", "gone") == (*INVALID, message)


def test_an_empty_destination_counts_as_a_setting(aliased):
    for side in ("OnSuccess", "OnFailure"):
        found = call(aliased, "put", DestinationConfig={side: {}})
        assert found == {"FunctionArn": f"{ARN}:$LATEST", "DestinationConfig": EMPTY}


def destinations(account):
    """ARNs of a queue, a topic, the default bus, a function and a bucket."""
    queue = account.sqs.create_queue(QueueName="q")["QueueUrl"]
    account.s3.create_bucket(Bucket="records")
    return {
        "sqs": account.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"],
        "sns": account.sns.create_topic(Name="t")["TopicArn"],
        "events": account.events.describe_event_bus()["Arn"],
        "lambda": account.function(CODE, "g"),
        "s3": "arn:aws:s3:::records",
    }


def test_what_can_be_a_destination(aliased):
    arns = destinations(aliased)
    for service, arn in arns.items():
        found = call(aliased, "put", DestinationConfig={"OnFailure": {"Destination": arn}})
        assert found["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": arn}}
        if service != "s3":
            both = {"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}}
            assert call(aliased, "put", DestinationConfig=both)["DestinationConfig"] == both


@pytest.mark.parametrize(
    ("side", "arn", "message"),
    [
        ("OnSuccess", ARN, "You can't specify the function as a destination for itself."),
        ("OnSuccess", f"{ARN}:live", "You can't specify the function as a destination for itself."),
        *(
            ("OnFailure", arn, f"The destination ARN {arn} is invalid.")
            for arn in (
                GONE_ARN, "arn:aws:sqs:us-east-1:123456789012:gone", "arn:aws:sns:us-east-1:123456789012:gone",
                "arn:aws:s3:::gone", f"{ARN}:7",
            )
        ),
        *(
            (
                "OnFailure", arn,
                "The provided destination config DestinationConfig(onSuccess=null, "
                f"onFailure=OnFailure(destination={arn})) is invalid.",
            )
            for arn in ("arn:aws:sqs:us-east-1:123456789012:q.fifo", "arn:aws:sqs:eu-west-1:123456789012:q")
        ),
        (
            "OnFailure", "arn:aws:sns:us-east-1:123456789012:t.fifo",
            "FIFO-type Amazon SNS topics aren't supported as a destination.",
        ),
        (
            "OnSuccess", ARN.replace(":lambda:", ":iam:"),
            f"The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={ARN}), "
            "onFailure=null) is invalid.".replace(":lambda:", ":iam:"),
        ),
        (
            "OnSuccess", "arn:aws:s3:::records",
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::records), "
            "onFailure=null) is invalid.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_a_destination(aliased, side, arn, message):
    aliased.sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    told = refused(aliased, "put", DestinationConfig={side: {"Destination": arn}})
    assert told == (*INVALID, message.replace(":lambda:", ":iam:") if ":iam:" in arn else message)


def test_a_destination_out_of_form(aliased):
    arn = ARN.replace(":lambda:", ":_-/!lambda:")
    assert refused(aliased, "put", DestinationConfig={"OnFailure": {"Destination": arn}}) == (
        400, "ValidationException",
        f"1 validation error detected: Value '{arn}' at 'destinationConfig.onFailure.destination' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: $|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|"
        r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:"
        r"(\d{12})?:(.*)",
    )  # fmt: skip


def test_the_role_must_be_allowed_to_send(served):
    served.function(CODE)
    arns = destinations(served)
    actions = {"sqs": "SendMessage", "sns": "Publish", "events": "PutEvents", "lambda": "InvokeFunction",
               "s3": "PutObject"}  # fmt: skip
    for service, arn in arns.items():
        message = f"The function's execution role does not have permissions to call {actions[service]} on {arn}"
        assert refused(served, "put", DestinationConfig={"OnFailure": {"Destination": arn}}) == (*INVALID, message)


def test_the_list_has_pages(aliased):
    for qualifier in ("$LATEST", "1", "live"):
        call(aliased, "put", Qualifier=qualifier, MaximumRetryAttempts=1)
    first = listed(aliased, MaxItems=2)
    rest = listed(aliased, MaxItems=2, Marker=first["NextMarker"])
    found = [each["FunctionArn"] for page in (first, rest) for each in page["FunctionEventInvokeConfigs"]]
    assert sorted(found) == [f"{ARN}:{qualifier}" for qualifier in ("$LATEST", "1", "live")]
    assert "NextMarker" not in rest


def test_it_goes_with_its_alias(aliased):
    call(aliased, "put", Qualifier="live", MaximumRetryAttempts=1)
    aliased.awslambda.delete_alias(FunctionName="f", Name="live")
    assert listed(aliased)["FunctionEventInvokeConfigs"] == []


def records(account):
    """What the queue `q` has, read and deleted."""
    url = account.sqs.get_queue_url(QueueName="q")["QueueUrl"]
    found = account.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        account.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


@pytest.mark.parametrize("qualifier", ["$LATEST", "live"])
def test_the_retries_and_the_destination_are_those_of_the_qualifier(aliased, qualifier):
    failure = {"OnFailure": {"Destination": destinations(aliased)["sqs"]}}
    call(aliased, "put", Qualifier=qualifier, MaximumRetryAttempts=0, DestinationConfig=failure)
    aliased.invoke(event={}, InvocationType="Event", Qualifier=qualifier)
    other = "live" if qualifier == "$LATEST" else "$LATEST"
    aliased.invoke(event={}, InvocationType="Event", Qualifier=other)
    aliased.advance(0)
    [told] = records(aliased)
    assert told["requestContext"]["functionArn"] == f"{ARN}:{qualifier}"
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 1
    aliased.advance(200)
    assert len([line for line in aliased.messages() if line.startswith("START")]) == 4
    assert records(aliased) == []


def test_an_event_that_would_be_too_old_is_not_tried_again(aliased):
    failure = {"OnFailure": {"Destination": destinations(aliased)["sqs"]}}
    call(aliased, "put", MaximumEventAgeInSeconds=60, DestinationConfig=failure)
    aliased.invoke(event={}, InvocationType="Event")
    aliased.advance(0)
    [told] = records(aliased)
    assert told["requestContext"]["condition"] == "EventAgeExceeded"


def test_an_event_for_a_function_that_is_stopped_goes_to_its_destination(aliased):
    failure = {"OnFailure": {"Destination": destinations(aliased)["sqs"]}}
    call(aliased, "put", DestinationConfig=failure)
    aliased.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    aliased.invoke(event={"n": 1}, InvocationType="Event")
    aliased.advance(0)
    [told] = records(aliased)
    assert told["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert told["requestContext"]["approximateInvokeCount"] == 0 and told["requestPayload"] == {"n": 1}
