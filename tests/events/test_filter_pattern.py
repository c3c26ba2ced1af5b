"""CloudWatch Logs' filter patterns: which messages they match, what they extract, and what is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.events.filter_pattern import FilterPatternError, compile_filter

BAD_REQUEST = "[ERROR 400] BAD REQUEST"
MISSING = "[ERROR 419] MISSING ARGUMENTS"
TERMS = [
    ("", "anything", True),
    (" ", "", True),
    ("ERROR", BAD_REQUEST, True),
    ("ERROR", "an error", False),
    ("ERROR ARGUMENTS", MISSING, True),
    ("ERROR ARGUMENTS", BAD_REQUEST, False),
    ("?ERROR ?WARN", "WARN 1", True),
    ("?ERROR ?WARN", "INFO 1", False),
    ("?ERROR ?MISSING REQUEST", BAD_REQUEST, True),
    ("?ERROR ?MISSING REQUEST", "INFO REQUEST", True),
    ("?ERROR ?MISSING REQUEST", MISSING, False),
    ("ERROR -ARGUMENTS", BAD_REQUEST, True),
    ("ERROR -ARGUMENTS", MISSING, False),
    ("-ERROR", "INFO", True),
    ('"BAD REQUEST"', BAD_REQUEST, True),
    ('"BAD REQUEST"', "REQUEST BAD", False),
    ('"[ERROR" -"400]"', MISSING, True),
    ('"say \\"hi\\""', 'they say "hi"', True),
    ('"50% or 60% of 70%, 80%"', "50% or 60% of 70%, 80%", True),
    ("%ERR.{2} 4[0-9]{2}%", MISSING, True),
    (r"%^\[%", MISSING, True),
    ("%colou?r|gr[ae]y%", "grey", True),
    (r"%\x5BERROR\s\d+\]%", BAD_REQUEST, True),
    ("%400$%", BAD_REQUEST, False),
]


@pytest.mark.parametrize(("pattern", "message", "matches"), TERMS)
def test_terms(pattern, message, matches):
    assert compile_filter(pattern)(message) == ({} if matches else None)


EVENT = json.dumps({
    "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "code": 404, "latency": 49.5, "text": "7",
    "arrayKey": ["value", "another value"], "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "nothing": None, "yes": True, "no": False, "cluster.name": "c", "user": {"id": 1, "e-mail": "a@b"}, "big": [1000],
})  # fmt: skip
JSON = [
    ('{ $.eventType = "UpdateTrail" }', True),
    ("{$.eventType=UpdateTrail}", True),
    ("{ $.eventType = Update* }", True),
    ('{ $.eventType = "*Tra*" }', True),
    ("{ $.eventType != Update* }", False),
    ("{ $.sourceIPAddress != 123.123.* }", True),
    ("{ $.eventType = %Tra.l$% }", True),
    ("{ $.eventType != %Tra.l$% }", False),
    ("{ $.arrayKey[0] = value }", True),
    ("{ $.arrayKey[2] = value }", False),
    ("{ $.arrayKey[*] = another* }", True),
    ("{ $.arrayKey = value }", False),
    ("{ $.arrayKey != value }", False),
    ("{ $.objectList[1].name = b }", True),
    ("{ $.objectList[*].id = 2 }", True),
    ("{ $.* = %^111% }", True),
    ("{ $.['cluster.name'] = c }", True),
    ("{ $['cluster.name'] = c }", True),
    ('{ $.user.e-mail = "a@b" }', True),
    ("{ $.code = 404 }", True),
    ("{ $.code = 404.0 }", True),
    ("{ $.code = 4* }", True),
    ("{ $.code != 404 }", False),
    ("{ $.code >= 404 && $.code <= 404 }", True),
    ("{ $.code > 404 || $.latency < 49.6 }", True),
    ("{ $.big[0] = 1e+3 }", True),
    ("{ $.text > 6 }", True),
    ("{ $.eventType > 6 }", False),
    ("{ $.nothing IS NULL }", True),
    ("{ $.missing IS NULL }", False),
    ("{ $.nothing = * }", False),
    ("{ $.yes IS TRUE && $.no IS FALSE }", True),
    ("{ $.yes = true }", False),
    ("{ $.missing NOT EXISTS }", True),
    ("{ $.nothing NOT EXISTS }", False),
    ("{ $.missing != 1 }", False),
    ("{ $.code = 404 || $.code = 1 && $.code = 2 }", True),
    ("{ ($.code = 404 || $.code = 1) && $.code = 2 }", False),
    ("{ (($.code = 404)) && ($.user.id = 1) }", True),
]


@pytest.mark.parametrize(("pattern", "matches"), JSON)
def test_json(pattern, matches):
    assert compile_filter(pattern)(EVENT) == ({} if matches else None)


@pytest.mark.parametrize("message", ["", "no JSON", '["a list"]', '2026 {"code": 1}', "[" * 100_000])
def test_what_is_no_json_object_matches_no_pattern_for_one(message):
    assert compile_filter("{ $.code NOT EXISTS }")(message) is None


LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
DELIMITED = [
    (
        "[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
        {
            "ip": "127.0.0.1", "user": "Prod", "username": "frank", "timestamp": "10/Oct/2000:13:25:15 -0700",
            "request": "GET /index.html HTTP/1.0", "status_code": "404", "bytes": "1534",
        },
    ),
    ("[..., status_code = 404 || status_code = 410, bytes > 1000]", {"status_code": "404", "bytes": "1534"}),
    ("[..., status_code = 410 || status_code = 500, bytes]", None),
    ("[..., bytes < 1000]", None),
    ("[ip, ..., bytes]", {"ip": "127.0.0.1", "bytes": "1534"}),
    ("[ip=%127\\.0\\.0\\.[1-9]%, user != Test && user != Dev, ...]", {"ip": "127.0.0.1", "user": "Prod"}),
    ("[,,who,...]", {"who": "frank"}),
    ("[ip, rest]", {"ip": "127.0.0.1", "rest": LINE.partition(" ")[2]}),
    ('[..., request = "GET /index.html HTTP/1.0",,]', {"request": "GET /index.html HTTP/1.0"}),
    ("[a, b, c, d, e, f, g, h]", None),
    ("[a, b, c, d, e, f, g, h, ...]", None),
    ("[]", {}),
    ("[...]", {}),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "fields"), DELIMITED)
def test_fields_between_blanks(pattern, fields):
    assert compile_filter(pattern)(LINE) == fields


@pytest.mark.parametrize("line", ["ERROR 09/25/2014 12:00:02 Failed to process", "WARNING 09/25/2014 disk"])
def test_the_last_field_takes_the_rest(line):
    assert compile_filter("[w1=ERROR || w1=%^WARN%, w2]")(f"{line}\n")["w2"] == line.partition(" ")[2]


NONE = [
    "%something!%", "%(ab)+%", "%café%", r"%\p%", "%%", "%a{3,%", "%[%", "%abc", '"open', "-",
    "{ $.a }", "{ $.a = }", "{ $.a = 1", "{ $.a = 1 } more", "{ a = 1 }", "{ $.a == 1 }", "{ $.a = 1 && }",
    "{ ($.a = 1 }", "{ $.a IS MAYBE }", "{ $.a EXISTS }", "{ $.a[x] = 1 }", '{ $.a = "open }', "{ $. = 1 }",
    "{ $.a > b }", "{ $.*[*] = 1 }", "{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }", "{" + "(" * 1000,
    "[a, ..., b, ..., c]", "[a, a]", "[a = ]", "[a, b", "[a, b] more", "[a = 1 || ]", "[1a]", "[a, b = x || c = y]",
    "[a=%x%, b=%y%, c=%z%]",
]  # fmt: skip


@pytest.mark.parametrize("pattern", NONE)
def test_what_is_no_pattern_is_told_with_the_reason(pattern):
    with pytest.raises(FilterPatternError) as refused:
        compile_filter(pattern)
    assert str(refused.value) and refused.value.answer


def test_a_term_with_other_signs_must_stand_in_quotation_marks():
    with pytest.raises(FilterPatternError, match='must stand in quotation marks: "a-b"') as refused:
        compile_filter("a-b")
    assert refused.value.answer == "Invalid character(s) in term 'a-b'"
    with pytest.raises(FilterPatternError) as refused:
        compile_filter("[a, b")
    assert refused.value.answer == "If a filter pattern starts with '[' it must end with ']'"


@given(st.text(alphabet='[]{}()%"$.=!<>&|?-*, aA1\\'))
def test_any_text_is_a_pattern_or_refused(text):
    try:
        match = compile_filter(text)
    except FilterPatternError:
        return
    for message in (text, EVENT, LINE):
        assert match(message) is None or isinstance(match(message), dict)


WORDS = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=4)


@given(WORDS, WORDS)
def test_terms_are_all_there_or_one_of_them_is_missing(terms, words):
    message = " ".join(words)
    expected = all(term in message for term in terms)
    assert (compile_filter(" ".join(terms))(message) is not None) == expected
    assert (compile_filter(" ".join(f"?{term}" for term in terms))(message) is not None) == any(
        term in message for term in terms
    )


@given(st.dictionaries(st.sampled_from("abc"), st.integers(-5, 5) | st.text("xy", max_size=2)), st.integers(-5, 5))
def test_a_comparison_and_its_opposite(event, bound):
    message = json.dumps(event)
    for sign, other in (("=", "!="), ("<", ">="), (">", "<=")):
        one, two = (compile_filter(f"{{ $.a {each} {bound} }}")(message) is not None for each in (sign, other))
        comparable = isinstance(event.get("a"), int) or (sign == "=" and "a" in event)
        assert (one or two) == comparable and not (one and two)


@given(st.lists(st.text("ab1", min_size=1, max_size=3), min_size=1, max_size=5))
def test_each_field_has_its_name(fields):
    names = [f"f{number}" for number in range(len(fields))]
    assert compile_filter(f"[{', '.join(names)}]")(" ".join(fields)) == dict(zip(names, fields, strict=True))
