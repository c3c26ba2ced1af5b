"""Tags of what Lambda holds, as AWS was recorded to set, list and refuse them."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

PREFIX = "arn:aws:lambda:us-east-1:123456789012"
FUNCTION = f"{PREFIX}:function:f"
CODE = "def lambda_handler(event, context):\n    return 1\n"
PATTERN = (
    r"arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:(function:[a-zA-Z0-9-_]+"
    r"(:(\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:"
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)"
)
MAPPING = f"{PREFIX}:event-source-mapping:00000000-0000-0000-0000-000000000000"
SIGNER = "arn:aws:signer:us-east-1:123456789012"
POLLER = [{"Action": "sqs:*", "Resource": "*"}]


@pytest.fixture(params=["function", "event source mapping", "code signing config"])
def resource(served, request):
    """Lambda's client and the ARN of something with the tag a=1."""
    arn = served.function(CODE, Role=served.role(allow=POLLER), Tags={"a": "1"})
    if request.param == "event source mapping":
        queue = served.sqs.create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
        source = served.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        arn = served.awslambda.create_event_source_mapping(
            FunctionName="f", EventSourceArn=source, Tags={"a": "1"}
        )["EventSourceMappingArn"]  # fmt: skip
    if request.param == "code signing config":
        publishers = {"SigningProfileVersionArns": [f"{SIGNER}:/signing-profiles/mine/abcdefghij"]}
        created = served.awslambda.create_code_signing_config(AllowedPublishers=publishers, Tags={"a": "1"})
        arn = created["CodeSigningConfig"]["CodeSigningConfigArn"]
    return served.awslambda, arn


def tags(client, arn):
    return client.list_tags(Resource=arn)["Tags"]


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_tags_are_added_replaced_and_removed(resource):
    client, arn = resource
    assert tags(client, arn) == {"a": "1"}
    answer = client.tag_resource(Resource=arn, Tags={"b": "2", "c": "3"})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    client.tag_resource(Resource=arn, Tags={"b": "new"})
    assert tags(client, arn) == {"a": "1", "b": "new", "c": "3"}
    answer = client.untag_resource(Resource=arn, TagKeys=["a", "unknown"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert tags(client, arn) == {"b": "new", "c": "3"}
    client.untag_resource(Resource=arn, TagKeys=["b", "c"])
    assert tags(client, arn) == {}


def test_a_resource_has_fifty_tags_at_most(resource):
    client, arn = resource
    too_many = (400, "InvalidParameterValueException", "Number of tags exceeds resource tag limit.")
    client.tag_resource(Resource=arn, Tags={f"k{number}": "v" for number in range(49)})
    assert refused(client.tag_resource, Resource=arn, Tags={"more": "v"}) == too_many
    client.tag_resource(Resource=arn, Tags={"a": "another value"})
    assert len(tags(client, arn)) == 50


def test_each_change_of_tags_is_a_revision_of_the_function(served):
    served.function(CODE)
    client = served.awslambda

    def function():
        return client.get_function(FunctionName="f")

    revisions = [function()["Configuration"]["RevisionId"]]
    for change in (
        lambda: client.tag_resource(Resource=FUNCTION, Tags={"a": "1"}),
        lambda: client.untag_resource(Resource=FUNCTION, TagKeys=["a"]),
    ):
        change()
        revisions.append(function()["Configuration"]["RevisionId"])
    assert len(set(revisions)) == 3 and "Tags" not in function()


@pytest.mark.parametrize("call", ["tag_resource", "untag_resource", "list_tags"])
def test_what_has_no_tags_is_refused_in_aws_words(served, call):
    served.function(CODE, Publish=True)
    given = {"tag_resource": {"Tags": {"a": "1"}}, "untag_resource": {"TagKeys": ["a"]}}.get(call, {})
    action = getattr(served.awslambda, call)
    of_version = (
        400, "InvalidParameterValueException",
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    )  # fmt: skip
    for qualifier in ("1", "v1", "$LATEST"):
        assert refused(action, Resource=f"{FUNCTION}:{qualifier}", **given) == of_version
    capacity_provider = f"{PREFIX}:capacity-provider:none"
    for arn, what in (
        (f"{FUNCTION}none", "Function"), (MAPPING, "Event source mapping"), (capacity_provider, "Capacity provider"),
    ):  # fmt: skip
        assert refused(action, Resource=arn, **given) == (404, "ResourceNotFoundException", f"{what} not found: {arn}")
    for arn in (
        "arn:aws:something", f"{PREFIX}:foobar:f", f"{MAPPING}:alias", f"{capacity_provider}:alias",
        f"{PREFIX}:layer:tools",
    ):  # fmt: skip
        message = f"Value '{arn}' at 'resource' failed to satisfy constraint: Member must satisfy regular expression "
        assert refused(action, Resource=arn, **given) == (
            400, "ValidationException", f"1 validation error detected: {message}pattern: {PATTERN}",
        )  # fmt: skip


def test_no_tags_at_all_is_refused_too(served):
    served.function(CODE)
    assert refused(served.awslambda.tag_resource, Resource=FUNCTION, Tags={}) == (
        400, "InvalidParameterValueException", "An error occurred and the request cannot be processed.",
    )  # fmt: skip
    assert refused(served.awslambda.untag_resource, Resource=FUNCTION, TagKeys=[]) == (
        400, "ValidationException",
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    )  # fmt: skip


def test_the_tagging_api_sees_and_sets_the_same_tags(served, resource):
    client, arn = resource
    tagging = served.resourcegroupstaggingapi
    kind = "lambda:" + arn.split(":")[5]
    (found,) = tagging.get_resources(ResourceTypeFilters=[kind])["ResourceTagMappingList"]
    assert found == {"ResourceARN": arn, "Tags": [{"Key": "a", "Value": "1"}]}
    assert tagging.tag_resources(ResourceARNList=[arn], Tags={"b": "2"})["FailedResourcesMap"] == {}
    assert tags(client, arn) == {"a": "1", "b": "2"}
    assert tagging.untag_resources(ResourceARNList=[arn], TagKeys=["a"])["FailedResourcesMap"] == {}
    assert tags(client, arn) == {"b": "2"}
    filtered = tagging.get_resources(TagFilters=[{"Key": "b", "Values": ["2"]}])["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in filtered] == [arn]


def test_what_the_tagging_api_cannot_tag_it_tells(served):
    failed = served.resourcegroupstaggingapi.tag_resources(ResourceARNList=[FUNCTION], Tags={"a": "1"})
    assert list(failed["FailedResourcesMap"]) == [FUNCTION]
