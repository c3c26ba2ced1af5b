"""A function's configuration against the quotas: nothing found within them, exactly one finding outside each."""

from __future__ import annotations

from datetime import date

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import facts, limits
from labkit.limits.arguments import OPERATIONS

DAY = date(2026, 11, 23)
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/repository:latest"
ROLE = "arn:aws:iam::123456789012:role/service-role/worker"
Q = facts.QUOTAS
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
VARIABLES = st.dictionaries(st.from_regex(r"[b-z][a-z0-9_]{1,20}", fullmatch=True), st.text(max_size=20), max_size=10)
WITHIN = st.fixed_dictionaries(
    {},
    optional={
        "FunctionName": NAMES,
        "Runtime": st.sampled_from(["python3.12", "python3.14", "nodejs24.x", "java21"]),
        "Role": st.just(ROLE),
        "Handler": st.from_regex(r"[a-z_./]{1,128}", fullmatch=True),
        "Description": st.text(max_size=Q["description"].maximum),
        "Timeout": st.integers(Q["timeout"].minimum, Q["timeout"].maximum),
        "MemorySize": st.integers(Q["memory"].minimum, Q["memory"].maximum),
        "EphemeralStorage": st.integers(Q["ephemeral_storage"].minimum, Q["ephemeral_storage"].maximum).map(
            lambda size: {"Size": size}
        ),
        "Environment": VARIABLES.map(lambda variables: {"Variables": variables}),
        "Layers": st.lists(
            st.just("arn:aws:lambda:us-east-1:123456789012:layer:pillow:1"), max_size=Q["layers"].maximum
        ),
        "Architectures": st.sampled_from([["x86_64"], ["arm64"]]),
        "PackageType": st.just("Zip"),
        "VpcConfig": st.integers(0, Q["subnets"].maximum).map(lambda n: {"SubnetIds": ["subnet-1"] * n}),
        "Publish": st.booleans(),
        "Tags": st.dictionaries(st.text(), st.text(), max_size=3),
    },
)


def only(findings):
    assert len(findings) == 1, repr(findings)
    return findings[0]


@given(WITHIN)
def test_any_configuration_within_the_bounds_has_no_findings(arguments):
    findings = limits.check(today=DAY, **arguments)
    assert not findings, repr(findings)
    assert limits.refusal(findings) is None


INTEGERS = {
    "Timeout": ("timeout", "timeout", lambda n: {"Timeout": n}),
    "MemorySize": ("memory", "memorySize", lambda n: {"MemorySize": n}),
    "EphemeralStorage.Size": (
        "ephemeral_storage",
        "ephemeralStorage.size",
        lambda n: {"EphemeralStorage": {"Size": n}},
    ),
}


@pytest.mark.parametrize("argument", INTEGERS)
@given(data=st.data(), others=WITHIN)
def test_an_integer_outside_its_bounds_is_exactly_that_finding(argument, data, others):
    name, path, arguments = INTEGERS[argument]
    low, high = Q[name].minimum, Q[name].maximum
    value = data.draw(st.integers(max_value=low - 1) | st.integers(min_value=high + 1))
    found = only(limits.check(today=DAY, **others | arguments(value)))
    bound = f"greater than or equal to {low}" if value < low else f"less than or equal to {high}"
    assert (found.argument, found.status, found.code, found.fact) == (
        argument,
        400,
        "ValidationException",
        Q[name].fact,
    )
    assert found.aws_message == (
        f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )


TEXT = st.text(max_size=300)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=4)
ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "FunctionName": TEXT, "Runtime": TEXT, "Role": TEXT, "Handler": TEXT, "Description": TEXT, "PackageType": TEXT,
        "Timeout": st.integers(), "MemorySize": st.integers(), "Publish": st.booleans(), "Tags": TEXTS,
        "Layers": st.lists(TEXT),
        "Code": st.fixed_dictionaries({}, optional={"ZipFile": st.binary(), "S3Bucket": TEXT, "ImageUri": TEXT}),
        "Environment": st.fixed_dictionaries({}, optional={"Variables": TEXTS}),
        "EphemeralStorage": st.fixed_dictionaries({"Size": st.integers()}), "Architectures": st.lists(TEXT),
        "SnapStart": st.fixed_dictionaries({"ApplyOn": TEXT | st.just("PublishedVersions")}),
        "VpcConfig": st.fixed_dictionaries({"SubnetIds": st.lists(TEXT), "SecurityGroupIds": st.lists(TEXT)}),
        "FileSystemConfigs": st.lists(st.just({"Arn": "a"})), "KMSKeyArn": st.none() | TEXT,
    },
)  # fmt: skip


@given(ANYTHING, st.sampled_from([None, "create_function"]))
def test_well_typed_input_never_raises_and_every_finding_can_be_shown(arguments, operation):
    findings = limits.check(operation=operation, today=DAY, **arguments)
    for found in findings:
        assert found.fact in facts.FACTS and found.as_of and found.source and found.message and found.remedy
        assert found.argument in repr(findings)
    assert findings._repr_html_().count("<table>") == len(findings)
    refused = limits.refusal(findings)
    assert (refused is None) == (not any(found.refused for found in findings))


def test_several_errors_of_shape_are_counted_and_joined_as_aws_does():
    refused = limits.refusal(limits.check(Timeout=1200, MemorySize=64, Layers=["l"] * 6))
    assert (refused.status, refused.code, refused.type) == (400, "ValidationException", None)
    assert refused.message == (
        "2 validation errors detected: "
        "Value '1200' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900; "
        "Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128"
    )


def test_an_error_of_meaning_comes_alone_and_with_a_type():
    refused = limits.refusal(limits.check(Layers=["l"] * 6, Environment={"Variables": {"AWS_REGION": "x"}}))
    assert (refused.status, refused.code, refused.type) == (400, "InvalidParameterValueException", "User")
    assert refused.message.endswith("Reserved keys used in this request: AWS_REGION")


def test_managed_instances_have_wider_bounds_and_the_finding_says_so():
    managed = {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {}}}
    assert not limits.check(Timeout=5400, MemorySize=32768, **managed)
    assert limits.check(Timeout=5401, MemorySize=1024, **managed)[1].allowed == "2,048 to 32,768 MB"
    assert "Lambda Managed Instances" in only(limits.check(Timeout=5400)).message


SNAPSTART = {"ApplyOn": "PublishedVersions"}
ENUM = "Member must satisfy enum value set: "
PATTERN = "Member must satisfy regular expression pattern: "
AT_MOST = "Member must have length less than or equal to "


@pytest.mark.parametrize(
    ("arguments", "path", "rule"),
    [
        ({"FunctionName": "a" * 141, "operation": "update_function_code"}, "functionName", f"{AT_MOST}140"),
        ({"FunctionName": "my function"}, "functionName", f"{PATTERN}(arn:"),
        ({"Role": "me"}, "role", rf"{PATTERN}arn:(aws[a-zA-Z-]*)?:iam::\d{{12}}:role/?[a-zA-Z_0-9+=,.@\-_/]+"),
        ({"Handler": "a" * 129}, "handler", f"{AT_MOST}128"),
        ({"Handler": "my handler"}, "handler", rf"{PATTERN}[^\s]+"),
        ({"Description": "a" * 257}, "description", f"{AT_MOST}256"),
        ({"Architectures": ["x86_64"] * 2}, "architectures", f"{AT_MOST}1"),
        ({"Architectures": ["arm"]}, "architectures", f"Member must satisfy constraint: [{ENUM}[x86_64, arm64], "),
        ({"PackageType": "zip"}, "packageType", f"{ENUM}[Image, Zip]"),
        ({"SnapStart": {"ApplyOn": "On"}}, "snapStart.applyOn", f"{ENUM}[PublishedVersions, None]"),
        ({"VpcConfig": {"SubnetIds": ["s"] * 17}}, "vpcConfig.subnetIds", f"{AT_MOST}16"),
        ({"VpcConfig": {"SecurityGroupIds": ["s"] * 6}}, "vpcConfig.securityGroupIds", f"{AT_MOST}5"),
        ({"FileSystemConfigs": [{}, {}]}, "fileSystemConfigs", f"{AT_MOST}1"),
        ({"Environment": {"Variables": {"a-b": ""}}}, "environment.variables", "Map keys must satisfy constraint: ["),
    ],
)  # fmt: skip
def test_each_rule_of_shape_is_refused_in_aws_s_words(arguments, path, rule):
    found = only(limits.check(today=DAY, **arguments))
    assert (found.status, found.code) == (400, "ValidationException")
    assert found.aws_message.startswith("1 validation error detected: Value")
    assert f" at '{path}' failed to satisfy constraint: {rule}" in found.aws_message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"Environment": {"Variables": {"LARGE_VAR": "x" * 4096}}},
            "Lambda was unable to configure your environment variables because the environment variables you have "
            'provided exceeded the 4KB limit. String measured: {"LARGE_VAR":"xxx',
        ),
        (
            {"Environment": {"Variables": {"AWS_REGION": "", "LAMBDA_TASK_ROOT": ""}}},
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            "this request: AWS_REGION, LAMBDA_TASK_ROOT",
        ),
        (
            {"FunctionName": "a" * 65},
            f"1 validation error detected: Value '{'a' * 65}' at 'functionName' failed to satisfy constraint: "
            f"{AT_MOST}64",
        ),
        ({"Layers": ["l"] * 6}, "Cannot reference more than 5 layers."),
        *(
            (
                {"PackageType": "Image", **given},
                "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
            )
            for given in ({"Layers": ["l"]}, {"Handler": "a.b"}, {"Runtime": "python3.13"})
        ),
        ({"Code": {"ImageUri": "repository:latest"}}, "Source image repository:latest is not valid."),
        ({"ImageConfig": {"Command": ["x" * 17000]}}, "ImageConfig must be smaller than 16384 bytes"),
        ({"PackageType": "Image", "SnapStart": SNAPSTART}, "ContainerImage is not supported for SnapStart"),
        (
            {"Runtime": "python3.99"},
            f"Value python3.99 at 'runtime' failed to satisfy constraint: {ENUM}[nodejs",
        ),
        (
            {"Runtime": "python3.7"},
            "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions.",
        ),
        (
            {"Runtime": "nodejs24.x", "SnapStart": SNAPSTART},
            "nodejs24.x is not supported for SnapStart enabled functions.",
        ),
        ({"EphemeralStorage": {"Size": 513}, "SnapStart": SNAPSTART}, "EphemeralStorage of 513 MB is not supported"),
        ({"FileSystemConfigs": [{"Arn": "a"}], "SnapStart": SNAPSTART}, "FileSystemConfigs is not supported"),
    ],
)
def test_each_rule_of_meaning_is_refused_in_aws_s_words(arguments, message):
    found = only(limits.check(today=DAY, **arguments))
    assert found.aws_message.startswith(message)
    assert limits.refusal([found]) == limits.Refusal(400, "InvalidParameterValueException", "User", found.aws_message)


def test_settings_of_several_requests_are_judged_together():
    settings = {"Runtime": "nodejs24.x", "SnapStart": SNAPSTART}
    message = "nodejs24.x is not supported for SnapStart enabled functions."
    assert only(limits.check_together(settings)).aws_message == message
    access_point = {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"}
    assert only(limits.check_together({"FileSystemConfigs": [access_point]})).aws_message == (
        f"Function must be configured to execute in a VPC to reference access point {access_point['Arn']}. Please "
        "update the function configuration to include VPC subnets and security groups."
    )
    assert not limits.check_together({"FileSystemConfigs": [access_point], "VpcConfig": {"SubnetIds": ["subnet-1"]}})
    assert not limits.check_together({})


@pytest.mark.parametrize("uri", [IMAGE, IMAGE.replace(":latest", f"@sha256:{'a' * 64}")])
def test_an_image_is_named_with_a_tag_or_a_digest(uri):
    assert not limits.check(Code={"ImageUri": uri})
    assert only(limits.check(Code={"ImageUri": uri.rpartition(":")[0]})).code == "InvalidParameterValueException"


def test_environment_variables_are_measured_together_as_json():
    exactly = "x" * (Q["environment"].maximum - len('{"A1":""}'))
    assert not limits.check(Environment={"Variables": {"A1": exactly}})
    assert only(limits.check(Environment={"Variables": {"A1": exactly + "x"}})).given == "4,097 bytes"
    assert limits.check(Environment={"Variables": {"A1": exactly[:-1] + "é"}})


def test_a_runtime_is_deprecated_then_closed_to_new_functions_then_to_updates():
    row = facts.RUNTIMES["python3.10"]
    warned = only(limits.check(Runtime=row.name, today=row.deprecated))
    assert not warned.refused and limits.refusal([warned]) is None and row.successor in warned.remedy
    assert only(limits.check(Runtime=row.name, today=row.create_block)).refused
    update = {"operation": "update_function_configuration", "Runtime": row.name}
    assert not only(limits.check(today=row.create_block, **update)).refused
    assert only(limits.check(today=row.update_block, **update)).refused
    assert not limits.check(Runtime=row.name, today=date(2026, 1, 1))


def test_a_misspelt_runtime_is_answered_with_the_nearest():
    assert "python3.12" in only(limits.check(Runtime="Python3.12", today=DAY)).remedy


def test_snapstart_works_with_its_runtimes():
    assert not limits.check(Runtime="python3.13", SnapStart={"ApplyOn": "PublishedVersions"}, today=DAY)
    assert not limits.check(Runtime="nodejs24.x", SnapStart={"ApplyOn": "None"}, today=DAY)


def test_what_a_new_function_needs_is_asked_for_only_in_a_whole_request():
    assert not limits.check(FunctionName="f")
    findings = limits.check(operation="create_function", FunctionName="f")
    assert {found.argument for found in findings} == {"Role", "Code", "Runtime"}
    assert "Value null at 'role'" in limits.refusal(findings).message
    whole = {"FunctionName": "f", "Role": ROLE, "Code": {"S3Bucket": "b", "S3Key": "k"}}
    refused = limits.refusal(limits.check(operation="create_function", **whole))
    assert refused.message.startswith("Runtime and Handler are mandatory parameters")
    image = whole | {"Code": {"ImageUri": IMAGE}, "PackageType": "Image"}
    assert not limits.check(operation="create_function", **image)
    assert not limits.check(operation="create_function", Runtime="python3.14", Handler="a.b", today=DAY, **whole)
    nothing = limits.check(
        operation="create_function", Runtime="python3.14", Handler="a.b", today=DAY, **whole | {"Code": {}}
    )
    assert limits.refusal(nothing).message == "Please provide a source for function code."


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"Timout": 3}, TypeError, "Timeout"),
        ({"timeout": 3}, TypeError, "Timeout"),
        ({"Environment": {"Vars": {}}}, TypeError, "Variables"),
        ({"EphemeralStorage": {"size": 512}}, TypeError, "Size"),
        ({"Timeout": "3"}, TypeError, r"Timeout takes a whole number; '3' \(str\) was given"),
        ({"Timeout": True}, TypeError, "whole number"),
        ({"Layers": "arn"}, TypeError, "a list"),
        ({"Layers": [3]}, TypeError, r"Layers\[0\] takes text"),
        ({"Environment": {"Variables": {"A": 1}}}, TypeError, "Environment.Variables.A takes text"),
        ({"operation": "create_functions"}, ValueError, "create_function"),
        ({"operation": "update_function_code", "Timeout": 3}, TypeError, "argument of update_function_code"),
    ],
)
def test_a_wrong_name_or_type_is_one_clear_error(arguments, error, words):
    with pytest.raises(error, match=words):
        limits.check(**arguments)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_argument_and_member_is_one_of_boto3_s(operation):
    api = botocore.session.get_session().get_service_model("lambda")
    name = "".join(word.capitalize() for word in operation.split("_"))
    theirs = api.operation_model(name).input_shape.members
    assert set(OPERATIONS[operation]) <= set(theirs)
    for argument, shape in OPERATIONS[operation].items():
        if isinstance(shape, dict):
            assert set(shape) <= set(theirs[argument].members)


def test_an_empty_result_says_what_was_checked_and_what_was_not():
    shown = str(limits.check(Timeout=3, Environment={"Variables": {}}, Tags={"a": "b"}))
    assert shown == "All within the quotas checked: Timeout, Environment.Variables. Not checked: Tags."
    assert "Nothing was checked" in str(limits.check())


def test_a_finding_reads_well_in_a_terminal_and_is_safe_in_a_notebook():
    findings = limits.check(Timeout=1200, Handler="<b> x")
    text, html = str(findings), findings._repr_html_()
    for words in ("2 findings", "1 to 900 s", "1,200 s", "HTTP 400 ValidationException", "NOTES-03, as of"):
        assert words in text and words in html
    assert "<b>" not in html and "color" not in html
    assert len(str(limits.check(Environment={"Variables": {"A1": "x" * 9000}}))) < 2000
