"""The widgets as a learner presses them, without a browser."""

from __future__ import annotations

import base64
import datetime
import html
import re

import ipywidgets as widgets
import pytest

from labkit import quiz
from labkit.notebook.questions import asking, prediction
from labkit.notebook.questions.asking import answer, ask, review
from labkit.notebook.questions.dashboard import progress as dashboard
from labkit.notebook.questions.exam import exam
from labkit.notebook.questions.prediction import predict
from labkit.quiz.bank.topics import BANK, Bank
from labkit.quiz.study import exam as exams
from labkit.quiz.study.history import attempts
from labkit.quiz.study.store import progress


def all_in(box):
    for child in getattr(box, "children", ()):
        yield child
        yield from all_in(child)


def of_kind(box, kind):
    return [widget for widget in all_in(box) if isinstance(widget, kind)]


def button(box, label):
    return next(one for one in of_kind(box, widgets.Button) if label in one.description)


def said(box):
    """The text of the status at the end."""
    return of_kind(box, widgets.HTML)[-1].value


@pytest.fixture(autouse=True)
def nothing_answered(monkeypatch):
    """A kernel in which no question was answered yet."""
    monkeypatch.setattr(asking, "_answered", {})


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch, tmp_path):
    """A learner who begins."""
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "progress.sqlite"))


@pytest.mark.parametrize("question", quiz.questions(), ids=lambda question: question.id)
def test_every_question_can_be_shown_without_what_jupyterlab_breaks(question):
    box = ask(question.id)
    assert not [one for one in all_in(box) if isinstance(one, (widgets.RadioButtons, widgets.Dropdown, widgets.Select))]
    shown = [html.unescape(re.sub(r"</?code>", "`", one.value)) for one in of_kind(box, widgets.HTML)]
    assert any(question.prompt[:20] in one for one in shown)
    assert 'role="status" aria-live="polite"' in said(box)
    assert question.explanation.exam[:20] not in said(box)


def test_a_single_choice_is_marked_by_its_letter():
    box, question = ask("cold-starts/1"), quiz.question("cold-starts/1")
    button(box, "A").click()
    assert "✘ Not right" in said(box) and "Reserved concurrency is a share" in said(box)
    button(box, "C").click()
    assert "✔ Right" in said(box) and "The exam expects" in said(box) and question.as_of in said(box)
    assert [one.description for one in of_kind(box, widgets.Button)] == [
        "A", "B", "✔ C", "D", "Hint", "I think this mark is wrong",
    ]  # fmt: skip


def test_several_options_are_checked_together():
    box = ask("start-here/3")
    boxes = of_kind(box, widgets.Checkbox)
    boxes[1].value = True
    button(box, "Check").click()
    assert "◐ Partly right" in said(box)
    boxes[3].value = True
    button(box, "Check").click()
    assert "✔ Right" in said(box)


def test_text_is_marked_and_the_field_has_a_label():
    box = ask("self-quiz/1")
    (field,) = of_kind(box, widgets.Textarea)
    assert field.description == "Your answer:"
    field.value = "a quarter of an hour"
    button(box, "Check").click()
    assert "✔ Right" in said(box) and "Today:" in said(box)


def test_a_question_run_again_shows_the_answer_and_its_mark():
    button(ask("cold-starts/1"), "A").click()
    again = ask("cold-starts/1")
    assert "✘ Not right" in said(again) and button(again, "A").description == "✘ A"

    several = ask("start-here/3")
    for index in (1, 3):
        of_kind(several, widgets.Checkbox)[index].value = True
    button(several, "Check").click()
    again = ask("start-here/3")
    assert "✔ Right" in said(again)
    assert [one.value for one in of_kind(again, widgets.Checkbox)] == [False, True, False, True, False]

    text = ask("self-quiz/1")
    of_kind(text, widgets.Textarea)[0].value = "15 minutes"
    button(text, "Check").click()
    again = ask("self-quiz/1")
    assert "✔ Right" in said(again) and of_kind(again, widgets.Textarea)[0].value == "15 minutes"
    assert "✔" not in said(ask("self-quiz/2"))


def test_what_a_learner_types_is_shown_as_text():
    box = ask("start-here/1")
    mark = answer("start-here/1", "<script>alert(1)</script>")
    assert "<script>" not in mark._repr_html_()
    assert "<script>" not in said(box)


def test_the_hint_comes_on_demand():
    box, hint = ask("self-quiz/3"), quiz.question("self-quiz/3").hint
    assert not any(hint[:20] in one.value for one in of_kind(box, widgets.HTML))
    button(box, "Hint").click()
    assert any(hint[:20] in one.value for one in of_kind(box, widgets.HTML))


def test_answer_marks_without_a_widget():
    mark = answer("self-quiz/1", "900 s")
    assert mark.score == 1 and "✔ Right" in str(mark) and "15 minutes" in mark._repr_html_()


@pytest.mark.parametrize("ask_or_answer", [ask, lambda wrong: answer(wrong, "15 minutes")], ids=["ask", "answer"])
def test_a_wrong_id_is_a_lookup_error_with_the_closest_match(ask_or_answer):
    with pytest.raises(LookupError, match="did you mean 'self-quiz/1'"):
        ask_or_answer("selfquiz/1")


@pytest.fixture
def shown(monkeypatch):
    """What `predict` displays."""
    boxes: list[widgets.VBox] = []
    monkeypatch.setattr(prediction, "display", boxes.append)
    return boxes


def test_a_prediction_keeps_the_choice_and_says_what_comes_next(shown):
    prediction = predict("How often does `init` run?", "once", "each time")
    assert prediction.choice is None
    assert "<code>init</code>" in of_kind(shown[0], widgets.HTML)[0].value
    button(shown[0], "B").click()
    assert prediction.choice == "each time"
    assert "You predicted B: each time. Now run the next cell." in said(shown[0])
    button(shown[0], "A").click()
    assert prediction.choice == "once"


def test_a_prediction_run_again_shows_what_was_chosen(shown):
    options = "first", "second"
    first = predict("Which one stays?", *options)
    shown[0].children[2].children[0].click()
    again = predict("Which one stays?", *options)
    assert (first.choice, again.choice) == ("second", "second")
    assert "You predicted B: second." in said(shown[1])
    assert predict("Which one stays?", *reversed(options)).choice is None


def test_options_may_be_numbers(shown):
    prediction = predict("How many?", 1, 10)
    button(shown[0], "B").click()
    assert prediction.choice == "10"


def test_a_prediction_needs_options(shown):
    with pytest.raises(ValueError, match="2 to 8 options"):
        predict("How often?", "once")
    assert not shown


# Every type, by keyboard alone.

TOPIC = """
title: All kinds
source: a page
as_of: 2026-10
questions:
  - {id: o, type: ordering, prompt: Order!, explanation: {exam: x}, domain: secure, difficulty: 1,
     items: [{text: first, why: a}, {text: second, why: b}, {text: third, why: c}]}
  - {id: m, type: matching, prompt: Match!, explanation: {exam: x}, domain: resilient, difficulty: 1,
     pairs: [{item: S3, match: pushes, why: a}, {item: SQS, match: is polled, why: b}]}
  - {id: n, type: numeric, prompt: How?, explanation: {exam: x}, domain: high-performing, difficulty: 1, value: "5"}
  - {id: c, type: single, prompt: Which?, explanation: {exam: x}, domain: cost-optimized, difficulty: 1,
     options: [{text: this, right: true, why: a}, {text: that, why: b}]}
"""


@pytest.fixture
def kinds(monkeypatch, tmp_path):
    """A bank with one topic, of which the exam is drawn as well."""
    folder = tmp_path / "quizzes"
    folder.mkdir()
    (folder / "exam-kinds.yaml").write_text(TOPIC, encoding="utf-8")
    made = Bank(folder)
    for name in ("topics", "directory", "_topics", "_questions"):  # topics are read from the directory
        monkeypatch.setattr(BANK, name, getattr(made, name), raising=False)
    return made


def test_an_order_is_pressed_and_can_be_taken_back(kinds):
    box = ask("exam-kinds/o")
    steps = kinds.question("exam-kinds/o").body.steps
    for letter in (steps[1].letter, *(step.letter for step in steps)):
        button(box, letter).click()
    button(box, "Undo").click()
    button(box, "Undo").click()
    button(box, "Undo").click()
    for step in steps:
        button(box, step.letter).click()
    button(box, "Check").click()
    assert "✔ Right" in said(box)


def test_pairs_are_pressed_row_by_row(kinds):
    box = ask("exam-kinds/m")
    body = kinds.question("exam-kinds/m").body
    for number, pair in enumerate(body.pairs):
        rows = [one for one in of_kind(box, widgets.HBox) if len(one.children) == len(body.texts)]
        button(rows[number], pair.letter).click()
        assert f"● {pair.letter}" in [one.description for one in rows[number].children]
    button(box, "Check").click()
    assert "✔ Right" in said(box)


def test_a_topic_is_asked_question_by_question_and_summed_up(kinds):
    box = ask("exam-kinds")
    assert "Question 1 of 4" in box.children[0].value
    for _ in range(2):
        button(box, "Next question").click()
    of_kind(box, widgets.Textarea)[0].value = "five"
    button(box, "Check").click()
    button(box, "Next question").click()
    button(box, "B").click()
    button(box, "Finish").click()
    assert "1 of 2 points" in said(box) and "Read again: All kinds" in said(box)
    assert [attempt.mode for attempt in attempts(progress().events())] == ["topic", "topic"]


def test_a_mark_can_be_contested():
    box = ask("self-quiz/1")
    of_kind(box, widgets.Textarea)[0].value = "as long as a lesson"
    button(box, "Check").click()
    button(box, "I think this mark is wrong").click()
    of_kind(box, widgets.Text)[0].value = "lessons take 15 minutes"
    button(box, "Send").click()
    (attempt,) = attempts(progress().events())
    assert attempt.waits and attempt.contested == "lessons take 15 minutes"


def test_an_answer_shown_again_is_not_counted_again():
    button(ask("cold-starts/1"), "A").click()
    ask("cold-starts/1")
    assert len(attempts(progress().events())) == 1


def test_the_hint_is_noted():
    box = ask("self-quiz/3")
    button(box, "Hint").click()
    of_kind(box, widgets.Textarea)[0].value = "the execution role"
    button(box, "Check").click()
    assert attempts(progress().events())[0].hinted


def test_nothing_is_due_for_who_begins():
    assert "labkit.ask" in review().children[0].value


def test_what_is_due_is_asked(monkeypatch):
    answer("self-quiz/1", "an hour")
    answer("cold-starts/1", "C")
    kept = progress()
    monkeypatch.setattr(kept, "_now", lambda now=kept._now: now() + datetime.timedelta(days=30))
    box = review()
    assert "Question 1 of 2" in box.children[0].value and button(box, "Next question")


def test_on_binder_the_download_is_recalled(monkeypatch):
    monkeypatch.setenv("BINDER_SERVICE_HOST", "x")
    said_of = []
    for question in quiz.questions("self-quiz")[:8] + quiz.questions("start-here")[:3]:
        box = ask(question.id)
        fields = of_kind(box, widgets.Textarea)
        (button(box, "Check") if fields or of_kind(box, widgets.Checkbox) else button(box, "A")).click()
        said_of.append("labkit.progress()" in said(box))
    assert sum(said_of) == 1


# The exam.


@pytest.fixture
def short(monkeypatch, kinds):
    """An exam of the four questions."""
    monkeypatch.setattr(exams, "WEIGHTS", dict.fromkeys(exams.WEIGHTS, 25))
    monkeypatch.setattr(exams.draw, "__defaults__", (4,))


def press_right(box, kinds):
    """Answer the question that is shown."""
    if of_kind(box, widgets.Textarea):
        of_kind(box, widgets.Textarea)[0].value = "5"
        button(box, "Keep").click()
    elif "Which?" in box.children[1].children[0].value:
        button(box, "A").click()


def test_an_exam_hides_what_is_right_until_it_is_handed_in(short, kinds):
    box = exam(seed=1)
    for _ in range(4):
        press_right(box, kinds)
        assert "Right" not in box.children[0].value + box.children[-1].value
        button(box, "Next").click()
    assert "2 answered" in box.children[0].value
    button(box, "Flag").click()
    assert any("⚑" in one.description for one in of_kind(box, widgets.Button))
    again = exam()
    assert "2 answered, 1 flagged" in again.children[0].value
    button(again, "Hand in").click()
    assert "2 questions are open" in again.children[-1].value
    button(again, "Hand in").click()
    assert "2 of 4 questions right: 550 points" in said(again) and "does not pass yet" in said(again)
    assert "Read again: All kinds" in said(again)


def test_a_bank_that_is_too_small_for_an_exam_says_so(kinds):
    with pytest.raises(ValueError, match="needs 19 of the domain 'secure'"):
        exam()


# The dashboard.


def test_the_dashboard_shows_strengths_and_can_be_taken_along(tmp_path, monkeypatch):
    answer("self-quiz/1", "15 minutes")
    answer("cold-starts/1", "A")
    page = of_kind(dashboard(), widgets.HTML)[0].value
    assert "2 answers to 2 questions" in page and "Cold and warm starts" in page
    exported = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])
    monkeypatch.setenv("LABKIT_PROGRESS", str(tmp_path / "another.sqlite"))
    box = dashboard()
    assert "0 answers" in of_kind(box, widgets.HTML)[0].value
    (upload,) = of_kind(box, widgets.FileUpload)
    now = datetime.datetime.now(datetime.UTC)
    for content, told in ((exported, "2 entries are new"), (b"nonsense", "no file of progress")):
        upload.value = ({"name": "p", "type": "", "size": 1, "content": memoryview(content), "last_modified": now},)
        assert told in said(box)
    assert "2 answers" in of_kind(box, widgets.HTML)[0].value
