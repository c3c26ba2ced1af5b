"""HTTP requests read as API calls: what boto3 signs and sends is what comes out."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from labkit.moto_bridge.requests import Signature, read_call, read_signature


def environ_of(method, url, headers, body):
    parts = urlsplit(url)
    named = {f"HTTP_{name.upper().replace('-', '_')}": text(value) for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method, "PATH_INFO": parts.path or "/", "QUERY_STRING": parts.query, "SCRIPT_NAME": "",
        "RAW_URI": url, "REQUEST_URI": url, "wsgi.url_scheme": "http", "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port), "HTTP_HOST": parts.netloc, "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": named.get("HTTP_CONTENT_TYPE", ""), "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), **named,
    }  # fmt: skip


def text(value):
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def environ():
    """`environ(service, operation, **parameters)`: the request that boto3 makes of it."""

    def request(service, operation, **parameters):
        client = boto3.client(
            service, region_name="eu-west-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="AKIATEST",
            aws_secret_access_key="s", config=Config(retries={"total_max_attempts": 1}),
        )  # fmt: skip
        sent = []

        def catch(request, **_):
            body = request.body.read() if hasattr(request.body, "read") else request.body or b""
            body = body.encode() if isinstance(body, str) else body
            sent.append(environ_of(request.method, request.url, request.headers, body))
            raise ConnectionAbortedError

        client.meta.events.register("before-send", catch)
        with pytest.raises((ConnectionAbortedError, HTTPClientError)):
            getattr(client, operation)(**parameters)
        return sent[0]

    return request


ITEM = {"TableName": "t", "Item": {"id": {"S": "1"}}}


@pytest.mark.parametrize(
    ("service", "method", "parameters", "operation", "expected"),
    [
        ("dynamodb", "put_item", ITEM, "PutItem", ITEM),
        ("s3", "put_object", {"Bucket": "bbb", "Key": "a b/é", "Body": b"x"}, "PutObject",
         {"Bucket": "bbb", "Key": "a b/é"}),
        ("s3", "list_buckets", {}, "ListBuckets", {}),
        ("s3", "list_objects_v2", {"Bucket": "bbb", "Prefix": "p/"}, "ListObjectsV2",
         {"Bucket": "bbb", "Prefix": "p/"}),
        ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1/1/q", "MessageBody": "é"}, "SendMessage",
         {"QueueUrl": "http://127.0.0.1/1/q", "MessageBody": "é"}),
        ("sns", "publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "m"}, "Publish",
         {"TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "m"}),
        ("sts", "get_caller_identity", {}, "GetCallerIdentity", {}),
        ("iam", "list_roles", {}, "ListRoles", {}),
        ("lambda", "invoke", {"FunctionName": "f", "Qualifier": "live", "LogType": "Tail", "Payload": b"[1]"}, "Invoke",
         {"FunctionName": "f", "Qualifier": "live", "LogType": "Tail", "Payload": b"[1]"}),
        ("lambda", "list_functions", {}, "ListFunctions", {}),
        ("events", "put_events", {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]}, "PutEvents",
         {"Entries": [{"Source": "a", "DetailType": "b", "Detail": "{}"}]}),
        ("dynamodbstreams", "list_streams", {}, "ListStreams", {}),
        ("elbv2", "describe_load_balancers", {}, "DescribeLoadBalancers", {}),
        ("stepfunctions", "list_state_machines", {}, "ListStateMachines", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_request_is_the_call_that_boto3_was_asked_for(environ, service, method, parameters, operation, expected):
    sent = environ(service, method, **parameters)
    body = sent["wsgi.input"].getvalue()
    signature = read_signature(sent)
    assert (signature.access_key_id, signature.region) == ("AKIATEST", "eu-west-1")
    call = read_call(sent, signature)
    assert (call.service, call.operation) == (service, operation)
    assert {name: call.parameters.get(name) for name in expected} == expected
    assert sent["wsgi.input"].read() == body  # moto reads it again


def test_a_presigned_url_is_signed_too():
    client = boto3.client(
        "s3", region_name="eu-west-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="ASIATEST",
        aws_secret_access_key="s", config=Config(signature_version="s3v4"),
    )  # fmt: skip
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bbb", "Key": "k"})
    sent = environ_of("GET", url, {}, b"")
    assert read_signature(sent) == Signature("ASIATEST", "eu-west-1", "s3")
    assert read_call(sent, read_signature(sent)).operation == "GetObject"


@pytest.mark.parametrize("authorization", ["", "Basic abc", "AWS4-HMAC-SHA256 Credential=broken"])
def test_what_is_not_signed_has_no_signature(authorization):
    assert read_signature(environ_of("GET", "http://127.0.0.1:9/", {"Authorization": authorization}, b"")) is None


def test_an_operation_that_does_not_exist_is_empty():
    header = "AWS4-HMAC-SHA256 Credential=AKIA/20300101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
    sent = environ_of("PATCH", "http://127.0.0.1:9/nowhere", {"Authorization": header}, b"body")
    call = read_call(sent, read_signature(sent))
    assert (call.operation, call.parameters) == ("", {}) and sent["wsgi.input"].read() == b"body"


def test_a_chunked_body_gets_its_length():
    header = "AWS4-HMAC-SHA256 Credential=AKIA/20300101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    sent = environ_of(
        "PUT", "http://127.0.0.1:9/bbb/k", {"Authorization": header, "Transfer-Encoding": "chunked"}, b"abc"
    )
    sent |= {"wsgi.input_terminated": True}
    del sent["CONTENT_LENGTH"]
    assert read_call(sent, read_signature(sent)).operation == "PutObject"
    assert sent["CONTENT_LENGTH"] == "3" and "HTTP_TRANSFER_ENCODING" not in sent
