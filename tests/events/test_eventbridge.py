"""EventBridge calls functions: from PutEvents, or a rule's schedule, to what the handler received."""

from __future__ import annotations

import json
import re

import pytest
from botocore.exceptions import ClientError

TELL = """
import json
def lambda_handler(event, context):
    print("GOT " + json.dumps(event))
"""
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture
def bus(served, eventually):
    """A function that tells what it gets, and ways of making rules for it and of putting events."""
    served.function(TELL)

    class Bus:
        def rule(self, pattern=None, name="rule", target=None, **more):
            given = {"EventPattern": json.dumps(pattern)} if pattern else {}
            arn = served.events.put_rule(Name=name, **given, **more)["RuleArn"]
            served.awslambda.add_permission(
                FunctionName="f", StatementId=name, Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com", SourceArn=arn,
            )  # fmt: skip
            bus_name = {"EventBusName": more["EventBusName"]} if "EventBusName" in more else {}
            served.events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": FUNCTION, **(target or {})}], **bus_name)
            return arn

        def put(self, detail, source="shop", **more):
            entry = {"Source": source, "DetailType": "Order", "Detail": json.dumps(detail), **more}
            return served.events.put_events(Entries=[entry])["Entries"][0]

        def got(self, count=1):
            found = eventually(lambda: len(told := self.told()) >= count and told)
            assert len(found) == count
            return found

        def told(self):
            return [json.loads(line[4:]) for line in served.messages() if line.startswith("GOT ")]

    return Bus()


def test_an_event_that_a_rule_wants_reaches_the_function_whole(bus):
    bus.rule({"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}})
    bus.put({"price": 5})
    entry = bus.put({"price": 11, "of": {"what": "é"}}, Resources=["arn:x"])
    (event,) = bus.got()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event.pop("time"))
    assert list(event) == ["version", "id", "detail-type", "source", "account", "region", "resources", "detail"]
    assert event == {
        "version": "0", "id": entry["EventId"], "detail-type": "Order", "source": "shop", "account": "123456789012",
        "region": "us-east-1", "resources": ["arn:x"], "detail": {"price": 11, "of": {"what": "é"}},
    }  # fmt: skip


def test_a_disabled_rule_and_one_of_another_bus_are_silent(served, bus):
    served.events.create_event_bus(Name="other")
    bus.rule({"source": ["shop"]}, State="DISABLED")
    bus.rule({"source": ["shop"]}, "there", EventBusName="other")
    bus.put({"n": 1})
    bus.put({"n": 2}, EventBusName="other")
    assert [event["detail"] for event in bus.got()] == [{"n": 2}]
    served.events.enable_rule(Name="rule")
    bus.put({"n": 3})
    assert [event["detail"] for event in bus.got(2)] == [{"n": 2}, {"n": 3}]


MAP = {"who": "$.detail.who", "n": "$.detail.n", "missing": "$.detail.missing", "all": "$.detail"}


@pytest.mark.parametrize(
    ("target", "got"),
    [
        ({"Input": '{"fixed": [1, 2]}'}, {"fixed": [1, 2]}),
        ({"InputPath": "$.detail.who"}, "Ada"),
        ({"InputPath": "$.detail"}, {"who": "Ada", "n": 5, "list": [{"x": 1}]}),
        ({"InputPath": "$.detail.list[0].x"}, 1),
        ({"InputTransformer": {"InputPathsMap": MAP, "InputTemplate": '"<who> has <n>"'}}, "Ada has 5"),
        ({"InputTransformer": {"InputPathsMap": MAP, "InputTemplate": '{"a": <who>, "b": <n>}'}}, {"a": "Ada", "b": 5}),
        ({"InputTransformer": {"InputPathsMap": MAP, "InputTemplate": '{"a": "<who>"}'}}, {"a": "Ada"}),
        ({"InputTransformer": {"InputPathsMap": MAP, "InputTemplate": '{"a": "<missing>"}'}}, {"a": ""}),
        ({"InputTransformer": {"InputPathsMap": MAP, "InputTemplate": '"<who>"\n"<n>"'}}, "Ada\n5"),
        (
            {"InputTransformer": {"InputTemplate": '{"rule": <aws.events.rule-name>}'}},
            {"rule": "rule"},
        ),
    ],
    ids=json.dumps,
)
def test_a_target_gets_what_its_input_makes_of_the_event(bus, target, got):
    bus.rule({"source": ["shop"]}, target=target)
    bus.put({"who": "Ada", "n": 5, "list": [{"x": 1}]})
    assert bus.got() == [got]


def test_several_targets_each_get_it(served, bus, eventually):
    queue = served.sqs.create_queue(QueueName="q")["QueueUrl"]
    bus.rule({"source": ["shop"]})
    served.events.put_targets(
        Rule="rule", Targets=[{"Id": "2", "Arn": "arn:aws:sqs:us-east-1:123456789012:q", "InputPath": "$.detail"}]
    )
    bus.put({"n": 1})
    assert bus.got()[0]["detail"] == {"n": 1}
    message = eventually(lambda: served.sqs.receive_message(QueueUrl=queue).get("Messages"))[0]
    assert json.loads(message["Body"]) == {"n": 1}


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ({"Source": ""}, "InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."),
        ({"Detail": "{"}, "MalformedDetail", "Detail is malformed."),
        ({"Detail": "[1]"}, "MalformedDetail", "Detail is malformed."),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException", "Not authorized for the source."),
    ],
)
def test_an_entry_that_is_refused_says_why_and_the_others_are_taken(served, entry, code, message):
    good = {"Source": "shop", "DetailType": "Order", "Detail": "{}"}
    answer = served.events.put_events(Entries=[good, {**good, **entry}])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][1] == {"ErrorCode": code, "ErrorMessage": message}


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]


def test_a_pattern_that_is_none_is_refused_with_the_place(served):
    error = refused(served.events.put_rule, Name="r", EventPattern='{"int": 42}')
    assert error["Code"] == "InvalidEventPatternException"
    assert error["Message"] == (
        'Event pattern is not valid. Reason: "int" must be an object or an array\n'
        ' at [Source: (String)"{"int": 42}"; line: 1, column: 11]'
    )


@pytest.mark.parametrize("expression", ["rate(5 minute)", "cron(0 9 * * * *)", "cron(61 9 * * ? *)", "every day"])
def test_a_schedule_that_is_none_is_refused_and_a_warning_says_where(served, eventually, expression):
    error = refused(served.events.put_rule, Name="r", ScheduleExpression=expression)
    assert error == {"Code": "ValidationException", "Message": "Parameter ScheduleExpression is not valid."}
    assert eventually(lambda: f"{expression}: " in served.complaints())
    assert "at character" in served.complaints().partition(f"{expression}: ")[2]


def test_a_template_that_names_what_is_not_defined_and_two_inputs_are_refused(served, bus):
    bus.rule({"source": ["shop"]})
    target = {"Id": "x", "Arn": FUNCTION}
    error = refused(
        served.events.put_targets, Rule="rule", Targets=[{**target, "InputTransformer": {"InputTemplate": "<nope>"}}]
    )
    assert error["Message"] == "InputTemplate for target x contains invalid placeholder nope."
    error = refused(served.events.put_targets, Rule="rule", Targets=[{**target, "Input": "1", "InputPath": "$"}])
    assert error["Message"] == "Only one of Input, InputPath, or InputTransformer must be provided for target x."


def test_test_event_pattern_tells_whether_it_matches(served):
    event = {name: "x" for name in ("id", "account", "source", "time", "region", "detail-type")} | {"resources": []}
    answers = [
        served.events.test_event_pattern(EventPattern=json.dumps({"source": [source]}), Event=json.dumps(event))
        for source in ("x", "y")
    ]
    assert [answer["Result"] for answer in answers] == [True, False]
    assert "it has no id" in refused(served.events.test_event_pattern, EventPattern='{"a": [1]}', Event="{}")["Message"]


def test_nine_oclock_comes_three_times_in_order(served, bus):
    arn = bus.rule(ScheduleExpression="cron(0 9 * * ? *)")
    served.advance(3 * 86_400)
    events = bus.got(3)
    assert all(event["time"].endswith("T09:00:00Z") for event in events)
    assert sorted({event["time"] for event in events}) == [event["time"] for event in events]
    assert {key: events[0][key] for key in ("detail-type", "source", "resources", "detail")} == {
        "detail-type": "Scheduled Event", "source": "aws.events", "resources": [arn], "detail": {},
    }  # fmt: skip
    assert len([line for line in served.messages() if "Init Duration" in line]) == 3  # a night is longer than it's kept


def test_a_rate_counts_from_its_rule_and_ends_with_it(served, bus):
    bus.rule(ScheduleExpression="rate(10 minutes)")
    served.advance(25 * 60)
    assert len(bus.got(2)) == 2
    served.events.disable_rule(Name="rule")
    served.advance(3600)
    assert len(bus.told()) == 2


def test_a_target_that_is_not_there_is_told_of_and_its_dead_letter_queue_gets_the_event(served, bus, eventually):
    queue = served.sqs.create_queue(QueueName="dead")["QueueUrl"]
    bus.rule(
        {"source": ["shop"]},
        target={
            "Arn": "arn:aws:sqs:us-east-1:123456789012:missing",
            "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:dead"},
        },
    )
    bus.put({"n": 1})
    message = eventually(
        lambda: served.sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages")
    )[0]
    assert json.loads(message["Body"])["detail"] == {"n": 1}
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "ERROR_FROM_TARGET"
    assert "rule rule could not reach" in served.complaints()
