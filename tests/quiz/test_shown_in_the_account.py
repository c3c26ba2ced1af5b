"""What the bank says is right is what the account does: questions whose answer can be seen are seen."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from served import RUNTIME, zip_of

from labkit import quiz

ECHO = "def lambda_handler(event, context):\n    return event\n"
FAILS = "def lambda_handler(event, context):\n    print('ran')\n    raise ValueError('no')\n"
COUNTS = "calls = 0\ndef lambda_handler(event, context):\n    global calls\n    calls += 1\n    return calls\n"
LEAVES_A_FILE = (
    "import os\ndef lambda_handler(event, context):\n    there = os.path.exists('/tmp/left')\n"
    "    open('/tmp/left', 'w').close()\n    return there\n"
)
SLEEPS = "import time\ndef lambda_handler(event, context):\n    time.sleep(30)\n"
NO_IMPORT = "def lambda_handler(event, context):\n    return json.dumps(event)\n"
MINUTE = 60


def says(question_id, text):
    """Whether the option that the bank holds for right speaks of this."""
    (right,) = quiz.question(question_id).body.right
    return text in f"{right.text} {right.why}".lower()


def refused(call, **arguments):
    """The code of the error that a call ends with."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def ran(served, count):
    return len([line for line in served.messages() if line.startswith("ran")]) == count


def test_the_default_timeout_is_three_seconds(served):
    made = served.awslambda.create_function(
        FunctionName="f", Role=served.role(name="d"), Runtime=RUNTIME, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": zip_of(SLEEPS)},
    )  # fmt: skip
    assert made["Timeout"] == 3
    assert "timed out after 3.00 seconds" in served.invoke().payload["errorMessage"]
    assert says("limits/default-timeout", "default timeout")


def test_a_timeout_beyond_fifteen_minutes_is_refused(served):
    served.function(ECHO)
    update = served.awslambda.update_function_configuration
    assert update(FunctionName="f", Timeout=900)["Timeout"] == 900
    assert refused(update, FunctionName="f", Timeout=901) == "ValidationException"
    assert says("choosing-a-service/forty-minutes", "fargate")


def test_memory_ends_at_ten_gigabytes(served):
    served.function(ECHO)
    update = served.awslambda.update_function_configuration
    assert refused(update, FunctionName="f", MemorySize=10_241) == "ValidationException"
    assert says("choosing-a-service/more-memory", "fargate")


def test_an_asynchronous_error_is_tried_two_more_times(served, eventually):
    served.function(FAILS)
    served.invoke(InvocationType="Event")
    eventually(lambda: ran(served, 1))
    served.advance(MINUTE)
    eventually(lambda: ran(served, 2))
    served.advance(2 * MINUTE)
    eventually(lambda: ran(served, 3))
    served.advance(60 * MINUTE)
    assert ran(served, 3)
    attempts = quiz.question("exam-calculations/async-attempts#1")
    assert {quiz.mark(attempts.id, str(number)).score for number in (2, 3)} == {0, 1}


def test_a_synchronous_error_goes_to_the_caller_alone(served):
    served.function(FAILS)
    assert served.invoke().error == "Unhandled"
    served.advance(60 * MINUTE)
    assert ran(served, 1)
    assert says("exam-resilient-2/sync-error", "to the client")


def test_an_accepted_event_is_answered_with_202(served):
    served.function(ECHO)
    assert served.invoke(InvocationType="Event").raw["StatusCode"] == 202
    assert says("invocation-types/status-202", "accepted the event")


def test_reserved_concurrency_of_nought_throttles(served):
    served.function(ECHO)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    error = refused(served.awslambda.invoke, FunctionName="f")
    assert error == "TooManyRequestsException"
    assert says("exam-resilient-1/switch-off", "reserved concurrency of 0")
    assert says("concurrency/throttle-status", error.lower())


def test_a_hundred_must_stay_unreserved(served):
    served.function(ECHO)
    put = served.awslambda.put_function_concurrency
    assert put(FunctionName="f", ReservedConcurrentExecutions=900)
    assert refused(put, FunctionName="f", ReservedConcurrentExecutions=901) == "InvalidParameterValueException"
    assert quiz.question("exam-calculations/reservable#1").explanation.exam == "100 must stay unreserved."


def test_globals_survive_in_a_warm_environment(served):
    served.function(COUNTS)
    assert [served.invoke().payload for _ in range(3)] == [1, 2, 3]
    assert says("exam-secure-2/global-leak", "globals survive in a warm environment")


def test_tmp_stays_with_the_environment(served):
    served.function(LEAVES_A_FILE)
    assert [served.invoke().payload for _ in range(2)] == [False, True]
    assert says("exam-secure-2/tmp-leak", "/tmp stays with it")


def test_a_missing_import_shows_at_run_time(served):
    served.function(NO_IMPORT)
    assert served.invoke().payload["errorType"] == "NameError"
    assert says("writing-a-function/missing-import", "nameerror")


def test_without_the_permission_nothing_is_logged(served):
    served.function(ECHO, Role=served.role(name="silent"))
    assert served.invoke(event="hello").payload == "hello"
    assert refused(served.logs.describe_log_streams, logGroupName="/aws/lambda/f") == "ResourceNotFoundException"
    assert says("exam-secure-1/logs-missing", "rights to create and write logs")


def test_what_the_role_does_not_allow_is_denied(served):
    served.dynamodb.create_table(
        TableName="orders", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    code = (
        "import boto3\ndef lambda_handler(event, context):\n"
        "    boto3.client('dynamodb').put_item(TableName='orders', Item={'id': {'S': '1'}})\n"
    )
    put = {"Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/orders"}
    served.function(code, "denied")
    served.function(code, "allowed", Role=served.role(name="writer", allow=[put]))
    assert "AccessDenied" in served.invoke("denied").payload["errorMessage"]
    assert served.invoke("allowed").error is None
    assert says("execution-roles/smallest-fix", "putitem on the table's arn")


def test_an_alias_with_weights_calls_both_versions(served):
    served.function("def lambda_handler(event, context):\n    return context.function_version\n")
    for description in "ab":
        served.awslambda.publish_version(FunctionName="f", Description=description)
        served.awslambda.update_function_configuration(FunctionName="f", Description=description)
    served.awslambda.create_alias(
        FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    assert {served.invoke("f:live").payload for _ in range(30)} == {"1", "2"}
    assert says("exam-resilient-1/canary", "weights on two versions")


def test_provisioned_concurrency_is_not_for_latest(served):
    served.function(ECHO)
    put = served.awslambda.put_provisioned_concurrency_config
    error = refused(put, FunctionName="f", Qualifier="$LATEST", ProvisionedConcurrentExecutions=1)
    assert error == "InvalidParameterValueException"
    assert says("exam-performance-1/provisioned-latest", "alias or version")


def test_a_visibility_timeout_shorter_than_the_functions_is_refused(served):
    role = served.role("AWSLambdaSQSQueueExecutionRole", name="reader")
    served.function(ECHO, Role=role, Timeout=60)
    served.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "30"})
    source = "arn:aws:sqs:us-east-1:123456789012:q"
    error = refused(served.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=source)
    assert error == "InvalidParameterValueException"
    assert says("exam-resilient-2/visibility-minimum", "while it is still being processed")


def test_a_queue_is_read_with_the_functions_role(served):
    served.function(ECHO)
    served.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "60"})
    source = "arn:aws:sqs:us-east-1:123456789012:q"
    error = refused(served.awslambda.create_event_source_mapping, FunctionName="f", EventSourceArn=source)
    assert error == "InvalidParameterValueException"
    assert says("exam-secure-1/sqs-role", "execution role")


def test_s3_must_be_let_in_by_the_function(served):
    arn = served.function(ECHO)
    served.s3.create_bucket(Bucket="pictures")
    wish = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    put = served.s3.put_bucket_notification_configuration
    assert refused(put, Bucket="pictures", NotificationConfiguration=wish) == "InvalidArgument"
    served.awslambda.add_permission(
        FunctionName="f", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
    )
    assert put(Bucket="pictures", NotificationConfiguration=wish)
    assert says("exam-secure-1/s3-may-not-call", "resource-based policy")
