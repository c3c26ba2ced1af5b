"""A function is run at several memory sizes; the share of a processor, and so its speed, is real."""

from __future__ import annotations

import boto3
import numpy as np
import pytest

import labkit
from labkit import plots
from labkit.mistake import BadValue

BUSY = """
def lambda_handler(event, context):
    return sum(i * i for i in range(event["n"]))
"""


@pytest.fixture
def busy(deploy):
    deploy("busy --memory 512 --timeout 30", BUSY)
    return "busy"


def test_more_memory_is_faster_and_the_function_is_as_it_was(busy):
    found = labkit.tune(busy, memory=(256, 1024), event={"n": 1_000_000}, colds=2, warms=3)
    assert [(one.memory, one.kind, len(one.latency)) for one in found.sizes] == [
        (256, "cold", 2), (256, "warm", 6), (1024, "cold", 2), (1024, "warm", 6),
    ]  # fmt: skip
    slow, fast = (one for one in found.sizes if one.kind == "warm")
    # Four times the processor, of which other work on this machine can take some, but never add to it.
    assert slow.latency.min() > 2 * fast.latency.min()
    assert slow.median > fast.median
    assert found.fastest == 1024
    assert boto3.client("lambda").get_function_configuration(FunctionName=busy)["MemorySize"] == 512
    assert slow.million == pytest.approx(
        0.2
        + 1e6
        * np.mean(found.trace.billed[(found.trace.memory == 256) & (found.trace.words("start_type") == "warm")])
        / 4
        * 16.6667e-6
    )
    figure = plots.tuning(found.trace)
    assert "256 MB warm (6): median" in figure.alt and "USD for a million" in figure.alt
    (line,) = [line for line in figure.figure.axes[0].lines if line.get_gid() == "warm medians"]
    assert line.get_ydata() == pytest.approx([slow.median, fast.median])
    assert "fastest at 1024 MB" in found._repr_html_()


def test_a_function_that_fails_is_not_tuned_and_is_as_it_was(busy):
    with pytest.raises(BadValue, match="Give the event it expects"):
        labkit.tune(busy, memory=(1024,), colds=1)
    assert boto3.client("lambda").get_function_configuration(FunctionName=busy)["MemorySize"] == 512


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"memory": (64,)}, "128 to 10240 MB"), ({"memory": ()}, "at least"), ({"colds": 0}, "at least")],
)
def test_what_can_not_be_measured_is_told(busy, settings, message):
    with pytest.raises(BadValue, match=message):
        labkit.tune(busy, **settings)


def test_a_function_must_be_there(busy):
    with pytest.raises(BadValue, match="there is no function 'busi'"):
        labkit.tune("busi")
