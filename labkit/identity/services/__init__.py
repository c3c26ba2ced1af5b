"""The operations of each service and the permissions they need, by IAM's prefix.

A service has the resource its operations are about, and rules for operations whose action or resource is another.
"""

from labkit.identity.resources import Service
from labkit.identity.services import control, data, events, functions, s3

SERVICES = {
    "s3": s3.S3,
    "dynamodb": data.DYNAMODB,
    "ssm": data.SSM,
    "secretsmanager": data.SECRETS_MANAGER,
    "kms": data.KMS,
    "ecr": data.ECR,
    "lambda": functions.LAMBDA,
    "states": functions.STEP_FUNCTIONS,
    "sqs": events.SQS,
    "ses": events.SES,
    "sns": events.SNS,
    "events": events.EVENTBRIDGE,
    "scheduler": events.SCHEDULER,
    "kinesis": events.KINESIS,
    "logs": control.LOGS,
    "cloudwatch": control.CLOUDWATCH,
    "iam": control.IAM,
    "sts": control.STS,
    "cloudformation": control.CLOUDFORMATION,
}

__all__ = ["SERVICES", "Service"]
