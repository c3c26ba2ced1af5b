"""The page on the fleet: its examples run in turn, and say what the page says of them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text(encoding="utf-8")


def test_its_examples_run(capsys):
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, names)
    said = dict(re.findall(r"(\w+) (\d+) throttled", capsys.readouterr().out))
    assert int(said["invoke"]) > 0 and (said["async"], said["sqs"]) == ("0", "0")
    assert names["trace"].counts()["cold"] > 0
