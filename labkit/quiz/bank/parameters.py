"""Numbers drawn for a question: the same id asks the same numbers, another seed asks others."""

from __future__ import annotations

from random import Random

from labkit.quiz.bank.entry import Entry
from labkit.quiz.bank.formula import Value, Values, value_of

DRAWN_KEYS = {"from", "to", "step"}


def draw(parameters: Entry, derived: Entry | None, seed: str) -> Values:
    """The values of `parameters` drawn with the seed, and those of `let` worked out from them.

    A parameter is a list of values to choose from, or `from`, `to` and `step`.
    """
    chooser = Random(seed)
    values: dict[str, Value] = {}
    for name, entry in parameters.mapping().items():
        values[name] = chooser.choice(_choices(entry))
    for name, entry in derived.mapping().items() if derived else ():
        values[name] = entry.with_values(values).number()
    return values


def variants(parameters: Entry) -> int:
    """How many different draws there are."""
    count = 1
    for entry in parameters.mapping().values():
        count *= len(set(_choices(entry)))
    return count


def _choices(entry: Entry) -> list[Value]:
    if "from" not in entry:
        choices = [_value(one) for one in entry]
        if len(choices) < 2:
            raise entry.error("a parameter needs two values or more to choose from")
        return choices
    entry.check_keys(DRAWN_KEYS, {"from", "to"})
    low, high, step = (entry[key].number() if key in entry else 1 for key in ("from", "to", "step"))
    if step <= 0 or high <= low:
        raise entry.error(f"from {low:g} to {high:g} in steps of {step:g} is no choice; `to` is the larger one")
    return [low + step * number for number in range(int((high - low) / step) + 1)]


def _value(entry: Entry) -> Value:
    """A number, or a text such as a runtime's name."""
    text = entry.text()
    try:
        return value_of(text, {})
    except ValueError:
        return text
