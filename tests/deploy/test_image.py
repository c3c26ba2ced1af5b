"""Images brought into the account from archives, by labkit.image."""

from __future__ import annotations

import gzip
import shutil
import tarfile

import pytest
from oci import LAYER, MANIFEST, HandMade, file

import labkit
from labkit.deploy.container_image import BadImageSource
from labkit.deploy.registry import NoRepository
from labkit.mistake import BadValue

APP = {"var/task/app.py": "def handler(event, context):\n    return event * 2"}
NAME, URI = "hello:1", "123456789012.dkr.ecr.us-east-1.amazonaws.com/hello:1"
FOREIGN = {"usr/local/bin/python3": "", "usr/bin/python3.12": ""}
INDEX = "application/vnd.oci.image.index.v1+json"


def test_an_image_of_an_archive_runs_under_its_own_digest(account, tmp_path, deploy, images):
    made = HandMade([APP])
    uri = labkit.image(made.archive(tmp_path / "image.tar"), NAME)
    assert uri == URI and images() == [made.digest]
    deploy(uri)
    assert account.invoke(event=21).payload == 42
    code = account.awslambda.get_function(FunctionName="f")["Code"]
    assert code["ResolvedImageUri"].endswith(f"/hello@{made.digest}")


def test_what_docker_save_writes_is_packed_for_the_registry(account, tmp_path, deploy):
    uri = labkit.image(str(HandMade([APP]).docker_archive(tmp_path / "image.tar")), NAME)
    [found] = account.ecr.batch_get_image(repositoryName="hello", imageIds=[{"imageTag": "1"}])["images"]
    assert found["imageManifestMediaType"] == MANIFEST and "tar+gzip" in found["imageManifest"]
    deploy(uri)
    assert account.invoke(event="ab").payload == "abab"


def test_layers_of_a_layout_that_are_not_packed_are_packed_too(images, tmp_path):
    labkit.image(HandMade([APP], kind=LAYER.removesuffix("+gzip")).archive(tmp_path / "image.tar"), NAME)
    labkit.image(HandMade([APP]).docker_archive(tmp_path / "image.tar"), NAME)
    assert len(images()) == 1


def test_the_same_image_is_pushed_once_and_a_tag_moves(account, tmp_path):
    first, second = HandMade([APP]), HandMade([APP, {"var/task/more": ""}])
    for made in (first, first, second):
        labkit.image(made.archive(tmp_path / "image.tar"), URI)
    [untagged, tagged] = account.ecr.list_images(repositoryName="hello")["imageIds"]
    assert "imageTag" not in untagged and untagged["imageDigest"] == first.digest
    assert tagged == {"imageTag": "1", "imageDigest": second.digest}


def test_a_tag_that_can_t_be_moved(account, tmp_path):
    account.ecr.put_image_tag_mutability(repositoryName="hello", imageTagMutability="IMMUTABLE")
    for _ in range(2):
        labkit.image(HandMade([APP]).archive(tmp_path / "image.tar"), NAME)
    with pytest.raises(BadImageSource, match=r"IMMUTABLE\), and 1 is another image's; choose a new tag"):
        labkit.image(HandMade([]).archive(tmp_path / "image.tar"), NAME)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("Hello:1", BadValue, "an image is named like hello, hello:1 .* 'Hello:1' was given"),
        ("hello:", BadValue, "'hello:' was given"),
        ("helo:1", NoRepository, "there is no repository 'helo' in this account; did you mean hello?"),
        (
            "other",
            NoRepository,
            r"create it first: boto3.client\(\"ecr\"\).create_repository\(repositoryName=\"other\"\)",
        ),
    ],
)
def test_an_image_needs_a_repository(account, tmp_path, name, kind, message):
    with pytest.raises(kind, match=message):
        labkit.image(HandMade([APP]).archive(tmp_path / "image.tar"), name)


@pytest.mark.parametrize("endpoint", ["", "https://ecr.us-east-1.amazonaws.com"])
def test_no_image_leaves_for_an_account_elsewhere(account, monkeypatch, tmp_path, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(NoRepository, match="there is no account to push an image to; start one"):
        labkit.image(HandMade([APP]).archive(tmp_path / "image.tar"), NAME)


def index(*described):
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(described)}


AMD = {"mediaType": MANIFEST, "digest": "sha256:0", "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}
ATTESTED = AMD | {"platform": {"os": "unknown", "architecture": "unknown"}}


def archive(made=None, other_index=None):
    return lambda path: (made or HandMade([APP])).archive(path, other_index)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (archive(HandMade([APP], architecture="s390x")), "an image for linux/s390x, which this machine .* --platform"),
        (archive(other_index=index(AMD, ATTESTED)), r"images \(linux/amd64, unknown/unknown\).*--provenance"),
        (archive(other_index=index(AMD | {"mediaType": INDEX})), r"images \(another index\), not one image"),
        (archive(other_index=index(AMD)), "is damaged: it has no blobs/sha256/0"),
        (archive(HandMade([APP], kind=f"{LAYER[:-5]}+zstd")), "packed with zstd, and Lambda takes gzip; build"),
        (archive(other_index=index({"mediaType": MANIFEST})), "could not be read as an archive of an image: KeyError"),
        (
            archive(HandMade([APP], {"Entrypoint": ["/usr/local/bin/python3", "-m", "awslambdaric"]}, FOREIGN)),
            "this one is built on none of them .*: build on Lambda's base images",
        ),
        (archive(HandMade([APP], {"Entrypoint": ["/usr/sbin/mine"]}, FOREIGN)), "/usr/sbin/mine: no such file"),
        (archive(HandMade([{file("var/task/../../x"): ""}])), "would be outside of it"),
        (lambda path: path.write_bytes(b"no tar"), "of an image: it is no tar archive. Write one with: docker"),
        (lambda path: tarfile.open(path, "w").close(), "a tar archive, but of no image"),
    ],
)  # fmt: skip
def test_what_can_t_be_brought_in_is_named(account, tmp_path, write, message, images):
    write(tmp_path / "image.tar")
    with pytest.raises(BadImageSource, match=message):
        labkit.image(tmp_path / "image.tar", NAME)
    assert images() == []


def test_an_archive_that_is_too_large(account, tmp_path):
    with gzip.open(tmp_path / "image.tar", "wb", compresslevel=1) as packed:
        packed.write(file("index.json", size=11 << 30).tobuf())
    with pytest.raises(BadImageSource, match=r"holds 11,811,160,064 bytes, and an image has at most 10 GB"):
        labkit.image(tmp_path / "image.tar", NAME)


def test_a_damaged_layer(account, tmp_path):
    made = HandMade([APP])
    made.blobs[1] = gzip.compress(b"another")
    content = made.blobs[1]
    path = made.archive(tmp_path / "image.tar")
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(path) as source, tarfile.open(damaged, "w") as target:
        for member in source:
            target.addfile(member, source.extractfile(member))
    assert content and shutil.copy(damaged, path)
    with pytest.raises(BadImageSource, match="is damaged"):
        labkit.image(path, NAME)


def test_a_source_that_is_not_there(account, tmp_path):
    (tmp_path / "image.tar").touch()
    with pytest.raises(BadImageSource, match=r"there is nothing at .*/imag.tar; did you mean .*/image.tar\?"):
        labkit.image(tmp_path / "imag.tar", NAME)
