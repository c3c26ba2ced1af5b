"""The widgets as a learner presses them, without a browser."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

from labkit import quiz
from labkit.notebook import quiz_widget
from labkit.notebook.quiz_widget import answer, ask, predict


def all_in(box):
    for child in getattr(box, "children", ()):
        yield child
        yield from all_in(child)


def of_kind(box, kind):
    return [widget for widget in all_in(box) if type(widget) is kind]


def button(box, label):
    return next(one for one in of_kind(box, widgets.Button) if label in one.description)


def said(box):
    """The text of the status at the end."""
    return of_kind(box, widgets.HTML)[-1].value


@pytest.fixture(autouse=True)
def nothing_answered(monkeypatch):
    """A kernel in which no question was answered yet."""
    monkeypatch.setattr(quiz_widget, "_answered", {})


@pytest.mark.parametrize("question", quiz.questions(), ids=lambda question: question.id)
def test_every_question_can_be_shown_without_what_jupyterlab_breaks(question):
    box = ask(question.id)
    assert not [one for one in all_in(box) if isinstance(one, (widgets.RadioButtons, widgets.Dropdown, widgets.Select))]
    assert any(question.prompt[:20] in one.value for one in of_kind(box, widgets.HTML))
    assert 'role="status" aria-live="polite"' in said(box)
    assert question.explanation.exam[:20] not in said(box)


def test_a_single_choice_is_marked_by_its_letter():
    box, question = ask("cold-starts/1"), quiz.question("cold-starts/1")
    button(box, "A").click()
    assert "✘ Not right" in said(box) and "Reserved concurrency is a share" in said(box)
    button(box, "C").click()
    assert "✔ Right" in said(box) and "The exam expects" in said(box) and question.as_of in said(box)
    assert [one.description for one in of_kind(box, widgets.Button)] == ["A", "B", "✔ C", "D", "Hint"]


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
    monkeypatch.setattr(quiz_widget, "display", boxes.append)
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
