"""One request to an AWS API, and what it takes to be allowed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Where IAM's prefix is neither the name of boto3's client nor, for some, the name a request is signed for.
PREFIXES = {
    "accessanalyzer": "access-analyzer", "amp": "aps", "apigatewayv2": "apigateway", "appconfigdata": "appconfig",
    "bedrock-agent": "bedrock", "bedrock-agent-runtime": "bedrock", "bedrock-runtime": "bedrock",
    "cloudcontrol": "cloudformation", "cloudcontrolapi": "cloudformation", "docdb": "rds",
    "dynamodbstreams": "dynamodb", "efs": "elasticfilesystem", "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing", "emr": "elasticmapreduce", "iot-data": "iot", "iotdata": "iot",
    "monitoring": "cloudwatch", "neptune": "rds", "opensearch": "es", "opensearchserverless": "aoss",
    "resourcegroupstaggingapi": "tag", "s3control": "s3", "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas", "sesv2": "ses", "stepfunctions": "states", "tagging": "tag",
    "timestream-query": "timestream", "timestream-write": "timestream",
}  # fmt: skip


@dataclass(frozen=True)
class ApiCall:
    """A request: `service` as boto3 names its client or signs for it, `operation` and `parameters` as boto3 names them.

    Some parameters hide the resource they mean. Where the caller knows it, it puts the resource in: `StreamARN` beside
    a Kinesis `ShardIterator`, a secret's full ARN for its name, a KMS key's id for an alias or an encrypted text.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str
    account: str

    @property
    def prefix(self) -> str:
        """What IAM calls the service: the part of an action before the colon."""
        return PREFIXES.get(self.service, self.service)


@dataclass(frozen=True)
class Requirement:
    """A permission a request needs: an IAM action on one resource, an ARN or `*`."""

    action: str
    resource: str
