"""Runs moto's own tests of Lambda, unmodified, against `labkit serve`: python tests/conformance/moto_suite.py

The tests come from the source distribution of the moto that is installed: all of its Lambda tests, and what else needs
Docker with moto alone, since functions run there. Tests of Docker itself are left out, and those that contradict AWS
are run and counted apart (`moto_exclusions.py`). The exit status is 0 when every other test passes and every one of
these still fails.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from moto_exclusions import EXCLUDED, OF_DOCKER, WITH_ROLES

LABKIT = Path(sys.executable).with_name("labkit")
PORT = 5000  # where moto's tests of Step Functions look for the server
SUITE = "tests/test_awslambda"
NEEDS_DOCKER = "requires_docker"  # moto's mark
NEEDED = "freezegun"  # by the tests, beside what the kit itself needs
INVENTED = {
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def main() -> int:
    """Print what passed and failed, and what was excluded for which reason."""
    with tempfile.TemporaryDirectory(prefix="moto-suite-") as directory:
        source = _fetched(Path(directory))
        with _served("--no-iam") as endpoint:
            outcomes = _run(source, endpoint, [SUITE])
            outcomes |= _run(source, endpoint, ["-m", NEEDS_DOCKER, *_elsewhere(source)])
        with _served() as endpoint:
            outcomes |= _run(source, endpoint, [_node(name) for name in WITH_ROLES])
    return _tell(outcomes)


def _fetched(directory: Path) -> Path:
    """moto's sources, and beside them what its tests need."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    sdist = ["download", "--no-deps", "--no-binary", ":all:", "--dest", str(directory), f"moto=={version('moto')}"]
    subprocess.run([*pip, *sdist], check=True)
    needed = ["install", "--no-deps", "--target", str(directory / "needed"), NEEDED]
    subprocess.run([*pip, *needed], check=True)
    with tarfile.open(next(directory.glob("moto-*.tar.gz"))) as archive:
        archive.extractall(directory, filter="data")
    return next(path for path in directory.glob("moto-*") if path.is_dir())


def _elsewhere(source: Path) -> list[str]:
    """The modules beside the suite with tests that need Docker, for something else than Docker itself."""
    modules = [path for path in (source / "tests").rglob("test_*.py") if NEEDS_DOCKER in path.read_text()]
    named = sorted(str(path.relative_to(source)) for path in modules)
    return [name for name in named if not name.startswith((SUITE, *OF_DOCKER))]


@contextmanager
def _served(*options: str) -> Iterator[str]:
    """An account in another process."""
    process = subprocess.Popen([LABKIT, "serve", "--port", str(PORT), *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = re.fullmatch(r"Ready (\S+)\n", process.stdout.readline())
        if not ready:
            raise SystemExit(f"labkit serve did not start; is port {PORT} free?")
        yield ready[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _run(source: Path, endpoint: str, tests: Sequence[str]) -> dict[str, str]:
    """The outcome of each test: passed, failed or skipped."""
    report = source / "report.xml"
    pytest = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", f"--junitxml={report}"]
    server = {"TEST_SERVER_MODE": "true", "TEST_SERVER_MODE_ENDPOINT": endpoint}
    environment = {**os.environ, **INVENTED, **server, "PYTHONPATH": str(source.parent / "needed")}
    subprocess.run([*pytest, "--tb=line", *tests], cwd=source, env=environment, check=False)
    return dict(_outcome(case) for case in ElementTree.parse(report).iter("testcase"))


def _outcome(case: ElementTree.Element) -> tuple[str, str]:
    """A test's name, as `test_lambda::test_tags`, and what came of it."""
    parts = case.attrib["classname"].split(".")
    module = max(place for place, part in enumerate(parts) if part.startswith("test_"))
    kinds = {element.tag for element in case}
    outcome = "skipped" if "skipped" in kinds else "failed" if kinds & {"failure", "error"} else "passed"
    return "::".join([*parts[module:], case.attrib["name"]]), outcome


def _node(name: str) -> str:
    module, _, test = name.partition("::")
    return f"{SUITE}/{module}.py::{test}"


def _tell(outcomes: dict[str, str]) -> int:
    expected = {name: outcome for name, outcome in outcomes.items() if name not in EXCLUDED}
    counts = Counter(expected.values())
    print(f"\n{len(EXCLUDED)} excluded, since they contradict AWS, and modules that are about Docker itself:")
    for name, reason in (EXCLUDED | OF_DOCKER).items():
        print(f"  {name:<84} {reason}")
    failed = [name for name, outcome in expected.items() if outcome == "failed"]
    stale = [name for name in EXCLUDED if outcomes.get(name) != "failed"]
    for title, names in (("failed", failed), ("excluded, but it does not fail", stale)):
        for name in names:
            print(f"{title}: {name}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped by moto in server mode")
    return 1 if failed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
