"""Functions that are container images, as boto3 sees them; what runs in them is in runtime/test_image_functions.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from oci import REGISTRY, HandMade, digest, layer, upload
from served import zip_of

REPOSITORY = f"{REGISTRY}/repository"
FIRST, NEXT = HandMade([{"var/task/app.py": "1"}]), HandMade([{"var/task/app.py": "2"}])


@pytest.fixture
def create(served):
    role = served.role()
    FIRST.push(served.ecr, "repository")
    NEXT.push(served.ecr, "repository", "next")

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
        "ResolvedImageUri": f"{REPOSITORY}@{FIRST.digest}",
    }
    assert (created["CodeSize"], f"sha256:{created['CodeSha256']}") == (0, FIRST.digest)
    assert "Handler" not in served.awslambda.list_functions()["Functions"][0]


def test_another_image(served, create):
    first = create()["CodeSha256"]
    served.advance(1)
    answer = served.awslambda.update_function_code(FunctionName="f", ImageUri=f"{REPOSITORY}:next")
    assert answer["CodeSha256"] != first and answer["LastUpdateStatus"] == "InProgress"
    assert answer["CodeSha256"] == NEXT.digest.removeprefix("sha256:")
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


INVALID = (400, "InvalidParameterValueException")
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:pillow:1"


@pytest.mark.parametrize("given", [{"Layers": [LAYER]}, {"Handler": "a.b"}, {"Runtime": "python3.13"}])
def test_an_image_brings_its_handler_runtime_and_layers(create, given):
    message = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    assert error(lambda: create(**given)) == (400, "InvalidParameterValueException", message)


@pytest.mark.parametrize("given", ["Layers", "Handler", "Runtime"])
def test_nor_does_an_update_bring_them(served, create, given):
    create()
    served.advance(1)
    arn = served.awslambda.publish_layer_version(LayerName="l", Content={"ZipFile": zip_of("")})["LayerVersionArn"]
    value = {"Layers": [arn], "Handler": "a.b", "Runtime": "python3.13"}[given]
    status, code, message = error(served.awslambda.update_function_configuration, FunctionName="f", **{given: value})
    assert (status, code) == INVALID and message.startswith("Please don't provide Handler or Runtime or Layer")
    assert given not in served.awslambda.get_function_configuration(FunctionName="f")


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


ABSENT = (*INVALID, "Source image {} does not exist. Provide a valid source image.")


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        (f"{REPOSITORY}:later", ABSENT),
        (f"{REGISTRY}/nowhere:latest", ABSENT),
        (f"{REPOSITORY}@sha256:{'0' * 64}", ABSENT),
        (
            f"{REPOSITORY}:latest".replace("us-east-1", "us-west-2"),
            (*INVALID, "Source image {} is not valid. Provide a valid source image."),
        ),
        (
            f"{REPOSITORY}:latest".replace("123456789012", "210987654321"),
            (403, "AccessDeniedException", "Lambda does not have permission to access the ECR image. Check the ECR "
             "permissions."),
        ),
    ],
)  # fmt: skip
def test_an_image_has_to_be_in_ecr(served, create, uri, told):
    refused = error(
        served.awslambda.create_function, FunctionName="g", Role=served.role(name="g"), PackageType="Image",
        Code={"ImageUri": uri},
    )  # fmt: skip
    assert refused == (*told[:2], told[2].format(uri))
    create()
    served.advance(1)
    assert error(served.awslambda.update_function_code, FunctionName="f", ImageUri=uri) == refused
    assert [each["FunctionName"] for each in served.awslambda.list_functions()["Functions"]] == ["f"]


def test_a_version_keeps_the_digest_that_its_tag_had(served, create):
    create(Publish=True)
    served.advance(1)
    NEXT.push(served.ecr, "repository", "latest")
    get, update = served.awslambda.get_function, served.awslambda.update_function_code
    assert get(FunctionName="f")["Code"]["ResolvedImageUri"] == f"{REPOSITORY}@{FIRST.digest}"
    update(FunctionName="f", ImageUri=f"{REPOSITORY}:latest")
    assert get(FunctionName="f")["Code"]["ResolvedImageUri"] == f"{REPOSITORY}@{NEXT.digest}"
    assert get(FunctionName="f", Qualifier="1")["Code"]["ResolvedImageUri"] == f"{REPOSITORY}@{FIRST.digest}"


def test_an_image_by_its_digest(served, create):
    create()
    served.advance(1)
    uri = f"{REPOSITORY}@{NEXT.digest}"
    answer = served.awslambda.update_function_code(FunctionName="f", ImageUri=uri, Architectures=["arm64"])
    assert answer["Architectures"] == ["arm64"]
    assert served.awslambda.get_function(FunctionName="f")["Code"] == {
        "RepositoryType": "ECR", "ImageUri": uri, "ResolvedImageUri": uri,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mediaType": "application/vnd.oci.image.index.v1+json", "layers": [], "config": None}, "is not supported."),
        ({"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+zstd"}]}, "is not supported."),
        ({"layers": [{"size": 11 << 30}]}, "is not valid. An image has at most 10 GB, uncompressed."),
    ],
)
def test_manifests_that_lambda_does_not_take(served, create, change, words):
    manifest = json.loads(FIRST.manifest)
    layers = change.pop("layers")
    manifest |= change | {"layers": [{**manifest["layers"][0], **each} for each in layers]}
    written = json.dumps({name: value for name, value in manifest.items() if value is not None})
    served.ecr.put_image(repositoryName="repository", imageManifest=written, imageTag="odd")
    create()
    served.advance(1)
    status, code, message = error(served.awslambda.update_function_code, FunctionName="f", ImageUri=f"{REPOSITORY}:odd")
    assert (status, code) == INVALID
    assert f"ource image {REPOSITORY}:odd {words}" in message


@pytest.mark.parametrize("config", [b"{{", b"[]", b'{"config": {"Env": 1}}', b"\xff\xff"])
def test_an_image_whose_configuration_is_none(served, create, config):
    manifest = json.loads(FIRST.manifest)
    create()
    served.advance(1)
    upload(served.ecr, "repository", config)
    manifest["config"]["digest"] = digest(config)
    served.ecr.put_image(repositoryName="repository", imageManifest=json.dumps(manifest), imageTag="odd")
    told = error(served.awslambda.update_function_code, FunctionName="f", ImageUri=f"{REPOSITORY}:odd")
    assert told[:2] == INVALID and told[2].endswith(f"for the source image {REPOSITORY}:odd is not supported.")


def test_a_manifest_that_is_no_json(served):
    served.ecr.create_repository(repositoryName="hello")
    for manifest in ("{", "[]", '{"layers": 5}', '{"config": "digest"}'):
        told = error(served.ecr.put_image, repositoryName="hello", imageManifest=manifest, imageTag="a")
        assert told[1] == "InvalidParameterException" and "Invalid JSON syntax" in told[2]


def test_ecr_tells_an_image_s_true_digest_and_size(served):
    FIRST.push(served.ecr)
    [found] = served.ecr.describe_images(repositoryName="hello")["imageDetails"]
    size = sum(each["size"] for each in json.loads(FIRST.manifest)["layers"])
    assert (found["imageDigest"], found["imageSizeInBytes"]) == (FIRST.digest, size)
    [image] = served.ecr.batch_get_image(repositoryName="hello", imageIds=[{"imageDigest": FIRST.digest}])["images"]
    assert image["imageManifest"] == FIRST.manifest


def test_ecr_takes_no_layer_under_another_s_digest_and_no_image_without_its_layers(served):
    served.ecr.create_repository(repositoryName="hello")
    with pytest.raises(ClientError, match="InvalidLayerException"):
        upload(served.ecr, "hello", layer({"a": "b"}), called=digest(b"another"))
    put = served.ecr.put_image
    assert error(put, repositoryName="hello", imageManifest=FIRST.manifest, imageTag="a")[1] == (
        "LayersNotFoundException"
    )
    assert served.ecr.list_images(repositoryName="hello")["imageIds"] == []
    FIRST.push(served.ecr)
    given = {"repositoryName": "hello", "imageManifest": FIRST.manifest, "imageTag": "b"}
    assert error(put, **given, imageDigest=digest(b""))[1] == "ImageDigestDoesNotMatchException"


def test_ecr_s_times_are_the_account_s(served):
    served.advance(86400)
    FIRST.push(served.ecr)
    [token] = served.ecr.get_authorization_token()["authorizationData"]
    [found] = served.ecr.describe_images(repositoryName="hello")["imageDetails"]
    assert token["proxyEndpoint"] == f"https://{REGISTRY}"
    assert abs(token["expiresAt"] - found["imagePushedAt"] - timedelta(hours=12)) < timedelta(minutes=5)
    assert found["imagePushedAt"] - datetime.now(UTC) > timedelta(hours=23)
