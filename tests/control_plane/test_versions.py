"""Published versions: their numbers, descriptions, revisions and lists."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from served import zip_of

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
    "the latest Revision Id"
)


def returning(value):
    return zip_of(f"def lambda_handler(event, context):\n    return {value!r}\n")


@pytest.fixture
def lambda_(served):
    served.function(returning("first"), Description="of $LATEST")
    served.advance(1)
    return served.awslambda


def without_metadata(found):
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def revision(client, qualifier="$LATEST"):
    return client.get_function_configuration(FunctionName="f", Qualifier=qualifier)["RevisionId"]


def error(action, **arguments):
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    found = refused.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_a_version_is_active_at_once_and_is_what_latest_was(served, lambda_):
    before = without_metadata(lambda_.get_function_configuration(FunctionName="f"))
    answer = lambda_.publish_version(FunctionName="f")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    version = without_metadata(answer)
    own = {"FunctionArn": f"{ARN}:1", "Version": "1"}
    changing = ("RevisionId", "LastModified")
    assert {name: value for name, value in version.items() if name not in changing} == {
        name: value for name, value in (before | own).items() if name not in changing
    }
    assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")
    assert len({before["RevisionId"], version["RevisionId"], revision(lambda_)}) == 3
    lambda_.get_waiter("published_version_active").wait(FunctionName="f", Qualifier="1")
    assert without_metadata(lambda_.get_function_configuration(FunctionName="f", Qualifier="1")) == version


def test_a_description_is_the_version_s_own(lambda_):
    assert lambda_.publish_version(FunctionName="f", Description="mine")["Description"] == "mine"
    assert lambda_.get_function_configuration(FunctionName="f")["Description"] == "of $LATEST"
    lambda_.update_function_configuration(FunctionName="f", Timeout=9)
    assert lambda_.publish_version(FunctionName="f")["Description"] == "of $LATEST"


def test_publishing_what_has_not_changed_gives_the_last_version(lambda_):
    first = without_metadata(lambda_.publish_version(FunctionName="f", Description="first"))
    latest = revision(lambda_)
    again = without_metadata(lambda_.publish_version(FunctionName="f", Description="ignored"))
    assert again == first and revision(lambda_) == latest


@pytest.mark.parametrize(
    "update",
    [
        lambda client: client.update_function_configuration(FunctionName="f", Description="new"),
        lambda client: client.update_function_code(FunctionName="f", ZipFile=returning("second")),
        lambda client: client.update_function_code(FunctionName="f", ZipFile=returning("first")),
    ],
    ids=["description", "code", "the same code"],
)
def test_any_update_makes_the_next_version_another(lambda_, update):
    lambda_.publish_version(FunctionName="f")
    update(lambda_)
    assert lambda_.publish_version(FunctionName="f")["Version"] == "2"


def test_publish_on_creation(served):
    served.function(returning(1), name="f", Publish=True)
    client = served.awslambda
    created = client.get_function_configuration(FunctionName="f", Qualifier="1")
    assert (created["State"], created["FunctionArn"]) == ("Pending", f"{ARN}:1")
    served.advance(1)
    assert client.publish_version(FunctionName="f")["Version"] == "1"
    assert len({created["RevisionId"], revision(client), revision(client, "1")}) == 3
    arns = [each["FunctionArn"] for each in client.list_versions_by_function(FunctionName="f")["Versions"]]
    assert arns == [f"{ARN}:$LATEST", f"{ARN}:1"]


def test_the_answer_of_a_creation_that_publishes_has_the_unqualified_arn(served):
    answer = served.awslambda.create_function(
        FunctionName="f", Role=served.role(), Runtime="python3.13", Handler="a.b", Code={"ZipFile": returning(1)},
        Publish=True,
    )  # fmt: skip
    assert (answer["FunctionArn"], answer["Version"], answer["State"]) == (ARN, "1", "Pending")


def test_a_version_names_the_code_and_revision_it_is_made_of(served, lambda_):
    current = lambda_.get_function_configuration(FunctionName="f")
    wrong = "a" * 64
    message = (
        f"CodeSHA256 ({wrong}) is different from current CodeSHA256 in $LATEST ({current['CodeSha256']}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )
    publish = lambda_.publish_version
    assert error(publish, FunctionName="f", CodeSha256=wrong) == (400, "InvalidParameterValueException", message)
    assert error(publish, FunctionName="f", RevisionId="other") == (412, "PreconditionFailedException", WRONG_REVISION)
    right = {"CodeSha256": current["CodeSha256"], "RevisionId": current["RevisionId"]}
    assert publish(FunctionName="f", **right)["Version"] == "1"


def test_versions_are_frozen_listed_in_order_and_their_numbers_are_not_used_again(served, lambda_):
    for number in range(1, 12):
        assert lambda_.publish_version(FunctionName="f")["Version"] == str(number)
        served.advance(1)
        lambda_.update_function_code(FunctionName="f", ZipFile=returning(number))
    assert served.invoke("f:1").payload == "first" and served.invoke("f:3").payload == 2
    lambda_.delete_function(FunctionName="f:3")
    lambda_.delete_function(FunctionName="f", Qualifier="11")
    listed = lambda_.list_versions_by_function(FunctionName="f")["Versions"]
    assert [each["Version"] for each in listed] == ["$LATEST", *map(str, [1, 2, 4, 5, 6, 7, 8, 9, 10])]
    assert all(each["FunctionArn"] == f"{ARN}:{each['Version']}" for each in listed)
    assert not {"State", "LastUpdateStatus", "RuntimeVersionConfig"} & set(listed[0])
    assert lambda_.publish_version(FunctionName="f")["Version"] == "12"
    assert error(served.invoke, name="f:3")[2] == f"Function not found: {ARN}:3"


def test_the_revisions_of_a_version_and_of_latest_go_their_own_ways(served, lambda_):
    latest = revision(lambda_)
    version = lambda_.publish_version(FunctionName="f")["RevisionId"]
    published = revision(lambda_)
    assert len({latest, version, published}) == 3
    lambda_.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    assert (revision(lambda_), revision(lambda_, "1")) == (published, version)
    lambda_.update_function_configuration(FunctionName="f", Timeout=9)
    assert revision(lambda_) != published and revision(lambda_, "1") == version


def test_versions_of_a_function_that_does_not_exist(served):
    missing = 404, "ResourceNotFoundException", f"Function not found: {ARN}"
    assert error(served.awslambda.publish_version, FunctionName="f") == missing
    assert error(served.awslambda.list_versions_by_function, FunctionName="f") == missing
