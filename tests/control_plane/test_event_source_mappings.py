"""Event source mappings, as boto3 sees them."""

from __future__ import annotations

import json
import threading

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from served import zip_of

from labkit.clock import Clock
from labkit.control_plane.effects import Effects
from labkit.control_plane.errors import ApiError
from labkit.control_plane.event_source_mappings import EventSourceMappings
from labkit.control_plane.functions import Functions
from labkit.control_plane.request import Request
from labkit.control_plane.store import TRANSITION, Store
from labkit.control_plane.versions import Versions
from labkit.moto_bridge.event_sources import Source

CODE = "def lambda_handler(event, context):\n    return 1\n"
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue"
FIFO = f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue.fifo"
STREAM = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/stream"
MSK = f"arn:aws:kafka:us-east-1:{ACCOUNT}:cluster/c/1"
UNKNOWN = "01234567-89ab-cdef-0123-456789abcdef"
POLLER = [{"Action": ["logs:*", "sqs:*", "kinesis:*", "dynamodb:*"], "Resource": "*"}]
PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
KAFKA = {
    "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000"]}},
    "Topics": ["topic"],
    "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:1:secret:s"}],
}


@pytest.fixture
def account(served):
    """A function whose role may poll, two queues, a Kinesis stream and a table with a stream."""
    served.function(CODE, Role=served.role(name="poller", allow=POLLER))
    served.sqs.create_queue(QueueName="queue")
    served.sqs.create_queue(QueueName="queue.fifo", Attributes={"FifoQueue": "true"})
    served.kinesis.create_stream(StreamName="stream", ShardCount=1)
    return served


@pytest.fixture
def table_stream(account):
    table = account.dynamodb.create_table(
        TableName="table", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )  # fmt: skip
    return table["TableDescription"]["LatestStreamArn"]


@pytest.fixture
def unchecked(account):
    """A client that sends what boto3 would refuse."""
    return boto3.client(
        "lambda", endpoint_url=account.endpoint, region_name="us-east-1", aws_access_key_id="A",
        aws_secret_access_key="s", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )  # fmt: skip


def create(account, source=QUEUE, name="f", **more):
    source = {"EventSourceArn": source} if source else {}
    return read(account.awslambda.create_event_source_mapping(FunctionName=name, **source, **more))


def read(answer):
    answer.pop("ResponseMetadata", None)
    return answer


def get(account, mapping):
    return read(account.awslambda.get_event_source_mapping(UUID=mapping["UUID"]))


def settled(account, mapping):
    account.advance(TRANSITION)
    return get(account, mapping)


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


# What an answer has in it.


def test_a_queue_has_the_fields_of_a_queue_and_no_others(account):
    mapping = create(account)
    created = mapping.pop("LastModified")
    assert created.year >= 2026
    assert mapping == {
        "UUID": mapping["UUID"],
        "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:{mapping['UUID']}",
        "EventSourceArn": QUEUE,
        "FunctionArn": FUNCTION,
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }
    assert settled(account, mapping) == mapping | {"State": "Enabled", "LastModified": created}


def test_a_stream_has_what_is_set_for_streams(account, table_stream):
    kinesis = create(account, STREAM, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1_700_000_000)
    table = create(account, table_stream, StartingPosition="TRIM_HORIZON")
    assert kinesis.pop("StartingPositionTimestamp").timestamp() == 1_700_000_000
    for mapping, source, position in ((kinesis, STREAM, "AT_TIMESTAMP"), (table, table_stream, "TRIM_HORIZON")):
        assert {name: mapping[name] for name in mapping if name not in ("UUID", "LastModified")} == {
            "EventSourceMappingArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:{mapping['UUID']}",
            "EventSourceArn": source,
            "FunctionArn": FUNCTION,
            "StartingPosition": position,
            "BatchSize": 100,
            "MaximumBatchingWindowInSeconds": 0,
            "FunctionResponseTypes": [],
            "BisectBatchOnFunctionError": False,
            "DestinationConfig": {"OnFailure": {}},
            "LastProcessingResult": "No records processed",
            "MaximumRecordAgeInSeconds": -1,
            "MaximumRetryAttempts": -1,
            "ParallelizationFactor": 1,
            "TumblingWindowInSeconds": 0,
            "State": "Creating",
            "StateTransitionReason": "User action",
        }


def test_a_kafka_cluster_is_stored_and_said_not_to_be_polled(account):
    mapping = create(account, None, **KAFKA)
    assert mapping["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": mapping["UUID"]}
    assert (mapping["BatchSize"], mapping["StartingPosition"]) == (100, "TRIM_HORIZON")
    assert mapping["LastProcessingResult"] == "No records processed"
    assert not {"EventSourceArn", "MaximumBatchingWindowInSeconds", "FunctionResponseTypes"} & mapping.keys()
    found = settled(account, mapping)
    assert (found["State"], found["StateTransitionReason"]) == ("Enabled", "USER_INITIATED")
    assert found["LastProcessingResult"] == "PROBLEM: labkit does not poll Apache Kafka; on AWS, Lambda would."


@pytest.mark.parametrize(
    "source, more, shown",
    [
        (MSK, {"Topics": ["topic"], "StartingPosition": "LATEST"}, {"Topics": ["topic"], "BatchSize": 100}),
        (f"arn:aws:mq:us-east-1:{ACCOUNT}:broker:b:1", {"Queues": ["q"]}, {"Queues": ["q"]}),
        (
            f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:c",
            {"DocumentDBEventSourceConfig": {"DatabaseName": "d"}, "StartingPosition": "LATEST"},
            {"DocumentDBEventSourceConfig": {"DatabaseName": "d"}},
        ),
        (QUEUE, {"ScalingConfig": {"MaximumConcurrency": 2}}, {"ScalingConfig": {"MaximumConcurrency": 2}}),
        (QUEUE, PARTIAL, PARTIAL),
        (QUEUE, {"BatchSize": 10_000, "MaximumBatchingWindowInSeconds": 1}, {"BatchSize": 10_000}),
        (FIFO, {"BatchSize": 10}, {"BatchSize": 10}),
        (STREAM, {"StartingPosition": "LATEST", "BatchSize": 10_000}, {"BatchSize": 10_000}),
        (
            STREAM,
            {"StartingPosition": "LATEST", "DestinationConfig": {"OnFailure": {"Destination": QUEUE}}},
            {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}},
        ),
    ],
)  # fmt: skip
def test_what_is_given_is_given_back(account, source, more, shown):
    mapping = create(account, source, **more)
    assert {name: mapping[name] for name in shown} == shown


def test_filters_are_shown_as_they_were_given_and_empty_ones_not_at_all(account):
    filters = {"Filters": [{"Pattern": '{ "body": {"kind": [ {"prefix": "a"} ]} }'}]}
    assert create(account, FilterCriteria=filters)["FilterCriteria"] == filters
    assert "FilterCriteria" not in create(account, STREAM, StartingPosition="LATEST", FilterCriteria={"Filters": []})


@pytest.mark.parametrize(
    "name, suffix",
    [("f", ""), (FUNCTION, ""), ("f:$LATEST", ":$LATEST"), ("f:1", ":1"), (f"{FUNCTION}:1", ":1"), ("f:live", ":live"),
     (f"{ACCOUNT}:function:f:live", ":live")],
)  # fmt: skip
def test_the_function_is_answered_as_it_was_named(account, name, suffix):
    account.awslambda.publish_version(FunctionName="f")
    account.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    mapping = create(account, name=name)
    assert mapping["FunctionArn"] == FUNCTION + suffix
    listed = account.awslambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [mapping["UUID"]]


# States.


def test_a_mapping_passes_through_its_states(account):
    client, mapping = account.awslambda, create(account)
    identity = {"UUID": mapping["UUID"]}
    assert settled(account, mapping)["State"] == "Enabled"
    assert client.update_event_source_mapping(**identity, BatchSize=5)["State"] == "Updating"
    assert settled(account, mapping)["State"] == "Enabled"
    assert client.update_event_source_mapping(**identity, Enabled=False)["State"] == "Disabling"
    assert settled(account, mapping)["State"] == "Disabled"
    assert client.update_event_source_mapping(**identity, BatchSize=6)["State"] == "Disabled"
    assert client.update_event_source_mapping(**identity, Enabled=True)["State"] == "Enabling"
    assert settled(account, mapping)["State"] == "Enabled"
    deleting = client.delete_event_source_mapping(**identity)
    assert (deleting["State"], deleting["BatchSize"], deleting["StateTransitionReason"]) == (
        "Deleting", 6, "USER_INITIATED",
    )  # fmt: skip
    account.advance(TRANSITION)
    assert refused(client.get_event_source_mapping, **identity)[1] == "ResourceNotFoundException"
    assert client.list_event_source_mappings()["EventSourceMappings"] == []


def test_one_created_disabled_is_disabled_at_once(account):
    mapping = create(account, FIFO, Enabled=False, BatchSize=1)
    assert mapping["State"] == "Disabled"
    assert account.awslambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)["State"] == "Enabling"


def test_a_mapping_outlives_its_function(account):
    mapping = create(account)
    account.awslambda.delete_function(FunctionName="f")
    assert settled(account, mapping)["State"] == "Enabled"
    assert account.awslambda.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"


def test_an_update_moves_it_to_another_function_and_keeps_what_is_not_given(account):
    account.function(CODE, "g", Role=f"arn:aws:iam::{ACCOUNT}:role/poller")
    filters = {"Filters": [{"Pattern": '{"body": ["x"]}'}]}
    mapping = create(account, BatchSize=3, FilterCriteria=filters)
    account.advance(TRANSITION)
    changed = account.awslambda.update_event_source_mapping(
        UUID=mapping["UUID"], FunctionName="g", MaximumBatchingWindowInSeconds=7
    )
    assert changed["FunctionArn"].endswith(":function:g")
    assert (changed["BatchSize"], changed["MaximumBatchingWindowInSeconds"]) == (3, 7)
    assert changed["FilterCriteria"] == filters and changed["LastModified"] > mapping["LastModified"]
    account.advance(TRANSITION)
    emptied = account.awslambda.update_event_source_mapping(UUID=mapping["UUID"], FilterCriteria={"Filters": []})
    assert "FilterCriteria" not in emptied


# What is refused.

NO_WINDOW = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
INVALID = [
    ({}, "Unrecognized event source."),
    ({"EventSourceArn": "arn:aws:s3:::bucket"}, "Unrecognized event source."),
    ({"EventSourceArn": QUEUE, "FunctionName": "nowhere"}, "Function does not exist"),
    ({"EventSourceArn": QUEUE, "FunctionName": "f:nowhere"}, "Function does not exist"),
    (
        {
            "EventSourceArn": QUEUE,
            "FunctionName": "nowhere",
            "DestinationConfig": {"OnSuccess": {"Destination": QUEUE}},
        },
        "Unsupported DestinationConfig parameter for given event source mapping type.",
    ),
    (
        {"EventSourceArn": QUEUE, "ParallelizationFactor": 2},
        "Unsupported ParallelizationFactor parameter for given event source mapping type.",
    ),
    (
        {"EventSourceArn": STREAM},
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not "
        "be null.",
    ),
    (
        {"EventSourceArn": STREAM, "StartingPosition": "LATEST", "StartingPositionTimestamp": 1_700_000_000},
        "Timestamp only valid with StartingPosition AT_TIMESTAMP",
    ),
    (
        {"EventSourceArn": STREAM, "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": -1_700_000_000},
        "Received Exception while reading from provided stream. class java.lang.Long can not be converted to a "
        "Timestamp",
    ),
    (
        {"EventSourceArn": QUEUE, "StartingPosition": "LATEST", "StartingPositionTimestamp": 1_700_000_000},
        "StartingPosition is not valid for SQS event sources.",
    ),
    ({"EventSourceArn": QUEUE, "BatchSize": 11}, NO_WINDOW),
    ({"EventSourceArn": QUEUE, "BatchSize": 11, "MaximumBatchingWindowInSeconds": 0}, NO_WINDOW),
    ({"EventSourceArn": FIFO, "BatchSize": 11}, "Maximum batch size must be between 1 and 10 inclusive"),
    (
        {"EventSourceArn": FIFO, "MaximumBatchingWindowInSeconds": 1},
        "Batching window is not supported for FIFO queues",
    ),
    (
        {"EventSourceArn": QUEUE + "x"},
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
        "Message: The specified queue does not exist.",
    ),
    ({"EventSourceArn": STREAM + "x", "StartingPosition": "LATEST"}, f"Stream not found: {STREAM}x"),
    (
        {"SelfManagedEventSource": KAFKA["SelfManagedEventSource"], "Topics": ["topic"]},
        "Required 'sourceAccessConfigurations' parameter is missing.",
    ),
]


@pytest.mark.parametrize("given, message", INVALID)
def test_what_makes_no_sense_is_refused(account, given, message):
    assert refused(account.awslambda.create_event_source_mapping, **{"FunctionName": "f", **given}) == (
        400, "InvalidParameterValueException", message,
    )  # fmt: skip
    assert account.awslambda.list_event_source_mappings()["EventSourceMappings"] == []


def test_a_table_is_not_read_from_a_moment(account, table_stream):
    answer = refused(
        account.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=table_stream,
        StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1_700_000_000,
    )  # fmt: skip
    assert answer[2] == f"Unsupported starting position for arn type: {table_stream}"


@pytest.mark.parametrize("pattern", [None, "simple string", {"eventSource": "aws:sqs"}, {"eventSource": []}])
def test_a_filter_that_is_no_pattern_is_refused(account, pattern):
    text = pattern if isinstance(pattern, str) else json.dumps(pattern)
    answer = refused(
        account.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=QUEUE,
        FilterCriteria={"Filters": [{"Pattern": text}]},
    )  # fmt: skip
    assert answer == (400, "InvalidParameterValueException", "Invalid filter pattern definition.")


def test_more_than_five_filters_are_refused(account):
    filters = [{"Pattern": json.dumps({"body": [str(number)]})} for number in range(6)]
    call = account.awslambda.create_event_source_mapping
    answer = refused(call, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria={"Filters": filters})
    message = "Too many filter patterns, maximum allowed 5 patterns, provided 6 patterns."
    assert answer == (400, "InvalidParameterValueException", message)
    assert create(account, FilterCriteria={"Filters": filters[:5]})["State"] == "Creating"


def test_a_warning_says_where_a_filter_is_wrong(account):
    filters = [{"Pattern": '{"body": ["x"]}'}, {"Pattern": '{"body": [{"numeric": [">", "5"]}]}'}]
    call = account.awslambda.create_event_source_mapping
    refused(call, FunctionName="f", EventSourceArn=QUEUE, FilterCriteria={"Filters": filters})
    told = 'filter 2, {"body": [{"numeric": [">", "5"]}]}: Value of > must be numeric (at character 30)'
    assert told in account.complaints()


@pytest.mark.parametrize(
    "pattern, hint",
    [
        ({"Body": {"a": [1]}}, "has 'Body', so it matches none; did you mean body?"),
        ({"detail": {"b": [1]}}, "has 'detail', so it matches none; there are messageId, receiptHandle, body, "),
    ],
)
def test_a_warning_tells_of_a_filter_that_no_message_can_match(account, pattern, hint):
    create(account, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    assert f"filter 1, {json.dumps(pattern)}: no record of sqs {hint}" in account.complaints()


UNFIT = (
    "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination={})) is invalid."
)
NO_AGE = "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)"
OF_STREAMS = [
    ({"MaximumRecordAgeInSeconds": 0}, NO_AGE),
    ({"MaximumRecordAgeInSeconds": 59}, NO_AGE),
    ({"DestinationConfig": {"OnFailure": {"Destination": FUNCTION}}}, UNFIT.format(FUNCTION)),
    ({"DestinationConfig": {"OnFailure": {"Destination": FIFO}}}, UNFIT.format(FIFO)),
]


@pytest.mark.parametrize("given, message", OF_STREAMS)
def test_what_a_stream_can_not_have_is_refused_also_of_an_update(account, given, message):
    call, arguments = account.awslambda.create_event_source_mapping, {"EventSourceArn": STREAM, "FunctionName": "f"}
    expected = (400, "InvalidParameterValueException", message)
    assert refused(call, **arguments, StartingPosition="LATEST", **given) == expected
    mapping = create(account, STREAM, StartingPosition="LATEST", MaximumRecordAgeInSeconds=60)
    account.advance(TRANSITION)
    assert refused(account.awslambda.update_event_source_mapping, UUID=mapping["UUID"], **given) == expected


RANGES = [
    ("BatchSize", 0, 10_001), ("MaximumBatchingWindowInSeconds", -1, 301), ("ParallelizationFactor", 0, 11),
    ("MaximumRetryAttempts", -2, 10_001), ("MaximumRecordAgeInSeconds", -2, 604_801),
    ("TumblingWindowInSeconds", -1, 901),
]  # fmt: skip


@pytest.mark.parametrize("name, low, high", RANGES)
def test_what_is_out_of_range_is_refused(account, unchecked, name, low, high):
    shown = name[0].lower() + name[1:]
    for value, words in ((low, f"greater than or equal to {low + 1}"), (high, f"less than or equal to {high - 1}")):
        answer = refused(
            unchecked.create_event_source_mapping, FunctionName="f", EventSourceArn=STREAM, StartingPosition="LATEST",
            **{name: value},
        )  # fmt: skip
        assert answer[1:] == (
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{shown}' failed to satisfy constraint: Member must have "
            f"value {words}",
        )


@pytest.mark.parametrize("value, words", [(1, "greater than or equal to 2"), (1001, "less than or equal to 1000")])
def test_a_maximum_concurrency_has_its_range(account, unchecked, value, words):
    given = {"EventSourceArn": QUEUE, "ScalingConfig": {"MaximumConcurrency": value}}
    assert refused(unchecked.create_event_source_mapping, FunctionName="f", **given)[1:] == (
        "ValidationException",
        f"1 validation error detected: Value '{value}' at 'scalingConfig.maximumConcurrency' failed to satisfy "
        f"constraint: Member must have value {words}",
    )


@pytest.mark.parametrize(
    "given, told",
    [
        (
            {"StartingPosition": "invalid"},
            "Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: "
            "[LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
        ),
        (
            {"BatchSize": 10_001},
            "Value '10001' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to "
            "10000",
        ),
    ],
)
def test_what_is_out_of_form_is_refused_for_any_source(account, given, told):
    for source in (QUEUE, STREAM):
        answer = refused(
            account.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=source, **given
        )
        assert answer == (400, "ValidationException", f"1 validation error detected: {told}")


def test_an_update_is_held_to_the_same(account):
    mapping = create(account)
    account.advance(TRANSITION)
    for given, message in [
        ({"BatchSize": 11}, NO_WINDOW),
        ({"FilterCriteria": {"Filters": [{"Pattern": "no"}]}}, "Invalid filter pattern definition."),
        ({"FunctionName": "nowhere"}, "Function does not exist"),
    ]:
        answer = refused(account.awslambda.update_event_source_mapping, UUID=mapping["UUID"], **given)
        assert answer[1:] == ("InvalidParameterValueException", message)
    assert get(account, mapping) == mapping | {"State": "Enabled"}


@pytest.mark.parametrize("verb", ["get", "update", "delete"])
def test_an_unknown_mapping_is_not_found(served, verb):
    assert refused(getattr(served.awslambda, f"{verb}_event_source_mapping"), UUID=UNKNOWN) == (
        404, "ResourceNotFoundException", "The resource you requested does not exist.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "more, words",
    [
        (
            {"EventSourceArn": QUEUE},
            f'An event source mapping with SQS arn (" {QUEUE} ") and function (" f ") already exists.',
        ),
        (
            {"EventSourceArn": STREAM, "StartingPosition": "LATEST"},
            f'The event source arn (" {STREAM} ") and function (" f ") provided mapping already exists.',
        ),
        (
            KAFKA
            | {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kafka:1000", "kafka:2000"]}}},
            f'An event source mapping with event source ("kafka:1000,kafka:2000"), function ("{FUNCTION}"), topics '
            '("topic") already exists.',
        ),
    ],
)
def test_the_same_source_and_function_again_is_a_conflict(account, more, words):
    first = create(account, None, **(KAFKA if "Topics" in more else more))
    assert refused(account.awslambda.create_event_source_mapping, FunctionName="f", **more) == (
        409, "ResourceConflictException",
        f"{words} Please update or delete the existing mapping with UUID {first['UUID']}",
    )  # fmt: skip


# What the function's role and timeout have to do with it.


@pytest.mark.parametrize("missing", ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
def test_the_role_must_be_able_to_read_the_queue(account, missing):
    actions = {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"} - {missing}
    allow = [{"Action": [f"sqs:{action}" for action in actions], "Resource": QUEUE}]
    account.function(CODE, "g", Role=account.role(name="g", allow=allow))
    assert refused(account.awslambda.create_event_source_mapping, FunctionName="g", EventSourceArn=QUEUE) == (
        400, "InvalidParameterValueException",
        f"The function execution role does not have permissions to call {missing} on SQS",
    )  # fmt: skip


@pytest.mark.parametrize("source, actions", [
    ("kinesis", "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams"),
    ("dynamodb", "GetRecords, GetShardIterator, DescribeStream, and ListStreams"),
])  # fmt: skip
def test_the_role_must_be_able_to_read_the_stream(account, table_stream, source, actions):
    account.function(CODE, "g")
    arn = STREAM if source == "kinesis" else table_stream
    arguments = {"FunctionName": "g", "EventSourceArn": arn, "StartingPosition": "LATEST"}
    answer = refused(account.awslambda.create_event_source_mapping, **arguments)
    assert answer[2] == f"Cannot access stream {arn}. Please ensure the role can perform the {actions} Actions on your stream in IAM."  # fmt: skip # noqa: E501
    allowed = [f"{source}:{action}" for action in ("GetRecords", "GetShardIterator", "DescribeStream")]
    account.function(CODE, "h", Role=account.role(name="h", allow=[{"Action": allowed, "Resource": arn}]))
    assert create(account, arn, "h", StartingPosition="LATEST")["State"] == "Creating"


RECEIVERS = [
    (QUEUE, "SendMessage on SQS", "sqs:SendMessage"),
    (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic", "Publish on SNS", "sns:Publish"),
    ("arn:aws:s3:::box", "PutObject on S3", "s3:PutObject"),
]


@pytest.mark.parametrize("receiver, missing, action", RECEIVERS)
def test_the_role_must_be_able_to_send_where_records_go_that_are_given_up(account, receiver, missing, action):
    account.function(CODE, "g", Role=account.role(name="g", allow=[{"Action": "kinesis:*", "Resource": STREAM}]))
    arguments = {"FunctionName": "g", "EventSourceArn": STREAM, "StartingPosition": "LATEST"}
    sending = {"DestinationConfig": {"OnFailure": {"Destination": receiver}}}
    call, change = account.awslambda.create_event_source_mapping, account.awslambda.update_event_source_mapping
    lacking = f"The provided execution role does not have permissions to call {missing}"
    assert refused(call, **arguments, **sending) == (400, "InvalidParameterValueException", lacking)
    mapping = create(account, STREAM, "g", StartingPosition="LATEST")
    account.advance(TRANSITION)
    assert refused(change, UUID=mapping["UUID"], **sending)[2] == lacking
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": [action], "Resource": "*"}}
    account.iam.put_role_policy(RoleName="g", PolicyName="more", PolicyDocument=json.dumps(document))
    if receiver != QUEUE:
        assert refused(change, UUID=mapping["UUID"], **sending)[2] == f"The destination ARN {receiver} is invalid."
        account.s3.create_bucket(Bucket="box")
        account.sns.create_topic(Name="topic")
    assert change(UUID=mapping["UUID"], **sending)["DestinationConfig"] == sending["DestinationConfig"]


def test_a_function_may_not_run_longer_than_its_messages_are_hidden(account):
    account.awslambda.update_function_configuration(FunctionName="f", Timeout=31)
    answer = refused(account.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=QUEUE)
    assert answer[1:] == (
        "InvalidParameterValueException",
        "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds",
    )
    url = account.sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "31"})
    assert create(account)["State"] == "Creating"


# Lists.


def test_lists_are_paged_and_filtered(account):
    queues = [f"{QUEUE}{number}" for number in range(3)]
    for queue in queues:
        account.sqs.create_queue(QueueName=queue.rpartition(":")[2])
        create(account, queue)
    client = account.awslambda
    first = client.list_event_source_mappings(FunctionName="f", MaxItems=2)
    rest = client.list_event_source_mappings(FunctionName="f", MaxItems=2, Marker=first["NextMarker"])
    sources = [each["EventSourceArn"] for page in (first, rest) for each in page["EventSourceMappings"]]
    assert sources == queues and "NextMarker" not in rest
    [found] = client.list_event_source_mappings(EventSourceArn=queues[1])["EventSourceMappings"]
    assert found["EventSourceArn"] == queues[1]
    for nothing in ({"FunctionName": "nowhere"}, {"FunctionName": "f:1"}, {"EventSourceArn": QUEUE}):
        assert client.list_event_source_mappings(**nothing)["EventSourceMappings"] == []


# What a poller is told.


@pytest.fixture
def plane():
    """The mappings of a store with function f and any queue, without an account around them."""
    effects = Effects(
        clock=Clock(lambda: 1000.0), pause=lambda seconds: None, fetch_object=lambda *key: b"",
        find_vpc=lambda *ids: "vpc", evaluate_roles=False,
        can_assume=lambda role, function: True, destination_exists=lambda arn: True,
        take_snapshot=lambda function, tell: None,
        find_image=lambda *named: None, tell_change=lambda: None, code_url=lambda *version: "",
        may=lambda role, call: True, find_source=lambda arn: Source(30),
    )  # fmt: skip
    store = Store(ACCOUNT)
    code = {"Code": {"ZipFile": zip_of("")}, "Runtime": "python3.13", "Role": "role", "FunctionName": "f"}
    Functions(store, effects, Versions(store, effects)).create(Request("CreateFunction", code, "us-east-1", ACCOUNT))
    return EventSourceMappings(store, effects), effects.clock


def ask(call, **given):
    return call(Request("", given, "us-east-1", ACCOUNT))


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nothing_can_be_done_to_one_that_is_being_created(plane, verb):
    mappings, clock = plane
    uuid = ask(mappings.create, FunctionName="f", EventSourceArn=QUEUE)["UUID"]
    with pytest.raises(ApiError) as error:
        ask(getattr(mappings, verb), UUID=uuid)
    assert (error.value.status, error.value.code, error.value.message) == (
        400, "ResourceInUseException", f"Cannot {verb} the event source mapping because it is in use.",
    )  # fmt: skip
    clock.advance(seconds=TRANSITION)
    assert ask(getattr(mappings, verb), UUID=uuid)["State"] in ("Updating", "Deleting")


def test_a_poller_is_told_of_every_change(plane):
    mappings, clock = plane
    told = []
    unsubscribe = mappings.subscribe(lambda before, after: told.append((before, after)))
    uuid = ask(mappings.create, FunctionName="f", EventSourceArn=QUEUE)["UUID"]
    [(nothing, created)] = told
    assert nothing is None and (created.uuid, created.enabled) == (uuid, True) and mappings.current() == [created]
    clock.advance(seconds=TRANSITION)
    ask(mappings.update, UUID=uuid, Enabled=False)
    before, after = told[1]
    assert before == created and not after.enabled and mappings.current() == [after]
    clock.advance(seconds=TRANSITION)
    ask(mappings.delete, UUID=uuid)
    assert told[2] == (after, None) and mappings.current() == []
    unsubscribe()
    ask(mappings.create, FunctionName="f", EventSourceArn=FIFO)
    assert len(told) == 3


def test_a_poller_may_ask_and_report_while_it_is_told(plane):
    mappings, _ = plane
    found = []

    def from_another_thread(before, after):
        thread = threading.Thread(target=lambda: found.extend(mappings.current()))
        thread.start()
        thread.join(60)
        mappings.report(after, "OK")

    mappings.subscribe(from_another_thread)
    uuid = ask(mappings.create, FunctionName="f", EventSourceArn=STREAM, StartingPosition="LATEST")["UUID"]
    assert [mapping.uuid for mapping in found] == [uuid]
    assert ask(mappings.get, UUID=uuid)["LastProcessingResult"] == "OK"


def test_a_report_on_one_that_is_gone_changes_nothing(plane):
    mappings, clock = plane
    uuid = ask(mappings.create, FunctionName="f", EventSourceArn=STREAM, StartingPosition="LATEST")["UUID"]
    [mapping] = mappings.current()
    clock.advance(seconds=TRANSITION)
    ask(mappings.delete, UUID=uuid)
    clock.advance(seconds=TRANSITION)
    assert ask(mappings.list_mappings)["EventSourceMappings"] == []
    mappings.report(mapping, "OK")
    assert ask(mappings.list_mappings)["EventSourceMappings"] == []
