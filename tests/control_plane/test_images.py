"""Functions that are container images. Nothing runs here: an image takes Docker."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from served import zip_of

REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/repository"


@pytest.fixture
def create(served):
    role = served.role()

    def creation(**more):
        return served.awslambda.create_function(
            FunctionName="f", Role=role, PackageType="Image", Code={"ImageUri": f"{REPOSITORY}:latest"}, **more
        )

    return creation


def error(action, **arguments):
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    found = refused.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def test_an_image_has_no_handler_and_no_runtime(served, create):
    created = create()
    assert created["PackageType"] == "Image"
    assert not {"Handler", "Runtime", "RuntimeVersionConfig", "ImageConfigResponse"} & set(created)
    found = served.awslambda.get_function(FunctionName="f")
    assert found["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": f"{REPOSITORY}:latest",
        "ResolvedImageUri": f"{REPOSITORY}@sha256:{created['CodeSha256']}",
    }
    assert "Handler" not in served.awslambda.list_functions()["Functions"][0]


def test_another_image(served, create):
    first = create()["CodeSha256"]
    served.advance(1)
    answer = served.awslambda.update_function_code(FunctionName="f", ImageUri=f"{REPOSITORY}:next")
    assert answer["CodeSha256"] != first and answer["LastUpdateStatus"] == "InProgress"
    assert served.awslambda.get_function(FunctionName="f")["Code"]["ImageUri"] == f"{REPOSITORY}:next"


def test_an_image_and_a_zip_do_not_take_each_other_s_place(served, create):
    create()
    served.function("", name="g")
    served.advance(1)
    update, get = served.awslambda.update_function_code, served.awslambda.get_function_configuration
    before = get(FunctionName="g")["RevisionId"]
    assert error(update, FunctionName="f", ZipFile=zip_of("")) == (
        400, "InvalidParameterValueException",
        "Please provide ImageUri when updating a function with packageType Image.",
    )  # fmt: skip
    assert error(update, FunctionName="g", ImageUri=f"{REPOSITORY}:latest") == (
        400, "InvalidParameterValueException",
        "Please don't provide ImageUri when updating a function with packageType Zip.",
    )  # fmt: skip
    assert get(FunctionName="g")["RevisionId"] == before


def test_the_image_s_configuration_is_replaced_as_a_whole(served, create):
    whole = {"Command": ["a.handler"], "EntryPoint": ["sh"], "WorkingDirectory": "/work"}
    assert create(ImageConfig=whole)["ImageConfigResponse"] == {"ImageConfig": whole}
    for given, answered in (
        ({"Command": ["b.handler"]}, {"ImageConfig": {"Command": ["b.handler"]}}),
        ({}, None),
    ):
        served.advance(1)
        answer = served.awslambda.update_function_configuration(FunctionName="f", ImageConfig=given)
        assert answer.get("ImageConfigResponse") == answered


def test_the_versions_of_an_image(served, create):
    digest = create(Publish=True)["CodeSha256"]
    served.advance(1)
    publish = served.awslambda.publish_version
    assert error(publish, FunctionName="f", CodeSha256="a" * 64)[2] == (
        f"CodeSHA256 ({'a' * 64}) is different from current CodeSHA256 in $LATEST ({digest}). Please try again with "
        "the CodeSHA256 in $LATEST."
    )
    assert publish(FunctionName="f", CodeSha256=digest)["Version"] == "1"
    versions = served.awslambda.list_versions_by_function(FunctionName="f")["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1"]
    assert all(not {"Handler", "Runtime"} & set(each) for each in versions)


LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:pillow:1"


@pytest.mark.parametrize("given", [{"Layers": [LAYER]}, {"Handler": "a.b"}, {"Runtime": "python3.13"}])
def test_an_image_brings_its_handler_runtime_and_layers(create, given):
    message = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    assert error(lambda: create(**given)) == (400, "InvalidParameterValueException", message)


def test_an_image_is_named_as_in_ecr(served, create):
    create()
    served.advance(1)
    message = f"Source image {REPOSITORY} is not valid. Provide a valid source image."
    update = served.awslambda.update_function_code
    assert error(update, FunctionName="f", ImageUri=REPOSITORY) == (400, "InvalidParameterValueException", message)


def test_a_zip_needs_a_runtime_and_a_handler(served):
    assert error(
        served.awslambda.create_function, FunctionName="f", Role=served.role(), Code={"ZipFile": zip_of("")}
    )[2] == "Runtime and Handler are mandatory parameters for functions created with deployment packages."  # fmt: skip


def test_an_image_that_is_invoked_says_what_it_takes(served, create):
    create()
    status, code, message = error(served.awslambda.invoke, FunctionName="f")
    assert (status, code) == (502, "InvalidRuntimeException")
    assert f"{REPOSITORY}:latest takes Docker" in message
