"""S3 calls functions that admit it: what they get of each event, and that an upload does not wait for them."""

from __future__ import annotations

import io
import re
import urllib.request

import boto3
import pytest
from botocore.config import Config
from bucket import ARN, NAME, PRINT, Bucket

TO_DYNAMODB = """
import urllib.parse
import boto3
def lambda_handler(event, context):
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        body = boto3.client("s3").get_object(Bucket=record["s3"]["bucket"]["name"], Key=key)["Body"].read()
        item = {"id": {"S": key}, "bytes": {"N": str(len(body))}}
        boto3.client("dynamodb").put_item(TableName="seen", Item=item)
"""
EMPTY_ETAG = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.fixture
def bucket(served):
    return Bucket(served)


def objects(records):
    """The name of each event and its object, whose sequencer is told apart by the tests that are about it."""
    for record in records:
        sequencer = record["s3"]["object"].pop("sequencer", None)
        tagged = record["eventName"].startswith(("ObjectTagging", "ObjectAcl"))
        assert (sequencer is None) == tagged, record
    return [(record["eventName"], record["s3"]["object"]) for record in records]


def test_an_upload_ends_up_in_a_table(served, bucket, eventually):
    served.dynamodb.create_table(
        TableName="seen", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    allowed = [
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{NAME}/*"},
        {"Action": "dynamodb:PutItem", "Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/seen"},
    ]
    served.function(TO_DYNAMODB, Role=served.role("AWSLambdaBasicExecutionRole", allow=allowed))
    served.s3.create_bucket(Bucket=NAME)
    bucket.permit()
    bucket.configure()
    bucket.put("a folder/été + 1%.txt", b"12345")
    items = eventually(lambda: served.dynamodb.scan(TableName="seen")["Items"])
    assert items == [{"id": {"S": "a folder/été + 1%.txt"}, "bytes": {"N": "5"}}]


def test_the_record(bucket):
    bucket.told_function(Id="mine")
    put = bucket.put("a b/é+(1)@.txt", b"abc")
    (record,) = bucket.records()
    headers = put["ResponseMetadata"]["HTTPHeaders"]
    assert list(record) == [
        "eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity", "requestParameters",
        "responseElements", "s3",
    ]  # fmt: skip
    assert list(record["s3"]) == ["s3SchemaVersion", "configurationId", "bucket", "object"]
    assert list(record["s3"]["object"]) == ["key", "size", "eTag", "sequencer"]
    assert re.fullmatch(r"[0-9A-F]{18}", record["s3"]["object"].pop("sequencer"))
    assert re.fullmatch(r"A[0-9A-Z]{13}", record["s3"]["bucket"]["ownerIdentity"].pop("principalId"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("eventTime"))
    assert headers["x-amz-request-id"] == put["ResponseMetadata"]["RequestId"]
    assert record == {
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:123456789012"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {name: headers[name] for name in ("x-amz-request-id", "x-amz-id-2")},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "mine",
            "bucket": {"name": NAME, "ownerIdentity": {}, "arn": f"arn:aws:s3:::{NAME}"},
            "object": {"key": "a+b/%C3%A9%2B%281%29%40.txt", "size": 3, "eTag": put["ETag"].strip('"')},
        },
    }


def test_the_upload_does_not_wait_for_the_handler(served, bucket, eventually):
    served.gated_function()
    served.s3.create_bucket(Bucket=NAME)
    bucket.permit()
    bucket.configure()
    bucket.put()
    assert served.messages() == []
    served.open_gate()
    assert "handler done\n" in eventually(served.messages)


def test_the_handler_sees_the_object_with_all_that_belongs_to_it(served, bucket, eventually):
    code = (
        "import boto3\ndef lambda_handler(event, context):\n    s3 = boto3.client('s3')\n"
        f"    print('FOUND', s3.head_object(Bucket='{NAME}', Key='k')['Metadata'],"
        f" s3.get_object_tagging(Bucket='{NAME}', Key='k')['TagSet'])\n"
    )
    served.function(code, Role=served.role("AWSLambdaBasicExecutionRole", "AmazonS3ReadOnlyAccess"))
    served.s3.create_bucket(Bucket=NAME)
    bucket.permit()
    bucket.configure()
    bucket.put(Metadata={"camera": "old"}, Tagging="of=holiday")
    (line,) = eventually(lambda: [line for line in served.messages() if line.startswith("FOUND")])
    assert line == "FOUND {'camera': 'old'} [{'Key': 'of', 'Value': 'holiday'}]\n"


def test_what_happened_is_named(served, bucket):
    bucket.told_function(events=["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"])
    etag = bucket.put("one", b"1", Tagging="a=b")["ETag"].strip('"')
    served.s3.copy_object(Bucket=NAME, Key="two", CopySource=f"{NAME}/one", TaggingDirective="REPLACE", Tagging="c=d")
    served.s3.put_object_tagging(Bucket=NAME, Key="one", Tagging={"TagSet": [{"Key": "a", "Value": "c"}]})
    served.s3.delete_object_tagging(Bucket=NAME, Key="one")
    served.s3.put_object_acl(Bucket=NAME, Key="one", ACL="public-read")
    served.s3.put_object_acl(Bucket=NAME, Key="one", ACL="public-read")  # which changes nothing
    served.s3.delete_object(Bucket=NAME, Key="one")
    served.s3.delete_object(Bucket=NAME, Key="missing")
    served.s3.delete_objects(Bucket=NAME, Delete={"Objects": [{"Key": "two"}, {"Key": "missing"}]})
    bucket.put("last")
    found = {"key": "one", "size": 1, "eTag": etag}
    without_size = {"key": "one", "eTag": etag}
    assert objects(bucket.records(8)) == [
        ("ObjectCreated:Put", found),
        ("ObjectCreated:Copy", {**found, "key": "two", "hasObjectAnnotation": False}),
        ("ObjectTagging:Put", without_size),
        ("ObjectTagging:Delete", without_size),
        ("ObjectAcl:Put", without_size),
        ("ObjectRemoved:Delete", {"key": "one"}),
        ("ObjectRemoved:Delete", {"key": "two"}),
        ("ObjectCreated:Put", {"key": "last", "size": 0, "eTag": EMPTY_ETAG}),
    ]


def test_versions_are_named_and_a_marker_is_no_deletion(served, bucket):
    bucket.told_function(events=["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    served.s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    first = bucket.put("k", b"1")
    second = bucket.put("k", b"22")
    marker = served.s3.delete_object(Bucket=NAME, Key="k")
    for version in (first, marker):
        served.s3.delete_object(Bucket=NAME, Key="k", VersionId=version["VersionId"])
    served.s3.delete_object(Bucket=NAME, Key="k", VersionId="missing")
    sequencers = [record["s3"]["object"]["sequencer"] for record in bucket.records(5)]
    assert sequencers == sorted(set(sequencers))
    found = objects(bucket.records(5))
    assert [(name, each["versionId"], each.get("size"), each.get("eTag")) for name, each in found] == [
        ("ObjectCreated:Put", first["VersionId"], 1, first["ETag"].strip('"')),
        ("ObjectCreated:Put", second["VersionId"], 2, second["ETag"].strip('"')),
        ("ObjectRemoved:DeleteMarkerCreated", marker["VersionId"], None, EMPTY_ETAG),
        ("ObjectRemoved:Delete", first["VersionId"], None, None),
        ("ObjectRemoved:Delete", marker["VersionId"], None, None),
    ]  # fmt: skip


def test_a_multipart_upload_is_one_event(served, bucket):
    bucket.told_function(events=["s3:ObjectCreated:*", "s3:ObjectTagging:*"])
    served.s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), NAME, "big", {"Tagging": "a=b"})
    bucket.put("afterwards")
    (name, big), (_, last) = objects(bucket.records(2))
    assert (name, big["size"], last["key"]) == ("ObjectCreated:CompleteMultipartUpload", 9_000_000, "afterwards")
    assert re.fullmatch(r"[0-9a-f]{32}-2", big["eTag"])


def test_a_browsers_form_and_a_presigned_url(served, bucket):
    bucket.told_function()
    form = served.s3.generate_presigned_post(NAME, "from a form")
    boundary, lines = "cut", []
    for name, value in {**form["fields"], "file": "12345"}.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    body = "\r\n".join([*lines, f"--{boundary}--", ""]).encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    assert urllib.request.urlopen(urllib.request.Request(form["url"], body, kind, method="POST")).status == 204
    link = served.s3.generate_presigned_url("put_object", {"Bucket": NAME, "Key": "from a link"})
    sent = urllib.request.Request(link, b"1", {"Content-Type": "text/plain"}, method="PUT")
    assert urllib.request.urlopen(sent).status == 200
    found = [(name, each["key"], each["size"]) for name, each in objects(bucket.records(2))]
    assert found == [("ObjectCreated:Post", "from+a+form", 5), ("ObjectCreated:Put", "from+a+link", 1)]


def test_a_restored_object(served, bucket):
    bucket.told_function(events=["s3:ObjectRestore:*"])
    bucket.put("k", b"1", StorageClass="GLACIER")
    served.s3.restore_object(Bucket=NAME, Key="k", RestoreRequest={"Days": 3})
    assert 'ongoing-request="false"' in served.s3.head_object(Bucket=NAME, Key="k")["Restore"]
    asked, done = bucket.records(2)
    assert [asked["eventName"], done["eventName"]] == ["ObjectRestore:Post", "ObjectRestore:Completed"]
    assert asked["userIdentity"] == {"principalId": "AWS:123456789012"} and "glacierEventData" not in asked
    assert done["userIdentity"]["principalId"].startswith("AmazonCustomer:A")
    told = done["glacierEventData"]["restoreEventData"]
    assert told["lifecycleRestoreStorageClass"] == "GLACIER"
    assert told["lifecycleRestorationExpiryTime"] > done["eventTime"]


def test_a_request_that_fails_is_no_event(served, bucket):
    bucket.told_function(events=["s3:ObjectCreated:*"])
    with pytest.raises(served.s3.exceptions.ClientError, match="InvalidTag"):
        bucket.put("refused", Tagging="aws:a=b")
    bucket.put("last")
    assert [each["key"] for _, each in objects(bucket.records())] == ["last"]


def test_prefix_suffix_and_kind_are_respected(served, bucket):
    rules = [{"Name": "PREFIX", "Value": "in box/"}, {"Name": "suffix", "Value": "%C3%A9.csv"}]
    bucket.told_function(events=["s3:ObjectCreated:Put"], Filter={"Key": {"FilterRules": rules}})
    for key in ("in box/é.txt", "out/é.csv", "in box/a.csv", "in box/é.csv"):
        bucket.put(key)
    served.s3.copy_object(Bucket=NAME, Key="in box/bé.csv", CopySource={"Bucket": NAME, "Key": "in box/é.csv"})
    bucket.put("in box/last é.csv")
    assert [each["key"] for _, each in objects(bucket.records(2))] == ["in+box/%C3%A9.csv", "in+box/last+%C3%A9.csv"]


def test_an_upload_from_a_handler_calls_the_next_function(served, bucket, eventually):
    bucket.told_function()
    code = (
        "import io, boto3\ndef lambda_handler(event, context):\n    s3 = boto3.client('s3')\n"
        "    s3.upload_fileobj(io.BytesIO(b'x' * 10), 'uploads', 'from handler')\n"
        "    s3.put_object(Bucket='uploads', Key='sum', Body=b'1', ChecksumAlgorithm='SHA256')\n"
    )
    served.function(code, "g", Role=served.role(allow=[{"Action": "s3:PutObject", "Resource": "*"}]))
    assert served.invoke("g").error is None
    records = bucket.records(2)
    role = served.iam.get_role(RoleName="tester")["Role"]["RoleId"]
    assert {record["userIdentity"]["principalId"] for record in records} == {f"AWS:{role}:g"}
    assert {(each["key"], each["size"]) for _, each in objects(records)} == {("from+handler", 10), ("sum", 1)}


def test_a_user_is_named_by_the_unique_id(served, bucket):
    bucket.told_function()
    user = served.iam.create_user(UserName="ada")["User"]
    key = served.iam.create_access_key(UserName="ada")["AccessKey"]
    client = boto3.client(
        "s3", endpoint_url=served.endpoint, region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}),
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
    )  # fmt: skip
    client.put_object(Bucket=NAME, Key="k", Body=b"")
    assert bucket.records()[0]["userIdentity"] == {"principalId": f"AWS:{user['UserId']}"}


@pytest.mark.parametrize("target", ["gone", "refused"])
def test_an_upload_succeeds_whatever_becomes_of_its_event(served, bucket, target):
    bucket.told_function()
    if target == "refused":
        served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    else:
        served.awslambda.delete_function(FunctionName="f")
    bucket.put("k", b"kept")
    assert served.s3.get_object(Bucket=NAME, Key="k")["Body"].read() == b"kept"


def test_a_permission_for_a_version_is_for_that_version(served, bucket):
    served.function(PRINT, Publish=True)
    served.s3.create_bucket(Bucket=NAME)
    bucket.permit(Qualifier="1")
    bucket.configure(f"{ARN}:1")
    bucket.put()
    assert bucket.records()


def test_without_the_permission_nothing_is_delivered_and_a_warning_says_what_gives_it(served, bucket, eventually):
    def complaints():
        return served.complaints().count(f"bucket {NAME} could not invoke {ARN}")

    before = complaints()
    served.function(PRINT)
    served.s3.create_bucket(Bucket=NAME)
    bucket.configure(skip=True)
    bucket.put("before")
    eventually(lambda: complaints() == before + 1)
    bucket.permit()
    bucket.put("permitted")
    bucket.records(1)
    served.awslambda.remove_permission(FunctionName="f", StatementId="s3")
    bucket.put("after")
    eventually(lambda: complaints() == before + 2)
    bucket.permit()
    bucket.put("again")
    assert [each["key"] for _, each in objects(bucket.records(2))] == ["permitted", "again"]
    assert f"lambda.add_permission(...) with Principal='s3.amazonaws.com' and SourceArn='arn:aws:s3:::{NAME}'" in (
        served.complaints()
    )
