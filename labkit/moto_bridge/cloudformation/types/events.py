"""The types of resources of EventBridge, its Scheduler and CloudWatch Logs.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html, AWS_Scheduler.html,
AWS_Logs.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    Part,
    ResourceType,
    Tagging,
    as_text,
    left_out,
    text,
    whole,
)  # fmt: skip


def _targets(properties: Arguments) -> Mapping[str, Arguments]:
    return {str(each["Id"]): {"Targets": [each], "Ids": [each["Id"]]} for each in properties.get("Targets", ())}


def _bus_policy(statement: Any, properties: Arguments) -> Arguments:
    """One statement as a policy, under the id that it has as a resource."""
    named = {"Sid": properties["StatementId"], **statement}
    return {"Policy": text({"Version": "2012-10-17", "Statement": [named]})}


RULE = ResourceType(
    "AWS::Events::Rule",
    "events",
    properties=(
        "Description", "EventBusName", "EventPattern", "Name", "RoleArn", "ScheduleExpression", "State", "Tags",
        "Targets",
    ),
    create="PutRule",
    updates=("PutRule",),
    delete="DeleteRule",
    replaced_by=("EventBusName", "Name"),
    generated=Generated("Name", 64),
    converted={
        "EventPattern": as_text("EventPattern"),
        "Targets": left_out,
    },
    cleared={"Description": "", "State": "ENABLED"},
    kept={"RuleArn": "RuleArn"},
    made={"Rule": "{Name}"},
    ref="{Name}",
    attributes={"Arn": "RuleArn", "RuleName": "Name"},
    parts=(Part(_targets, "PutTargets", "RemoveTargets"),),
    tagging=Tagging("RuleArn"),
)  # fmt: skip
EVENT_BUS = ResourceType(
    "AWS::Events::EventBus",
    "events",
    properties=("Description", "EventSourceName", "Name", "Tags"),
    required=("Name",),
    create="CreateEventBus",
    delete="DeleteEventBus",
    replaced_by=("Description", "EventSourceName", "Name"),
    generated=Generated("Name", 256),
    kept={"EventBusArn": "EventBusArn"},
    ref="{Name}",
    attributes={"Arn": "EventBusArn", "Name": "Name"},
    tagging=Tagging("EventBusArn"),
    unsupported=("DeadLetterConfig", "KmsKeyIdentifier", "LogConfig", "Policy"),
)
EVENT_BUS_POLICY = ResourceType(
    "AWS::Events::EventBusPolicy",
    "events",
    properties=("Action", "EventBusName", "Principal", "Statement", "StatementId"),
    required=("StatementId",),
    create="PutPermission",
    updates=("PutPermission",),
    delete="RemovePermission",
    replaced_by=("EventBusName", "StatementId"),
    converted={"Statement": _bus_policy},
    ref="{StatementId}",
    unsupported=("Condition",),
)
SCHEDULE = ResourceType(
    "AWS::Scheduler::Schedule",
    "scheduler",
    properties=(
        "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression",
        "ScheduleExpressionTimezone", "StartDate", "State", "Target",
    ),
    required=("FlexibleTimeWindow", "ScheduleExpression", "Target"),
    create="CreateSchedule",
    updates=("UpdateSchedule",),
    delete="DeleteSchedule",
    replaced_by=("GroupName", "Name"),
    generated=Generated("Name", 64),
    kept={"ScheduleArn": "ScheduleArn"},
    ref="{Name}",
    attributes={"Arn": "ScheduleArn"},
)  # fmt: skip
SCHEDULE_GROUP = ResourceType(
    "AWS::Scheduler::ScheduleGroup",
    "scheduler",
    properties=("Name", "Tags"),
    create="CreateScheduleGroup",
    delete="DeleteScheduleGroup",
    replaced_by=("Name",),
    generated=Generated("Name", 64),
    kept={"ScheduleGroupArn": "ScheduleGroupArn"},
    ref="{Name}",
    attributes={"Arn": "ScheduleGroupArn"},
    tagging=Tagging("ScheduleGroupArn"),
)
LOG_GROUP = ResourceType(
    "AWS::Logs::LogGroup",
    "logs",
    properties=("KmsKeyId", "LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"),
    create="CreateLogGroup",
    delete="DeleteLogGroup",
    replaced_by=("LogGroupClass", "LogGroupName"),
    generated=Generated("LogGroupName", 512),
    made={
        "Arn": "arn:aws:logs:{Region}:{Account}:log-group:{LogGroupName}:*",
        "ResourceArn": "arn:aws:logs:{Region}:{Account}:log-group:{LogGroupName}",
    },
    ref="{LogGroupName}",
    attributes={"Arn": "Arn"},
    parts=(
        Part(whole("RetentionInDays"), "PutRetentionPolicy", "DeleteRetentionPolicy"),
        Part(whole("KmsKeyId"), "AssociateKmsKey", "DisassociateKmsKey"),
    ),
    tagging=Tagging("ResourceArn"),
    unsupported=(
        "BearerTokenAuthenticationEnabled", "DataProtectionPolicy", "DeletionProtectionEnabled", "FieldIndexPolicies",
        "ResourcePolicyDocument",
    ),
)  # fmt: skip
SUBSCRIPTION_FILTER = ResourceType(
    "AWS::Logs::SubscriptionFilter",
    "logs",
    properties=("DestinationArn", "Distribution", "FilterName", "FilterPattern", "LogGroupName", "RoleArn"),
    required=("DestinationArn", "FilterPattern", "LogGroupName"),
    create="PutSubscriptionFilter",
    updates=("PutSubscriptionFilter",),
    delete="DeleteSubscriptionFilter",
    replaced_by=("FilterName", "LogGroupName"),
    generated=Generated("FilterName", 512),
    ref="{FilterName}",
    unsupported=("ApplyOnTransformedLogs", "EmitSystemFields", "FieldSelectionCriteria"),
)
TYPES = (RULE, EVENT_BUS, EVENT_BUS_POLICY, SCHEDULE, SCHEDULE_GROUP, LOG_GROUP, SUBSCRIPTION_FILTER)
