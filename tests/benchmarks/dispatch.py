"""What it adds to a call that it leads to an event: beside the same call that leads to none, in one run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import boto3
from measures import make_function, seconds
from result import Result

import labkit

HANDLER = "def lambda_handler(event, context):\n    pass\n"
MOST = 0.005
ROUNDS, TIMES = 3, 60
Pair = tuple[str, Callable[[], Any], Callable[[], Any]]  # a name, a call that leads to an event, the same that does not


def dispatches() -> list[Result]:
    """Each source that pushes events, with a function that is warm."""
    account = labkit.start()
    try:
        make_function(boto3.client("lambda"), HANDLER)
        arn = boto3.client("lambda").get_function_configuration(FunctionName="echo")["FunctionArn"]
        return [_added(*pair) for source in (_s3, _sns, _events, _logs) for pair in source(arn)]
    finally:
        account.stop()


def _added(name: str, telling: Callable[[], Any], silent: Callable[[], Any]) -> Result:
    """The difference in the round in which the machine had least else to do."""
    alone, told = min(_round(telling, silent) for _ in range(ROUNDS))
    return Result(f"{name} that invokes, above one that does not ({1000 * alone:.1f} ms)", told - alone, MOST)


def _round(telling: Callable[[], Any], silent: Callable[[], Any]) -> tuple[float, float]:
    """The median times of the silent and the telling call, the first of each left out; each event is waited for."""
    bare, told = [], []
    for _ in range(TIMES + 1):
        bare.append(seconds(silent))
        before = len(labkit.invocations())
        told.append(seconds(telling))
        assert labkit.settle() and len(labkit.invocations()) == before + 1
    return median(bare[1:]), median(told[1:])


def _permit(service: str, source: str) -> None:
    boto3.client("lambda").add_permission(
        FunctionName="echo", StatementId=service, Action="lambda:InvokeFunction", Principal=f"{service}.amazonaws.com",
        SourceArn=source,
    )  # fmt: skip


def _s3(arn: str) -> Iterator[Pair]:
    s3 = boto3.client("s3")
    for name in ("telling", "silent"):
        s3.create_bucket(Bucket=name)
    _permit("s3", "arn:aws:s3:::telling")
    told = [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]
    s3.put_bucket_notification_configuration(
        Bucket="telling", NotificationConfiguration={"LambdaFunctionConfigurations": told}
    )
    yield (
        "S3 PutObject",
        *(lambda name=name: s3.put_object(Bucket=name, Key="k", Body=b"x" * 1000) for name in ("telling", "silent")),
    )


def _sns(arn: str) -> Iterator[Pair]:
    sns = boto3.client("sns")
    topics = {name: sns.create_topic(Name=name)["TopicArn"] for name in ("telling", "silent")}
    _permit("sns", topics["telling"])
    sns.subscribe(TopicArn=topics["telling"], Protocol="lambda", Endpoint=arn)
    yield "SNS Publish", *(lambda topic=topic: sns.publish(TopicArn=topic, Message="m") for topic in topics.values())


def _events(arn: str) -> Iterator[Pair]:
    events = boto3.client("events")
    rule = events.put_rule(Name="telling", EventPattern=json.dumps({"source": ["telling"]}))["RuleArn"]
    _permit("events", rule)
    events.put_targets(Rule="telling", Targets=[{"Id": "1", "Arn": arn}])
    entry = {"DetailType": "t", "Detail": "{}"}
    yield (
        "EventBridge PutEvents",
        *(
            lambda source=source: events.put_events(Entries=[{"Source": source, **entry}])
            for source in ("telling", "silent")
        ),
    )


def _logs(arn: str) -> Iterator[Pair]:
    logs = boto3.client("logs")
    for name in ("telling", "silent"):
        logs.create_log_group(logGroupName=name)
        logs.create_log_stream(logGroupName=name, logStreamName="s")
    _permit("logs", "arn:aws:logs:us-east-1:123456789012:log-group:telling:*")
    logs.put_subscription_filter(
        logGroupName="telling", filterName="f", filterPattern="ERROR -ignored", destinationArn=arn
    )

    def write(group: str) -> None:
        event = {"timestamp": int(1000 * time.time()), "message": "ERROR one"}
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])

    yield "PutLogEvents", lambda: write("telling"), lambda: write("silent")
