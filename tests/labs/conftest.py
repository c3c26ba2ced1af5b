from __future__ import annotations

import random

import pytest

import labkit
from labkit.notebook.function_magic import function


@pytest.fixture(scope="module")
def running_account():
    account = labkit.start()
    yield account
    account.stop()


@pytest.fixture
def account(running_account):
    yield running_account
    running_account.reset()


@pytest.fixture
def deploy(account):
    """Deploys a cell as the %%function magic does."""
    return function


@pytest.fixture
def draw():
    return random.Random(7)
