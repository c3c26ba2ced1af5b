"""Puts a hand-in together from what the learner has answered and built."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping

from labkit.account import NotStarted, current
from labkit.classroom.reading import submission_in
from labkit.classroom.submission import KINDS, LARGEST, FunctionEvidence, Submission
from labkit.classroom.texts import as_id
from labkit.mistake import BadValue
from labkit.quiz.bank.topics import BANK, Bank
from labkit.quiz.study.progress import Progress


def collect(student: str, name: str, kept: Progress) -> Submission:
    """What `student` hands in now: answers from the progress, functions from the account when one is running.

    `BadValue` when there is no student, or when all of it is larger than a hand-in may be.
    """
    if not (isinstance(student, str) and student.strip()):
        raise BadValue(f'a hand-in needs your student id, such as labkit.submit("s1234567"); {student!r} was given')
    made = Submission(as_id(student), name, kept.now().isoformat(), versions(), kept.events(*KINDS), _labs())
    content = made.as_text().encode()
    if len(content) > LARGEST:
        raise BadValue(
            f"the hand-in has {len(content):,} bytes, and {LARGEST:,} are allowed; "
            "deploy the labs' functions without large files, and submit again"
        )
    submission_in(content)
    return made


def versions() -> dict[str, str]:
    """Of the kit, of Python, of the system and of the questions."""
    kit = importlib.metadata.version("labkit")
    return {"labkit": kit, "python": platform.python_version(), "system": platform.system(), "bank": digest_of(BANK)}


def digest_of(bank: Bank) -> str:
    """What tells two states of the questions apart."""
    found = hashlib.sha256()
    for topic in bank.topics:
        found.update((bank.directory / f"{topic}.yaml").read_bytes())
    return found.hexdigest()[:16]


def _labs() -> Mapping[str, Mapping[str, FunctionEvidence]]:
    from labkit.classroom.evidence import evidence

    try:
        current()
    except NotStarted:
        return {}
    return evidence()
