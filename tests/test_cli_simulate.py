"""`labkit simulate`, as somebody with a file of traffic runs it."""

from __future__ import annotations

import csv

import pytest
from click.testing import CliRunner

from labkit import fleet
from labkit.cli import main

TRACE = "timestamp,duration\n0,0.2\n1,0.3\n1.1,0.2\n900,0.1\n"


@pytest.fixture
def simulate(tmp_path):
    def run(*options, text=TRACE):
        path = tmp_path / "trace.csv"
        path.write_text(text)
        return CliRunner().invoke(main, ["simulate", str(path), *options])

    return run


def test_numbers_tables_and_figures_are_those_of_the_simulation(simulate, tmp_path):
    folder = tmp_path / "report"
    done = simulate("--memory", "512", "--init", "0.5", "--out", str(folder), "--times", "1000000")
    assert done.exit_code == 0, done.output
    numbers = dict(csv.reader((folder / "numbers.csv").open()))
    trace = fleet.simulate([0, 1, 1.1, 900], service=[0.2, 0.3, 0.2, 0.1], init=0.5, memory=512)
    bill = fleet.cost(trace, times=1_000_000)
    assert (numbers["cold"], numbers["warm"], numbers["most at once"]) == ("3", "1", "2")
    assert numbers["USD a month"] == str(bill.total) and str(bill) in done.output
    rows = list(csv.DictReader((folder / "invocations.csv").open()))
    assert [row["start_type"] for row in rows] == trace.words("start_type").tolist()
    assert "at most 2 ran at once" in (folder / "concurrency.txt").read_text()
    for name in ("concurrency", "latencies", "bill"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "Simulated" in done.output


def test_limits_and_settings_reach_the_fleet(simulate):
    spike = "\n".join(["0"] * 30)
    done = simulate(
        "--service", "1", "--reserved", "10", "--account-limit", "200", "--keep-alive", "seen-2021", text=spike
    )
    assert done.exit_code == 0 and "throttled            │ 20" in done.output


def test_an_empty_fleet_is_no_error(simulate):
    done = simulate("--service", "1", "--reserved", "0", text="0\n1\n")
    assert done.exit_code == 0 and "throttled            │ 2" in done.output


@pytest.mark.parametrize(
    ("options", "text", "message"),
    [
        ((), "1\n2\n", "add how long the handler takes, as in --service 0.2"),
        ((), "1\n2\nx\n", "line 3: 'x' is no time"),
        (("--runtime", "python3.1"), TRACE, "did you mean python3.1"),
        (("--runtime", "python3.13", "--init", "1"), TRACE, "give one of them"),
        (("--keep-alive", "seen"), TRACE, "seen-2021"),
        (("--keep-alive", "-5"), TRACE, "keep_alive"),
        (("--architecture", "arm"), TRACE, "arm64"),
        (("--reserved", "5", "--provisioned", "9"), TRACE, "provisioned=9 is more than reserved=5"),
    ],
)
def test_a_mistake_is_told_in_one_message(simulate, options, text, message):
    done = simulate(*options, text=text)
    assert done.exit_code == 1 and message in done.output and "Traceback" not in done.output
