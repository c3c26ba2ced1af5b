"""The README tells what is so: its commands, lessons, links and example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from labkit import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BADGE = re.search(r"^\[!\[Open in Binder\]\([^)]+\)\]\((\S+)\)$", README, re.MULTILINE)
PLACEHOLDER = "OWNER/REPO/TAG"
COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/labkit lab",
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest -n 4 --dist loadfile",
]


def test_the_shell_commands_are_the_two_that_set_everything_up():
    assert re.findall(r"^```sh\n(.*?)\n```$", README, re.MULTILINE | re.DOTALL) == COMMANDS


def test_continuous_integration_finds_the_test_command_here():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r'^command=\$\(grep -F "(.+)" README.md\)$', script, re.MULTILINE)
    assert [line for line in README.splitlines() if pattern in line] == COMMANDS[1:]


def test_the_lesson_table_lists_the_notebooks_in_order():
    rows = re.findall(r"^\| \[(.+?)\]\(notebooks/(.+?)\) \| .+ \|$", README, re.MULTILINE)
    assert [name for _, name in rows] == sorted(path.name for path in cli.LESSONS.glob("*.ipynb"))
    assert [number for number, _ in rows] == [name[:2] for _, name in rows]


def test_the_badge_opens_the_first_lesson():
    assert BADGE is not None
    link = urlsplit(BADGE[1])
    assert (link.netloc, link.path.split("/")[1:3], link.path.count("/")) == ("mybinder.org", ["v2", "gh"], 5)
    assert parse_qs(link.query) == {"urlpath": [f"lab/tree/notebooks/{cli.FIRST_LESSON}"]}


def test_the_readme_says_what_to_replace_as_long_as_it_is_not_replaced():
    assert BADGE is not None
    assert (PLACEHOLDER in BADGE[1]) == (f"replace `{PLACEHOLDER}`" in README)


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_what_the_readme_links_to_is_there(target):
    assert (ROOT / target).is_file()


def test_every_picture_has_a_text_in_its_place():
    pictures = re.findall(r"!\[([^]]*)\]", README)
    assert pictures
    assert all(pictures)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(?:\S*/)?labkit (\w+)", README))))
def test_the_readme_names_commands_that_exist(name):
    assert name in cli.main.commands


def test_the_example_runs_and_its_figure_is_the_one_described(tmp_path):
    run = "import first_figure as f; print(f.run_example(f.README.read_text(encoding='utf-8')).alt)"
    variables = os.environ | {"IPYTHONDIR": str(tmp_path), "PYTHONPATH": str(ROOT / "docs")}
    result = subprocess.run([sys.executable, "-c", run], env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (described,) = re.findall(r"!\[(.+)\]\(docs/first-figure.png\)", README)
    assert [] != counts_in(described) == counts_in(result.stdout.splitlines()[-1])


def counts_in(alt: str) -> list[str]:
    return re.findall(r"\d+ (?:execution environments|cold starts|warm)", alt)
