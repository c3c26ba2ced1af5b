"""Traffic from files: each format, what is broken in one, and what a file can't be."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import fleet
from labkit.mistake import BadValue

REPORT = (
    "{time} REPORT RequestId: 8f5\tDuration: {duration} ms\tBilled Duration: 52 ms\tMemory Size: 256 MB\t"
    "Max Memory Used: 40 MB\t{init}"
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="trace.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


@pytest.mark.parametrize("name", ["trace.csv", "trace.csv.gz"])
def test_a_list_of_seconds(written, name):
    traffic = fleet.read(written("3\n1\n2.5\n", name))
    assert traffic.arrivals.tolist() == [0, 1.5, 2] and traffic.service is None and traffic.began == 1


def test_times_with_a_head_and_durations_beside_them_stay_together(written):
    text = "\ufefftimestamp,duration,init\n2026-11-26T09:30:01Z,0.2,0\n2026-11-26 09:30:00,0.1,0.5\n"
    traffic = fleet.read(written(text))
    assert (traffic.arrivals.tolist(), traffic.service.tolist(), traffic.init.tolist()) == (
        [0, 1],
        [0.1, 0.2],
        [0.5, 0],
    )


def test_milliseconds_since_1970_are_seconds(written):
    assert fleet.read(written("1764149400000\n1764149401500\n")).arrivals.tolist() == [0, 1.5]


def test_azure_2021_arrivals_are_ends_less_durations(written):
    traffic = fleet.read(written("app,func,end_timestamp,duration\na,f,10,4\na,g,7,2\n"))
    assert (traffic.arrivals.tolist(), traffic.service.tolist()) == ([0, 1], [2, 4])


def test_azure_2019_counts_are_spread_over_their_minutes(written):
    head = "HashOwner,HashApp,HashFunction,Trigger," + ",".join(map(str, range(1, 1441)))
    counts = np.zeros((2, 1440), dtype=int)
    counts[0, 3], counts[1, 3], counts[1, 1439] = 40, 2, 7
    rows = ["o,a,f,http," + ",".join(map(str, row)) for row in counts]
    path = written("\n".join([head, *rows]))
    traffic = fleet.read(path)
    minutes = ((traffic.arrivals + traffic.began) // 60).astype(int)
    assert np.bincount(minutes).nonzero()[0].tolist() == [3, 1439]
    assert np.bincount(minutes)[[3, 1439]].tolist() == [42, 7]
    assert fleet.read(path).arrivals.tolist() == traffic.arrivals.tolist() != fleet.read(path, seed=1).arrivals.tolist()


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Label": "Invocations", "Datapoints": [
            {"Timestamp": "2026-11-26T09:05:00Z", "Sum": 3.0, "Unit": "Count"},
            {"Timestamp": "2026-11-26T09:00:00Z", "Sum": 5.0, "Unit": "Count"},
        ]}, indent=2),
        json.dumps({"MetricDataResults": [
            {"Timestamps": ["2026-11-26T09:00Z", "2026-11-26T09:05Z"], "Values": [5, 3]},
        ]}),
        "Timestamp,Invocations\n2026-11-26 09:00:00,5\n2026-11-26 09:05:00,3\n",
    ],
)  # fmt: skip
def test_cloudwatch_sums_are_spread_over_their_periods(written, text):
    traffic = fleet.read(written(text))
    assert len(traffic) == 8
    absolute = traffic.arrivals + traffic.began
    assert ((absolute // 300) - (absolute[0] // 300)).tolist() == [0] * 5 + [1] * 3


def test_reports_in_text(written):
    lines = [
        "2026-11-26T09:30:00.000Z INIT_START Runtime Version: python:3.13.v1",
        "2026-11-26T09:30:01.000Z START RequestId: 8f5 Version: $LATEST",
        REPORT.format(time="2026-11-26T09:30:01.600Z", duration="100.00", init="Init Duration: 500.00 ms"),
        "2026-11-26T09:30:02.000Z what the handler printed",
        REPORT.format(time="2026-11-26T09:30:03.051Z", duration="51.00", init=""),
    ]
    traffic = fleet.read(written("\n".join(lines), "log.txt"))
    assert traffic.arrivals.tolist() == pytest.approx([0, 2])
    assert (traffic.service.tolist(), traffic.init.tolist(), traffic.memory) == ([0.1, 0.051], [0.5, 0], 256)


def test_reports_in_json(written):
    start = {"time": "2026-11-26T09:30:01Z", "type": "platform.start", "record": {}}
    metrics = {"durationMs": 100.0, "billedDurationMs": 100, "memorySizeMB": 512, "maxMemoryUsedMB": 40}
    report = {"time": "2026-11-26T09:30:02Z", "type": "platform.report", "record": {"metrics": metrics}}
    traffic = fleet.read(written("\n".join(map(json.dumps, [start, report])), "log.json"))
    assert (len(traffic), traffic.service.tolist(), traffic.memory) == (1, [0.1], 512)


def test_what_was_read_can_be_simulated(written):
    traffic = fleet.read(written("timestamp,duration\n0,1\n0.5,1\n10,1\n"))
    trace = fleet.simulate(traffic.arrivals, service=traffic.service, init=0.2)
    assert trace.words("start_type").tolist() == ["cold", "cold", "warm"]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.booleans())
def test_any_list_of_times_comes_back_sorted(tmp_path_factory, times, head):
    path = tmp_path_factory.mktemp("t") / "trace.csv"
    path.write_text("\n".join([*(["timestamp"] if head else []), *map(repr, times)]))
    traffic = fleet.read(path)
    assert (traffic.arrivals + traffic.began).tolist() == pytest.approx(sorted(times))


@given(st.text(max_size=60))
def test_any_text_is_traffic_or_one_clear_message(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("t") / "trace.csv"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        assert len(fleet.read(path)) >= 0
    except BadValue as error:
        assert "trace.csv" in str(error)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("hello there", "line 1: this is the beginning of no format"),
        ("1\n2\nx\n", "line 3: 'x' is no time"),
        ("1\n2\n-3\n", "line 3: the time -3 is not possible"),
        ("1\nnan\n", "line 2: the time nan"),
        ("1,2\n2\n", "line 2: there are 1 columns where 2"),
        ("timestamp,duration\n1,x\n", "line 2: the duration 'x' is no number"),
        ("timestamp,colour\n1,2\n", "line 1: the column 'colour' is not known"),
        ("app,func,end_timestamp,duration\na,f,1\n", "line 2: there are 3 columns"),
        ("app,func,end_timestamp,duration\na,f,1,-2\n", "line 2: the duration -2 is not possible"),
        ("HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1\n", "line 2: there are 1 minutes"),
        ("HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,1,x\n", "line 2: the count 'x'"),
        ('{"Label": "Invocations"}', "no sums in it"),
        ('{"Label": ', "no whole JSON"),
        ("Timestamp,Sum\n2026-11-26,many\n", "line 2: the sum 'many'"),
        ("START RequestId: 1\nEND RequestId: 1\n", "line 2: the log has no REPORT line"),
        (REPORT.format(time="", duration="1", init=""), "line 1: there is no time in front of REPORT"),
        ("START RequestId: 1\n2026-11-26T09:30:00Z REPORT RequestId: 1 Dur", "line 2: this REPORT line is cut short"),
        ('{"type": "platform.report", "record": {}}', "line 1: this report is cut short"),
    ],
)
def test_a_broken_line_is_shown_with_its_number(written, text, message):
    with pytest.raises(BadValue) as error:
        fleet.read(written(text))
    assert message in str(error.value)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path, written):
    with pytest.raises(BadValue, match="there is no file"):
        fleet.read(tmp_path / "none.csv")
    broken = tmp_path / "broken.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(BadValue, match="can't be read as text"):
        fleet.read(broken)
    with pytest.raises(BadValue, match="can't be read as text"):
        fleet.read(tmp_path)
