"""The types of resources of SQS and SNS.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html, AWS_SNS.html
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
    fifo_as,
    left_out,
    named,
    text,
    within,
    written,
)  # fmt: skip

QUEUE_ATTRIBUTES = (
    "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled",
    "VisibilityTimeout",
)  # fmt: skip
TOPIC_ATTRIBUTES = (
    "ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion", "TracingConfig",
)  # fmt: skip
SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy", "FilterPolicyScope", "FilterPolicy", "RawMessageDelivery", "RedrivePolicy", "SubscriptionRoleArn",
)  # fmt: skip


def _queue_policies(properties: Arguments) -> Mapping[str, Arguments]:
    policy = text(properties["PolicyDocument"])
    return {str(url): {"QueueUrl": url, "Attributes": {"Policy": policy}} for url in properties["Queues"]}


def _topic_policies(properties: Arguments) -> Mapping[str, Arguments]:
    policy = text(properties["PolicyDocument"])
    return {
        str(arn): {"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": policy} for arn in properties["Topics"]
    }


def _subscribers(properties: Arguments) -> Mapping[str, Arguments]:
    """The subscriptions that stand in a topic."""
    return {f"{each['Protocol']} {each['Endpoint']}": dict(each) for each in properties.get("Subscription", ())}


def _changeable(names: tuple[str, ...]) -> Any:
    """What is set attribute by attribute once a topic or a subscription is there."""

    def items(properties: Arguments) -> Mapping[str, Arguments]:
        return {
            name: {"AttributeName": name, "AttributeValue": written(properties[name])}
            for name in names
            if name in properties
        }

    return items


QUEUE = ResourceType(
    "AWS::SQS::Queue",
    "sqs",
    properties=("QueueName", "Tags", *QUEUE_ATTRIBUTES),
    create="CreateQueue",
    updates=("SetQueueAttributes",),
    delete="DeleteQueue",
    replaced_by=("FifoQueue", "QueueName"),
    generated=Generated("QueueName", 75, fifo_as("FifoQueue")),
    converted=within("Attributes", *QUEUE_ATTRIBUTES),
    cleared={
        "Attributes": {
            "ContentBasedDeduplication": "false", "DelaySeconds": "0", "MaximumMessageSize": "1048576",
            "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "VisibilityTimeout": "30",
        },
    },
    kept={"QueueUrl": "QueueUrl"},
    made={"Arn": "arn:aws:sqs:{Region}:{Account}:{QueueName}"},
    ref="{QueueUrl}",
    attributes={"Arn": "Arn", "QueueName": "QueueName", "QueueUrl": "QueueUrl"},
    tagging=Tagging("QueueUrl", "TagQueue", "UntagQueue"),
)  # fmt: skip
QUEUE_POLICY = ResourceType(
    "AWS::SQS::QueuePolicy",
    "sqs",
    properties=("PolicyDocument", "Queues"),
    required=("PolicyDocument", "Queues"),
    parts=(
        Part(_queue_policies, "SetQueueAttributes", "SetQueueAttributes", default={"Attributes": {"Policy": ""}}),
    ),
    replaced_by=(),
    generated=Generated("Id", 128),
    ref="{Id}",
    attributes={"Id": "Id"},
)  # fmt: skip
TOPIC = ResourceType(
    "AWS::SNS::Topic",
    "sns",
    properties=("Subscription", "Tags", "TopicName", *TOPIC_ATTRIBUTES),
    create="CreateTopic",
    delete="DeleteTopic",
    replaced_by=("FifoTopic", "TopicName"),
    generated=Generated("Name", 250, fifo_as("FifoTopic")),
    converted={"TopicName": named("Name"), **within("Attributes", "FifoTopic")},
    kept={"TopicArn": "TopicArn"},
    ref="{TopicArn}",
    attributes={"TopicArn": "TopicArn", "TopicName": "Name"},
    parts=(
        Part(
            _changeable(tuple(name for name in TOPIC_ATTRIBUTES if name != "FifoTopic")), "SetTopicAttributes",
            default={"AttributeValue": ""},
        ),
        Part(_subscribers, "Subscribe", "Unsubscribe"),
    ),
    tagging=Tagging("TopicArn"),
    unsupported=(
        "ArchivePolicy", "DataProtectionPolicy", "DeliveryStatusLogging", "FifoThroughputScope", "MaximumMessageSize",
    ),
)  # fmt: skip
TOPIC_POLICY = ResourceType(
    "AWS::SNS::TopicPolicy",
    "sns",
    properties=("PolicyDocument", "Topics"),
    required=("PolicyDocument", "Topics"),
    parts=(
        Part(_topic_policies, "SetTopicAttributes", "SetTopicAttributes", default={"AttributeValue": ""}),
    ),
    replaced_by=(),
    generated=Generated("Id", 128),
    ref="{Id}",
    attributes={"Id": "Id"},
)  # fmt: skip
SUBSCRIPTION = ResourceType(
    "AWS::SNS::Subscription",
    "sns",
    properties=("Endpoint", "Protocol", "Region", "TopicArn", *SUBSCRIPTION_ATTRIBUTES),
    required=("Protocol", "TopicArn"),
    create="Subscribe",
    delete="Unsubscribe",
    replaced_by=("Endpoint", "Protocol", "TopicArn"),
    constant={"ReturnSubscriptionArn": True},
    converted={"Region": left_out},
    kept={"SubscriptionArn": "SubscriptionArn"},
    ref="{SubscriptionArn}",
    attributes={"Arn": "SubscriptionArn"},
    parts=(Part(_changeable(SUBSCRIPTION_ATTRIBUTES), "SetSubscriptionAttributes", default={"AttributeValue": ""}),),
    unsupported=("ReplayPolicy",),
)
TYPES = (QUEUE, QUEUE_POLICY, TOPIC, TOPIC_POLICY, SUBSCRIPTION)
