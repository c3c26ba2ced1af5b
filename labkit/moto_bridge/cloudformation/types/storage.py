"""The types of resources of S3, DynamoDB, Kinesis, Parameter Store and Secrets Manager.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_S3.html, AWS_DynamoDB.html, AWS_Kinesis.html,
AWS_SSM.html, AWS_SecretsManager.html
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any

from labkit.moto_bridge.cloudformation import buckets
from labkit.moto_bridge.cloudformation.properties import BadProperty, refuse_extraneous
from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    Part,
    ResourceType,
    Steady,
    Tagging,
    as_text,
    left_out,
    named,
    text,
    whole,
)  # fmt: skip


def _stream(specification: Any, properties: Arguments) -> Arguments:
    refuse_extraneous(specification, ("StreamViewType",), "#/StreamSpecification")
    return {"StreamSpecification": {"StreamEnabled": True, **specification}}


def _encryption(specification: Any, properties: Arguments) -> Arguments:
    renamed = {"Enabled" if name == "SSEEnabled" else name: value for name, value in specification.items()}
    return {"SSESpecification": renamed}


def _own_policy(document: Any, properties: Arguments) -> Arguments:
    return {"ResourcePolicy": text(document["PolicyDocument"])}


def _retention(properties: Arguments) -> Mapping[str, Arguments]:
    hours = properties.get("RetentionPeriodHours")
    return {"": {"RetentionPeriodHours": hours}} if hours and int(hours) > SHORTEST_RETENTION else {}


def _secret(wanted: Any, properties: Arguments) -> Arguments:
    """A text made up as GenerateSecretString says.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    known = ("ExcludeCharacters", "ExcludePunctuation", "GenerateStringKey", "PasswordLength", "SecretStringTemplate")
    if lost := sorted({*wanted} - {*known}):
        raise BadProperty(f"#/GenerateSecretString: labkit does not carry out [{lost[0]}]")
    punctuation = "" if str(wanted.get("ExcludePunctuation")).lower() == "true" else string.punctuation
    letters = set(string.ascii_letters + string.digits + punctuation) - {*wanted.get("ExcludeCharacters", "")}
    password = "".join(secrets.choice(sorted(letters)) for _ in range(int(wanted.get("PasswordLength", 32))))
    if key := wanted.get("GenerateStringKey"):
        return {"SecretString": json.dumps({**json.loads(wanted["SecretStringTemplate"]), key: password})}
    return {"SecretString": password}


SHORTEST_RETENTION = 24  # hours, which a stream has
BUCKET = ResourceType(
    "AWS::S3::Bucket",
    "s3",
    properties=(
        "AccessControl", "BucketEncryption", "BucketName", "CorsConfiguration", "LifecycleConfiguration",
        "NotificationConfiguration", "ObjectLockEnabled", "OwnershipControls", "PublicAccessBlockConfiguration",
        "Tags", "VersioningConfiguration", "WebsiteConfiguration",
    ),
    create="CreateBucket",
    delete="DeleteBucket",
    replaced_by=("BucketName", "ObjectLockEnabled"),
    generated=Generated("Bucket", 63, lambda name, properties: name.lower()),
    converted={
        "BucketName": named("Bucket"),
        "ObjectLockEnabled": named("ObjectLockEnabledForBucket"),
        "AccessControl": buckets.canned_acl,
        "OwnershipControls": buckets.ownership,
    },
    made={
        "Arn": "arn:aws:s3:::{Bucket}",
        "DomainName": "{Bucket}.s3.amazonaws.com",
        "RegionalDomainName": "{Bucket}.s3.{Region}.amazonaws.com",
        "DualStackDomainName": "{Bucket}.s3.dualstack.{Region}.amazonaws.com",
        "WebsiteURL": "http://{Bucket}.s3-website-{Region}.amazonaws.com",
    },
    ref="{Bucket}",
    attributes={
        name: name for name in ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL")
    },
    parts=(
        Part(whole("OwnershipControls"), "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
        Part(
            whole("PublicAccessBlockConfiguration"), "PutPublicAccessBlock", "DeletePublicAccessBlock",
        ),
        Part(
            whole("VersioningConfiguration"), "PutBucketVersioning",
            default={"VersioningConfiguration": {"Status": "Suspended"}},
        ),
        Part(buckets.encryption, "PutBucketEncryption", "DeleteBucketEncryption"),
        Part(buckets.cors, "PutBucketCors", "DeleteBucketCors"),
        Part(buckets.lifecycle, "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
        Part(buckets.website, "PutBucketWebsite", "DeleteBucketWebsite"),
        Part(
            buckets.notifications, "PutBucketNotificationConfiguration", default={"NotificationConfiguration": {}},
        ),
    ),
    tagging=Tagging("Bucket", "PutBucketTagging", "DeleteBucketTagging"),
    unsupported=(
        "AbacStatus", "AccelerateConfiguration", "AnalyticsConfigurations", "BucketNamePrefix", "BucketNamespace",
        "IntelligentTieringConfigurations", "InventoryConfigurations", "LoggingConfiguration", "MetadataConfiguration",
        "MetadataTableConfiguration", "MetricsConfigurations", "ObjectLockConfiguration", "ReplicationConfiguration",
    ),
)  # fmt: skip
BUCKET_POLICY = ResourceType(
    "AWS::S3::BucketPolicy",
    "s3",
    properties=("Bucket", "PolicyDocument"),
    required=("Bucket", "PolicyDocument"),
    create="PutBucketPolicy",
    updates=("PutBucketPolicy",),
    delete="DeleteBucketPolicy",
    replaced_by=("Bucket",),
    converted={"PolicyDocument": as_text("Policy")},
    ref="{Bucket}",
)
TABLE = ResourceType(
    "AWS::DynamoDB::Table",
    "dynamodb",
    properties=(
        "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled", "GlobalSecondaryIndexes", "KeySchema",
        "LocalSecondaryIndexes", "OnDemandThroughput", "PointInTimeRecoverySpecification", "ProvisionedThroughput",
        "ResourcePolicy", "SSESpecification", "StreamSpecification", "TableClass", "TableName", "Tags",
        "TimeToLiveSpecification", "WarmThroughput",
    ),
    required=("KeySchema",),
    create="CreateTable",
    updates=("UpdateTable",),
    delete="DeleteTable",
    replaced_by=("AttributeDefinitions", "GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes", "TableName"),
    generated=Generated("TableName", 255),
    converted={"ResourcePolicy": _own_policy, "SSESpecification": _encryption, "StreamSpecification": _stream},
    cleared={"StreamSpecification": {"StreamEnabled": False}, "DeletionProtectionEnabled": False},
    kept={"TableArn": "TableDescription.TableArn", "StreamArn": "TableDescription.LatestStreamArn"},
    ref="{TableName}",
    attributes={"Arn": "TableArn", "StreamArn": "StreamArn"},
    parts=(
        Part(whole("TimeToLiveSpecification"), "UpdateTimeToLive"),
        Part(whole("PointInTimeRecoverySpecification"), "UpdateContinuousBackups"),
    ),
    steady=Steady("DescribeTable", busy={"Table.TableStatus": ("CREATING", "UPDATING", "DELETING")}),
    tagging=Tagging("TableArn"),
    unsupported=(
        "ContributorInsightsSpecification", "ImportSourceSpecification", "KinesisStreamSpecification", "VectorIndexes",
    ),
)  # fmt: skip
STREAM = ResourceType(
    "AWS::Kinesis::Stream",
    "kinesis",
    properties=("Name", "RetentionPeriodHours", "ShardCount", "StreamEncryption", "StreamModeDetails", "Tags"),
    create="CreateStream",
    updates=("UpdateShardCount",),
    delete="DeleteStream",
    replaced_by=("Name",),
    generated=Generated("StreamName", 128),
    converted={
        "Name": named("StreamName"),
        "ShardCount": lambda count, properties: {
            "ShardCount": count, "TargetShardCount": count, "ScalingType": "UNIFORM_SCALING",
        },
        "RetentionPeriodHours": left_out,
        "StreamEncryption": lambda encryption, properties: dict(encryption),
    },
    made={"Arn": "arn:aws:kinesis:{Region}:{Account}:stream/{StreamName}"},
    ref="{StreamName}",
    attributes={"Arn": "Arn"},
    parts=(
        Part(
            _retention, "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod",
            default={"RetentionPeriodHours": SHORTEST_RETENTION},
        ),
        Part(
            lambda properties: {"": dict(properties["StreamEncryption"])} if "StreamEncryption" in properties else {},
            "StartStreamEncryption", "StopStreamEncryption",
        ),
    ),
    steady=Steady(
        "DescribeStream", busy={"StreamDescription.StreamStatus": ("CREATING", "UPDATING", "DELETING")}
    ),
    tagging=Tagging("StreamName", "AddTagsToStream", "RemoveTagsFromStream"),
    unsupported=(
        "DesiredShardLevelMetrics", "MaxRecordSizeInKiB", "RecordDistributionStrategy", "WarmThroughputMiBps",
    ),
)  # fmt: skip
PARAMETER = ResourceType(
    "AWS::SSM::Parameter",
    "ssm",
    properties=("AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type", "Value"),
    required=("Type", "Value"),
    create="PutParameter",
    updates=("PutParameter",),
    delete="DeleteParameter",
    replaced_by=("Name",),
    generated=Generated("Name", 255),
    cleared={"Description": ""},
    made={"Overwrite": "true", "Arn": "arn:aws:ssm:{Region}:{Account}:parameter/{Name}", "ResourceType": "Parameter"},
    ref="{Name}",
    attributes={"Arn": "Arn", "Type": "Type", "Value": "Value"},
    tagging=Tagging("Name", "AddTagsToResource", "RemoveTagsFromResource", mapped=True),
)
SECRET = ResourceType(
    "AWS::SecretsManager::Secret",
    "secretsmanager",
    properties=("Description", "GenerateSecretString", "KmsKeyId", "Name", "SecretString", "Tags"),
    create="CreateSecret",
    updates=("UpdateSecret",),
    delete="DeleteSecret",
    replaced_by=("GenerateSecretString", "Name"),
    generated=Generated("Name", 255),
    converted={"GenerateSecretString": _secret},
    constant={"ForceDeleteWithoutRecovery": True},
    cleared={"Description": ""},
    kept={"SecretId": "ARN"},
    ref="{SecretId}",
    attributes={"Id": "SecretId"},
    tagging=Tagging("SecretId"),
    unsupported=("ReplicaRegions", "Type"),
)
TYPES = (BUCKET, BUCKET_POLICY, TABLE, STREAM, PARAMETER, SECRET)
