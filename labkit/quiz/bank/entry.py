"""A value of a YAML file together with the place where it stands, so that each mistake is named with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from labkit.facts import close_matches
from labkit.quiz.bank.formula import FormulaError, Values, filled, value_of
from labkit.quiz.errors import BankError

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SHOWN = 60  # characters


@dataclass(frozen=True, slots=True)
class Entry:
    """One YAML node, the `path` by which it is reached, and the parameters' values that its texts may name."""

    node: yaml.Node
    file: str
    path: str = ""
    values: Values | None = None

    @property
    def place(self) -> str:
        """File, line and path, as messages name them."""
        return ", ".join(filter(None, [self.file, f"line {self.node.start_mark.line + 1}", self.path]))

    def error(self, message: str) -> BankError:
        """The mistake of this entry."""
        return BankError(f"{self.place}: {message}")

    def named(self, name: str) -> Entry:
        """The entry, in a list, with a name in its path instead of its number."""
        return replace(self, path=f"{self.path.rpartition(' ')[0]} {name}")

    def with_values(self, values: Values) -> Entry:
        """The entry with these values of parameters for its texts."""
        return replace(self, values=values)

    # Mappings.

    def __getitem__(self, key: str) -> Entry:
        return self.mapping()[key]

    def __contains__(self, key: str) -> bool:
        return isinstance(self.node, yaml.MappingNode) and any(name.value == key for name, _ in self.node.value)

    def get(self, key: str) -> Entry | None:
        """The value of a key; None where it isn't given."""
        return self.mapping().get(key)

    def mapping(self) -> dict[str, Entry]:
        """The values by their keys; `BankError` for anything but `key: value` lines, and for a key given twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"{self._shown()} stands where `key: value` lines belong")
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            if key.value in found:
                raise replace(self, node=key).error(f"{key.value!r} is given twice; keep one")
            found[key.value] = replace(self, node=value, path=f"{self.path}, {key.value}".removeprefix(", "))
        return found

    def check_keys(self, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """`BankError` for a key that is not known, with the closest known one, and for a key that is missing."""
        given = self.mapping()
        known = sorted({*allowed, *required})
        for key, entry in given.items():
            if key not in known:
                raise replace(entry, path=self.path).error(f"{key!r} is not known here; {suggestion(key, known)}")
        if missing := sorted(set(required) - set(given)):
            raise self.error(f"{missing[0]!r} is missing")

    # Lists.

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.list())

    def list(self) -> list[Entry]:
        """The entries of a list, each with its number in the path."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"{self._shown()} stands where a list belongs")
        return [
            replace(self, node=node, path=f"{self.path} {number}")
            for number, node in enumerate(self.node.value, start=1)
        ]

    # Scalars.

    def text(self) -> str:
        """The entry as text, with the parameters' values in place of their names."""
        if not isinstance(self.node, yaml.ScalarNode) or self._kind() == "null":
            raise self.error(f"{self._shown()} stands where text belongs")
        try:
            return filled(self.node.value, self.values).strip() if self.values is not None else self.node.value.strip()
        except FormulaError as error:
            raise self.error(str(error)) from None

    def texts(self) -> tuple[str, ...]:
        """The entry as a list of texts."""
        return tuple(one.text() for one in self)

    def number(self) -> float:
        """The entry as a number; a text is worked out from the parameters."""
        if isinstance(self.node, yaml.ScalarNode) and self._kind() != "null":
            try:
                return value_of(self.node.value, self.values or {})
            except FormulaError as error:
                raise self.error(str(error)) from None
        raise self.error(f"{self._shown()} stands where a number belongs")

    def flag(self) -> bool:
        """The entry as `true` or `false`."""
        if self._kind() != "bool":
            raise self.error(f"{self._shown()} stands where true or false belongs")
        return bool(self.node.value.lower() in ("true", "yes", "on"))

    def one_of(self, allowed: Iterable[str]) -> str:
        """The entry's text, if it is among those allowed."""
        known = list(allowed)
        if (given := self.text()) not in known:
            raise self.error(f"{self._shown()} is not known here; {suggestion(given, known)}")
        return given

    def _kind(self) -> str:
        return str(self.node.tag.rpartition(":")[2])

    def _shown(self) -> str:
        if isinstance(self.node, yaml.ScalarNode):
            text = repr(self.node.value) if self._kind() != "null" else "nothing"
            return text if len(text) <= SHOWN else text[:SHOWN] + "…"
        return "a list" if isinstance(self.node, yaml.SequenceNode) else "a block of `key: value` lines"


def read(path: Path) -> Entry:
    """The whole file; `BankError` when it isn't YAML."""
    try:
        with open(path, encoding="utf-8") as file:
            node = yaml.compose(file, Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BankError(f"{path.name} is not YAML: {error}") from None
    if node is None:
        raise BankError(f"{path.name} is empty; it needs `questions:` and a list of them")
    return Entry(node, path.name)


def suggestion(given: str, allowed: list[str]) -> str:
    """The nearest of what is allowed, or all of it when none is near."""
    close = close_matches(given, allowed)
    return f"did you mean {close[0]!r}?" if close else f"allowed are {', '.join(allowed)}"
