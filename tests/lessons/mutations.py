"""What a learner changes in a lesson, and the sentence that has to change with it.

Add a line for each sleep, memory size and payload of a lesson whose result is told in a sentence. All changes of a
lesson are made at once, so they must not get in each other's way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """In `lesson`, the first code cell that holds `old` gets `new` instead.

    Then a sentence matches the pattern `told`, which none does in the lesson as it stands. Where `between` is given,
    the pattern's group is a number, and a sentence matches when that lies in these bounds.
    """

    lesson: str
    old: str
    new: str
    told: str
    between: tuple[float, float] | None = None

    def is_told(self, sentences: list[str]) -> bool:
        found = [match for sentence in sentences if (match := re.search(self.told, sentence))]
        if self.between is None:
            return bool(found)
        low, high = self.between
        return any(low <= float(match[1].replace(",", "")) <= high for match in found)


START, LIFE = "00-start-here", "01-life-of-an-invocation"
MUTATIONS = [
    Mutation(START, "%%function hello", "%%function hello --memory 256", r"with 256 MB"),
    Mutation(START, '{"name": "Ada"}', '{"name": "Edsger"}', r"answered \*\*Hello, Edsger!"),
    Mutation(START, '{"name": "Grace"}', '{"name": "Barbara"}', r"printed 1: \*\*Greeting Barbara"),
    Mutation(START, '{"seconds": 2}', '{"seconds": 0.4}', r"After ([\d.]+) s you got \*\*an answer", (0.4, 0.9)),
    Mutation(LIFE, "time.sleep(0.3)", "time.sleep(0.7)", r"\*\*cold\*\*: (\d+) ms Init", (700, 2000)),
    Mutation(LIFE, "time.sleep(0.1)", "time.sleep(0.3)", r"\*\*warm\*\*: 0 ms Init, (\d+) ms handler", (300, 600)),
    Mutation(LIFE, "time.sleep(0.1)", "time.sleep(0.3)", r"Warm: [\d.]+ ms, billed \*\*(\d+) ms", (300, 600)),
    Mutation(LIFE, "--memory 128", "--memory 512", r"\*\*([\d,]+) GB-seconds", (150_000, 300_000)),
    Mutation(LIFE, "--memory 128", "--memory 512", r"1024 MB, \d+ ms billed"),
    Mutation(LIFE, '("Ada", "Grace")', '("Ada", "Katherine")', r"variable named \*\*Ada and Katherine\*\*"),
    Mutation(LIFE, "minutes=60", "minutes=5", r"A warm start: .* and Alan\*\*"),
    Mutation(LIFE, '"b": 0}', '"b": 4}', r"FunctionError: \*\*None\*\*"),
    Mutation(LIFE, '{"a": 6, "b": 3}', '{"a": 20, "b": 4}', r"The result is 5,"),
]
