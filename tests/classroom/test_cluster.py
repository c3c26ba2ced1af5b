"""Workers of Dask grade as one machine does, each a process of its own."""

from __future__ import annotations

import io
import os
import zipfile

import pytest
from click.testing import CliRunner

from labkit.classroom import work
from labkit.classroom.folder import File
from labkit.classroom.submission import FunctionEvidence
from labkit.cli import main

distributed = pytest.importorskip("distributed", reason="labkit[classroom] is not installed")

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
CODE = """
def lambda_handler(event, context):
    print(event["station"])
    return {"fahrenheit": event["celsius"] * 9 / 5 + 32}
"""


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        yield cluster


def fahrenheit():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lambda_function.py", CODE)
    configuration = {"Runtime": "python3.11", "Handler": "lambda_function.lambda_handler", "Timeout": 10}
    return {"start-here": {"fahrenheit": FunctionEvidence(packed.getvalue(), configuration, (BASIC,))}}


def written(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def run(*arguments):
    return CliRunner().invoke(main, ["grade", *map(str, arguments)])


def test_workers_write_the_same_bytes_as_one_machine(cluster, hand_in, tmp_path):
    for number in range(40):
        hand_in(f"s{number:02}", {"cold-starts/1": "ABCD"[number % 4], "self-quiz/1": f"{number} minutes"})
    (hand_in.folder / "broken.json").write_text("{")
    here = run(hand_in.folder, "--out", tmp_path / "here")
    there = run(hand_in.folder, "--out", tmp_path / "there", "--scheduler", cluster.scheduler_address)
    assert here.exit_code == there.exit_code == 0, there.output
    assert written(tmp_path / "here") == written(tmp_path / "there")
    assert len(written(tmp_path / "here")) == 47


def test_workers_run_labs(cluster, hand_in, tmp_path, sandboxed):
    for number in range(3):
        hand_in(f"s{number}", {}, labs=fahrenheit())
    done = run(hand_in.folder, "--out", tmp_path / "out", "--scheduler", cluster.scheduler_address)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "gradebook.csv").read_text().count(",1,1,100.0,") == 3


def test_where_there_is_no_scheduler_one_message_says_so(hand_in, tmp_path, monkeypatch):
    monkeypatch.setattr("labkit.labs.cluster.PATIENCE", 0.2)
    done = run(hand_in.folder, "--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert done.exit_code == 1
    assert "there is no scheduler at 'tcp://127.0.0.1:9'" in done.output and "Traceback" not in done.output


def test_workers_with_other_questions_are_refused(cluster, hand_in, tmp_path, monkeypatch):
    monkeypatch.setattr("labkit.classroom.cluster.state_of", lambda assignment: str(os.getpid()))
    done = run(hand_in.folder, "--out", tmp_path / "out", "--scheduler", cluster.scheduler_address)
    assert done.exit_code == 1 and "have other questions or another kit" in done.output


def test_a_worker_that_ends_does_not_stop_the_rest():
    def end(number):
        if number == 1:
            raise RuntimeError("KilledWorker")
        return number

    window, found = work.Window(work.at_once), []
    for number in range(40):
        found += window.give(File(f"{number}.json", str(number)), end, number)
        assert len(found) >= number + 1 - work.AHEAD, "only so many are in memory"
    found += window.rest()
    assert [file.name for file, _ in found] == [f"{number}.json" for number in range(40)]
    assert [done for _, done in found][:3] == [0, "it could not be graded (RuntimeError)", 2]
