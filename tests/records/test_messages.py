"""The steps of messages as a table."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.records import STEPS, MessageStep, MessageTrace
from labkit.records.messages import COLUMNS, NoSuchMessage

words = st.text(max_size=12).filter(lambda text: "\r" not in text and "\x00" not in text)
steps = st.builds(
    MessageStep, words, words, st.sampled_from(STEPS), st.floats(0, 4e9), *[st.integers(0, 10_000)] * 2, *[words] * 3
)
MESSAGE = "0a1b2c3d-0000-4000-8000-000000000000"
ROWS = [
    MessageStep(MESSAGE, "q", "deleted", 12.5, 1),
    MessageStep(MESSAGE, "q", "sent", 10.0),
    MessageStep("other", "q", "sent", 11.0),
    MessageStep(MESSAGE, "q", "failed", 12.0, 1, 2, "f", "r", "ValueError: <no good>"),
]


@given(st.lists(steps, max_size=8))
def test_steps_come_in_the_order_of_their_times_and_counts_are_those_of_the_rows(rows):
    trace = MessageTrace(rows)
    assert list(trace) == sorted(rows, key=lambda row: row.time) and len(trace) == len(rows)
    assert trace.counts() == {
        step: found for step in STEPS if (found := sum(row.step == step for row in rows))
    }  # fmt: skip
    assert set(trace.messages()) == {row.message for row in rows}


@given(st.lists(steps, max_size=8))
def test_csv_reads_back_with_any_reader(rows):
    trace = MessageTrace(rows)
    read = list(csv.DictReader(io.StringIO(trace.to_csv(), newline="")))
    assert [tuple(row) for row in read[:1]] == [COLUMNS][: len(rows)]
    assert [row["message"] for row in read] == [row.message for row in trace]


def test_csv_is_written_where_it_is_wanted(tmp_path):
    text = MessageTrace(ROWS).to_csv(str(tmp_path / "steps.csv"))
    assert (tmp_path / "steps.csv").read_text(encoding="utf-8") == text and text.count("\n") == 5


def test_the_steps_of_one_message():
    trace = MessageTrace(ROWS).of("0a1b2c3d")
    assert [step.step for step in trace] == ["sent", "failed", "deleted"]
    assert trace[0].time == 10.0 and len(trace[1:]) == 2
    assert repr(trace) == "<MessageTrace of 1 messages: 1 sent, 1 failed, 1 deleted>"


@pytest.mark.parametrize("message", ["", "nope"])
def test_a_message_of_which_nothing_is_known_is_a_mistake_that_names_one(message):
    with pytest.raises(NoSuchMessage, match=f"of a message '{message}'; the last is 'other'"):
        MessageTrace(ROWS).of(message)
    with pytest.raises(NoSuchMessage, match="no message has been sent"):
        MessageTrace([]).of("m")
    with pytest.raises(NoSuchMessage, match="the table holds 4"):
        MessageTrace(ROWS)[4]


def test_the_table_of_a_notebook_is_escaped_and_says_what_it_leaves_out():
    html = MessageTrace(ROWS)._repr_html_()
    assert html.count("<tr>") == 5 and "<caption>4 steps of 2 messages</caption>" in html
    assert "ValueError: &lt;no good&gt;" in html and "<td>0a1b2c3d</td>" in html
    assert "<td>1970-01-01 00:00:12.500</td>" in html
    assert "the last 100 are shown" in MessageTrace(ROWS * 50)._repr_html_()
    assert MessageTrace([])._repr_html_().count("<tr>") == 1
