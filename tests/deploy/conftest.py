"""What the tests of deploying share: an account to which boto3 of this process talks, and functions of images."""

from __future__ import annotations

import pytest
from oci import OURS


@pytest.fixture
def account(served, monkeypatch):
    """An account with a repository `hello`, to which boto3 talks."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", served.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    served.ecr.create_repository(repositoryName="hello")
    return served


@pytest.fixture
def deploy(account):
    """`deploy(uri)`: a function `f` of an image."""

    def function(uri):
        account.awslambda.create_function(
            FunctionName="f", Role=account.role("AWSLambdaBasicExecutionRole"), PackageType="Image",
            Code={"ImageUri": uri}, Timeout=20, Architectures=["arm64" if OURS == "arm64" else "x86_64"],
        )  # fmt: skip

    return function


@pytest.fixture
def images(account):
    """The digests of the images in the repository."""
    return lambda: [each["imageDigest"] for each in account.ecr.describe_images(repositoryName="hello")["imageDetails"]]
