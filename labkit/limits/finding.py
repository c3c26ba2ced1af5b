"""What a check finds, how it reads in a terminal and a notebook, and the one refusal AWS would send for it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from labkit import facts

VALIDATION = "ValidationException"
INVALID = "InvalidParameterValueException"
TOO_LARGE = "RequestEntityTooLargeException"
ONE_ERROR = "1 validation error detected: "
HIDDEN = object()  # a value that AWS's message leaves out


@dataclass(frozen=True, slots=True)
class Finding:
    """One argument that Lambda's quotas or rules don't allow, or that will soon be refused.

    `status`, `code`, `aws_message` and `type` (None where there is none) are AWS's answer (status 200: accepted for
    now); `inferred` says that the words of that answer are formed like AWS's but not recorded from it. `fact` is the id
    of the statement behind the rule, `source` and `as_of` are its own; `exam` is what exam material says where that
    differs from today.
    """

    argument: str
    given: str
    allowed: str
    message: str
    remedy: str
    status: int
    code: str
    aws_message: str
    fact: str
    source: str
    as_of: str
    type: str | None = None
    exam: str | None = None
    inferred: bool = False

    @property
    def refused(self) -> bool:
        """Whether AWS refuses the request for this."""
        return self.status >= 400

    def lines(self) -> list[tuple[str, str]]:
        """The finding as (title, text), in reading order."""
        lines = [("Given", self.given), ("Allowed", self.allowed), ("Why", self.message), ("What to do", self.remedy)]
        lines += [("Exam", self.exam or ""), ("AWS answers", self._answer())]
        lines += [("Source", f"{self.fact}, as of {self.as_of}: {self.source}")]
        return [(title, text) for title, text in lines if text]

    def _answer(self) -> str:
        if not self.refused:
            return "It accepts this for now."
        note = " (AWS's own words for this are not recorded)" if self.inferred else ""
        return f"HTTP {self.status} {self.code}: {_shortened(self.aws_message)}{note}"

    def __str__(self) -> str:
        return "\n".join([self.argument, *(f"  {title}: {text}" for title, text in self.lines())])


@dataclass(frozen=True, slots=True, repr=False)
class Findings(Sequence[Finding]):
    """The findings of one check, empty when all is well; `checked` names what was looked at, `unchecked` the rest."""

    found: tuple[Finding, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)

    def _summary(self) -> str:
        if not self.checked:
            verdict = "Nothing was checked: no argument with a quota was given."
        elif not self.found:
            verdict = f"All within the quotas checked: {', '.join(self.checked)}."
        else:
            verdict = f"{len(self)} {'finding' if len(self) == 1 else 'findings'}; checked: {', '.join(self.checked)}."
        return verdict + (f" Not checked: {', '.join(self.unchecked)}." if self.unchecked else "")

    def __repr__(self) -> str:
        return "\n\n".join([self._summary(), *map(str, self.found)])

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self._summary())}</p>" + "".join(map(_as_html, self.found))


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's answer to a request that it doesn't accept; `type` is the body's `Type`, None where it has none."""

    status: int
    code: str
    type: str | None
    message: str


def refusal(findings: Iterable[Finding], further: Sequence[str] = ()) -> Refusal | None:
    """The one answer AWS would give: errors in the request's shape together, else the first of the others.

    `further` are the sentences of errors in its shape that no finding explains. None when AWS would accept the request.
    """
    refused = [finding for finding in findings if finding.refused]
    if shape := [*(finding.aws_message for finding in refused if finding.code == VALIDATION), *further]:
        return Refusal(400, VALIDATION, None, joined(shape))
    if not refused:
        return None
    first = refused[0]
    return Refusal(first.status, first.code, first.type, first.aws_message)


def joined(messages: Sequence[str]) -> str:
    """Several of AWS's validation messages as the one that counts them; what is said twice counts once."""
    sentences = list(dict.fromkeys(text.removeprefix(ONE_ERROR) for text in messages))
    if len(sentences) == 1:
        return ONE_ERROR + sentences[0]
    return f"{len(sentences)} validation errors detected: " + "; ".join(sentences)


def finding(fact: str, argument: str, **said: Any) -> Finding:
    """A finding under a fact, whose source, date and exam answer it takes over."""
    row = facts.get(fact)
    exam = None if row.notes == "agrees" else row.exam
    return Finding(argument=argument, fact=fact, source=row.source, as_of=row.as_of, exam=exam, **said)


def shape_error(fact: str, argument: str, path: str, value: object, constraint: str, **said: Any) -> Finding:
    """A finding about the shape of a request; AWS answers with a ValidationException that names the path and value."""
    shown = "Value" if value is HIDDEN else "Value null" if value is None else f"Value '{value}'"
    message = f"{ONE_ERROR}{shown} at '{path}' failed to satisfy constraint: {constraint}"
    return finding(fact, argument, status=400, code=VALIDATION, aws_message=message, **said)


def invalid(fact: str, argument: str, aws_message: str, *, type: str | None = "User", **said: Any) -> Finding:
    """A finding about the meaning of a request; AWS answers with an InvalidParameterValueException."""
    return finding(fact, argument, status=400, code=INVALID, aws_message=aws_message, type=type, **said)


LONGEST = 400


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"


def _as_html(finding: Finding) -> str:
    row = "<tr><th scope='row'>{}</th><td>{}</td></tr>"
    rows = "".join(row.format(title, html.escape(text)) for title, text in finding.lines())
    return f"<table><caption>{html.escape(finding.argument)}</caption><tbody>{rows}</tbody></table>"
