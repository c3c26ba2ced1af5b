"""What functions keep data in: DynamoDB, Parameter Store, Secrets Manager, KMS, ECR.

Source: Service Authorization Reference, one page a service; where an operation names no resource, the resource is the
one in AWS's own messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from labkit.identity.call import ApiCall, Requirement
from labkit.identity.matching import UNKNOWN_SUFFIX
from labkit.identity.resources import ANY, Rule, Service, arn, given, needs, on, together, values_at

table_or_index = arn("dynamodb", "table/{TableName}/index/{IndexName}", "table/{TableName}")


def tables_of_batch(call: ApiCall) -> tuple[str, ...]:
    """The tables of a batch, which are the keys of `RequestItems`."""
    named = arn("dynamodb", "table/{name}")
    return tuple(named(_with(call, name=name))[0] for name in call.parameters.get("RequestItems") or {}) or ANY


def per_item(**actions: str) -> Rule:
    """A transaction: each kind of item has its action, on the item's table."""
    kinds = {kind: arn("dynamodb", f"table/{{TransactItems.{kind}.TableName}}") for kind in actions}
    rules = [given(f"TransactItems.{kind}", needs(f"dynamodb:{actions[kind]}", kinds[kind])) for kind in kinds]
    return together(*rules)


def stream_of_iterator(call: ApiCall) -> tuple[str, ...]:
    """The stream that a shard iterator reads: DynamoDB's iterators begin with its ARN."""
    iterator = str(call.parameters.get("ShardIterator", ""))
    return (iterator.partition("|")[0],) if iterator.startswith("arn:") else ANY


PARTIQL = re.compile(
    r"\s*(?P<verb>EXISTS\s*\(\s*SELECT|SELECT|INSERT|UPDATE|DELETE)\b"
    r"(?:.*?\b(?:FROM|INTO)|(?<=UPDATE))\s+(?P<table>\"[^\"]+\"|[\w.-]+?)(?:\.(?P<index>\"[^\"]+\"|[\w-]+))?(?=[\s;)]|$)",
    re.IGNORECASE | re.DOTALL,
)


def partiql(path: str) -> Rule:
    """PartiQL statements at a path of the call: the action is the statement's verb, on the table or index it names."""

    def rule(call: ApiCall) -> Iterable[Requirement]:
        for text in values_at(call.parameters, path):
            yield _statement(call, text)

    return rule


def _statement(call: ApiCall, text: str) -> Requirement:
    found = PARTIQL.match(text)
    if not found:
        return Requirement("dynamodb:PartiQLSelect", "*")
    verb = found["verb"].upper().split("(")[-1].strip().capitalize()
    named = {"TableName": found["table"].strip('"'), "IndexName": (found["index"] or "").strip('"')}
    return Requirement(f"dynamodb:PartiQL{verb}", table_or_index(_with(call, **named))[0])


def _with(call: ApiCall, **parameters: str) -> ApiCall:
    return ApiCall(call.service, call.operation, parameters, call.region, call.account)


DYNAMODB = Service(
    arn(
        "dynamodb", "table/{TableName}", "table/{TableArn}", "{ResourceArn}", "{StreamArn}", "{BackupArn}",
        "{ExportArn}", "{ImportArn}", "table/{TargetTableName}", "table/{GlobalTableName}", "table/*",
    ),
    {
        **on("dynamodb", table_or_index, "Query Scan"),
        **on("dynamodb", tables_of_batch, "BatchGetItem BatchWriteItem"),
        "TransactGetItems": per_item(Get="GetItem"),
        "TransactWriteItems": per_item(
            Put="PutItem", Update="UpdateItem", Delete="DeleteItem", ConditionCheck="ConditionCheckItem"
        ),
        "ExecuteStatement": partiql("Statement"),
        "BatchExecuteStatement": partiql("Statements.Statement"),
        "ExecuteTransaction": partiql("TransactStatements.Statement"),
        **on("dynamodb", stream_of_iterator, "GetRecords"),
        **on("dynamodb", lambda call: ANY, "ListStreams DescribeLimits DescribeEndpoints"),
    },
)  # fmt: skip


def parameter(call: ApiCall) -> tuple[str, ...]:
    """Parameters by name, without the leading slash, and without the version or label that a name may end in."""
    names = values_at(call.parameters, "Name") + values_at(call.parameters, "Names")
    return tuple(_parameter(call, name) for name in names) or ANY


def parameter_tagged(call: ApiCall) -> tuple[str, ...]:
    return tuple(_parameter(call, name) for name in values_at(call.parameters, "ResourceId")) or ANY


def parameter_path(call: ApiCall) -> tuple[str, ...]:
    return (_parameter(call, str(call.parameters.get("Path", "/"))),)


def _parameter(call: ApiCall, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:aws:ssm:{call.region}:{call.account}:parameter/{name.partition(':')[0].removeprefix('/')}"


SSM = Service(
    arn("ssm", "{ResourceArn}", "*"),
    {
        **on("ssm", parameter, "GetParameter GetParameters GetParameterHistory PutParameter DeleteParameter"),
        **on("ssm", parameter, "DeleteParameters LabelParameterVersion UnlabelParameterVersion"),
        **on("ssm", parameter_path, "GetParametersByPath"),
        **on("ssm", parameter_tagged, "AddTagsToResource RemoveTagsFromResource"),
    },
)


def secrets(path: str) -> Rule:
    return lambda call: [
        Requirement("secretsmanager:GetSecretValue", _secret(call, name)) for name in values_at(call.parameters, path)
    ]


def secret(call: ApiCall) -> tuple[str, ...]:
    named = values_at(call.parameters, "SecretId") or values_at(call.parameters, "Name")
    return tuple(_secret(call, name) for name in named) or ANY


def _secret(call: ApiCall, name: str) -> str:
    """A secret's ARN ends in six characters that its name does not tell; they stay open, as `-??????`."""
    full = name if name.startswith("arn:") else f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{name}"
    complete = name.startswith("arn:") and re.search(r"-[A-Za-z0-9]{6}$", name)
    return full if complete else full + UNKNOWN_SUFFIX


SECRETS_MANAGER = Service(
    secret,
    {
        "BatchGetSecretValue": together(
            needs("secretsmanager:BatchGetSecretValue", lambda call: ANY), secrets("SecretIdList")
        ),
    },
)

# An alias is not the key: which key it stands for cannot be told from the call, so all keys must be allowed.
key = arn("kms", "key/{KeyId}", "key/*")


def kms_key(call: ApiCall) -> tuple[str, ...]:
    keys = key(call)
    return tuple(f"arn:aws:kms:{call.region}:{call.account}:key/*" if "alias/" in arn else arn for arn in keys)


KMS = Service(
    kms_key,
    {
        "ReEncrypt": together(
            needs("kms:ReEncryptFrom", arn("kms", "key/{SourceKeyId}", "key/*")),
            needs("kms:ReEncryptTo", arn("kms", "key/{DestinationKeyId}", "key/*")),
        ),
        "CreateAlias": together(
            needs("kms:CreateAlias", arn("kms", "{AliasName}")),
            needs("kms:CreateAlias", arn("kms", "key/{TargetKeyId}")),
        ),
        **on("kms", arn("kms", "{AliasName}"), "DeleteAlias"),
        **on("kms", lambda call: ANY, "CreateKey ListKeys ListAliases GenerateRandom"),
    },
)

ECR = Service(arn("ecr", "repository/{repositoryName}", "repository/{repositoryNames}", "{resourceArn}"))
