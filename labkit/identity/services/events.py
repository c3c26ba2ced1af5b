"""What carries events and messages: SQS, SNS, SES, EventBridge and its Scheduler, Kinesis.

Source: Service Authorization Reference, one page a service; where an operation names no resource, the resource is the
one in AWS's own messages.
"""

from __future__ import annotations

from email.utils import parseaddr

from labkit.identity.call import ApiCall
from labkit.identity.resources import ANY, Service, arn, needs, on, passes_role, together, values_at


def queue(call: ApiCall) -> tuple[str, ...]:
    """A queue by URL, whose path is `/ACCOUNT/NAME`, by name, or by ARN; without any, all queues of the account."""
    parameters = call.parameters
    if url := str(parameters.get("QueueUrl") or ""):
        *_, account, name = ["", *url.rstrip("/").split("/")]
        return (f"arn:aws:sqs:{call.region}:{account if account.isdigit() else call.account}:{name}",)
    if parameters.get("SourceArn"):
        return (str(parameters["SourceArn"]),)
    owner = parameters.get("QueueOwnerAWSAccountId") or call.account
    return (f"arn:aws:sqs:{call.region}:{owner}:{parameters.get('QueueName') or ''}",)


SQS = Service(
    queue,
    on(
        "sqs",
        queue,
        SendMessageBatch="SendMessage",
        DeleteMessageBatch="DeleteMessage",
        ChangeMessageVisibilityBatch="ChangeMessageVisibility",
    ),
)


def phone_or_topic(call: ApiCall) -> tuple[str, ...]:
    """A topic, an endpoint, or a phone number; no ARN names a phone number, so only `*` allows it."""
    number = values_at(call.parameters, "PhoneNumber")
    return number or topic(call)


topic = arn(
    "sns", "{TopicArn}", "{TargetArn}", "{ResourceArn}", "{SubscriptionArn}", "{EndpointArn}",
    "{PlatformApplicationArn}",
)  # fmt: skip

SNS = Service(
    topic,
    {
        **on("sns", phone_or_topic, "Publish", PublishBatch="Publish"),
        **on("sns", arn("sns", "{Name}"), "CreateTopic"),
    },
)


def sender(call: ApiCall) -> tuple[str, ...]:
    """The identity that a mail is sent from, its address; `*` when the mail itself says it."""
    given = values_at(call.parameters, "Source") or values_at(call.parameters, "FromEmailAddress")
    return tuple(f"arn:aws:ses:{call.region}:{call.account}:identity/{parseaddr(each)[1]}" for each in given) or ANY


SES = Service(
    rules=on(
        "ses", sender, "SendEmail SendRawEmail SendTemplatedEmail SendBulkTemplatedEmail SendCustomVerificationEmail"
    )
)


def buses_of_entries(call: ApiCall) -> tuple[str, ...]:
    """The event bus of each entry, the default one where an entry names none."""
    entries = call.parameters.get("Entries") or [{}]
    buses = [str(entry.get("EventBusName") or "default") for entry in entries]
    base = f"arn:aws:events:{call.region}:{call.account}:event-bus/"
    return tuple(bus if bus.startswith("arn:") else base + bus for bus in buses)


def rule(call: ApiCall) -> tuple[str, ...]:
    """A rule: `rule/NAME` on the default bus, `rule/BUS/NAME` on another."""
    name = call.parameters.get("Rule") or call.parameters.get("Name") or ""
    bus = str(call.parameters.get("EventBusName") or "default").rpartition("/")[2]
    path = name if bus == "default" else f"{bus}/{name}"
    return (f"arn:aws:events:{call.region}:{call.account}:rule/{path}",)


event_bus = arn("events", "event-bus/{EventBusName}", "event-bus/{Name}", "event-bus/default")
archive = arn("events", "archive/{ArchiveName}")

EVENTBRIDGE = Service(
    arn("events", "{ResourceARN}"),
    {
        **on("events", buses_of_entries, "PutEvents"),
        **on("events", rule, "DeleteRule DescribeRule EnableRule DisableRule RemoveTargets ListTargetsByRule"),
        "PutRule": together(needs("events:PutRule", rule), passes_role("RoleArn")),
        "PutTargets": together(needs("events:PutTargets", rule), passes_role("Targets.RoleArn")),
        **on("events", event_bus, "CreateEventBus DeleteEventBus DescribeEventBus UpdateEventBus"),
        **on("events", event_bus, "PutPermission RemovePermission"),
        **on("events", archive, "CreateArchive DeleteArchive DescribeArchive UpdateArchive"),
    },
)


def schedule(call: ApiCall) -> tuple[str, ...]:
    name, group = call.parameters.get("Name", ""), call.parameters.get("GroupName") or "default"
    return (f"arn:aws:scheduler:{call.region}:{call.account}:schedule/{group}/{name}",)


SCHEDULER = Service(
    arn("scheduler", "{ResourceArn}"),
    {
        **on("scheduler", schedule, "GetSchedule DeleteSchedule"),
        "CreateSchedule": together(needs("scheduler:CreateSchedule", schedule), passes_role("Target.RoleArn")),
        "UpdateSchedule": together(needs("scheduler:UpdateSchedule", schedule), passes_role("Target.RoleArn")),
        **on("scheduler", arn("scheduler", "schedule-group/{Name}"), "CreateScheduleGroup GetScheduleGroup"),
        **on("scheduler", arn("scheduler", "schedule-group/{Name}"), "DeleteScheduleGroup"),
    },
)

# A shard iterator does not tell its stream, so all streams must be allowed unless the call also names one.
iterated_stream = arn("kinesis", "{StreamARN}", "stream/{StreamName}", "stream/*")
stream = arn("kinesis", "{ConsumerARN}", "{StreamARN}", "stream/{StreamName}", "{ResourceARN}")

KINESIS = Service(
    stream,
    {
        **on("kinesis", lambda call: ANY, "ListStreams DescribeLimits DescribeAccountSettings"),
        **on("kinesis", iterated_stream, "GetRecords"),
    },
)
