"""The names that others rely on: the documented table and the code agree, in both directions."""

from __future__ import annotations

import inspect
import re
from functools import reduce
from pathlib import Path

import pytest

import labkit
from labkit import cli
from labkit.notebook.function_magic import _command as function_magic

TABLE = (Path(__file__).parent.parent / "docs" / "names.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+) \|$", TABLE, re.MULTILINE)
FUNCTIONS = [name for name, _ in ROWS if name.startswith("labkit.")]
COMMANDS = {name.removeprefix("labkit "): does for name, does in ROWS if name.startswith("labkit ")}
HOOKS = {"load_ipython_extension", "unload_ipython_extension"}  # IPython's own names for %load_ext and %unload_ext
WHOLE_ROOMS = ("plots", "quiz")  # all of whose functions are for everybody


def named(path):
    return reduce(getattr, path.split(".")[1:], labkit)


def signature(function):
    found = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def is_function(value):
    return inspect.isroutine(value)


@pytest.mark.parametrize("row", FUNCTIONS)
def test_what_is_documented_is_there_with_these_parameters(row):
    path, parameters = re.fullmatch(r"([\w.]+)(\(.*\))", row).groups()
    assert signature(named(path)) == parameters


@pytest.mark.parametrize("row", FUNCTIONS)
def test_each_says_first_what_it_does_in_whole_sentences(row):
    text = inspect.getdoc(named(row.partition("(")[0]))
    assert text and text.split("\n\n")[0].endswith((".", "?"))


def test_nothing_public_is_left_out():
    public = {f"labkit.{name}" for name in labkit.__all__ if is_function(getattr(labkit, name)) and name not in HOOKS}
    for room in WHOLE_ROOMS:
        module = getattr(labkit, room)
        public |= {f"labkit.{room}.{name}" for name in module.__all__ if is_function(getattr(module, name))}
    assert public <= {row.partition("(")[0] for row in FUNCTIONS}


def test_the_commands_are_these():
    assert set(COMMANDS) == set(cli.main.commands)


@pytest.mark.parametrize(
    ("does", "command"),
    [
        *((does, cli.main.commands[name]) for name, does in COMMANDS.items()),
        (dict(ROWS)["%%function NAME"], function_magic),
    ],
    ids=[*COMMANDS, "%%function"],
)
def test_the_options_are_these(does, command):
    parts = [command, *getattr(command, "commands", {}).values()]
    options = {name for part in parts for parameter in part.params for name in parameter.opts if name.startswith("--")}
    assert set(re.findall(r"`(--[\w-]+)`", does)) == options
