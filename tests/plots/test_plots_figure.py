from __future__ import annotations

import base64
import math
import re
import subprocess
import sys
from html.parser import HTMLParser

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.plots import concurrency, latencies, starts, timeline
from labkit.plots.wording import time_text
from labkit.records import OUTCOMES, START_TYPES, Trace

PLOTS = [timeline, starts, concurrency, latencies]


def attributes_of_image(markup):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(markup)
    [(tag, attributes)] = found
    assert tag == "img"
    return attributes


@pytest.mark.parametrize("plot", PLOTS)
def test_a_notebook_shows_an_image_with_alt_text(plot, mixed):
    figure = plot(mixed, source='said by "me" & <you>')
    image = attributes_of_image(figure._repr_html_())
    assert image["alt"] == figure.alt
    assert 'Said by "me" & <you>.' in figure.alt
    assert "max-width:100%" in image["style"]
    kind, data = image["src"].split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG")


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("source", ["measured on this machine", "simulated"])
def test_a_line_below_says_where_the_records_come_from(plot, source, mixed):
    assert plot(mixed, source=source).figure.get_supxlabel() == source


@pytest.mark.parametrize("plot", PLOTS)
def test_the_same_records_give_the_same_picture_whatever_the_learner_has_set(plot, mixed):
    plain = plot(mixed)._repr_html_()
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30, "savefig.dpi": 20, "text.color": "white"}):
        assert plot(mixed)._repr_html_() == plain
        assert matplotlib.rcParams["font.size"] == 30


@pytest.mark.parametrize("plot", PLOTS)
def test_a_figure_is_saved_in_the_format_of_its_ending(plot, mixed, tmp_path):
    plot(mixed).save(tmp_path / "figure.svg")
    assert "<svg" in (tmp_path / "figure.svg").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="png"):
        plot(mixed).save(tmp_path / "figure.nonsense")


@pytest.fixture
def uneven(call):
    """Two functions, calls of milliseconds up to three minutes apart."""
    heavy = [call("h", 0, 0.02, 0.4, 0.003, "cold", function="a-function-with-quite-a-long-name")]
    heavy += [call("h", 8 + 7 * i, 0, 0, 0.002, function="a-function-with-quite-a-long-name") for i in range(25)]
    return Trace.of([*heavy, call("l", 400, 0.02, 0.04, 0.003, "cold"), call("l", 580, 0, 0, 0.002)])


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("trace", ["mixed", "uneven"])
def test_text_is_large_enough_and_nothing_overlaps(plot, trace, request, check_readable):
    check_readable(plot(request.getfixturevalue(trace)).figure)


@pytest.mark.parametrize("plot", PLOTS)
def test_an_empty_trace_tells_to_invoke_first(plot):
    with pytest.raises(ValueError, match="invoke a function first"):
        plot(Trace.of([]))
    with pytest.raises(TypeError, match=r"labkit.invocations\(\); a list was given"):
        plot([])


def test_labkit_loads_no_matplotlib_and_plots_no_pyplot():
    code = (
        "import sys, labkit; assert 'matplotlib' not in sys.modules\n"
        "from labkit.records import Invocation, Trace\n"
        "trace = Trace.of([Invocation('r','f','1','e','','cold','ok',0.,.1,.1,.1,.1,128.,40.)])\n"
        "for plot in (labkit.plots.timeline, labkit.plots.starts): plot(trace)._repr_html_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


@pytest.mark.parametrize("plot", PLOTS)
def test_times_that_were_not_recorded_do_not_break_the_figure(plot, call):
    trace = Trace.of([call("a", 0, math.nan, math.nan, 0.1, "cold"), call("a", 1, 0, 0, math.nan, "", "timeout")])
    assert "nan" not in plot(trace).alt
    plot(trace)._repr_html_()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.00042, "0.42 ms"), (0.0482, "48.2 ms"), (0.9999, "1,000 ms"), (1, "1 s"), (2.104, "2.1 s"),
     (119.6, "120 s"), (180, "3 min"), (7200, "2 h"), (90_000, "25 h"), (1e-9, "0 ms")],
)  # fmt: skip
def test_times_are_written_with_three_digits_and_the_unit_that_fits(seconds, text):
    assert time_text(seconds) == text


seconds = st.one_of(st.just(0.0), st.floats(1e-6, 900))


@st.composite
def traces(draw):
    n = draw(st.integers(1, 12))
    many = {"min_size": n, "max_size": n}
    return Trace.from_columns(
        request_id=[str(i) for i in range(n)],
        function=draw(st.lists(st.from_regex(r"[a-zA-Z0-9_$-]{1,64}", fullmatch=True), **many)),
        version=["$LATEST"] * n,
        environment=draw(st.lists(st.sampled_from(["", "a", "b", "c"]), **many)),
        source=["invoke"] * n,
        start_type=draw(st.lists(st.sampled_from(START_TYPES), **many)),
        outcome=draw(st.lists(st.sampled_from(OUTCOMES), **many)),
        arrival=draw(st.lists(st.floats(0, 2e9), **many)),
        **{name: draw(st.lists(seconds, **many)) for name in ("wait", "init", "duration", "billed")},
        memory=[128.0] * n,
        max_memory=[40.0] * n,
    )


@pytest.mark.filterwarnings("error")
@settings(max_examples=25)
@given(trace=traces())
def test_any_trace_draws_and_its_alt_text_counts_it(trace):
    counts = trace.counts()
    over_time = timeline(trace)
    used = {(i.function, i.environment) for i in trace if i.environment}
    assert over_time.alt.startswith(f"Timeline of {len(used)} execution environment{'s' * (len(used) != 1)} over ")
    assert re.search(rf": {counts['cold']} cold start", over_time.alt)
    by_start = starts(trace)
    served = len(trace) - counts["throttled"]
    assert f"answer of {served} invocation{'s' * (served != 1)}: " in by_start.alt
    for figure in (over_time, by_start):
        figure.figure.draw_without_rendering()
