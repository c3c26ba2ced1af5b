"""Looks at policy documents before moto stores them, whether they come from a call or from a template.

What AWS would not store is refused with the service's own error code; the message says where the mistake is.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend
from moto.events.models import EventBus
from moto.iam import models as iam
from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator, IAMTrustPolicyDocumentValidator
from moto.kinesis.models import KinesisBackend
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import Topic
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Queue

from labkit.moto_bridge.late import when_loaded
from labkit.moto_bridge.replaced import around, original, put

IDENTITY, TRUST, RESOURCE = "identity", "trust", "resource"
Check = Callable[[str, str, str, str], None]
Refusal = Callable[[str], Exception]


def check_documents(check: Check) -> None:
    """From now on `check(kind, document, name, bucket)` sees each policy first; `ValueError` for what is not stored.

    `name` is what the request calls the document, `kind` whether it is an identity's, a role's trust policy, or of
    another resource; `bucket` is the ARN of the bucket whose policy it is, empty for all others.
    """
    global _check
    _check = check


def accept(kind: str, document: str, name: str, bucket: str) -> None:
    """The check that takes all."""


_check: Check = accept


def _look(kind: str, document: Any, name: str, refusal: Refusal, bucket: str = "") -> None:
    if document in (None, "", b""):
        return
    text = document.decode() if isinstance(document, bytes) else document
    try:
        _check(kind, text if isinstance(text, str) else json.dumps(text), name, bucket)
    except ValueError as error:
        raise refusal(str(error)) from error


def _malformed(problem: str) -> Exception:
    return MalformedPolicyDocument(f"Syntax errors in policy. {problem}")


_inline: ContextVar[bool] = ContextVar("inline", default=False)  # whether the policy is one that stands in a role


class _PolicyValidator(IAMPolicyDocumentValidator):
    def validate(self) -> None:
        _look(IDENTITY, self._policy_document, "PolicyDocument", _malformed)
        super().validate()

    def _validate_version(self) -> None:
        """An inline policy may be of 2008, as one without a version is; a managed one may not."""
        if not _inline.get():
            super()._validate_version()


class _TrustPolicyValidator(IAMTrustPolicyDocumentValidator):
    def validate(self) -> None:
        _look(TRUST, self._policy_document, "PolicyDocument", _malformed)
        super().validate()


put(iam, "IAMPolicyDocumentValidator", _PolicyValidator)
put(iam, "IAMTrustPolicyDocumentValidator", _TrustPolicyValidator)


def _store_inline(original: Any, *arguments: Any, **named: Any) -> Any:
    token = _inline.set(True)
    try:
        return original(*arguments, **named)
    finally:
        _inline.reset(token)


for _operation in ("put_role_policy", "put_user_policy", "put_group_policy"):
    around(iam.IAMBackend, _operation)(_store_inline)


@around(iam.IAMBackend, "create_role")
def _create_role(
    original: Any, backend: Any, role_name: str, assume_role_policy_document: Any, *more: Any, **named: Any
) -> Any:
    _look(TRUST, assume_role_policy_document, "AssumeRolePolicyDocument", _malformed)
    return original(backend, role_name, assume_role_policy_document, *more, **named)


def _before(owner: Any, method: str, argument: str, refusal: Refusal) -> None:
    """Have a resource's policy looked at before a method stores it."""
    signature = inspect.signature(original(owner, method))

    @around(owner, method)
    def checked(original: Any, *arguments: Any, **named: Any) -> Any:
        document = signature.bind(*arguments, **named).arguments.get(argument)
        _look(RESOURCE, document, "Policy", refusal)
        return original(*arguments, **named)


def _json_error(code: str) -> Refusal:
    return lambda problem: JsonRESTError(code, problem)


@around(S3Backend, "put_bucket_policy")
def _put_bucket_policy(original: Any, backend: Any, bucket_name: str, policy: Any) -> None:
    arn = f"arn:aws:s3:::{bucket_name}"
    _look(RESOURCE, policy, "Policy", lambda problem: S3ClientError("MalformedPolicy", problem), arn)
    original(backend, bucket_name, policy)


_before(DynamoDBBackend, "put_resource_policy", "policy_doc", _json_error("ValidationException"))
_before(EventBus, "add_policy", "policy", _json_error("ValidationException"))
_before(KinesisBackend, "put_resource_policy", "policy_doc", _json_error("InvalidArgumentException"))


def _keys() -> None:
    from moto.kms.models import KmsBackend

    for method in ("create_key", "put_key_policy"):
        _before(KmsBackend, method, "policy", _json_error("MalformedPolicyDocumentException"))


def _secrets() -> None:
    from moto.secretsmanager.models import SecretsManagerBackend

    _before(SecretsManagerBackend, "put_resource_policy", "policy", _json_error("MalformedPolicyDocumentException"))


when_loaded("moto.kms.models", _keys)
when_loaded("moto.secretsmanager.models", _secrets)


def _of_attribute(owner: Any, refusal: Refusal) -> None:
    """Have the policy that is an attribute looked at; without one the policy stays, where moto takes it away."""
    stored = original(owner, "policy")

    def store(resource: Any, policy: Any) -> None:
        _look(RESOURCE, policy, "Policy", refusal)
        if policy is not None or not hasattr(resource, "_policy_json"):
            stored.fset(resource, policy)

    put(owner, "policy", property(stored.fget, store))


_of_attribute(Queue, lambda problem: SQSException("InvalidAttributeValue", problem))
_of_attribute(Topic, lambda problem: SNSInvalidParameter(f"Invalid parameter: Policy Error: {problem}"))
