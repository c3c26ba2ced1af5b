"""What a learner hands in: one JSON file with raw answers, the functions of labs, and versions; no score."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from labkit.quiz.study.progress import Event

FORMAT = "labkit submission 1"
LARGEST = 8_000_000  # bytes of a file; parsed, the worst of that size takes some 200 MB
KINDS = ("answered", "contested")  # of the progress: what a learner says, and nothing that anyone has decided


@dataclass(frozen=True, slots=True)
class FunctionEvidence:
    """A function of a lab as it was in the account: its zip, and what has to be known to deploy it again.

    `configuration` has arguments of boto3's `create_function`, `managed` ARNs of policies and `inline` documents by
    name, both of its role.
    """

    code: bytes
    configuration: Mapping[str, Any]
    managed: tuple[str, ...] = ()
    inline: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Submission:
    """A hand-in. `labs` has the functions of each lab that was attempted by name, `made_at` is UTC in ISO 8601."""

    student: str
    name: str
    made_at: str
    versions: Mapping[str, str]
    events: tuple[Event, ...]
    labs: Mapping[str, Mapping[str, FunctionEvidence]]

    def as_text(self) -> str:
        """The content of the file."""
        labs = {
            lab: {name: {**asdict(one), "code": base64.b64encode(one.code).decode()} for name, one in found.items()}
            for lab, found in self.labs.items()
        }
        content = {
            "format": FORMAT, "student": self.student, "name": self.name, "made_at": self.made_at,
            "versions": dict(self.versions), "attempts": sum(event.kind == "answered" for event in self.events),
            "events": [asdict(event) for event in self.events], "labs": labs,
        }  # fmt: skip
        return json.dumps(content, indent=1)
