"""Which function a request names, and what is answered when its name is out of form or leads nowhere."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from served import RUNTIME, zip_of

ACCOUNT, REGION = "123456789012", "us-east-1"
FUNCTIONS = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
ARN = f"{FUNCTIONS}:my-function"
PREFIX = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
)
CREATED = PREFIX + r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"
NAMED = PREFIX + r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
QUALIFIER = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
LONG = "a" * 129
TOO_LONG = f"{FUNCTIONS}:{'a' * 94}"
assert len(TOO_LONG) == 141
ABROAD = f"arn:aws:lambda:invalid-region:{ACCOUNT}:function:my-function"
MISMATCH = (
    400,
    "InvalidParameterValueException",
    "The derived qualifier from the function name does not match the specified qualifier.",
)


def answer(action, **arguments):
    """Status, code and message of a refusal; the function's name where there is none."""
    try:
        return action(**arguments).get("FunctionName")
    except ClientError as error:
        found = error.response
        return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"].get("Message")


def fault(field, value, constraint):
    return f"Value '{value}' at '{field}' failed to satisfy constraint: Member must {constraint}"


def pattern(value, rule, field="functionName"):
    return fault(field, value, f"satisfy regular expression pattern: {rule}")


def length(value, most, field="functionName"):
    return fault(field, value, f"have length less than or equal to {most}")


def malformed(*faults):
    errors = "error" if len(faults) == 1 else "errors"
    return 400, "ValidationException", f"{len(faults)} validation {errors} detected: {'; '.join(faults)}"


def not_found(arn):
    return 404, "ResourceNotFoundException", f"Function not found: {arn}"


CASES = {  # name, qualifier, and what GetFunction, DeleteFunction, Invoke and CreateFunction answer
    "characters in the name": ("my-function!", None, pattern),
    "a name of one wrong character": ("*", None, pattern),
    "characters in the qualifier": (
        "my-function",
        "invalid!",
        *[malformed(pattern("invalid!", QUALIFIER, "qualifier"))] * 3,
        malformed(pattern("my-function:invalid!", CREATED)),
    ),
    "a long qualifier": (
        "my-function",
        LONG,
        *[malformed(length(LONG, 128, "qualifier"))] * 3,
        malformed(length(f"my-function:{LONG}", 140)),
    ),
    "the account of a partial ARN": ("invalid-account:function:my-function", None, pattern),
    "the region of an ARN": (ABROAD, None, pattern),
    "another service's ARN": (f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance:i-1234567890abcdef0", None, pattern),
    "a long name": (
        "a" * 65,
        None,
        not_found(f"{FUNCTIONS}:{'a' * 65}"),
        not_found(f"{FUNCTIONS}:{'a' * 65}"),
        not_found(f"{FUNCTIONS}:{'a' * 65}:$LATEST"),
        (400, "InvalidParameterValueException", f"1 validation error detected: {length('a' * 65, 64)}"),
    ),
    "a long name in an invalid region": (
        ABROAD + "a" * 170,
        None,
        *[malformed(pattern(ABROAD + "a" * 170, NAMED))] * 3,
        malformed(length(ABROAD + "a" * 170, 140), pattern(ABROAD + "a" * 170, CREATED)),
    ),
    "a long name and qualifier in an invalid region": (
        ABROAD + "a" * 170,
        LONG,
        *[malformed(pattern(ABROAD + "a" * 170, NAMED), length(LONG, 128, "qualifier"))] * 3,
        malformed(length(f"{ABROAD}{'a' * 170}:{LONG}", 140), pattern(f"{ABROAD}{'a' * 170}:{LONG}", CREATED)),
    ),
    "an ARN with two qualifiers": (f"{ARN}:1:2", None, pattern),
    "an ARN that ends before the name": (
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function",
        None,
        not_found(f"{FUNCTIONS}:function"),
        not_found(f"{FUNCTIONS}:function"),
        not_found(f"{FUNCTIONS}:function:$LATEST"),
        "function",
    ),
    "a partial ARN with something after the qualifier": ("function:my-function:$LATEST:extra", None, pattern),
    "$LATEST and another qualifier": (
        f"{ARN}:$LATEST",
        "1",
        *[MISMATCH] * 3,
        malformed(pattern(f"{ARN}:$LATEST:1", CREATED)),
    ),
    "$latest": (
        ARN,
        "$latest",
        not_found(f"{ARN}:$latest"),
        not_found(ARN),
        not_found(f"{ARN}:$latest"),
        malformed(pattern(f"{ARN}:$latest", CREATED)),
    ),
    "an ARN without region": (f"arn:aws:lambda::{ACCOUNT}:function:my-function", None, pattern),
    "an ARN without account": (f"arn:aws:lambda:{REGION}::function:my-function", None, pattern),
    "$LATES": (f"{ARN}:$LATES", None, pattern),
}


@pytest.mark.parametrize(("name", "qualifier", "expected"), [(n, q, e) for n, q, *e in CASES.values()], ids=CASES)
def test_a_name_and_a_qualifier(served, name, qualifier, expected):
    if expected == [pattern]:
        expected = [malformed(pattern(name, NAMED))] * 3 + [malformed(pattern(name, CREATED))]
    client, more = served.awslambda, {} if qualifier is None else {"Qualifier": qualifier}
    assert answer(client.get_function, FunctionName=name, **more) == expected[0]
    assert answer(client.delete_function, FunctionName=name, **more) == expected[1]
    assert answer(client.invoke, FunctionName=name, **more) == expected[2]
    assert create(served, f"{name}:{qualifier}" if qualifier else name) == expected[3]


def create(served, name):
    return answer(
        served.awslambda.create_function, FunctionName=name, Role=served.role(), Runtime=RUNTIME, Handler="a.b",
        Code={"ZipFile": zip_of("")},
    )  # fmt: skip


def test_the_refusal_of_a_long_name_is_of_the_users_type(served):
    with pytest.raises(ClientError) as refused:
        served.function("", name="a" * 65)
    assert refused.value.response["Type"] == "User"


@pytest.mark.parametrize("operation", ["get_function", "delete_function"])
def test_an_alias_cannot_be_deleted_as_a_function(served, operation):
    found = answer(getattr(served.awslambda, operation), FunctionName="my-function", Qualifier="a" * 65)
    deletion = (400, "InvalidParameterValueException", "Deletion of aliases is not currently supported.")
    assert found == (deletion if operation == "delete_function" else not_found(f"{ARN}:{'a' * 65}"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ARN, "my-function"),
        (f"{ACCOUNT}:function:my-function", "my-function"),
        ("function:my-function", "my-function"),
        ("invalid:function:name", malformed(pattern("invalid:function:name", CREATED))),
        (TOO_LONG, malformed(length(TOO_LONG, 140))),
        (
            f"arn:aws:lambda:ap-southeast-1:{ACCOUNT}:function:my-function",
            (404, "ResourceNotFoundException",
             "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')"),
        ),
        (f"arn:aws:lambda:{REGION}:000000000000:function:my-function", (403, "AccessDeniedException", None)),
        ("000000000000:function:my-function", (403, "AccessDeniedException", None)),
    ],
)  # fmt: skip
def test_the_names_that_a_new_function_may_be_given(served, name, expected):
    assert create(served, name) == expected


@pytest.mark.parametrize(
    ("operation", "suffix"),
    [("get_function", ":$LATEST"), ("get_function_configuration", ":$LATEST"), ("delete_function", None)],
)
def test_a_qualifier_given_twice(served, operation, suffix):
    action = getattr(served.awslambda, operation)
    assert answer(action, FunctionName=f"{ARN}:1", Qualifier="$LATEST") == MISMATCH
    undeletable = "$LATEST version cannot be deleted without deleting the function."
    expected = not_found(ARN + suffix) if suffix else (400, "InvalidParameterValueException", undeletable)
    assert answer(action, FunctionName=f"{ARN}:$LATEST", Qualifier="$LATEST") == expected


READERS = ["get_function", "get_function_configuration", "delete_function", "invoke", "get_function_concurrency"]


@pytest.mark.parametrize("operation", READERS)
def test_a_function_that_does_not_exist(served, operation):
    suffix = ":$LATEST" if operation == "invoke" else ""
    assert answer(getattr(served.awslambda, operation), FunctionName="my-function") == not_found(ARN + suffix)


@pytest.mark.parametrize("operation", READERS)
def test_a_function_of_another_region(served, operation):
    served.function("")
    name = f"arn:aws:lambda:ap-southeast-1:{ACCOUNT}:function:f"
    status, _, message = answer(getattr(served.awslambda, operation), FunctionName=name)
    assert (status, message) == (
        404, "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')"
    )  # fmt: skip


@pytest.mark.parametrize("operation", ["get_function", "get_function_configuration", "invoke"])
@pytest.mark.parametrize("qualifier", ["5", "nope"])
def test_a_version_or_alias_that_does_not_exist(served, operation, qualifier):
    served.function("")
    action = getattr(served.awslambda, operation)
    missing = not_found(f"{FUNCTIONS}:f:{qualifier}")
    assert answer(action, FunctionName="f", Qualifier=qualifier) == missing
    assert answer(action, FunctionName=f"{FUNCTIONS}:f:{qualifier}") == missing


def test_a_version_that_does_not_exist_is_deleted_without_an_error(served):
    served.function("")
    for _ in range(2):
        done = served.awslambda.delete_function(FunctionName="f", Qualifier="5")
        assert done["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert answer(served.awslambda.delete_function, FunctionName="my-function", Qualifier="5") == not_found(ARN)


@pytest.mark.parametrize("name", ["f", f"{FUNCTIONS}:f", f"{ACCOUNT}:function:f", "function:f"])
def test_a_function_by_its_name_partial_arn_and_arn(served, name):
    served.function("")
    served.advance(1)
    served.awslambda.update_function_configuration(FunctionName=name, Description=f"by {name}")
    assert served.awslambda.get_function_configuration(FunctionName="f")["Description"] == f"by {name}"


def test_invoke_refuses_what_is_no_arn(served):
    name = f"arn:aws:lambda:{REGION}:123400000000@function:myfn"
    assert answer(served.awslambda.invoke, FunctionName=name) == malformed(pattern(name, NAMED))


FUNCTIONS_ONLY = (
    "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please "
    "specify either a function name or an unqualified function ARN."
)


@pytest.mark.parametrize("name", ["f:1", f"{FUNCTIONS}:f:$LATEST"])
def test_what_concerns_the_whole_function_takes_no_version(served, name):
    served.function("", Publish=True)
    client, refused = served.awslambda, (400, "InvalidParameterValueException", FUNCTIONS_ONLY)
    assert create(served, name) == refused
    assert answer(client.update_function_configuration, FunctionName=name, Timeout=9) == refused
    assert answer(client.update_function_code, FunctionName=name, ZipFile=zip_of("")) == refused
    assert answer(client.publish_version, FunctionName=name) == refused
