"""What is put in the place of moto's own: by one way, refused where moto has changed, and told on one page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.moto_bridge.check import MotoChanged
from labkit.moto_bridge.replaced import around, original, put

PAGE = (Path(__file__).parent.parent.parent / "docs" / "moto.md").read_text(encoding="utf-8")
PLACES = """
import importlib
import labkit
from labkit.moto_bridge.check import LATE_HOOKS
from labkit.moto_bridge.replaced import places
labkit.start()
for module in LATE_HOOKS:
    importlib.import_module(module)
print(*places(), sep="\\n")
labkit.start().stop()
"""


@pytest.fixture
def service():
    class Service:
        size = 3

        def greet(self, name, loud=False):
            return f"hello {name}"

    return Service


def test_a_function_gets_the_original(service):
    @around(service, "greet")
    def louder(original, service, name, loud=False):
        return original(service, name).upper()

    assert service().greet("you") == "HELLO YOU"


def test_a_second_time_takes_the_place_of_the_first(service):
    for mark in "!", "?":

        @around(service, "greet")
        def marked(original, *arguments, mark=mark):
            return original(*arguments) + mark

    assert service().greet("you") == "hello you?"
    assert original(service, "greet")(None, "you") == "hello you"


def test_a_value_takes_the_place_of_another(service):
    put(service, "size", 4)
    assert (service.size, original(service, "size")) == (4, 3)


@pytest.mark.parametrize("change", [lambda owner: put(owner, "gone", 1), lambda owner: around(owner, "gone")])
def test_what_moto_lacks_is_named(service, change):
    with pytest.raises(MotoChanged, match=r"Service\.gone\. labkit is written for moto"):
        change(service)
    assert not hasattr(service, "gone")


def test_a_parameter_that_moto_lacks_is_named(service):
    with pytest.raises(MotoChanged, match=r"Service\.greet\(quiet\)"):
        around(service, "greet")(lambda original, service, name, quiet: None)
    assert service().greet("you") == "hello you"


def test_the_page_tells_all_of_it(in_child):
    told = re.findall(r"^\| `(moto\.[\w.]+)` \| .+ \| .+ \| (?:\*\*yes\*\*|no) \|$", PAGE, re.MULTILINE)
    found = in_child(PLACES)
    assert found.status == 0, found.err
    assert sorted(told) == [line for line in found.out.splitlines() if line.startswith("moto.")]
