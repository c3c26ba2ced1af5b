"""How long a mark takes, and the quiz's import."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from measures import seconds
from result import Result

from labkit import quiz

IMPORT = "import time; t = time.perf_counter(); import labkit.quiz; print(time.perf_counter() - t)"
LONG = 10_000  # characters
LONGEST_MARKED = 3000  # characters; longer answers go to a person
TIMES = 5


def marking() -> list[Result]:
    """Marks of the text questions' examples, of a long answer and of the longest that is read, and the import."""
    texts = [question for question in quiz.questions() if question.type == "text"]
    examples = [(question.id, example.answer) for question in texts for example in question.examples]
    words = " ".join(example.answer for question in texts for example in question.examples)
    words *= LONG // len(words) + 1
    for question_id, answer in examples:
        quiz.mark(question_id, answer)
    each = [median(seconds(lambda one=one: quiz.mark(*one)) for _ in range(TIMES)) for one in examples]
    return [
        Result("mark of a written answer", median(each), most=0.001),
        Result("slowest mark of such an answer", max(each), most=0.020),
        Result("an answer of 10 kB, left to a person", slowest(texts, words[:LONG]), most=0.020),
        Result("mark of the longest answer that is read", slowest(texts, words[:LONGEST_MARKED]), most=0.020),
        Result("import labkit.quiz", median(import_seconds() for _ in range(TIMES)), most=0.050),
    ]


def slowest(questions: list[quiz.Question], answer: str) -> float:
    """The longest of the medians, over all questions."""
    return max(median(seconds(lambda q=q: quiz.mark(q.id, answer)) for _ in range(TIMES)) for q in questions)


def import_seconds() -> float:
    """How long importing the quiz takes in a fresh Python."""
    done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)
