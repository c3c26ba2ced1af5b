"""Event patterns: what they match, and how AWS's compiler refuses them (reasons and columns as recorded)."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.control_plane.patterns import PatternError, compile_pattern

EVENT = {
    "source": "shop.orders", "detail-type": "Order placed", "resources": ["arn:a", "arn:b"],
    "detail": {
        "state": "running", "count": 5, "ratio": 0.5, "paid": True, "note": None, "empty": "", "ip": "10.0.0.7",
        "path": "dir/a/cat.png", "tags": ["Red", "blue"], "none": [], "deep": {"er": {"x": "y"}},
        "items": [{"kind": "book", "n": 1}, {"kind": "pen", "n": 9}],
    },
}  # fmt: skip


def matches(pattern, event=EVENT):
    return compile_pattern(json.dumps(pattern))(event)


def detail(**fields):
    return {"detail": {name.replace("_", "-"): value for name, value in fields.items()}}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["shop.orders"]}, True),
        ({"source": ["Shop.orders"]}, False),
        ({"Source": ["shop.orders"]}, False),
        ({"source": ["x", "shop.orders"], "detail-type": ["Order placed"]}, True),
        ({"source": ["shop.orders"], "detail-type": ["other"]}, False),
        ({"resources": ["arn:b"]}, True),
        ({"resources": ["arn:a", "arn:x"]}, True),
        (detail(count=[5]), True),
        (detail(count=[5.0]), True),
        (detail(count=["5"]), False),
        (detail(paid=[True]), True),
        (detail(paid=["true"]), False),
        (detail(paid=[1]), False),
        (detail(note=[None]), True),
        (detail(missing=[None]), False),
        (detail(empty=[""]), True),
        (detail(state=[{"prefix": "run"}]), True),
        (detail(state=[{"prefix": "Run"}]), False),
        (detail(state=[{"prefix": {"equals-ignore-case": "RUN"}}]), True),
        (detail(path=[{"suffix": ".png"}]), True),
        (detail(path=[{"suffix": {"equals-ignore-case": ".PNG"}}]), True),
        (detail(count=[{"prefix": "5"}]), False),
        (detail(state=[{"equals-ignore-case": "RUNNING"}]), True),
        (detail(path=[{"wildcard": "dir/*.png"}]), True),
        (detail(path=[{"wildcard": "*/b/*"}]), False),
        (detail(state=[{"wildcard": "run\\*"}]), False),
        (detail(ip=[{"cidr": "10.0.0.0/24"}]), True),
        (detail(ip=[{"cidr": "10.0.1.0/24"}]), False),
        (detail(state=[{"cidr": "10.0.1.0/24"}]), False),
        (detail(count=[{"numeric": ["=", 5]}]), True),
        (detail(count=[{"numeric": [">", 0, "<=", 5]}]), True),
        (detail(count=[{"numeric": [">", 5]}]), False),
        (detail(ratio=[{"numeric": ["<", 1]}]), True),
        (detail(state=[{"numeric": [">", 0]}]), False),
        (detail(paid=[{"numeric": ["=", 1]}]), False),
        (detail(state=[{"exists": True}]), True),
        (detail(missing=[{"exists": True}]), False),
        (detail(missing=[{"exists": False}]), True),
        (detail(state=[{"exists": False}]), False),
        (detail(deep=[{"exists": True}]), False),
        (detail(none=[{"exists": False}]), True),
        (detail(state=[{"anything-but": "stopped"}]), True),
        (detail(state=[{"anything-but": ["running", "x"]}]), False),
        (detail(count=[{"anything-but": 5}]), False),
        (detail(count=[{"anything-but": [1, 2]}]), True),
        (detail(note=[{"anything-but": "x"}]), True),
        (detail(missing=[{"anything-but": "x"}]), False),
        (detail(state=[{"anything-but": {"prefix": "run"}}]), False),
        (detail(state=[{"anything-but": {"suffix": ["x", "y"]}}]), True),
        (detail(state=[{"anything-but": {"equals-ignore-case": ["RUNNING"]}}]), False),
        (detail(path=[{"anything-but": {"wildcard": "*/a/*"}}]), False),
        (detail(tags=["blue"]), True),
        (detail(tags=[{"equals-ignore-case": "red"}]), True),
        (detail(deep={"er": {"x": ["y"]}}), True),
        (detail(state={"x": ["y"]}), False),
        (detail(items={"kind": ["book"], "n": [1]}), True),
        (detail(items={"kind": ["book"], "n": [9]}), False),
        ({"detail.state": ["running"]}, True),
        ({"detail": {"deep.er.x": ["y"]}}, True),
        ({"$or": [{"source": ["x"]}, detail(count=[5])]}, True),
        ({"$or": [{"source": ["x"]}, detail(count=[6])]}, False),
        ({"source": ["x"], "$or": [{"source": ["shop.orders"]}, detail(count=[5])]}, False),
        ({"detail": {"$or": [{"count": [{"numeric": [">", 9]}]}, {"state": ["running"]}]}}, True),
    ],
    ids=json.dumps,
)
def test_what_matches(pattern, expected):
    assert matches(pattern) is expected


def test_keys_with_dots_in_the_event_are_nested_too():
    assert matches({"detail": {"state": ["on"]}}, {"detail.state": "on"})


def test_the_last_of_two_equal_keys_counts():
    assert not compile_pattern('{"source": ["shop.orders"], "source": ["x"]}')(EVENT)


@pytest.mark.parametrize(
    ("pattern", "reason", "column"),
    [
        ('{"int": 42}', '"int" must be an object or an array', 11),
        ('{"string": "my-value"}', '"string" must be an object or an array', 13),
        ('{"resources": []}', "Empty arrays are not allowed", 17),
        ('{"detail": {"equal": [{"NUMERIC": ["=", 5]}]}}', "Unrecognized match type NUMERIC", 36),
        ('{"my_key": [{"EXISTS": true}]}', "Unrecognized match type EXISTS", 28),
        ('{"detail": {"c-count": [{"numeric": [">", 0, ">", 0]}]}}', "Bad numeric range operator: >", 49),
        ('{"detail": {"c-count": [{"numeric": [">", 0, "<"]}]}}', "Value of < must be numeric", 50),
    ],
)
def test_a_refusal_names_the_reason_and_the_column_as_recorded(pattern, reason, column):
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)
    assert (refused.value.reason, refused.value.column) == (reason, column)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": [[1]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{}]}', "Match expression name not found"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"prefix": {"x": "y"}}]}', "Unsupported prefix pattern: x"),
        ('{"a": [{"suffix": {}}]}', "Suffix expression name not found"),
        ('{"a": [{"wildcard": "a**b"}]}', "Consecutive wildcard characters at pos 2"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape character at pos 1"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": [5]}]}', "Invalid member in numeric match: 5"),
        ('{"a": [{"numeric": ["~", 5]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": ["=", "5"]}]}', "Value of equals must be numeric"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"numeric": ["=", 5, "<", 6]}]}', "Too many elements in numeric expression"),
        ('{"a": [{"anything-but": {}}]}', "Anything-But expression name not found"),
        ('{"a": [{"anything-but": {"x": "y"}}]}', "Unsupported anything-but pattern: x"),
        ('{"a": [{"anything-but": true}]}', "Value of anything-but must be an array or single string/number value."),
        ('{"a": [{"anything-but": [null]}]}', "Inside anything but list, start|null|boolean is not supported."),
        (
            '{"a": [{"anything-but": ["x", 1]}]}',
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ),
        ('{"$or": {"a": ["b"]}}', "It must be an Array followed with $or."),
        ('{"$or": ["a"]}', "Only JSON object is allowed in array of $or relationship."),
        ('{"$or": [{"a": ["b"]}]}', "There must have at least 2 Objects in $or relationship."),
    ],
)
def test_each_reason(pattern, reason):
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)
    assert refused.value.reason == reason


def test_no_json_says_where():
    with pytest.raises(PatternError) as refused:
        compile_pattern('{"a": [1,}')
    assert refused.value.column == 10


def test_a_pattern_nested_too_deeply_is_refused():
    with pytest.raises(PatternError):
        compile_pattern('{"a":' * 5000 + '["x"]' + "}" * 5000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "b.c", "$or", "numeric", "prefix", "anything-but", "exists"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_no_pattern_and_no_event_is_an_accident(pattern, event):
    with contextlib.suppress(PatternError):
        assert compile_pattern(json.dumps(pattern))(event) in (True, False)


@given(JSON)
def test_anything_but_is_the_opposite_of_equality_where_the_field_is_there(value):
    event = {"a": value}
    scalar = value is not None and not isinstance(value, (list, dict, bool))
    if scalar:
        assert matches({"a": ["x", {"anything-but": "x"}]}, event)
        assert matches({"a": [value]}, event)


@given(st.text(max_size=20) | st.sampled_from(["NaN", '{"a": [Infinity]}', "-Infinity"]))
def test_no_text_is_an_accident(text):
    with contextlib.suppress(PatternError):
        compile_pattern(text)
