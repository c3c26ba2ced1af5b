"""When a question comes back: spaced repetition by FSRS, worked out anew from all answers.

https://github.com/open-spaced-repetition/py-fsrs
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fsrs import Card, Rating, Scheduler

from labkit.quiz.study.history import Attempt, plain_id

SCHEDULER = Scheduler(enable_fuzzing=False)  # the same answers give the same days


def due_dates(attempts: Iterable[Attempt]) -> dict[str, datetime]:
    """When each question that was answered is due again, by its id without a seed, the earliest first."""
    cards: dict[str, Card] = {}
    for number, attempt in enumerate(attempts):
        question_id = plain_id(attempt.question.id)
        card = cards.get(question_id) or Card(card_id=number)
        cards[question_id], _ = SCHEDULER.review_card(card, rating_of(attempt), attempt.at)
    return dict(sorted(((name, card.due) for name, card in cards.items()), key=lambda pair: (pair[1], pair[0])))


def due(attempts: Iterable[Attempt], now: datetime) -> tuple[str, ...]:
    """The questions that are due by now, the most overdue first."""
    return tuple(name for name, moment in due_dates(attempts).items() if moment <= now)


def rating_of(attempt: Attempt) -> Rating:
    """What an answer says of the memory: again, hard (in part, or with the hint) or good."""
    if attempt.mark.score == 0:
        return Rating.Again
    return Rating.Good if attempt.mark.score == 1 and not attempt.hinted else Rating.Hard
