"""The log file of an environment, read back as log events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labkit.runtime.logs import TAIL, LogEvent, LogFile, tail

lines = st.text(st.characters(exclude_characters="\n\x00", codec="utf-8"), min_size=1, max_size=40)


def frame(text, micros):
    """A record of `logging` as awslambdaric writes it."""
    body = text.encode()
    return b"\xa5\x5a\x00\x03" + len(body).to_bytes(4, "big") + micros.to_bytes(8, "big") + body


def read(path, now=100.0, offset=0.0):
    return [(event.timestamp, event.message) for event in LogFile(path).events(now, offset)]


def test_a_line_printed_is_an_event_and_a_carriage_return_does_not_split(tmp_path):
    path = tmp_path / "log"
    path.write_bytes("one\ntwo\rstill two\né\n\nno end".encode())
    assert read(path) == [(100.0, line) for line in ("one\n", "two\rstill two\n", "é\n", "no end\n")]


def test_a_framed_record_of_several_lines_is_one_event_with_its_own_time(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"before\n" + frame("[INFO] a\nb", 50_000_000) + b"after\n")
    assert read(path, offset=7.0) == [(57.0, "before\n"), (57.0, "[INFO] a\nb\n"), (100.0, "after\n")]


@given(st.lists(st.tuples(st.booleans(), lines), max_size=20))
def test_whatever_is_written_comes_back_in_order(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"".join(frame(text, 1_000_000) if framed else text.encode() + b"\n" for framed, text in records))
    assert [message for _, message in read(path)] == [f"{text}\n" for _, text in records]


@given(st.lists(st.integers(0, 90_000_000), max_size=8))
def test_what_is_printed_is_never_newer_than_what_follows(tmp_path_factory, times):
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"".join(b"printed\n" + frame("logged", micros) for micros in sorted(times)) + b"last\n")
    stamps = [time for time, _ in read(path)]
    assert stamps == sorted(stamps) and stamps[-1] == 100.0


@given(st.binary(max_size=200))
def test_no_bytes_that_a_function_writes_break_the_reader(tmp_path_factory, junk):
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(junk)
    assert all(message.endswith("\n") for _, message in read(path))


def test_a_log_that_the_function_has_emptied_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "log"
    log = LogFile(path)
    path.write_bytes(b"much that was logged\n")
    log.events(1.0, 0.0)
    path.write_bytes(b"little\n")
    assert log.events(2.0, 0.0) == [LogEvent(2.0, "little\n")]


def test_each_look_returns_only_what_is_new(tmp_path):
    path = tmp_path / "log"
    log = LogFile(path)
    assert log.events(1.0, 0.0) == []
    path.write_bytes(b"a\n")
    assert log.events(2.0, 0.0) == [LogEvent(2.0, "a\n")]
    with path.open("ab") as file:
        file.write(b"b\n")
    assert log.events(3.0, 0.0) == [LogEvent(3.0, "b\n")] and log.events(4.0, 0.0) == []


def test_the_tail_is_the_end_without_init_start():
    events = [LogEvent(0, "INIT_START Runtime\n"), LogEvent(0, "START\n"), LogEvent(0, "END\n")]
    assert tail(events) == b"START\nEND\n"
    assert tail([LogEvent(0, "x" * 5000 + "\n"), LogEvent(0, "END\n")]) == b"x" * (TAIL - 5) + b"\nEND\n"
