"""Amazon S3. Its action names are often older than its operations' names.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; S3 User Guide,
"Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from labkit.identity.call import ApiCall, Requirement
from labkit.identity.resources import ANY, Rule, Service, given, needs, on, together


def bucket(call: ApiCall) -> tuple[str, ...]:
    name = call.parameters.get("Bucket")
    return (f"arn:aws:s3:::{name}",) if name else ANY


def key(call: ApiCall) -> tuple[str, ...]:
    return (f"arn:aws:s3:::{call.parameters.get('Bucket', '')}/{call.parameters.get('Key', '')}",)


def every_bucket(call: ApiCall) -> tuple[str, ...]:
    return ("arn:aws:s3:::*",)  # so that the S3 User Guide's walkthrough policy, which names this, allows ListBuckets


def versioned(action: str, version_action: str) -> Rule:
    """The action on an object, or another one when the call names a version of it."""
    plain, of_version = needs(f"s3:{action}", key), needs(f"s3:{version_action}", key)
    return lambda call: (of_version if call.parameters.get("VersionId") else plain)(call)


def source_object(call: ApiCall) -> Iterable[Requirement]:
    """Reading what is copied: `CopySource` is `bucket/key`, with `?versionId=` or not, or boto3's mapping."""
    source = call.parameters.get("CopySource", "")
    if isinstance(source, Mapping):
        name, version = f"{source.get('Bucket', '')}/{source.get('Key', '')}", source.get("VersionId")
    else:
        name, _, version = str(source).removeprefix("/").partition("?versionId=")
        name = unquote(name)
    yield Requirement("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{name}")


def listed_objects(call: ApiCall) -> Iterable[Requirement]:
    """Deleting each object of a DeleteObjects."""
    objects: list[dict[str, Any]] = (call.parameters.get("Delete") or {}).get("Objects") or [{}]
    for item in objects:
        action = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
        yield Requirement(action, f"{bucket(call)[0]}/{item.get('Key', '')}")


# An object stored with an ACL, tags, or a lock takes a permission more for each.
write_object = together(
    needs("s3:PutObject", key),
    given("ACL", needs("s3:PutObjectAcl", key)),
    given("Tagging", needs("s3:PutObjectTagging", key)),
    given("ObjectLockMode", needs("s3:PutObjectRetention", key)),
    given("ObjectLockLegalHoldStatus", needs("s3:PutObjectLegalHold", key)),
)

S3 = Service(
    bucket,
    {
        **on("s3", every_bucket, ListBuckets="ListAllMyBuckets"),
        **on("s3", bucket, ListObjects="ListBucket", ListObjectsV2="ListBucket", HeadBucket="ListBucket"),
        **on("s3", bucket, ListObjectVersions="ListBucketVersions", ListMultipartUploads="ListBucketMultipartUploads"),
        **on(
            "s3",
            bucket,
            GetBucketNotificationConfiguration="GetBucketNotification",
            PutBucketNotificationConfiguration="PutBucketNotification",
            DeleteBucketTagging="PutBucketTagging",
            GetBucketCors="GetBucketCORS",
            PutBucketCors="PutBucketCORS",
            DeleteBucketCors="PutBucketCORS",
            GetBucketEncryption="GetEncryptionConfiguration",
            PutBucketEncryption="PutEncryptionConfiguration",
            DeleteBucketEncryption="PutEncryptionConfiguration",
            GetBucketLifecycle="GetLifecycleConfiguration",
            PutBucketLifecycle="PutLifecycleConfiguration",
            GetBucketLifecycleConfiguration="GetLifecycleConfiguration",
            PutBucketLifecycleConfiguration="PutLifecycleConfiguration",
            DeleteBucketLifecycle="PutLifecycleConfiguration",
            GetBucketReplication="GetReplicationConfiguration",
            PutBucketReplication="PutReplicationConfiguration",
            DeleteBucketReplication="PutReplicationConfiguration",
            GetBucketAccelerateConfiguration="GetAccelerateConfiguration",
            PutBucketAccelerateConfiguration="PutAccelerateConfiguration",
            GetPublicAccessBlock="GetBucketPublicAccessBlock",
            PutPublicAccessBlock="PutBucketPublicAccessBlock",
            DeletePublicAccessBlock="PutBucketPublicAccessBlock",
            DeleteBucketOwnershipControls="PutBucketOwnershipControls",
            GetObjectLockConfiguration="GetBucketObjectLockConfiguration",
            PutObjectLockConfiguration="PutBucketObjectLockConfiguration",
        ),
        **{
            f"{verb}Bucket{kind}Configuration{suffix}": needs(f"s3:{action}{kind}Configuration", bucket)
            for kind in ("Analytics", "Inventory", "Metrics", "IntelligentTiering")
            for verb, suffix, action in (
                ("Get", "", "Get"), ("List", "s", "Get"), ("Put", "", "Put"), ("Delete", "", "Put"),
            )
        },
        "GetObject": versioned("GetObject", "GetObjectVersion"),
        "HeadObject": versioned("GetObject", "GetObjectVersion"),
        "GetObjectAttributes": together(
            versioned("GetObject", "GetObjectVersion"), versioned("GetObjectAttributes", "GetObjectVersionAttributes")
        ),
        "SelectObjectContent": needs("s3:GetObject", key),
        "GetObjectAcl": versioned("GetObjectAcl", "GetObjectVersionAcl"),
        "PutObjectAcl": versioned("PutObjectAcl", "PutObjectVersionAcl"),
        "GetObjectTagging": versioned("GetObjectTagging", "GetObjectVersionTagging"),
        "PutObjectTagging": versioned("PutObjectTagging", "PutObjectVersionTagging"),
        "DeleteObjectTagging": versioned("DeleteObjectTagging", "DeleteObjectVersionTagging"),
        "DeleteObject": versioned("DeleteObject", "DeleteObjectVersion"),
        "DeleteObjects": listed_objects,
        "PutObject": write_object,
        "CopyObject": together(source_object, write_object),
        "CreateMultipartUpload": write_object,
        **on("s3", key, UploadPart="PutObject", CompleteMultipartUpload="PutObject"),
        "UploadPartCopy": together(source_object, needs("s3:PutObject", key)),
        **on("s3", key, "AbortMultipartUpload RestoreObject GetObjectTorrent", ListParts="ListMultipartUploadParts"),
        **on("s3", key, "GetObjectRetention PutObjectRetention GetObjectLegalHold PutObjectLegalHold"),
    },
)  # fmt: skip
