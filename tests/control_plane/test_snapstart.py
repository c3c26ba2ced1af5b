"""SnapStart as boto3 sees it: a snapshot is taken when a version is published, and its environments are restored."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from served import descendants

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
RUNTIME, SNAPSTART = "python3.13", {"ApplyOn": "PublishedVersions"}
CODE = """
import os, time, uuid
import boto3
me = uuid.uuid4().hex
s3 = boto3.client("s3")
time.sleep(float(os.environ.get("SLOW", 0)))
if os.environ.get("BROKEN"):
    raise ValueError("broken at Init")
def lambda_handler(event, context):
    if event.get("buckets"):
        return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], me, context.function_version, os.environ.get("SLOW", "")]
"""


def create(account, name="f", code=CODE, **more):
    return account.function(code, name, Runtime=RUNTIME, SnapStart=SNAPSTART, **more)


@pytest.fixture
def publish(eventually):
    """`publish(account)`: publishes a version and waits until it is no longer pending; its configuration."""

    def until_done(account, name="f"):
        version = account.awslambda.publish_version(FunctionName=name)["Version"]

        def configuration():
            found = account.awslambda.get_function_configuration(FunctionName=name, Qualifier=version)
            return found["State"] != "Pending" and found

        return eventually(configuration)

    return until_done


def test_a_version_is_pending_until_its_snapshot_is_taken(served, eventually):
    create(served, Environment={"Variables": {"SLOW": "0.5"}})
    published = served.awslambda.publish_version(FunctionName="f")
    assert (published["State"], published["StateReasonCode"]) == ("Pending", "Creating")
    assert published["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    with pytest.raises(ClientError) as error:
        served.invoke(Qualifier="1")
    assert error.value.response["Error"]["Code"] == "SnapStartNotReadyException"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    served.awslambda.get_waiter("published_version_active").wait(
        FunctionName="f", Qualifier="1", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )
    assert "StateReason" not in served.awslambda.get_function_configuration(FunctionName="f", Qualifier="1")
    assert served.invoke(Qualifier="1").payload[0] == "snap-start"


def test_a_restored_environment_gives_its_concurrency_back(served, publish):
    create(served)
    publish(served)
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    assert [served.invoke(Qualifier="1").payload[0] for _ in range(3)] == ["snap-start"] * 3


def test_an_event_of_another_service_waits_for_the_snapshot(served, eventually):
    create(served, Environment={"Variables": {"SLOW": "0.5"}})
    topic = served.sns.create_topic(Name="t")["TopicArn"]
    version = served.awslambda.publish_version(FunctionName="f")["FunctionArn"]
    served.awslambda.add_permission(
        FunctionName="f", Qualifier="1", StatementId="sns", Action="lambda:InvokeFunction", SourceArn=topic,
        Principal="sns.amazonaws.com",
    )  # fmt: skip
    served.sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=version)
    with pytest.raises(ClientError, match="The function is currently in the following state: Pending"):
        served.invoke(InvocationType="Event", Qualifier="1")
    served.sns.publish(TopicArn=topic, Message="m")
    assert eventually(lambda: [line for line in served.messages() if "Restore Duration" in line])


def test_environments_are_restored_through_version_and_alias_and_latest_is_not(served, publish):
    create(served)
    publish(served)
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    first = served.invoke(Qualifier="1", LogType="Tail")
    served.advance(86_400)  # it expires
    second = served.invoke(Qualifier="live", LogType="Tail")
    assert first.payload == second.payload and first.payload[0] == "snap-start"
    for done in (first, second):
        assert "RESTORE_REPORT Restore Duration: " in done.log and "Init Duration" not in done.log
    assert served.invoke().payload[0] == "on-demand"
    assert [line.split()[0] for line in served.messages() if "Runtime Version ARN" in line] == [
        "INIT_START", "RESTORE_START", "RESTORE_START", "INIT_START",
    ]  # fmt: skip


def test_a_client_made_at_init_works_with_the_role(served, publish):
    served.s3.create_bucket(Bucket="seen")
    create(served, Role=served.role("AWSLambdaBasicExecutionRole", allow=[{"Action": "s3:*", "Resource": "*"}]))
    publish(served)
    assert served.invoke(event={"buckets": True}, Qualifier="1").payload == ["seen"]


def test_a_failing_init_fails_the_version(served, publish):
    create(served, Environment={"Variables": {"BROKEN": "1"}})
    found = publish(served)
    assert (found["State"], found["StateReasonCode"]) == ("Failed", "FunctionError")
    assert "broken at Init" in found["StateReason"]
    assert any("broken at Init" in line for line in served.messages())
    with pytest.raises(ClientError, match="state: Failed") as error:
        served.invoke(Qualifier="1")
    assert error.value.response["Error"]["Code"] == "ResourceConflictException"


@pytest.mark.parametrize(("after", "status", "code"), [("raise OSError('unreachable')", 400, "SnapStartException")])
def test_a_restore_that_fails_is_an_exception(served, publish, after, status, code):
    hook = (
        f"from snapshot_restore_py import register_after_restore\n@register_after_restore\ndef hook():\n    {after}\n"
    )
    create(served, code=hook + CODE)
    publish(served)
    with pytest.raises(ClientError, match="unreachable") as error:
        served.invoke(Qualifier="1")
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_hooks_run_and_what_seems_unique_is_the_same_in_every_environment(served, publish):
    code = """
import os, random
from snapshot_restore_py import register_after_restore, register_before_snapshot
seen = []
register_before_snapshot(seen.append, "before")
register_after_restore(seen.append, "after")
def lambda_handler(event, context):
    return [seen, random.random(), os.urandom(8).hex()]
"""
    create(served, code=code)
    publish(served)
    first = served.invoke(Qualifier="1").payload
    served.advance(86_400)  # it expires
    second = served.invoke(Qualifier="1").payload
    assert first[0] == second[0] == ["before", "after"]
    assert first[1] == second[1] and first[2] != second[2]


def test_each_version_has_its_own_snapshot(served, publish):
    create(served)
    publish(served)
    served.awslambda.update_function_configuration(FunctionName="f", Environment={"Variables": {"SLOW": "0.01"}})
    assert publish(served)["Version"] == "2"
    one, two = (served.invoke(Qualifier=version).payload for version in "12")
    assert one[1] != two[1] and (one[3], two[3]) == ("", "0.01")


@pytest.mark.parametrize("end", ["version", "function", "reset"])
def test_no_process_is_left(served, publish, eventually, end):
    before = descendants(served.process.pid)
    create(served)
    publish(served)
    served.invoke(Qualifier="1")
    assert len(descendants(served.process.pid) - before) >= 5
    if end == "reset":
        served.post("/moto-api/reset")
    else:
        served.awslambda.delete_function(FunctionName="f", **({"Qualifier": "1"} if end == "version" else {}))
    eventually(lambda: not descendants(served.process.pid) - before)


def test_a_version_that_goes_while_its_snapshot_is_taken_leaves_nothing(served, eventually):
    before = descendants(served.process.pid)
    create(served, Environment={"Variables": {"SLOW": "0.5"}})
    served.awslambda.publish_version(FunctionName="f")
    served.awslambda.delete_function(FunctionName="f")
    time.sleep(0.2)
    eventually(lambda: not descendants(served.process.pid) - before)


def test_nothing_outlives_an_account_that_is_killed(serve, publish, eventually):
    account = serve()
    create(account)
    publish(account)
    account.invoke(Qualifier="1")
    started = descendants(account.process.pid)
    account.process.send_signal(signal.SIGKILL)
    account.process.wait()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))


def test_json_logs_tell_of_the_restore(served, publish):
    create(served, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "DEBUG"})
    publish(served)
    served.invoke(Qualifier="1")
    events = {event["type"]: event["record"] for event in map(json.loads, served.messages()) if "type" in event}
    assert events["platform.initStart"]["initializationType"] == "snap-start"
    assert events["platform.restoreStart"]["functionVersion"] == "1"
    restored, metrics = events["platform.restoreReport"], events["platform.report"]["metrics"]
    assert restored["status"] == "success" and restored["metrics"]["durationMs"] == metrics["restoreDurationMs"]
    assert "initDurationMs" not in metrics and metrics["billedRestoreDurationMs"] <= metrics["billedDurationMs"]
