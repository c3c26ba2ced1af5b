"""A test that asks for a `lesson` or a notebook's `stem` runs for each."""

import pytest
from lessons import LESSONS, PATHS


@pytest.fixture(params=PATHS)
def stem(request):
    return request.param


@pytest.fixture(params=LESSONS)
def lesson(request):
    return request.param
