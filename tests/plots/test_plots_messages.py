from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.plots import messages
from labkit.plots.marks import MESSAGE_MARKS, MESSAGE_STATES
from labkit.records import STEPS, MessageStep, MessageTrace

MIDNIGHT = 1_760_000_000.0
GOOD, BAD, OTHER = (f"{letter * 8}-0000-0000-0000-000000000000" for letter in "abc")


def step(message, at, name, function="", source="orders"):
    return MessageStep(message, source, name, MIDNIGHT + at, function=function)


def life(message, *steps, function=""):
    return [step(message, at, name, function) for at, name in steps]


@pytest.fixture
def queue():
    """One message is processed, one fails twice and is dead-lettered, one is filtered out."""
    return MessageTrace([
        *life(GOOD, (0, "sent"), (0.1, "received"), (0.2, "batched"), (0.3, "invoked"), (0.8, "processed")),
        *life(BAD, (0.1, "sent"), (0.2, "received"), (0.2, "batched"), (0.3, "invoked"), (0.8, "failed"),
              (30.2, "visible again"), (30.3, "received"), (30.3, "batched"), (30.3, "invoked"), (30.5, "failed"),
              (60.3, "visible again"), (60.4, "dead-lettered")),
        *life(OTHER, (0.2, "sent"), (0.4, "received"), (0.5, "filtered out"), (0.6, "deleted")),
    ])  # fmt: skip


def bars(figure, state):
    """The bars of one state as rows of (left s, right s, row), sorted."""
    (found,) = [each for each in figure.figure.axes[0].collections if each.get_gid() == state]
    corners = np.array([path.vertices[:4] for path in found.get_paths()])
    row = corners[:, 0, 1] - MESSAGE_STATES[state].top
    return sorted(zip(corners[:, 0, 0], corners[:, 1, 0], row, strict=True))


def row_labels(figure):
    return [label.get_text() for label in figure.figure.axes[0].get_yticklabels()]


def test_every_bar_is_where_the_steps_say(queue):
    figure = messages(queue)
    expected = {
        "queued": [(0, 0.1, 0), (0.1, 0.2, 1), (0.2, 0.4, 2), (30.2, 30.3, 1), (60.3, 60.4, 1)],
        "batched": [(0.1, 0.3, 0), (0.2, 0.3, 1), (0.4, 0.5, 2)],
        "invoke": [(0.3, 0.8, 0), (0.3, 0.8, 1), (30.3, 30.5, 1)],
        "retry": [(0.8, 30.2, 1), (30.5, 60.3, 1)],
    }
    for state, found in expected.items():
        assert bars(figure, state) == [pytest.approx(each, abs=1e-6) for each in found]


def test_each_end_has_a_shape_and_a_word(queue):
    figure = messages(queue).figure
    marks = {line.get_gid(): line for line in figure.axes[0].lines if line.get_gid()}
    assert list(marks) == ["processed", "failed", "filtered out", "dead-lettered"]
    assert marks["failed"].get_xdata() == pytest.approx([0.8, 30.5], abs=1e-6)
    assert [text.get_text() for text in figure.legends[0].get_texts()][-4:] == list(marks)
    assert len({marker for marker, *_ in MESSAGE_MARKS.values()}) == len(MESSAGE_MARKS)


def test_rows_are_named_by_what_finds_the_message(queue):
    figure = messages(queue)
    assert row_labels(figure) == ["aaaaaaaa", "bbbbbbbb", "cccccccc"]
    assert [len(queue.of(label)) for label in row_labels(figure)] == [5, 12, 4]


def test_the_alt_text_counts_what_the_steps_hold(queue):
    assert messages(queue).alt == (
        "What happened to 3 messages over 60.4 s: 1 processed, 2 failed, 1 filtered out, 1 dead-lettered; aaaaaaaa "
        "waits longest for its first invocation, 300 ms; on the axis 2 idle stretches, 59.2 s in all, cut short. "
        "Measured on this machine."
    )


def test_a_record_that_several_functions_get_has_a_row_for_each():
    record = "shardId-000000000000:1"
    way = [(0.1, "received"), (0.2, "batched"), (0.3, "invoked"), (0.4, "processed")]
    figure = messages(
        MessageTrace([step(record, 0, "sent"), *life(record, *way, function="f"), *life(record, *way, function="g")])
    )
    assert row_labels(figure) == ["shardId-00…0000000:1: f", "shardId-00…0000000:1: g"]
    assert [row for *_, row in bars(figure, "invoke")] == pytest.approx([0, 1])


def test_only_the_first_thirty_are_drawn_and_that_is_said():
    figure = messages(MessageTrace(step(f"{number:08}", number, "sent") for number in range(31)))
    assert len(row_labels(figure)) == 30 and figure.alt.endswith(
        "31 messages over 30 s: nothing has ended; only the first 30 of 31 are drawn. Measured on this machine."
    )
    assert "the first 30 of 31" in figure.figure.legends[0].get_title().get_text()


def test_text_is_large_enough_and_nothing_overlaps(queue, check_readable):
    check_readable(messages(queue).figure)


def test_what_is_no_trace_of_messages_or_holds_none_is_refused():
    with pytest.raises(ValueError, match="send a message first"):
        messages(MessageTrace([]))
    with pytest.raises(TypeError, match=r"labkit.messages\(\); a list was given"):
        messages([])


@pytest.mark.filterwarnings("error")
@settings(max_examples=25)
@given(
    st.lists(
        st.builds(
            step, st.sampled_from([GOOD, BAD, "shardId-1:1"]), st.floats(0, 1e6), st.sampled_from(STEPS),
            st.sampled_from(["", "f", "g"]),
        ),
        min_size=1, max_size=20,
    )
)  # fmt: skip
def test_any_steps_draw(steps):
    figure = messages(MessageTrace(steps))
    assert figure.alt.startswith("What happened to ")
    figure.figure.draw_without_rendering()
