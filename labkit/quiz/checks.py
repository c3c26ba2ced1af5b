"""Checks of what a YAML file holds; each mistake is named with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rapidfuzz import fuzz, process

CLOSE = 60  # percent
SHOWN = 60  # characters


class BankError(ValueError):
    """A file of the question bank has a mistake; the message names file, question and entry."""


def check_keys(entry: Any, allowed: set[str], required: Iterable[str], where: str) -> None:
    """`BankError` for a key that is not known, with the closest known one, and for a key that is missing."""
    for key in mapping_of(entry, where):
        if key not in allowed:
            raise BankError(f"{where}: {key!r} is not known here; {_known(key, sorted(allowed))}")
    if missing := sorted(set(required) - set(entry)):
        raise BankError(f"{where}: {missing[0]!r} is missing")


def mapping_of(entry: Any, where: str) -> Mapping[Any, Any]:
    """The entry, if it is `key: value` lines."""
    if not isinstance(entry, Mapping):
        raise BankError(f"{where}: {_short(entry)} stands where `key: value` lines belong")
    return entry


def list_of(entry: Any, where: str) -> list[Any]:
    """The entry, if it is a list."""
    if not isinstance(entry, list):
        raise BankError(f"{where}: {_short(entry)} stands where a list belongs")
    return entry


def text_of(entry: Any, where: str) -> str:
    """The entry as text; YAML reads an unquoted yes or no as something else."""
    if isinstance(entry, (dict, list, bool)) or entry is None:
        raise BankError(f"{where}: {_short(entry)} stands where text belongs; put it in quotes")
    return str(entry).strip()


def texts_of(entry: Any, where: str) -> tuple[str, ...]:
    """The entry as a list of texts."""
    return tuple(text_of(one, where) for one in list_of(entry, where))


def one_of(entry: Any, allowed: Iterable[Any], where: str) -> Any:
    """The entry, if it is among those allowed."""
    known = list(allowed)
    if entry not in known:
        raise BankError(f"{where}: {_short(entry)} is not known here; {_known(entry, [str(one) for one in known])}")
    return entry


def _known(given: Any, allowed: list[str]) -> str:
    close = process.extractOne(str(given), allowed, scorer=fuzz.ratio, score_cutoff=CLOSE)
    return f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(allowed)}"


def _short(entry: Any) -> str:
    text = repr(entry)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
