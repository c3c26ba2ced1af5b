"""Invocations as columns."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.records import CATEGORIES, COLUMNS, MEGABYTES, OUTCOMES, SECONDS, START_TYPES, Invocation, Trace

few = settings(max_examples=40)
seconds = st.floats(0, 1e10)
words = st.text(max_size=12).filter(lambda text: "\r" not in text and "\x00" not in text)
invocations = st.builds(
    Invocation,
    *[words] * 5, st.sampled_from(START_TYPES), st.sampled_from(OUTCOMES), *[seconds] * 7,
)  # fmt: skip
lists = st.lists(invocations, max_size=8)
ONE = Invocation("r1", "f", "$LATEST", "e1", "invoke", "cold", "ok", 1.5, 0.01, 0.2, 0.05, 0.25, 128.0, 40.0)


@few
@given(lists)
def test_rows_come_back_as_they_went_in(rows):
    trace = Trace.of(rows)
    assert list(trace) == rows and len(trace) == len(rows)
    assert [type(value) for row in trace for value in (row.arrival, row.function)] == [float, str] * len(rows)


@few
@given(lists)
def test_columns_have_their_types(rows):
    trace = Trace.of(rows)
    for name in SECONDS + MEGABYTES:
        assert getattr(trace, name).dtype == np.float64
    for name, known in CATEGORIES.items():
        assert getattr(trace, name).dtype == np.int8
        assert list(trace.words(name)) == [getattr(row, name) for row in rows]
        assert all(known[code] == getattr(row, name) for code, row in zip(getattr(trace, name), rows, strict=True))


@few
@given(lists)
def test_counts_are_those_of_the_rows(rows):
    counts = Trace.of(rows).counts()
    for word in ("cold", "warm", "provisioned", "restored"):
        assert counts[word] == sum(row.start_type == word for row in rows)
    assert counts["throttled"] == sum(row.outcome == "throttled" for row in rows)
    assert len(counts) == 5


@few
@given(lists)
def test_csv_reads_back_with_any_reader(rows):
    read = list(csv.DictReader(io.StringIO(Trace.of(rows).to_csv(), newline="")))
    assert [Invocation(**{k: float(v) if k in SECONDS + MEGABYTES else v for k, v in r.items()}) for r in read] == rows


def test_csv_is_also_written_to_a_file(tmp_path):
    text = Trace.of([replace(ONE, function="é,\n")]).to_csv(str(tmp_path / "trace.csv"))
    assert (tmp_path / "trace.csv").read_bytes().decode("utf-8") == text
    assert text.splitlines()[0].split(",") == list(COLUMNS)


@few
@given(lists, st.data())
def test_masks_slices_and_functions_choose_rows(rows, data):
    trace = Trace.of(rows)
    mask = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    assert list(trace[np.array(mask, dtype=bool)]) == [row for row, chosen in zip(rows, mask, strict=True) if chosen]
    assert list(trace[1:3]) == rows[1:3]
    for name in {row.function for row in rows}:
        assert list(trace.of_function(name)) == [row for row in rows if row.function == name]


def test_from_columns_takes_words_and_codes():
    columns = {name: [getattr(ONE, name)] * 2 for name in COLUMNS}
    coded = columns | {"start_type": np.array([0, 1]), "outcome": np.array([0, 4], dtype=np.int64)}
    assert list(Trace.from_columns(**columns)) == [ONE, ONE]
    assert list(Trace.from_columns(**coded)) == [ONE, replace(ONE, start_type="warm", outcome="throttled")]


COLUMNS_OF_ONE = {name: [getattr(ONE, name)] for name in COLUMNS}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_type": ["tepid"]}, "start_type 'tepid' is none of cold, warm"),
        ({"outcome": np.array([7])}, "outcome 7 is no code: 0 is ok"),
        ({"start_type": np.array([-1])}, "start_type -1 is no code: 0 is cold"),
        ({"start_type": np.array([256])}, "start_type 256 is no code"),
        ({"arrival": [1.0, 2.0]}, "equally long; given were .*arrival 2"),
        ({"colour": [1]}, "no column 'colour'"),
    ],
)
def test_columns_that_can_not_be_a_trace_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Trace.from_columns(**(COLUMNS_OF_ONE | change))


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="missing: billed"):
        Trace.from_columns(**{name: value for name, value in COLUMNS_OF_ONE.items() if name != "billed"})


def test_an_unknown_column_is_no_attribute():
    with pytest.raises(AttributeError, match=r"'durations' is no column of a trace; did you mean duration"):
        _ = Trace.of([ONE]).durations


def test_it_shows_as_a_table_that_runs_nothing():
    nasty = replace(ONE, function="<script>alert(1)</script>", environment="<b>123456789")
    shown = Trace.of([nasty])._repr_html_()
    assert "<script>" not in shown and "<b>" not in shown and "&lt;script&gt;" in shown
    assert "200.0" in shown  # init in milliseconds
    assert "the last 50 are shown" in Trace.of([ONE] * 51)._repr_html_()
    assert Trace.of([ONE] * 51)._repr_html_().count("<tr>") == 51  # 50 and the head


def test_repr_counts():
    assert repr(Trace.of([ONE])) == "<Trace of 1 invocations: 1 cold>"
    assert repr(Trace.of([])) == "<Trace of 0 invocations: none>"
