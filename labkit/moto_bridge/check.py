"""Says at start-up if moto has changed under the kit, naming what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version

KNOWN = "5.2"
HOOKS = {
    "moto.backends": ("get_backend",),
    "moto.core.base_backend": ("BackendDict",),
    "moto.core.responses": ("ActionResult", "EmptyResult"),
    "moto.core.routing": (
        "RestRouter",
        "SERVICE_SPECIFIC_ROUTERS",
        "SmithyRule",
        "get_service_router",
        "to_werkzeug_rule_string",
    ),
    "moto.core.config": ("default_user_config",),
    "moto.core.exceptions": ("JsonRESTError",),
    "moto.core": ("DEFAULT_ACCOUNT_ID",),
    "moto.core.parse": ("PROTOCOL_PARSERS",),
    "moto.core.serialize": ("get_serializer_class",),
    "moto.core.request": ("Request", "determine_request_protocol"),
    "moto.utilities.utils": ("load_resource_as_str",),
    "moto.core.utils": (
        "datetime",
        "get_service_model",
        "iso_8601_datetime_with_milliseconds",
        "iso_8601_datetime_without_milliseconds",
        "unix_time",
        "utcnow",
    ),
    "moto.moto_api._internal": ("mock_random",),
    "moto.moto_api._internal.models": ("moto_api_backend",),
    "moto.moto_server.werkzeug_app": ("DomainDispatcherApplication", "MotoRequestHandler", "create_backend_app"),
    "moto.awslambda.exceptions": ("UnknownFunctionException",),
    "moto.awslambda.models": ("LambdaBackend", "lambda_backends"),
    "moto.core.resource_tagging": ("TaggedResource",),
    "moto.events.models": ("EventBus", "EventsBackend", "events_backends"),
    "moto.events.responses": ("EventsHandler",),
    "moto.dynamodb.models": ("DynamoDBBackend", "dynamodb_backends"),
    "moto.kinesis.models": ("KinesisBackend", "Stream", "kinesis_backends"),
    "moto.kinesis.utils": ("decompose_shard_iterator",),
    "moto.sqs.exceptions": ("QueueDoesNotExist", "ReceiptHandleIsInvalid", "SQSException"),
    "moto.sqs.models": ("Queue", "SQSBackend", "sqs_backends"),
    "moto.iam.exceptions": ("MalformedPolicyDocument", "NotFoundException"),
    "moto.iam.aws_managed_policies": ("aws_managed_policies_data",),
    "moto.iam.models": ("AWSManagedPolicy", "IAMBackend", "iam_backends"),
    "moto.iam.policy_validation": ("IAMPolicyDocumentValidator", "IAMTrustPolicyDocumentValidator"),
    "moto.logs.models": (
        "EventMessageFilter",
        "LogEvent",
        "LogGroup",
        "LogStream",
        "LogsBackend",
        "SubscriptionFilter",
        "logs_backends",
    ),
    "moto.s3.models": ("FakeBucket", "Notification", "NotificationConfiguration", "S3Backend", "s3_backends"),
    "moto.s3.exceptions": ("S3ClientError",),
    "moto.s3.notifications": ("send_event",),
    "moto.s3.responses": ("S3Response",),
    "moto.sns.exceptions": ("SNSInvalidParameter",),
    "moto.sns.models": ("Subscription", "Topic", "sns_backends"),
    "moto.dynamodb.models.table": ("StreamShard",),
    "moto.sts.models": ("sts_backends",),
    "moto.sts.responses": ("TokenResponse",),
}
LATE_HOOKS = {  # of services that moto loads when they are first used
    "moto.kms.models": ("KmsBackend",),
    "moto.kms.responses": ("validate_policy",),
    "moto.secretsmanager.models": ("SecretsManagerBackend",),
    "moto.apigateway.exceptions": ("BadRequestException", "DeploymentNotFoundException", "InvalidOpenApiModeException"),
    "moto.apigateway.models": ("APIGatewayBackend", "apigateway_backends"),
    "moto.apigateway.responses": ("APIGatewayResponse",),
    "moto.stepfunctions.parser.asl.utils.boto_client": ("moto_server_port",),
    "moto.ec2.models": ("ec2_backends",),
    "moto.ecr.exceptions": ("InvalidParameterException",),
    "moto.ecr.responses": ("ECRResponse",),
    "moto.ecr.models": ("ECRBackend", "Image", "ecr_backends"),
    "moto.elbv2.exceptions": ("ELBClientError",),
    "moto.elbv2.models": ("ELBv2Backend", "elbv2_backends"),
    "moto.apigatewayv2.exceptions": ("BadRequestException",),
    "moto.apigatewayv2.urls": ("url_paths",),
    "moto.apigatewayv2.responses": ("ApiGatewayV2Response",),
    "moto.apigatewayv2.models": ("Api", "apigatewayv2_backends"),
    "moto.cloudformation.exceptions": ("CloudFormationError", "ValidationError"),
    "moto.cloudformation.custom_model": ("CustomModel",),
    "moto.cloudformation.models": ("ChangeSet", "CloudFormationBackend", "Event", "Stack", "cloudformation_backends"),
    "moto.cloudformation.parsing": (
        "NULL_MODELS", "ResourceMap", "get_model_map", "parse_and_update_resource", "resource_class_from_type",
    ),
    "moto.cloudformation.responses": ("CloudFormationResponse",),
}  # fmt: skip


class MotoChanged(RuntimeError):
    """The installed moto is not one that the kit knows."""


def check_moto() -> None:
    """`check_hooks` of what is loaded at start."""
    check_hooks(HOOKS)


def check_hooks(hooks: Mapping[str, Sequence[str]]) -> None:
    """`MotoChanged` names each of these that this moto lacks, and both versions."""
    missing = [f"{module}.{name}" for module, names in hooks.items() for name in names if not _has(module, name)]
    if missing:
        raise changed(missing)


def changed(missing: Sequence[str]) -> MotoChanged:
    """The error that names what this moto lacks."""
    return MotoChanged(
        f"moto {version('moto')} lacks what labkit relies on: {', '.join(missing)}. "
        f'labkit is written for moto {KNOWN}; install that with: pip install "moto=={KNOWN}.*"'
    )


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(import_module(module), name)
    except ImportError:
        return False
