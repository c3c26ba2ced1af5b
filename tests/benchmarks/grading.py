"""How long a hand-in takes, with questions only and with a lab, and what a large class adds to the memory."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import tempfile
import uuid
import zipfile
from functools import partial
from pathlib import Path
from statistics import median

from measures import seconds
from result import Result

from labkit import facts
from labkit.classroom.cluster import workers
from labkit.classroom.grade import grade
from labkit.classroom.lab_running import LabRunner, OnWorkers
from labkit.classroom.submission import FunctionEvidence, Submission
from labkit.classroom.work import threads
from labkit.quiz.study.progress import Event

FEW, MANY, LABS, ON_WORKERS, TURNS = 100, 2000, 20, 40, 3
BASIC_EXECUTION = facts.MANAGED_POLICIES["AWSLambdaBasicExecutionRole"].arn
ANSWERS = {"cold-starts/1": "{letter}", "self-quiz/1": "{number} minutes", "self-quiz/2": "a new environment, {number}"}
CODE = """
def lambda_handler(event, context):
    print(event["station"])
    return {"fahrenheit": event["celsius"] * 9 / 5 + 32}
"""
PEAK = """
import sys
from pathlib import Path
from labkit.classroom.grade import grade
grade(Path(sys.argv[1]), Path(sys.argv[2]), lambda labs, seed: {})
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def grading() -> list[Result]:
    """Three questions a hand-in; one lab a hand-in; the peak for many hand-ins beside that for few."""
    with tempfile.TemporaryDirectory() as folder:
        few, many, labs = (Path(folder, name) for name in ("few", "many", "labs"))
        for path, count in ((few, FEW), (many, MANY)):
            hand_in(path, count, {})
        hand_in(labs, LABS, {"start-here": {"fahrenheit": fahrenheit()}})
        of_few, of_many = peak(few), peak(many)
        with LabRunner() as runner:
            runner({"start-here": {}}, "")  # so that the jails' template is loaded
            with_labs = seconds(lambda: grade(labs, labs / "out", runner, scheduler=threads)) / LABS
            without = seconds(lambda: grade(few, few / "out", runner, scheduler=threads)) / FEW
    return [
        Result("a hand-in of three questions", without, most=0.020),
        Result("a hand-in with a lab", with_labs, most=0.5),
        Result(f"peak for {MANY} hand-ins", of_many, most=1.5, floor=of_few, floor_name=f"{FEW} of them", unit="MB"),
        *second_worker(),
    ]


def second_worker() -> list[Result]:
    """What a second worker process of Dask brings, in turns; none where distributed is missing."""
    if not importlib.util.find_spec("distributed"):
        return []
    taken = {count: median(on_workers(count) for _ in range(TURNS)) for count in (1, 2)}
    return [
        Result("a hand-in with a lab, by two workers", taken[2], 1 / 1.7, taken[1], "one of them"),
    ]


def on_workers(count: int) -> float:
    """Seconds for each lab, by so many workers that have run one before."""
    from distributed import LocalCluster

    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=":0") as cluster,
    ):
        taken = 0.0
        for name, labs in (("first", 2 * count), ("then", ON_WORKERS)):
            path = Path(folder, name)
            hand_in(path, labs, {"start-here": {"fahrenheit": fahrenheit()}})
            by_workers = partial(workers, cluster.scheduler_address)
            taken = seconds(lambda p=path, s=by_workers: grade(p, p / "out", OnWorkers(False), scheduler=s)) / labs
    return taken


def hand_in(folder: Path, count: int, labs: dict[str, dict[str, FunctionEvidence]]) -> None:
    """Write hand-ins in which every answer to the questions in text is another."""
    folder.mkdir()
    for number in range(count):
        given = {name: text.format(number=number, letter="ABCD"[number % 4]) for name, text in ANSWERS.items()}
        events = tuple(
            Event(str(uuid.uuid4()), "2026-11-26T18:00:00+00:00", "answered", {"question": name, "answer": text})
            for name, text in given.items()
        )
        made = Submission(f"s{number}", "", "2026-11-26T19:00:00+00:00", {}, events, labs)
        (folder / f"s{number}.json").write_text(made.as_text())


def fahrenheit() -> FunctionEvidence:
    """A good function of the lab start-here."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("lambda_function.py", CODE)
    configuration = {"Runtime": "python3.13", "Handler": "lambda_function.lambda_handler", "Timeout": 10}
    return FunctionEvidence(
        packed.getvalue(), configuration, (facts.MANAGED_POLICIES["AWSLambdaBasicExecutionRole"].arn,)
    )


def peak(folder: Path) -> float:
    """The most memory, in MB, that a process holds which grades a folder."""
    arguments = [sys.executable, "-c", PEAK, str(folder), str(folder / "peak")]
    return float(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout) / 1024
