"""The memory of a whole lesson: JupyterLab's server, the kernel with its account, and the execution environments."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

import nbformat
import psutil
from jupyter_client import BlockingKernelClient
from result import Result

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from lab_process import LabProcess, kernel_of, lab_process

from labkit.cli import LESSONS

INTERVAL = 0.05  # seconds between two looks
MOST = 450  # MB, what Binder guarantees


def memory_of_a_lesson(number: str) -> Result:
    """The peak of the sum of PSS while every cell of a lesson runs under `labkit lab`."""
    (lesson,) = LESSONS.glob(f"{number}*.ipynb")
    with tempfile.TemporaryDirectory() as directory, lab_process(number, Path(directory)) as lab:
        watch = Watch(lab.process.pid)
        try:
            _run(lesson, lab)
        finally:
            peak = watch.end()
    parts = ", ".join(f"{part} {megabytes:.0f}" for part, megabytes in peak.items())
    return Result(f"lesson {number} ({parts})", sum(peak.values()), MOST, unit="MB")


class Watch:
    """Looks at a process tree again and again until `end`."""

    def __init__(self, pid: int):
        self._root = psutil.Process(pid)
        self._peak: Counter[str] = Counter()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> Counter[str]:
        """MB of each part of the tree at the moment when all together were most."""
        self._ending.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        while not self._ending.wait(INTERVAL):
            now: Counter[str] = Counter()
            for process in [self._root, *self._root.children(recursive=True)]:
                now[_part(process, self._root)] += _megabytes(process.pid)
            self._peak = max(self._peak, now, key=lambda parts: sum(parts.values()))


def _part(process: psutil.Process, root: psutil.Process) -> str:
    if process == root:
        return "server"
    try:
        return "kernel" if "ipykernel_launcher" in process.cmdline() else "environments"
    except psutil.NoSuchProcess:
        return "environments"


def _megabytes(pid: int) -> float:
    """The process's proportional share of memory (PSS); 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def _run(lesson: Path, lab: LabProcess) -> None:
    with kernel_of(lab, lesson) as client:
        for cell in nbformat.read(lesson, as_version=4).cells:
            if cell.cell_type == "code":
                _run_cell(client, cell)


def _run_cell(client: BlockingKernelClient, cell: nbformat.NotebookNode) -> None:
    reply = client.execute_interactive(cell.source, timeout=120, output_hook=lambda message: None, allow_stdin=False)
    if reply["content"]["status"] != "ok" and "raises-exception" not in cell.metadata.get("tags", []):
        raise RuntimeError(f"this cell failed: {cell.source!r}: {reply['content'].get('evalue')}")
