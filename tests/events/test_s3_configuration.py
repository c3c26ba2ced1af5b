"""PutBucketNotificationConfiguration: what S3 takes, gives back and refuses, in its words."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from bucket import ARN, NAME, PRINT, Bucket
from hypothesis import given
from hypothesis import strategies as st

from labkit.control_plane.errors import ApiError
from labkit.events.s3.configuration import notifications_of, refuse_malformed

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
CREATED = ("s3:ObjectCreated:*",)


@pytest.fixture
def bucket(served):
    served.s3.create_bucket(Bucket=NAME)
    return Bucket(served)


def refusal(call, *arguments, **more):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **more)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return refused.value.response["Error"]


def rules(**values):
    return {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in values.items()]}}}


def function(arn=ARN, events=CREATED, **more):
    return {"LambdaFunctionArn": arn, "Events": list(events), **more}


def unable(*problems):
    named = {}
    for number, (name, value) in enumerate(problems, 1):
        named |= {f"ArgumentName{number}": name, f"ArgumentValue{number}": value}
    message = "Unable to validate the following destination configurations"
    return {"Code": "InvalidArgument", "Message": message, **named}


def not_authorized(*arns):
    return unable(*((f"{arn}, null", f"Not authorized to invoke function [{arn}]") for arn in arns))


def test_what_is_put_is_what_is_got(served, bucket):
    served.function(PRINT)
    bucket.permit()
    entry = function(Id="mine", **rules(pREfix="in/", SUFFIX=".csv"))
    bucket.put_configuration(LambdaFunctionConfigurations=[entry], EventBridgeConfiguration={})
    found = served.s3.get_bucket_notification_configuration(Bucket=NAME)
    assert found.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert found == {
        "LambdaFunctionConfigurations": [function(Id="mine", **rules(Prefix="in/", Suffix=".csv"))],
        "EventBridgeConfiguration": {},
    }
    bucket.configure()
    (entry,) = served.s3.get_bucket_notification_configuration(Bucket=NAME)["LambdaFunctionConfigurations"]
    assert entry.pop("Id") and entry == function()
    bucket.put_configuration()
    assert set(served.s3.get_bucket_notification_configuration(Bucket=NAME)) == {"ResponseMetadata"}


NO_PERMISSION = [
    None,
    {"SourceArn": "arn:aws:s3:::another"},
    {"SourceAccount": "210987654321"},
    {"Qualifier": "1"},
]


@pytest.mark.parametrize("permission", NO_PERMISSION)
def test_s3_takes_no_function_that_does_not_admit_it(served, bucket, permission):
    served.function(PRINT, Publish=True)
    if permission:
        bucket.permit(**permission)
    assert refusal(bucket.configure) == not_authorized(ARN)
    assert "LambdaFunctionConfigurations" not in served.s3.get_bucket_notification_configuration(Bucket=NAME)


def test_each_destination_that_s3_may_not_call_is_named(served, bucket):
    served.function(PRINT, Publish=True)
    served.sqs.create_queue(QueueName="q")
    served.sns.create_topic(Name="t")
    bucket.permit(SourceAccount="123456789012")
    gone = ARN[:-1] + "gone"
    given = {
        "LambdaFunctionConfigurations": [
            function(gone, **rules(prefix="1")), function(**rules(prefix="2")),
            function(f"{ARN}:1", **rules(prefix="3")),
        ],
        "QueueConfigurations": [
            {"QueueArn": QUEUE, "Events": ["s3:ObjectTagging:*"]},
            {"QueueArn": f"{QUEUE}-gone", "Events": ["s3:ObjectAcl:Put"]},
        ],
        "TopicConfigurations": [{"TopicArn": TOPIC, "Events": ["s3:ObjectRemoved:*"]}],
    }  # fmt: skip
    may_not = "Permissions on the destination {} do not allow S3 to publish notifications from this bucket"
    assert refusal(bucket.put_configuration, **given) == unable(
        (TOPIC, may_not.format("topic")),
        (QUEUE, may_not.format("queue")),
        (f"{QUEUE}-gone", "The destination queue does not exist"),
        *((f"{arn}, null", f"Not authorized to invoke function [{arn}]") for arn in (gone, f"{ARN}:1")),
    )


def test_destinations_are_taken_unseen_where_that_is_asked(bucket):
    bucket.configure(ARN[:-1] + "gone", skip=True)
    assert refusal(bucket.configure, "invalid-queue", skip=True) == {
        "Code": "InvalidArgument", "Message": "The ARN could not be parsed",
        "ArgumentName": "CloudFunction", "ArgumentValue": "invalid-queue",
    }  # fmt: skip


def test_a_bucket_that_does_not_exist_is_told_first(served):
    with pytest.raises(ClientError) as refused:
        Bucket(served).configure()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert refused.value.response["Error"] == {
        "Code": "NoSuchBucket", "Message": "The specified bucket does not exist", "BucketName": NAME
    }  # fmt: skip


OVERLAP = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
AMBIGUOUS = (
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are "
    "overlapping for the same event type."
)
PUT = ("s3:ObjectCreated:Put",)
WRONG = [
    ([function(), function(events=PUT)], OVERLAP),
    ([function(events=[*CREATED, *PUT])], OVERLAP),
    ([function(**rules(prefix="a")), function()], AMBIGUOUS),
    ([function(**rules(prefix="in/", suffix="g")), function(events=PUT, **rules(suffix=".jpg"))], AMBIGUOUS),
    ([function(**rules(prefix="a", Prefix="b"))], "Cannot specify more than one prefix rule in a filter."),
    ([function(**rules(suffix="a", Suffix="b"))], "Cannot specify more than one suffix rule in a filter."),
    (
        [function(**rules(prefix="é" * 513))],
        "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
    ),
    (
        [function(Id="x"), function(events=["s3:ObjectRemoved:*"], Id="x")],
        "Same ID used for multiple configurations. IDs must be unique.",
    ),
    ([function(Id="x" * 256)], "ID length exceeded allowed limit of 255"),
    (
        [function(ARN.replace("us-east-1", "eu-west-1"))],
        "The notification destination service region is not valid for the bucket location constraint",
    ),
    ([function(events=["s3:ObjectInvented:*"])], "The event is not supported for notifications"),
    ([function(**rules(infix="a"))], "filter rule name must be either prefix or suffix"),
    (
        [function(QUEUE)],
        "The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: "
        r"^arn:aws[a-zA-Z\-]*:lambda:[a-zA-Z0-9\-]+:[0-9]{12}:function:[a-zA-Z0-9\-_]+(:[a-zA-Z0-9$_\-]+)?$",
    ),
]


def test_what_is_wrong_in_itself_is_refused_in_s3_s_words(served, bucket):
    served.function(PRINT)
    bucket.permit()
    for entries, message in WRONG:
        error = refusal(bucket.put_configuration, LambdaFunctionConfigurations=entries)
        assert (error["Code"], error["Message"]) == ("InvalidArgument", message)
    fifo = [{"QueueArn": f"{QUEUE}.fifo", "Events": list(CREATED)}]
    assert (
        refusal(bucket.put_configuration, QueueConfigurations=fifo)["Message"] == "FIFO SQS queues are not supported."
    )
    for entry in (
        function(events=()),
        function(""),
        function(Filter={}),
        function(Filter={"Key": {"FilterRules": []}}),
    ):
        assert refusal(bucket.put_configuration, LambdaFunctionConfigurations=[entry])["Code"] == "MalformedXML"
    many = [function(events=["s3:ObjectCreated:Put"], **rules(prefix=f"{number:03}")) for number in range(101)]
    error = refusal(bucket.put_configuration, LambdaFunctionConfigurations=many)
    assert error["Code"] == "InvalidRequest" and error["Message"].endswith("maximum number of configurations is 100")


def test_configurations_for_other_keys_or_events_stand_side_by_side(served, bucket):
    served.function(PRINT)
    bucket.permit()
    bucket.put_configuration(
        LambdaFunctionConfigurations=[
            function(**rules(prefix="in/", suffix=".jpg")),
            function(**rules(prefix="in/", suffix=".png")),
            function(**rules(prefix="out/", suffix=".jpg")),
            function(events=["s3:ObjectRemoved:*"]),
        ]
    )


def test_a_role_s_session_is_told_the_same(served, bucket):
    served.function(PRINT)
    code = (
        "import boto3\ndef lambda_handler(event, context):\n    configuration = {'LambdaFunctionConfigurations': ["
        f"{{'LambdaFunctionArn': '{ARN}', 'Events': ['s3:ObjectCreated:*']}}]}}\n"
        "    boto3.client('s3').put_bucket_notification_configuration("
        "Bucket='uploads', NotificationConfiguration=configuration)\n"
    )
    served.function(code, "g", Role=served.role(allow=[{"Action": "s3:PutBucketNotification", "Resource": "*"}]))
    assert "Unable to validate the following destination configurations" in served.invoke("g").payload["errorMessage"]


def test_without_iam_a_function_that_exists_is_enough(serve):
    account = serve("--no-iam")
    account.function(PRINT)
    account.s3.create_bucket(Bucket=NAME)
    bucket = Bucket(account)
    assert refusal(bucket.configure, ARN[:-1] + "gone") == not_authorized(ARN[:-1] + "gone")
    bucket.configure()
    bucket.put()
    assert bucket.records()


KEYS = st.text("ab/", max_size=4)
EVENTS = st.sampled_from(["s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", "s3:ObjectRemoved:*"])
SIDES = st.dictionaries(st.sampled_from(["prefix", "suffix"]), KEYS.filter(bool))
ENTRY = st.builds(lambda event, sides: function(events=[event], **(rules(**sides) if sides else {})), EVENTS, SIDES)


@given(st.lists(ENTRY, min_size=2, max_size=3), KEYS)
def test_no_event_is_for_two_of_the_configurations_that_s3_takes(entries, key):
    configuration = {"LambdaFunctionConfigurations": entries}
    wanting = [
        [each.wants(event, key) for each in notifications_of(configuration)].count(True)
        for event in ("s3:ObjectCreated:Put", "s3:ObjectCreated:Copy", "s3:ObjectRemoved:Delete")
    ]
    try:
        refuse_malformed(configuration, "us-east-1")
    except ApiError as error:
        assert "overlap" in json.dumps(error.message)
    else:
        assert max(wanting) <= 1
