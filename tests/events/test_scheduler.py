"""EventBridge Scheduler calls functions: from CreateSchedule to what the handler received, as account time goes on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

TELL = """
import json
def lambda_handler(event, context):
    print("GOT " + json.dumps(event))
"""
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
OFF = {"Mode": "OFF"}
INVOKE = "arn:aws:scheduler:::aws-sdk:lambda:invoke"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def scheduler(served, eventually):
    """Ways of making schedules for a function that tells what it gets, and of looking at what came."""

    class Scheduler:
        def role(self, *allow, name="caller", trust=TRUST):
            arn = served.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
            statements = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in allow]
            if statements:
                document = json.dumps({"Version": "2012-10-17", "Statement": statements})
                served.iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
            return arn

        def function(self, code=TELL, **configuration):
            served.function(code, **configuration)
            self.caller = self.role("lambda:InvokeFunction", "sqs:SendMessage")

        def create(self, expression, name="s", target=None, **more):
            given = {"Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": OFF, **more}
            target = {"Arn": FUNCTION, "RoleArn": self.caller, **(target or {})}
            return served.scheduler.create_schedule(**given, Target=target)["ScheduleArn"]

        def got(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

        def times(self):
            return [event["time"] for event in self.got()]

        def now(self):
            return datetime.fromisoformat(served.post("/_labkit/clock", b'{"advance_seconds": 0}')[1]["time"])

        def until(self, moment):
            served.advance((moment - self.now()).total_seconds())

        def dead(self):
            """The first message of the queue q, with its attributes as a dict."""
            url = served.sqs.get_queue_url(QueueName="q")["QueueUrl"]
            found = eventually(
                lambda: served.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")
            )[0]
            told = {name: value["StringValue"] for name, value in found.get("MessageAttributes", {}).items()}
            return found["Body"], told

    return Scheduler()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


# When a schedule runs.


def test_nine_oclock_in_berlin_comes_three_times_in_order(served, scheduler):
    scheduler.function()
    arn = scheduler.create("cron(0 9 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin")
    served.advance(3 * 86_400)
    times = scheduler.times()
    assert len(times) == 3 and times == sorted(times)
    assert {datetime.fromisoformat(time).astimezone(ZoneInfo("Europe/Berlin")).hour for time in times} == {9}
    (event, *_) = scheduler.got()
    assert list(event) == [
        "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
    ]  # fmt: skip
    del event["id"], event["time"]
    assert event == {
        "version": "0", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "123456789012",
        "region": "us-east-1", "resources": [arn], "detail": "{}",
    }  # fmt: skip


def test_nine_oclock_stays_nine_oclock_across_a_change_of_summer_time(served, scheduler):
    scheduler.function()
    berlin = ZoneInfo("Europe/Berlin")
    change = datetime(scheduler.now().year + 1, 3, 31, 12, tzinfo=berlin)
    change -= timedelta(days=change.isoweekday() % 7)  # the last Sunday of March
    scheduler.until(change - timedelta(days=2))
    scheduler.create("cron(0 9 * * ? *)", "nine", ScheduleExpressionTimezone="Europe/Berlin")
    scheduler.create("cron(30 2 * * ? *)", "half-past-two", ScheduleExpressionTimezone="Europe/Berlin")
    scheduler.create("rate(1 day)", "daily", StartDate=change - timedelta(days=2, hours=-1))
    served.advance(3 * 86_400)
    by_schedule = {}
    for event in scheduler.got():
        name = event["resources"][0].rpartition("/")[2]
        by_schedule.setdefault(name, []).append(datetime.fromisoformat(event["time"]))
    days = [change.date() + timedelta(days=days) for days in (-1, 0, 1)]
    assert [(time.astimezone(berlin).date(), time.hour) for time in by_schedule["nine"]] == [
        (days[0], 8), (days[1], 7), (days[2], 7),
    ]  # fmt: skip
    assert [time.astimezone(berlin).date() for time in by_schedule["half-past-two"]] == [days[0], days[2]]
    assert [time.hour for time in by_schedule["daily"]] == [12, 12, 12]  # 24 hours, whatever the clocks show


def test_a_rate_begins_at_once(served, scheduler):
    scheduler.function()
    scheduler.create("rate(1 hour)")
    served.advance(3600 * 2.5)
    times = [datetime.fromisoformat(time) for time in scheduler.times()]
    assert [later - times[0] for later in times] == [timedelta(hours=hours) for hours in (0, 1, 2)]


def test_a_recurring_schedule_keeps_within_its_dates_and_goes_after_them(served, scheduler):
    scheduler.function()
    start = scheduler.now().replace(microsecond=0) + timedelta(hours=1)
    end = start + timedelta(minutes=25)
    scheduler.create("rate(10 minutes)", StartDate=start, EndDate=end, ActionAfterCompletion="DELETE")
    scheduler.until(end - timedelta(seconds=60))
    expected = [f"{start + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (0, 10, 20)]
    assert scheduler.times() == expected
    assert len(served.scheduler.list_schedules()["Schedules"]) == 1
    served.advance(3600)
    assert scheduler.times() == expected and served.scheduler.list_schedules()["Schedules"] == []


def test_a_one_time_schedule_runs_once_and_goes_when_it_is_to(served, scheduler):
    scheduler.function()
    at = (scheduler.now() + timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    given = {"ScheduleExpressionTimezone": "Asia/Tokyo", "StartDate": at + timedelta(days=9)}  # which is ignored
    scheduler.create(f"at({at:%Y-%m-%dT%H:%M:%S})", "goes", ActionAfterCompletion="DELETE", **given)
    scheduler.create(f"at({at:%Y-%m-%dT%H:%M:%S})", "stays", **given)
    served.advance(3 * 86_400)
    assert scheduler.times() == [f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"] * 2
    assert [each["Name"] for each in served.scheduler.list_schedules()["Schedules"]] == ["stays"]


def test_a_time_that_has_passed_never_comes_and_a_warning_says_so(served, scheduler, eventually):
    scheduler.function()
    scheduler.create("at(2020-01-01T00:00:00)")
    served.advance(86_400)
    assert scheduler.got() == []
    assert "schedule s never runs: the time of at(2020-01-01T00:00:00) has passed" in served.complaints()


def test_a_flexible_schedule_calls_some_time_in_its_window_and_tells_its_own_time(served, scheduler):
    scheduler.function("import json\ndef lambda_handler(event, context):\n    print('GOT', json.dumps(event))\n")
    start = scheduler.now().replace(microsecond=0) + timedelta(hours=1)
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
    target = {"Input": '{"time": "<aws.scheduler.scheduled-time>"}'}
    scheduler.create("rate(1 hour)", FlexibleTimeWindow=window, StartDate=start, target=target)
    scheduler.until(start + timedelta(hours=4, minutes=31))
    due = [start + timedelta(hours=hours) for hours in range(5)]
    assert scheduler.times() == [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in due]
    logged = served.logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="GOT")["events"]
    came = [event["timestamp"] / 1000 for event in logged if event["message"].startswith("GOT")]
    late = [moment - time.timestamp() for moment, time in zip(came, due, strict=True)]
    assert all(-1 < seconds < 30 * 60 + 20 for seconds in late) and max(late) - min(late) > 30


def test_a_disabled_schedule_rests_and_nothing_is_made_up_for(served, scheduler):
    scheduler.function()
    scheduler.create("cron(0 9 * * ? *)", State="DISABLED")
    served.advance(2 * 86_400)
    assert scheduler.got() == []
    target = {"Arn": FUNCTION, "RoleArn": scheduler.caller}
    served.scheduler.update_schedule(
        Name="s", ScheduleExpression="cron(0 9 * * ? *)", FlexibleTimeWindow=OFF, Target=target
    )
    served.advance(86_400)
    assert len(scheduler.got()) == 1


def test_a_change_holds_from_then_on_and_a_deleted_schedule_is_silent(served, scheduler):
    scheduler.function()
    scheduler.create("cron(0 9 * * ? *)", target={"Input": '"old"'})
    served.advance(86_400)
    target = {"Arn": FUNCTION, "RoleArn": scheduler.caller, "Input": '"new"'}
    served.scheduler.update_schedule(
        Name="s", ScheduleExpression="cron(0 9 * * ? *)", FlexibleTimeWindow=OFF, Target=target
    )
    served.advance(86_400)
    assert scheduler.got() == ["old", "new"]
    served.scheduler.delete_schedule(Name="s")
    served.advance(2 * 86_400)
    assert scheduler.got() == ["old", "new"]


def test_the_schedules_of_a_group_go_with_it(served, scheduler):
    scheduler.function()
    served.scheduler.create_schedule_group(Name="g")
    scheduler.create("rate(1 day)", GroupName="g")
    served.advance(1)
    served.scheduler.delete_schedule_group(Name="g")
    served.advance(3 * 86_400)
    assert len(scheduler.got()) == 1 and served.scheduler.list_schedules()["Schedules"] == []


NOTEBOOK = """
import json, sys
import boto3, labkit
sys.path.insert(0, TESTS)
from served import RUNTIME, zip_of

def role(service):
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    arn = iam.create_role(RoleName=service, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=service, PolicyName="inline", PolicyDocument=policy)
    return arn

account = labkit.start()
iam = boto3.client("iam")
arn = boto3.client("lambda").create_function(
    FunctionName="f", Runtime=RUNTIME, Handler="lambda_function.lambda_handler", Role=role("lambda"),
    Code={"ZipFile": zip_of("def lambda_handler(event, context):\\n    return 1\\n")},
)["FunctionArn"]
boto3.client("scheduler").create_schedule(
    Name="s", ScheduleExpression="cron(0 9 * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo",
    FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": arn, "RoleArn": role("scheduler")},
)
labkit.clock.advance(days=3)
print([f"{each.outcome} {(each.arrival // 3600) % 24:.0f}" for each in labkit.invocations()])
account.stop()
"""


def test_a_notebook_moves_its_clock_and_nine_oclock_comes(in_child):
    done = in_child(f"TESTS = {str(Path(__file__).parents[1])!r}\n{NOTEBOOK}")
    assert done.out.strip() == "['ok 0', 'ok 0', 'ok 0']", done.err  # in UTC


# What it sends.


def test_context_attributes_are_replaced_wherever_they_stand(served, scheduler):
    scheduler.function()
    attributes = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number", "nothing")
    arn = scheduler.create(
        "rate(1 hour)", target={"Input": json.dumps({name: f"is <aws.scheduler.{name}>" for name in attributes})}
    )
    served.advance(1)
    (event,) = scheduler.got()
    assert event["schedule-arn"] == f"is {arn}" and event["attempt-number"] == "is 1"
    assert event["nothing"] == "is <aws.scheduler.nothing>"
    assert re.fullmatch(r"is [0-9a-f]{16}", event["execution-id"])
    assert re.fullmatch(r"is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["scheduled-time"])


def test_a_queue_gets_the_input_or_the_event(served, scheduler):
    scheduler.function()
    served.sqs.create_queue(QueueName="q")
    scheduler.create("rate(1 hour)", target={"Arn": QUEUE, "Input": "no JSON"})
    served.advance(1)
    assert scheduler.dead() == ("no JSON", {})


def test_an_action_of_a_service_is_called_with_its_input_as_parameters(served, scheduler):
    scheduler.function()
    url = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    send = {"QueueUrl": url, "MessageBody": "of <aws.scheduler.attempt-number>"}
    scheduler.create(
        "rate(1 hour)", target={"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": json.dumps(send)}
    )
    invoke = {"FunctionName": "f", "InvocationType": "Event", "Payload": '{"x": 1}'}
    scheduler.create("rate(1 hour)", "i", target={"Arn": INVOKE, "Input": json.dumps(invoke)})
    served.advance(1)
    assert scheduler.dead()[0] == "of 1" and scheduler.got() == [{"x": 1}]


@pytest.mark.parametrize(
    ("target", "make", "read"),
    [
        (
            {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/k", "KinesisParameters": {"PartitionKey": "p"}},
            lambda served: served.kinesis.create_stream(StreamName="k", ShardCount=1),
            lambda served: served.kinesis.get_records(
                ShardIterator=served.kinesis.get_shard_iterator(
                    StreamName="k", ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
            )["Records"][0]["Data"].decode(),
        ),
        (
            {"Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:putItem",
             "Input": '{"TableName": "t", "Item": {"id": {"S": "sent"}}}'},
            lambda served: served.dynamodb.create_table(
                TableName="t", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
            ),
            lambda served: served.dynamodb.scan(TableName="t")["Items"][0]["id"]["S"],
        ),
    ],
    ids=["kinesis", "dynamodb"],
)  # fmt: skip
def test_other_targets(served, scheduler, target, make, read):
    make(served)
    scheduler.caller = scheduler.role("*")
    scheduler.create("rate(1 hour)", target={"Input": '"sent"', **target})
    served.advance(1)
    assert read(served).strip('"') == "sent"


# What goes wrong.


def test_what_the_role_may_not_do_goes_to_the_dead_letter_queue_at_once(served, scheduler):
    served.function(TELL)
    served.sqs.create_queue(QueueName="q")
    scheduler.caller = scheduler.role("sqs:SendMessage")
    target = {"DeadLetterConfig": {"Arn": QUEUE}, "Input": '{"n": "<aws.scheduler.attempt-number>"}'}
    arn = scheduler.create("rate(1 hour)", target=target)
    served.advance(1)
    body, told = scheduler.dead()
    assert body == '{"n": "1"}' and scheduler.got() == []
    assert re.fullmatch("[0-9a-f]{16}", told.pop("EXECUTION_ID")) and told.pop("SCHEDULED_TIME").endswith("Z")
    assert "is not authorized to perform: lambda:InvokeFunction" in (message := told.pop("ERROR_MESSAGE"))
    assert "assumed-role/caller/AWSScheduler" in message
    assert told == {
        "ERROR_CODE": "AccessDeniedException", "IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": "0",
        "SCHEDULE_ARN": arn, "TARGET_ARN": INVOKE,
    }  # fmt: skip
    assert "schedule s could not call" in served.complaints()


def test_a_function_that_is_not_there_is_told_of(served, scheduler):
    served.sqs.create_queue(QueueName="q")
    scheduler.caller = scheduler.role("lambda:InvokeFunction", "sqs:SendMessage")
    scheduler.create("rate(1 hour)", target={"DeadLetterConfig": {"Arn": QUEUE}}, ActionAfterCompletion="DELETE")
    served.advance(1)
    body, told = scheduler.dead()
    assert json.loads(body)["source"] == "aws.scheduler" and told["ERROR_CODE"] == "ResourceNotFoundException"


def test_a_queue_that_the_role_may_not_write_to_gets_nothing_and_a_warning_says_so(served, scheduler, eventually):
    url = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    scheduler.caller = scheduler.role()
    scheduler.create("rate(1 hour)", target={"DeadLetterConfig": {"Arn": QUEUE}})
    served.advance(1)
    assert "got nothing of schedule s" in served.complaints()
    assert "Messages" not in served.sqs.receive_message(QueueUrl=url)


@pytest.mark.parametrize(
    ("policy", "condition", "retries"),
    [
        ({"MaximumRetryAttempts": 3}, "MaximumRetryAttempts", "3"),
        ({"MaximumRetryAttempts": 0}, "MaximumRetryAttempts", "0"),
        ({"MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds", None),
    ],
)
def test_a_throttled_call_is_made_again_until_the_retry_policy_ends_it(served, scheduler, policy, condition, retries):
    scheduler.function()
    served.sqs.create_queue(QueueName="q")
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    target = {
        "Arn": INVOKE, "Input": '{"FunctionName": "f", "Payload": "{}"}', "RetryPolicy": policy,
        "DeadLetterConfig": {"Arn": QUEUE},
    }  # fmt: skip
    at = scheduler.now() + timedelta(seconds=5)
    scheduler.create(f"at({at:%Y-%m-%dT%H:%M:%S})", target=target, ActionAfterCompletion="DELETE")
    served.advance(600)
    _, told = scheduler.dead()
    assert told["ERROR_CODE"] == "TooManyRequestsException" and told["EXHAUSTED_RETRY_CONDITION"] == condition
    assert told["RETRY_ATTEMPTS"] == (retries or told["RETRY_ATTEMPTS"])
    assert served.scheduler.list_schedules()["Schedules"] == []


def test_a_call_succeeds_once_it_is_throttled_no_more(served, scheduler):
    scheduler.function()
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    given = {"FunctionName": "f", "Payload": '{"n": "<aws.scheduler.attempt-number>"}'}
    at = scheduler.now() + timedelta(seconds=2)
    scheduler.create(f"at({at:%Y-%m-%dT%H:%M:%S})", target={"Arn": INVOKE, "Input": json.dumps(given)})
    served.advance(4)
    served.awslambda.delete_function_concurrency(FunctionName="f")
    served.advance(60)
    (event,) = scheduler.got()
    assert int(event["n"]) > 1


def test_a_handler_that_fails_is_retried_by_lambda_and_not_by_the_scheduler(served, scheduler):
    scheduler.function("def lambda_handler(event, context):\n    print('GOT', '1')\n    raise ValueError\n")
    at = scheduler.now() + timedelta(seconds=2)
    scheduler.create(f"at({at:%Y-%m-%dT%H:%M:%S})")
    served.advance(86_400)
    assert len(scheduler.got()) == 3


@pytest.mark.parametrize("given", ['{"FunctionName": 7}', '{"Nonsense": 1}', "[]"])
def test_an_input_that_is_no_call_is_told_of(served, scheduler, given):
    scheduler.function()
    served.sqs.create_queue(QueueName="q")
    scheduler.create("rate(1 hour)", target={"Arn": INVOKE, "Input": given, "DeadLetterConfig": {"Arn": QUEUE}})
    served.advance(1)
    assert scheduler.dead()[1]["ERROR_CODE"] == "ValidationException"


# Roles.


def test_the_role_must_trust_the_scheduler(served, scheduler):
    served.function(TELL)
    not_assumed = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    for trust in (json.loads(json.dumps(TRUST).replace("scheduler.", "lambda.")), _for_group("other")):
        scheduler.caller = scheduler.role("lambda:InvokeFunction", trust=trust)
        assert refused(scheduler.create, expression="rate(1 hour)") == (400, "ValidationException", not_assumed)
        served.iam.delete_role_policy(RoleName="caller", PolicyName="inline")
        served.iam.delete_role(RoleName="caller")
    scheduler.caller = "arn:aws:iam::123456789012:role/missing"
    assert refused(scheduler.create, expression="rate(1 hour)") == (400, "ValidationException", not_assumed)
    scheduler.caller = scheduler.role("lambda:InvokeFunction", trust=_for_group("default"))
    scheduler.create("rate(1 hour)")


def _for_group(name):
    source = {"aws:SourceArn": f"arn:aws:scheduler:us-east-1:123456789012:schedule-group/{name}"}
    (statement,) = TRUST["Statement"]
    return {**TRUST, "Statement": [{**statement, "Condition": {"StringEquals": source}}]}


def test_without_iam_any_role_will_do(serve):
    account = serve("--no-iam")
    account.function(TELL, Role="arn:aws:iam::123456789012:role/invented")
    target = {"Arn": FUNCTION, "RoleArn": "arn:aws:iam::123456789012:role/invented-too"}
    account.scheduler.create_schedule(
        Name="s", ScheduleExpression="rate(1 hour)", FlexibleTimeWindow=OFF, Target=target
    )
    account.advance(1)
    assert [line for line in account.messages() if line.startswith("GOT ")]


# The API.


def test_a_schedule_is_told_as_aws_tells_it(served, scheduler):
    scheduler.function()
    arn = scheduler.create("rate(1 day)")
    told = served.scheduler.get_schedule(Name="s")
    del told["ResponseMetadata"]
    created = told.pop("CreationDate")
    assert told.pop("LastModificationDate") == created and abs((created - datetime.now(UTC)).total_seconds()) < 60
    assert told == {
        "ActionAfterCompletion": "NONE", "Arn": arn, "FlexibleTimeWindow": OFF, "GroupName": "default", "Name": "s",
        "ScheduleExpression": "rate(1 day)", "ScheduleExpressionTimezone": "UTC", "State": "ENABLED",
        "Target": {
            "Arn": FUNCTION, "RoleArn": scheduler.caller,
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        },
    }  # fmt: skip
    (listed,) = served.scheduler.list_schedules()["Schedules"]
    assert listed == {
        "Arn": arn, "CreationDate": created, "LastModificationDate": created, "GroupName": "default", "Name": "s",
        "State": "ENABLED", "Target": {"Arn": FUNCTION},
    }  # fmt: skip


def test_an_update_replaces_everything(served, scheduler):
    scheduler.function()
    start = datetime(2030, 1, 1, tzinfo=UTC)
    given = {"Description": "d", "State": "DISABLED", "StartDate": start, "ActionAfterCompletion": "DELETE"}
    arn = scheduler.create("rate(1 day)", target={"Input": "{}", "RetryPolicy": {"MaximumRetryAttempts": 1}}, **given)
    told = served.scheduler.get_schedule(Name="s")
    assert {name: told[name] for name in given} == given
    assert told["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 1}
    served.advance(10)
    answer = served.scheduler.update_schedule(
        Name="s", ScheduleExpression="rate(2 minute)", FlexibleTimeWindow=OFF,
        Target={"Arn": FUNCTION, "RoleArn": scheduler.caller},
    )  # fmt: skip
    assert answer["ScheduleArn"] == arn
    changed = served.scheduler.get_schedule(Name="s")
    assert changed["CreationDate"] == told["CreationDate"] < changed["LastModificationDate"]
    assert changed["ScheduleExpression"] == "rate(2 minute)" and changed["State"] == "ENABLED"
    assert not {"Description", "StartDate"} & set(changed) and changed["ActionAfterCompletion"] == "NONE"
    assert "Input" not in changed["Target"]


def test_groups_and_their_tags(served, scheduler):
    scheduler.function()
    arn = served.scheduler.create_schedule_group(Name="g", Tags=[{"Key": "a", "Value": "1"}])["ScheduleGroupArn"]
    assert arn == "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g"
    served.scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    served.scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert served.scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    told = served.scheduler.get_schedule_group(Name="g")
    assert (told["Arn"], told["Name"], told["State"]) == (arn, "g", "ACTIVE") and told["CreationDate"]
    listed = served.scheduler.list_schedule_groups()["ScheduleGroups"]
    assert [each["Name"] for each in listed] == ["default", "g"]
    for number in range(3):
        scheduler.create("rate(1 day)", f"in-{number}", GroupName="g", State="DISABLED")
    scheduler.create("rate(1 day)", "out", State="DISABLED")
    assert len(served.scheduler.list_schedules()["Schedules"]) == 4
    first = served.scheduler.list_schedules(GroupName="g", MaxResults=2)
    rest = served.scheduler.list_schedules(GroupName="g", MaxResults=2, NextToken=first["NextToken"])
    names = [each["Name"] for page in (first, rest) for each in page["Schedules"]]
    assert names == ["in-0", "in-1", "in-2"] and "NextToken" not in rest
    assert [each["Name"] for each in served.scheduler.list_schedules(NamePrefix="ou")["Schedules"]] == ["out"]
    assert served.scheduler.list_schedules(State="ENABLED")["Schedules"] == []
    assert served.scheduler.get_schedule(Name="in-0", GroupName="g")["GroupName"] == "g"


def test_what_exists_and_what_does_not(served, scheduler):
    scheduler.function()
    call = served.scheduler
    assert refused(call.get_schedule, Name="x") == (404, "ResourceNotFoundException", "Schedule x does not exist.")
    assert refused(call.delete_schedule, Name="x")[2] == "Schedule x does not exist."
    missing = (404, "ResourceNotFoundException", "Schedule group x does not exist.")
    assert refused(scheduler.create, expression="rate(1 day)", GroupName="x") == missing
    assert refused(call.get_schedule_group, Name="x") == missing
    scheduler.create("rate(1 day)", ClientToken="one")
    taken = (409, "ConflictException", "Schedule s already exists.")
    assert refused(scheduler.create, expression="rate(1 day)") == taken
    assert scheduler.create("rate(1 day)", ClientToken="one").endswith("/default/s")  # the same request again
    call.create_schedule_group(Name="g")
    assert refused(call.create_schedule_group, Name="g") == (
        409,
        "ConflictException",
        "Schedule group g already exists.",
    )
    default = (400, "ValidationException", "This operation cannot be performed on schedule group default.")
    assert refused(call.create_schedule_group, Name="default") == default
    assert refused(call.delete_schedule_group, Name="default") == default


def test_an_error_has_the_services_own_form(served):
    target = {"Arn": FUNCTION, "RoleArn": "arn:aws:iam::123456789012:role/caller", "Input": ""}
    given = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": target}
    signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260926/us-east-1/scheduler/aws4_request"}
    answer = served.request("POST", "", "/schedules/s", json.dumps(given).encode(), signed)
    message = "1 validation error detected: Value '' at 'target.input' failed to satisfy constraint: "
    assert answer.json == {"Message": f"{message}Member must have length greater than or equal to 1"}
    code = "ValidationException:http://internal.amazon.com/coral/com.amazonaws.chronos/"
    assert answer.status == 400 and answer.headers["x-amzn-errortype"] == code
    assert served.request("GET", "", "/nothing", headers=signed).status == 404


YEAR = timedelta(days=365)
NOW = datetime.now(UTC)
REFUSED = [
    ({"expression": "rate(5 weeks)"}, "Invalid Schedule Expression rate(5 weeks)."),
    ({"expression": " rate(10 minutes)"}, "Invalid Schedule Expression  rate(10 minutes)."),
    ({"expression": "cron(0 9 * * * *)"}, "Invalid Schedule Expression cron(0 9 * * * *)."),
    ({"ScheduleExpressionTimezone": "Not/AZone"}, "Invalid timezone Not/AZone."),
    ({"ScheduleExpressionTimezone": "localtime"}, "Invalid timezone localtime."),
    (
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        "MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.",
    ),
    (
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        "MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.",
    ),
    (
        {"StartDate": NOW + YEAR, "EndDate": NOW + YEAR},
        "The StartDate you specify must come before the EndDate.",
    ),
    ({"StartDate": NOW - YEAR}, "The StartDate you specify cannot be earlier than 5 minutes ago."),
    (
        {"expression": "cron(0 9 * * ? 2020)"},
        "The schedule expression cron(0 9 * * ? 2020) will never schedule with the current StartDate.",
    ),
    ({"target": {"Input": "{not json"}}, "JSON syntax error in input for the target."),
    ({"target": {"Arn": "no-arn"}}, "Provided Arn is not in correct format."),
    ({"target": {"Arn": FUNCTION.replace("function:f", "layer:f")}}, "Provided Arn is not in correct format."),
    ({"target": {"Arn": "arn:aws:s3:::bucket"}}, "s3 is not a supported service for a target."),
    (
        {"target": {"Arn": FUNCTION.replace("us-east-1", "us-west-2")}},
        "The target ARN provided does not match the current region us-east-1.",
    ),
    (
        {"target": {"KinesisParameters": {"PartitionKey": "p"}}},
        "Parameters KinesisParameters not supported for the target.",
    ),
    ({"target": {"Arn": f"{QUEUE}.fifo"}}, "Parameters SqsParameters must be specified."),
    (
        {"target": {"Arn": QUEUE, "SqsParameters": {"MessageGroupId": "g"}}},
        "Parameters MessageGroupId not valid for the target.",
    ),
    ({"target": {"Arn": INVOKE}}, "You must provide an input to set this target for your schedule."),
    (
        {"target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl", "Input": "{}"}},
        "getQueueUrl API is not supported.",
    ),
    (
        {"target": {"Arn": "arn:aws:scheduler:us-east-1:123456789012:aws-sdk:sqs:sendMessage", "Input": "{}"}},
        "scheduler is not a supported service for a target.",
    ),
    (
        {"target": {"RetryPolicy": {"MaximumRetryAttempts": 186}}},
        "1 validation error detected: Value '186' at 'target.retryPolicy.maximumRetryAttempts' failed to satisfy "
        "constraint: Member must have value less than or equal to 185",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_makes_no_sense_is_refused_in_awss_words(served, scheduler, given, message):
    scheduler.caller = scheduler.role()
    assert refused(scheduler.create, **{"expression": "rate(1 day)", **given}) == (400, "ValidationException", message)
    assert served.scheduler.list_schedules()["Schedules"] == []


def test_a_warning_names_the_place_in_an_expression(served, scheduler):
    scheduler.caller = scheduler.role()
    refused(scheduler.create, expression="cron(0 9 ? * FUN *)")
    assert (
        "cron(0 9 ? * FUN *): day-of-week is 1 to 7 or SUN to SAT, not 'FUN' (at character 14)" in served.complaints()
    )
