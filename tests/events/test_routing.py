"""Which path fits which pattern, whatever the path."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labkit.events.http.routing import most_specific, path_parameters, segments

part = st.text("abc%20.-~", min_size=1, max_size=4)
parts = st.lists(part, max_size=4)


def path_of(given):
    return "/" + "/".join(given)


@given(parts)
def test_a_plain_pattern_fits_itself_alone(given):
    assert path_parameters(path_of(given), path_of(given)) == {}
    assert path_parameters(path_of(given), path_of([*given, "more"])) is None
    assert path_parameters(path_of([*given, "more"]), path_of(given)) is None


@given(parts, part, parts)
def test_a_variable_is_one_segment(before, value, after):
    pattern = path_of([*before, "{name}", *after])
    assert path_parameters(pattern, path_of([*before, value, *after])) == {"name": value}
    assert path_parameters(pattern, path_of([*before, *after])) is None


@given(parts, st.lists(part, min_size=1, max_size=4))
def test_a_greedy_variable_is_the_rest_and_at_least_one_segment(before, rest):
    pattern = path_of([*before, "{proxy+}"])
    assert path_parameters(pattern, path_of([*before, *rest])) == {"proxy": "/".join(rest)}
    assert path_parameters(pattern, path_of(before)) is None


@given(st.lists(part, min_size=1, max_size=4), st.data())
def test_the_route_that_fits_is_no_less_exact_than_any_other(given, data):
    """Of all the patterns that fit a path the plainest is chosen, from left to right, in whatever order they stand."""
    patterns = [[]]
    for segment in given:
        patterns = [[*pattern, choice] for pattern in patterns for choice in (segment, "{v}")]
    routes = data.draw(st.permutations([path_of(pattern) for pattern in patterns] + ["/{proxy+}"]))
    assert most_specific(routes, str, path_of(given)) == (path_of(given), {})
    assert segments(path_of(given)) == given
