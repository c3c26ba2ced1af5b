"""What is known of a request beside its action and resource: the values of condition keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labkit.identity.call import ApiCall
from labkit.identity.resources import values_at

# The role's session is a Lambda function's: no user, no MFA, no VPC endpoint, no service acting in between, and the
# account is in no organization. These keys are absent from its requests.
ABSENT = (
    "aws:username", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:SourceVpc", "aws:SourceVpce",
    "aws:VpcSourceIp", "aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths",
    "aws:FederatedProvider", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:SourceIdentity",
    "aws:SourceOwner",
)  # fmt: skip

# An AWS service that acts by itself is no user or role, and its call comes from no address (IAM User Guide, "AWS
# global condition context keys": each key's availability).
ABSENT_FOR_SERVICES = ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:SourceIp")
# Keys of Lambda's that only a call to a function's URL has, or one of an Alexa skill.
ABSENT_FROM_INVOKE = ("lambda:FunctionUrlAuthType", "lambda:InvokedViaFunctionUrl", "lambda:EventSourceToken")
# Keys that only a service's call to KMS on behalf of someone has.
ABSENT_FROM_KMS = ("kms:ViaService", "kms:GrantIsForAWSResource")

# Condition keys whose value stands in a parameter of the call, by service (Service Authorization Reference).
FROM_PARAMETERS = {
    "s3": {
        "s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys", "s3:VersionId": "VersionId",
        "s3:x-amz-acl": "ACL", "s3:x-amz-copy-source": "CopySource", "s3:x-amz-storage-class": "StorageClass",
        "s3:x-amz-metadata-directive": "MetadataDirective", "s3:x-amz-server-side-encryption": "ServerSideEncryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    },
    "dynamodb": {
        "dynamodb:Select": "Select", "dynamodb:ReturnValues": "ReturnValues",
        "dynamodb:ReturnConsumedCapacity": "ReturnConsumedCapacity",
    },
    "lambda": {"lambda:Layer": "Layers", "lambda:Principal": "Principal", "lambda:FunctionUrlAuthType": "AuthType"},
    "sns": {"sns:Protocol": "Protocol", "sns:Endpoint": "Endpoint"},
    "events": {"events:source": "Entries.Source", "events:detail-type": "Entries.DetailType"},
    "sts": {"sts:ExternalId": "ExternalId", "sts:RoleSessionName": "RoleSessionName"},
    "iam": {"iam:PolicyARN": "PolicyArn", "iam:PermissionsBoundary": "PermissionsBoundary"},
    "secretsmanager": {
        "secretsmanager:SecretId": "SecretId", "secretsmanager:Name": "Name",
        "secretsmanager:VersionId": "VersionId", "secretsmanager:VersionStage": "VersionStage",
    },
}  # fmt: skip


class NotKnown(Exception):
    """Something a policy asks for that the kit cannot tell; the text says what."""


class Context:
    """Condition keys and their values: a text, a number, a truth value or a list of them.

    A key with None or an empty list is one that the request is known to lack. For a key that is not in the context at
    all the kit cannot tell. Capital and small letters in a key are the same.
    """

    def __init__(self, keys: Mapping[str, Any] | None = None):
        self.names = tuple(keys or ())
        self._values = {key.lower(): _texts(value) for key, value in (keys or {}).items()}

    def values(self, key: str) -> tuple[str, ...]:
        """The values of one condition key, none when the request lacks it; `NotKnown` when the kit cannot tell."""
        if key.lower() not in self._values:
            raise NotKnown(f"the kit does not know condition key {key}")
        return self._values[key.lower()]


def request_context(call: ApiCall, principal_arn: str, known: Mapping[str, Any] | None = None) -> Context:
    """The condition keys of a call by a role's session, and those the caller knows besides, which take precedence.

    The caller knows the time (`aws:CurrentTime`, `aws:EpochTime`), the address (`aws:SourceIp`), tags, and a role's
    ARN where the role has a path (`aws:PrincipalArn`), which the session's ARN leaves out. Every request counts as
    made over TLS, as it would be on AWS.
    """
    principal = {
        "aws:PrincipalArn": role_arn(principal_arn),
        "aws:PrincipalAccount": principal_arn.split(":")[4],
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": False,
        "aws:ViaAWSService": False,
        "aws:SecureTransport": True,
        "aws:RequestedRegion": call.region,
        "aws:ResourceAccount": call.account,
        "iam:PassedToService": f"{call.prefix}.amazonaws.com",
        "kms:CallerAccount": principal_arn.split(":")[4],
    }
    parameters = FROM_PARAMETERS.get(call.prefix, {})
    from_call = {key: values_at(call.parameters, path) for key, path in parameters.items()}
    absent = dict.fromkeys((*ABSENT, *ABSENT_FROM_INVOKE, *ABSENT_FROM_KMS))
    return Context({**absent, **principal, **from_call, **(known or {})})


def service_context(service: str, region: str, account: str, known: Mapping[str, Any]) -> Context:
    """The condition keys of a call that an AWS service makes by itself to a resource of the account.

    `known` tells for what it calls (`aws:SourceArn`, `aws:SourceAccount`), the time, and what else the service sends.
    """
    absent = dict.fromkeys((*ABSENT, *ABSENT_FOR_SERVICES, *ABSENT_FROM_INVOKE))
    service_keys = {
        "aws:PrincipalIsAWSService": True,
        "aws:PrincipalServiceName": service,
        "aws:PrincipalServiceNamesList": [service],
        "aws:ViaAWSService": False,
        "aws:SecureTransport": True,
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
    }
    return Context({**absent, **service_keys, **known})


def anonymous_context(region: str, account: str, known: Mapping[str, Any]) -> Context:
    """The condition keys of a request that nobody has signed."""
    absent = dict.fromkeys((*ABSENT, *ABSENT_FOR_SERVICES, *ABSENT_FROM_INVOKE))
    keys = {
        "aws:PrincipalIsAWSService": False,
        "aws:PrincipalType": "Anonymous",
        "aws:ViaAWSService": False,
        "aws:SecureTransport": True,
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": account,
    }
    return Context({**absent, **keys, **known})


def time_keys(now: datetime) -> dict[str, Any]:
    """The condition keys that tell the time."""
    return {"aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "aws:EpochTime": int(now.timestamp())}


def role_arn(principal_arn: str) -> str:
    """The ARN of the role that a session assumed, the role's path left out; another principal's ARN as it is."""
    _, partition, _, _, account, resource = principal_arn.split(":", 5)
    kind, _, names = resource.partition("/")
    return f"arn:{partition}:iam::{account}:role/{names.split('/')[0]}" if kind == "assumed-role" else principal_arn


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, (list, tuple)) else [value]
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)
