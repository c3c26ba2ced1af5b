"""Functions as CreateFunction, GetFunction, the updates, ListFunctions and DeleteFunction answer them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import urllib.request

import pytest
from botocore.exceptions import ClientError
from served import RUNTIME, zip_of

from labkit import facts

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CODE = zip_of("def lambda_handler(event, context):\n    return 1\n")
OTHER = zip_of("def lambda_handler(event, context):\n    return 2\n")
CREATING = ("Pending", "The function is being created.", "Creating")
STATE = ("State", "StateReason", "StateReasonCode")
UPDATE = ("LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode")
IN_PROGRESS = ("InProgress", "The function is being created.", "Creating")
WRONG_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
    "the latest Revision Id"
)


def sha256(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def members(found, names):
    return tuple(found.get(name) for name in names)


def without_metadata(found):
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def refusal(action, **arguments):
    """Status, code and message."""
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    found = refused.value.response
    return found["ResponseMetadata"]["HTTPStatusCode"], found["Error"]["Code"], found["Error"]["Message"]


def invalid(message):
    return 400, "InvalidParameterValueException", message


def malformed(value, field, constraint):
    fault = f"Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"
    return 400, "ValidationException", f"1 validation error detected: {fault}"


@pytest.fixture
def create(served):
    """Creates a function from the required arguments and what else is given; its answer."""
    role = served.role("AWSLambdaBasicExecutionRole")

    def creation(name="f", **more):
        required = {"Role": role, "Runtime": RUNTIME, "Handler": "lambda_function.lambda_handler"}
        return served.awslambda.create_function(FunctionName=name, **{**required, "Code": {"ZipFile": CODE}, **more})

    return creation


# A new function.


def test_the_answer_of_a_creation_has_the_recorded_members_and_no_others(served, create):
    answer = create()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    found = without_metadata(answer)
    assert UUID.fullmatch(found.pop("RevisionId"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", found.pop("LastModified"))
    runtime_version = found.pop("RuntimeVersionConfig")["RuntimeVersionArn"]
    assert re.fullmatch(rf"arn:aws:lambda:{REGION}::runtime:[0-9a-f]+", runtime_version)
    assert found == {
        "Architectures": ["x86_64"],
        "CodeSha256": sha256(CODE),
        "CodeSize": len(CODE),
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "FunctionArn": ARN,
        "FunctionName": "f",
        "Handler": "lambda_function.lambda_handler",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "MemorySize": 128,
        "PackageType": "Zip",
        "Role": served.iam.get_role(RoleName="tester")["Role"]["Arn"],
        "Runtime": RUNTIME,
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "Version": "$LATEST",
    }


def test_a_function_becomes_active_and_its_revision_changes(served, create):
    created = without_metadata(create())
    served.advance(1)
    active = without_metadata(served.awslambda.get_function_configuration(FunctionName="f"))
    assert active.pop("RevisionId") != created.pop("RevisionId")
    assert (active.pop("State"), active.pop("LastUpdateStatus")) == ("Active", "Successful")
    assert active == {name: value for name, value in created.items() if name not in STATE}


def test_a_waiter_is_answered_when_the_change_is_over_and_others_at_once(served, create):
    assert create()["State"] == "Pending"
    lambda_, asked_once = served.awslambda, {"MaxAttempts": 1}
    assert lambda_.get_function(FunctionName="f")["Configuration"]["State"] == "Pending"
    for name in ("function_active", "function_active_v2"):
        lambda_.get_waiter(name).wait(FunctionName="f", WaiterConfig=asked_once)
    updated = lambda_.update_function_configuration(FunctionName="f", MemorySize=256)
    assert updated["LastUpdateStatus"] == "InProgress"
    lambda_.get_waiter("function_updated_v2").wait(FunctionName="f", WaiterConfig=asked_once)


@pytest.mark.parametrize(
    ("given", "answered"),
    [({}, None), ({"Variables": {}}, {"Variables": {}}), ({"Variables": {"A1": "é"}}, {"Variables": {"A1": "é"}})],
)
def test_the_environment_is_given_back_unless_there_is_none(served, create, given, answered):
    create(**({"Environment": given} if given else {}))
    assert served.awslambda.get_function_configuration(FunctionName="f").get("Environment") == answered


def test_what_a_function_is_given_comes_back(served, create):
    settings = {
        "Architectures": ["arm64"],
        "Description": "é",
        "EphemeralStorage": {"Size": 1024},
        "KMSKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234",
        "MemorySize": 256,
        "Timeout": 7,
        "TracingConfig": {"Mode": "Active"},
    }
    created = create(**settings, Tags={"team": "blue"})
    found = served.awslambda.get_function(FunctionName="f")
    assert found["Tags"] == {"team": "blue"}
    for name, value in settings.items():
        assert created[name] == found["Configuration"][name] == value


def test_a_runtime_has_one_version_arn(served, create):
    arn = create()["RuntimeVersionConfig"]
    assert create("g")["RuntimeVersionConfig"] == arn != create("h", Runtime="python3.9")["RuntimeVersionConfig"]


def test_a_function_of_the_same_name_is_refused(served, create):
    create()
    expected = 409, "ResourceConflictException", "Function already exist: f"
    assert refusal(lambda: create()) == expected


ROLE_PATTERN = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
RUNTIMES = (
    "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, "
    "python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, "
    "java11, dotnet6, nodejs18.x, provided.al2, java8.al2"
)
PATTERN, ENUM = "Member must satisfy regular expression pattern: ", "Member must satisfy enum value set: "
EITHER = {  # what creation and update of the configuration refuse alike
    "a role that is no ARN": ({"Role": "r1"}, malformed("r1", "role", PATTERN + ROLE_PATTERN)),
    "a role of another account": (
        {"Role": "arn:aws:iam::000000000000:role/tester"},
        (403, "AccessDeniedException", "Cross-account pass role is not allowed."),
    ),
    "an unknown role": (
        {"Role": f"arn:aws:iam::{ACCOUNT}:role/none"},
        invalid("The role defined for the function cannot be assumed by Lambda."),
    ),
    **{
        f"runtime {name}": (
            {"Runtime": name},
            invalid(
                f"Value {name} at 'runtime' failed to satisfy constraint: {ENUM}[{RUNTIMES}] or be a valid ARN"
            ),
        )
        for name in ("non-existent-runtime", "PYTHON3.9")
    },
    "snapstart": (
        {"SnapStart": {"ApplyOn": "invalidOption"}},
        malformed("invalidOption", "snapStart.applyOn", f"{ENUM}[PublishedVersions, None]"),
    ),
    "six layers": (
        {"Layers": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:pillow:{number}" for number in range(1, 7)]},
        invalid("Cannot reference more than 5 layers."),
    ),
}  # fmt: skip
ON_CREATION = {
    "two architectures": (
        {"Architectures": ["x86_64", "arm64"]},
        malformed("[x86_64, arm64]", "architectures", "Member must have length less than or equal to 1"),
    ),
    "an architecture in capitals": (
        {"Architectures": ["X86_64"]},
        malformed(
            "[X86_64]", "architectures",
            f"Member must satisfy constraint: [{ENUM}[x86_64, arm64], Member must not be null]",
        ),
    ),
    "no zip": (
        {"Code": {"ZipFile": b"this is not a zip file, just a random string"}},
        invalid("Could not unzip uploaded file. Please check your file, then try to upload again."),
    ),
    "many tags": (
        {"Tags": {f"key{number}": "" for number in range(51)}},
        invalid("Number of tags exceeds resource tag limit."),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), (EITHER | ON_CREATION).values(), ids=EITHER | ON_CREATION)
def test_a_creation_that_is_refused(served, create, given, expected):
    assert refusal(lambda: create(**given)) == expected
    assert refusal(served.awslambda.get_function, FunctionName="f")[0] == 404


@pytest.mark.parametrize(("given", "expected"), EITHER.values(), ids=EITHER)
def test_an_update_that_is_refused(served, create, given, expected):
    create()
    served.advance(1)
    before = without_metadata(served.awslambda.get_function_configuration(FunctionName="f"))
    assert refusal(served.awslambda.update_function_configuration, FunctionName="f", **given) == expected
    assert without_metadata(served.awslambda.get_function_configuration(FunctionName="f")) == before


@pytest.mark.parametrize(
    "runtime",
    ["java8", "go1.x", "provided", "ruby2.7", "nodejs14.x", "python3.7", "dotnetcore3.1", "nodejs12.x"],
)
def test_a_retired_runtime_is_refused(create, runtime):
    assert refusal(lambda: create(Runtime=runtime)) == invalid(
        f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions."
    )


def test_a_deprecated_runtime_is_still_accepted_by_an_update(served, create):
    create()
    served.advance(1)
    assert (
        served.awslambda.update_function_configuration(FunctionName="f", Runtime="python3.8")["Runtime"] == "python3.8"
    )


FROM_S3 = "Error occurred while GetObject. S3 Error Code: "


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ({"S3Bucket": "nowhere", "S3Key": "k"}, "NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
        ({"S3Bucket": "code", "S3Key": "k"}, "NoSuchKey. S3 Error Message: The specified key does not exist."),
    ],
)
def test_code_that_is_not_in_s3(served, create, code, message):
    served.s3.create_bucket(Bucket="code")
    assert refusal(lambda: create(Code=code)) == invalid(FROM_S3 + message)
    create()
    served.advance(1)
    assert refusal(served.awslambda.update_function_code, FunctionName="f", **code) == invalid(FROM_S3 + message)


# VPC and dead letters.


def lengths(pattern):
    return (
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
        f"greater than or equal to 0, Member must satisfy regular expression pattern: {pattern}]"
    )


@pytest.fixture
def network(served):
    """A VPC, a subnet and a security group in it."""
    vpc = served.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = served.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = served.ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    return vpc, subnet, group


@pytest.fixture
def in_vpc(served):
    return {"Role": served.role("AWSLambdaVPCAccessExecutionRole", name="networker")}


def test_a_function_is_connected_to_a_vpc_and_detached(served, create, network, in_vpc):
    vpc, subnet, group = network
    assert "VpcConfig" not in create("g")
    given = {"SubnetIds": [subnet], "SecurityGroupIds": [group]}
    connected = {"Ipv6AllowedForDualStack": False, "VpcId": vpc, **given}
    assert create(**in_vpc, VpcConfig=given)["VpcConfig"] == connected
    assert served.awslambda.get_function(FunctionName="f")["Configuration"]["VpcConfig"] == connected
    served.advance(1)
    nothing = {"SubnetIds": [], "SecurityGroupIds": []}
    answer = served.awslambda.update_function_configuration(FunctionName="f", VpcConfig=nothing)
    assert answer["VpcConfig"] == {"Ipv6AllowedForDualStack": False, "VpcId": "", **nothing}
    served.advance(1)
    answer = served.awslambda.update_function_configuration(FunctionName="f", VpcConfig=given)
    assert answer["VpcConfig"] == connected


ABSENT = {
    "subnet": (
        "subnet-12345", None,
        invalid("Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: "
                "The subnet ID 'subnet-12345' does not exist"),
    ),
    "group": (
        None, "sg-12345",
        invalid("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
                "EC2 Error Message: The security group 'sg-12345' does not exist"),
    ),
    "both": (
        "subnet-12345", "sg-12345",
        invalid("Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. "
                "EC2 Error Message: The security group 'sg-12345' does not exist"),
    ),
    "subnet out of form": (
        "bad-subnet", None, malformed("[bad-subnet]", "vpcConfig.subnetIds", lengths("subnet-[0-9a-z]*"))
    ),
    "group out of form": (
        None, "bad-sg", malformed("[bad-sg]", "vpcConfig.securityGroupIds", lengths("sg-[0-9a-zA-Z]*"))
    ),
}  # fmt: skip


@pytest.mark.parametrize(("subnet", "group", "expected"), ABSENT.values(), ids=ABSENT)
def test_a_subnet_or_security_group_that_is_not_there(create, network, in_vpc, subnet, group, expected):
    given = {"SubnetIds": [subnet or network[1]], "SecurityGroupIds": [group or network[2]]}
    assert refusal(lambda: create(**in_vpc, VpcConfig=given)) == expected


def test_subnets_come_with_security_groups(create, network, in_vpc):
    message = "SubnetIds and SecurityIds must coexist or be both empty list."
    assert refusal(lambda: create(**in_vpc, VpcConfig={"SubnetIds": [network[1]]})) == invalid(message)


def test_a_file_system_is_reached_through_a_vpc(served, create, network, in_vpc):
    arn = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-0123456789abcdef0"
    given = {"FileSystemConfigs": [{"Arn": arn, "LocalMountPath": "/mnt/data"}]}
    message = (
        f"Function must be configured to execute in a VPC to reference access point {arn}. Please update the function "
        "configuration to include VPC subnets and security groups."
    )
    assert refusal(lambda: create(**given)) == invalid(message)
    connected = {"SubnetIds": [network[1]], "SecurityGroupIds": [network[2]]}
    assert create(**given, **in_vpc, VpcConfig=connected)["FileSystemConfigs"] == given["FileSystemConfigs"]
    served.advance(1)
    update = served.awslambda.update_function_configuration
    nothing = {"SubnetIds": [], "SecurityGroupIds": []}
    assert refusal(update, FunctionName="f", VpcConfig=nothing) == invalid(message)
    assert "FileSystemConfigs" not in update(FunctionName="f", FileSystemConfigs=[], VpcConfig=nothing)


PERMISSION = "The provided execution role does not have permissions to call "


def test_the_role_may_create_network_interfaces(served, create, network, in_vpc):
    given = {"VpcConfig": {"SubnetIds": [network[1]], "SecurityGroupIds": [network[2]]}}
    assert refusal(lambda: create(**given)) == invalid(PERMISSION + "CreateNetworkInterface on EC2")
    create()
    served.advance(1)
    update = served.awslambda.update_function_configuration
    assert refusal(update, FunctionName="f", **given) == invalid(PERMISSION + "CreateNetworkInterface on EC2")
    assert update(FunctionName="f", **given, **in_vpc)["VpcConfig"]["VpcId"] == network[0]


@pytest.mark.parametrize(
    ("arn", "missing"),
    [
        (f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "SendMessage on SQS"),
        (f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Publish on SNS"),
    ],
)
def test_the_role_may_send_dead_letters(served, create, arn, missing):
    assert refusal(lambda: create(DeadLetterConfig={"TargetArn": arn})) == invalid(PERMISSION + missing)
    sender = served.role(name="sender", allow=[{"Action": ["sqs:SendMessage", "sns:Publish"], "Resource": arn}])
    nobody = invalid(f"The destination ARN {arn} is invalid.")
    assert refusal(lambda: create(Role=sender, DeadLetterConfig={"TargetArn": arn})) == nobody
    served.sqs.create_queue(QueueName="q")
    served.sns.create_topic(Name="t")
    assert create(Role=sender, DeadLetterConfig={"TargetArn": arn})["DeadLetterConfig"] == {"TargetArn": arn}
    served.advance(1)
    answer = served.awslambda.update_function_configuration(FunctionName="f", DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in answer


def test_code_has_a_source(served, create):
    message = "Please provide a source for function code."
    assert refusal(lambda: create(Code={})) == invalid(message)
    create()
    served.advance(1)
    assert refusal(served.awslambda.update_function_code, FunctionName="f") == invalid(message)


# What is read.


@pytest.mark.parametrize("source", ["request", "S3"])
def test_the_code_can_be_fetched_where_get_function_says(served, create, source):
    served.s3.create_bucket(Bucket="code")

    def given(content):
        if source == "request":
            return {"ZipFile": content}
        served.s3.put_object(Bucket="code", Key="code.zip", Body=content)
        return {"S3Bucket": "code", "S3Key": "code.zip"}

    create(Code=given(CODE))
    assert fetched(served) == CODE
    served.advance(1)
    updated = served.awslambda.update_function_code(FunctionName="f", **given(OTHER))
    assert (updated["CodeSha256"], updated["CodeSize"]) == (sha256(OTHER), len(OTHER))
    assert fetched(served) == OTHER


def fetched(served):
    code = served.awslambda.get_function(FunctionName="f")["Code"]
    assert set(code) == {"RepositoryType", "Location"} and code["RepositoryType"] == "S3"
    with urllib.request.urlopen(code["Location"]) as answer:
        return answer.read()


def test_the_arn_shows_the_qualifier_that_was_asked_for(served, create):
    create(Publish=True)
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    served.advance(1)
    expected = {None: (ARN, "$LATEST"), "$LATEST": (f"{ARN}:$LATEST", "$LATEST"), "1": (f"{ARN}:1", "1")}
    expected["live"] = (f"{ARN}:live", "1")
    revisions = {}
    for qualifier, (arn, version) in expected.items():
        more = {"Qualifier": qualifier} if qualifier else {}
        whole = served.awslambda.get_function(FunctionName="f", **more)["Configuration"]
        flat = without_metadata(served.awslambda.get_function_configuration(FunctionName=arn))
        assert (whole["FunctionArn"], whole["Version"]) == (arn, version) and flat == whole
        revisions[qualifier] = whole["RevisionId"]
    assert revisions[None] == revisions["$LATEST"] != revisions["1"] == revisions["live"]


def test_get_function_tells_of_tags_and_reserved_concurrency_only_where_there_are_any(served, create):
    create()
    assert set(without_metadata(served.awslambda.get_function(FunctionName="f"))) == {"Code", "Configuration"}
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=7)
    found = served.awslambda.get_function(FunctionName="f")
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 7}


# Updates.


def update_configuration(client, **arguments):
    return client.update_function_configuration(FunctionName="f", Description="changed", **arguments)


def update_code(client, **arguments):
    return client.update_function_code(FunctionName="f", ZipFile=OTHER, **arguments)


def update_nothing(client, **arguments):
    return client.update_function_configuration(FunctionName="f", **arguments)


UPDATES = pytest.mark.parametrize("update", [update_configuration, update_code, update_nothing])


@UPDATES
def test_an_update_is_in_progress_then_successful_and_each_has_its_revision(served, create, update):
    revisions = [create()["RevisionId"]]
    served.advance(1)
    read = served.awslambda.get_function_configuration
    revisions.append(read(FunctionName="f")["RevisionId"])
    answer = update(served.awslambda)
    assert (answer["State"], members(answer, UPDATE)) == ("Active", IN_PROGRESS)
    assert (answer["FunctionArn"], answer["Version"]) == (ARN, "$LATEST")
    assert without_metadata(read(FunctionName="f")) == without_metadata(answer)
    served.advance(1)
    done = read(FunctionName="f")
    assert members(done, UPDATE) == ("Successful", None, None)
    assert len({*revisions, answer["RevisionId"], done["RevisionId"]}) == 4


@UPDATES
def test_an_update_names_the_revision_it_is_made_of(served, create, update):
    stale = create()["RevisionId"]
    served.advance(1)
    assert refusal(update, client=served.awslambda, RevisionId=stale) == (
        412, "PreconditionFailedException", WRONG_REVISION
    )  # fmt: skip
    current = served.awslambda.get_function_configuration(FunctionName="f")["RevisionId"]
    assert update(served.awslambda, RevisionId=current)["LastUpdateStatus"] == "InProgress"


@UPDATES
def test_an_update_waits_for_the_one_before(served, create, update):
    create()
    served.advance(1)
    update(served.awslambda)
    message = f"The operation cannot be performed at this time. An update is in progress for resource: {ARN}"
    assert refusal(update, client=served.awslambda) == (409, "ResourceConflictException", message)
    served.advance(1)
    update(served.awslambda)


@UPDATES
def test_an_update_of_a_function_that_does_not_exist(served, update):
    assert refusal(update, client=served.awslambda) == (
        404, "ResourceNotFoundException", f"Function not found: {ARN}"
    )  # fmt: skip


def test_an_update_replaces_what_it_names_and_keeps_the_rest(served, create):
    kept = without_metadata(create(Environment={"Variables": {"A1": "1"}}, Timeout=5, MemorySize=256))
    served.advance(1)
    given = {
        "Description": "new", "Environment": {"Variables": {"B1": "2"}}, "EphemeralStorage": {"Size": 600},
        "TracingConfig": {"Mode": "Active"}, "KMSKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234",
    }  # fmt: skip
    answer = served.awslambda.update_function_configuration(FunctionName="f", **given)
    assert {name: answer[name] for name in given} == given
    same = set(kept) - set(given) - {*STATE, *UPDATE, "RevisionId", "LastModified"}
    assert {name: answer[name] for name in same} == {name: kept[name] for name in same}
    served.advance(1)
    emptied = served.awslambda.update_function_configuration(
        FunctionName="f", Description="", Environment={"Variables": {}}, KMSKeyArn=""
    )
    assert (emptied["Description"], emptied["Environment"]) == ("", {"Variables": {}})
    assert "KMSKeyArn" not in emptied


def test_new_code_with_publish_is_answered_as_the_version_that_is_being_made(served, create):
    create()
    served.advance(1)
    answer = served.awslambda.update_function_code(FunctionName="f", ZipFile=OTHER, Publish=True)
    assert (answer["FunctionArn"], answer["Version"]) == (f"{ARN}:1", "1")
    assert members(answer, STATE) == CREATING and members(answer, UPDATE) == (None, None, None)
    version = served.awslambda.get_function_configuration(FunctionName="f", Qualifier="1")
    assert without_metadata(version) == without_metadata(answer)
    latest = served.awslambda.get_function_configuration(FunctionName="f", Qualifier="$LATEST")
    assert (latest["State"], members(latest, UPDATE)) == ("Active", IN_PROGRESS)
    assert latest["RevisionId"] != answer["RevisionId"]
    served.advance(1)
    assert served.awslambda.get_function_configuration(FunctionName="f", Qualifier="1")["State"] == "Active"


def test_a_dry_run_checks_and_changes_nothing(served, create):
    create()
    served.advance(1)
    before = served.awslambda.get_function(FunctionName="f")["Configuration"]
    answer = served.awslambda.update_function_code(FunctionName="f", ZipFile=OTHER, DryRun=True, Publish=True)
    assert answer["CodeSha256"] == sha256(OTHER)
    with pytest.raises(ClientError, match="Could not unzip"):
        served.awslambda.update_function_code(FunctionName="f", ZipFile=b"no zip", DryRun=True)
    assert served.awslambda.get_function(FunctionName="f")["Configuration"] == before
    assert len(served.awslambda.list_versions_by_function(FunctionName="f")["Versions"]) == 1
    assert fetched(served) == CODE
    assert served.invoke().payload == 1


# Logging.

JSON = {"ApplicationLogLevel": "INFO", "LogFormat": "JSON", "LogGroup": "/aws/lambda/f", "SystemLogLevel": "INFO"}
TEXT = {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        (None, {"LogFormat": "JSON"}, JSON),
        (None, {"LogGroup": "cool_lambda"}, TEXT | {"LogGroup": "cool_lambda"}),
        (None, {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}, JSON | {"ApplicationLogLevel": "DEBUG"}),
        (None, {"LogFormat": "JSON", "SystemLogLevel": "DEBUG"}, JSON | {"SystemLogLevel": "DEBUG"}),
        ({"LogFormat": "JSON"}, JSON | {"LogGroup": "cool_lambda"}, JSON | {"LogGroup": "cool_lambda"}),
        ({"LogFormat": "JSON", "LogGroup": "g"}, {"LogFormat": "Text"}, TEXT | {"LogGroup": "g"}),
        ({"LogFormat": "JSON", "SystemLogLevel": "WARN"}, {"ApplicationLogLevel": "ERROR"},
         JSON | {"SystemLogLevel": "WARN", "ApplicationLogLevel": "ERROR"}),
    ],
)  # fmt: skip
def test_logging(served, create, before, given, after):
    create(**({"LoggingConfig": before} if before else {}))
    served.advance(1)
    answer = served.awslambda.update_function_configuration(FunctionName="f", LoggingConfig=given)
    assert answer["LoggingConfig"] == after
    assert served.awslambda.get_function_configuration(FunctionName="f")["LoggingConfig"] == after


def test_levels_go_with_the_json_format(served, create):
    create(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"})
    for format_ in ("Text", "JSON"):
        served.advance(1)
        answer = served.awslambda.update_function_configuration(FunctionName="f", LoggingConfig={"LogFormat": format_})
    assert answer["LoggingConfig"] == JSON


# SnapStart.


@pytest.mark.parametrize(
    "runtime", ["java11", "java17", "java21", "java25", "python3.12", "python3.13", "dotnet8", "dotnet10"]
)
def test_snapstart_is_kept(served, create, runtime):
    create(Runtime=runtime)
    served.advance(1)
    snapstart = {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    answer = served.awslambda.update_function_configuration(
        FunctionName="f", SnapStart={"ApplyOn": "PublishedVersions"}
    )
    assert answer["SnapStart"] == snapstart
    assert served.awslambda.get_function_configuration(FunctionName="f")["SnapStart"] == snapstart


def test_snapstart_is_refused_where_it_does_not_work(served, create):
    create(Runtime="nodejs22.x")
    served.advance(1)
    snapstart = {"ApplyOn": "PublishedVersions"}
    message = "nodejs22.x is not supported for SnapStart enabled functions."
    assert refusal(lambda: create("g", Runtime="nodejs22.x", SnapStart=snapstart)) == invalid(message)
    update = served.awslambda.update_function_configuration
    assert refusal(update, FunctionName="f", SnapStart=snapstart) == invalid(message)
    assert update(FunctionName="f", Runtime="java21", SnapStart=snapstart)["Runtime"] == "java21"
    served.advance(1)
    assert refusal(update, FunctionName="f", Runtime="nodejs22.x") == invalid(message)


# Lists.


def test_the_list_of_functions_leaves_out_states(served, create):
    create("f", Publish=True, Environment={"Variables": {"A1": "1"}})
    create("g")
    served.advance(1)
    client = served.awslambda
    listed = client.list_functions()["Functions"]
    assert [(each["FunctionArn"], each["Version"]) for each in listed] == [
        (ARN, "$LATEST"), (ARN[:-1] + "g", "$LATEST")
    ]  # fmt: skip
    whole = without_metadata(client.get_function_configuration(FunctionName="f"))
    hidden = {*STATE, *UPDATE, "RuntimeVersionConfig"}
    assert listed[0] == {name: value for name, value in whole.items() if name not in hidden}
    everything = client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [each["FunctionArn"] for each in everything] == [f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN[:-1]}g:$LATEST"]
    paged = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 1})
    assert [[each["FunctionName"] for each in page["Functions"]] for page in paged] == [["f"], ["g"]]


def test_an_unknown_kind_of_list(served):
    assert refusal(served.awslambda.list_functions, FunctionVersion="invalid") == malformed(
        "invalid", "functionVersion", f"{ENUM}[ALL]"
    )


def test_a_marker_that_no_list_gave(served):
    assert refusal(served.awslambda.list_functions, Marker="next") == invalid("Invalid marker: next")


# Deletion.


def test_a_function_is_deleted_once(served, create):
    create()
    done = served.awslambda.delete_function(FunctionName="f")
    assert (done["ResponseMetadata"]["HTTPStatusCode"], done["StatusCode"]) == (204, 204)
    missing = 404, "ResourceNotFoundException", f"Function not found: {ARN}"
    assert refusal(served.awslambda.delete_function, FunctionName="f") == missing


@pytest.mark.parametrize("weights", [{}, {"AdditionalVersionWeights": {"2": 0.5}}])
def test_a_version_that_an_alias_leads_to_stays(served, create, weights):
    create(Publish=True)
    served.advance(1)
    served.awslambda.update_function_code(FunctionName="f", ZipFile=OTHER, Publish=True)
    routing = {"RoutingConfig": weights} if weights else {}
    served.awslambda.create_alias(FunctionName="f", Name="live", FunctionVersion="1", **routing)
    used = "2" if weights else "1"
    message = "Unable to delete version because the following aliases reference it: [live]"
    assert refusal(served.awslambda.delete_function, FunctionName="f", Qualifier=used) == (
        409, "ResourceConflictException", message
    )  # fmt: skip
    served.awslambda.delete_alias(FunctionName="f", Name="live")
    served.awslambda.delete_function(FunctionName="f", Qualifier=used)
    versions = served.awslambda.list_versions_by_function(FunctionName="f")["Versions"]
    assert used not in [each["Version"] for each in versions] and len(versions) == 2


# Sizes.

CLAIMED = facts.QUOTAS["unzipped"].maximum


def claiming(size):
    """A zip of one file that is said to unpack to so many bytes; nothing unpacks it here."""
    content = bytearray(zip_of({"data.txt": "x"}))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = int(size).to_bytes(4, "little")
    return bytes(content)


def padded(size):
    """A zip of this length."""
    archive = zip_of({"lambda_function.py": "", "data.bin": b""})
    return zip_of({"lambda_function.py": "", "data.bin": bytes(int(size) - len(archive))})


def test_a_zip_in_the_request_has_a_limit_that_is_checked_first(create):
    limit = facts.QUOTAS["zip_direct"].maximum
    large = {"Variables": {"LARGE": "x" * 300_000}}
    refused = 413, "RequestEntityTooLargeException"
    assert refusal(lambda: create(Code={"ZipFile": padded(limit + 1)}, Environment=large)) == (
        *refused, "Zipped size must be smaller than 52428800 bytes"
    )  # fmt: skip
    assert refusal(lambda: create(Code={"ZipFile": padded(limit - 1)}, Environment=large)) == (
        *refused, "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    )  # fmt: skip


def test_code_from_s3_is_bounded_by_what_it_unpacks_to(served, create):
    served.s3.create_bucket(Bucket="code")
    source = {"S3Bucket": "code", "S3Key": "code.zip"}
    served.s3.put_object(Bucket="code", Key="code.zip", Body=claiming(CLAIMED))
    assert refusal(lambda: create(Code=source)) == invalid("Unzipped size must be smaller than 262144000 bytes")
    served.s3.put_object(Bucket="code", Key="code.zip", Body=claiming(CLAIMED - 1))
    assert create(Code=source)["State"] == "Pending"


def test_code_and_layers_are_measured_together(served, create):
    publish = served.awslambda.publish_layer_version
    layer = publish(LayerName="large", Content={"ZipFile": claiming(CLAIMED - 100)})["LayerVersionArn"]
    small, large = claiming(100), claiming(101)
    message = (
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is "
        "262144001 bytes."
    )
    assert refusal(lambda: create(Code={"ZipFile": large}, Layers=[layer])) == invalid(message)
    create(Code={"ZipFile": large})
    served.advance(1)
    client = served.awslambda
    assert refusal(client.update_function_configuration, FunctionName="f", Layers=[layer]) == invalid(message)
    client.update_function_code(FunctionName="f", ZipFile=small)
    served.advance(1)
    answer = client.update_function_configuration(FunctionName="f", Layers=[layer])
    assert [each["Arn"] for each in answer["Layers"]] == [layer]
    served.advance(1)
    assert refusal(client.update_function_code, FunctionName="f", ZipFile=large) == invalid(message)
    assert "Layers" not in client.update_function_configuration(FunctionName="f", Layers=[])


ENVIRONMENT = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided "
)


def test_the_environment_has_four_kilobytes(served, create):
    exactly = "x" * (4096 - len('{"LARGE_VAR":""}'))
    create(Environment={"Variables": {"LARGE_VAR": exactly}})
    large = {"LARGE_VAR": exactly + "x"}
    measured = f'{{"LARGE_VAR":"{exactly}x"}}'
    expected = invalid(f"{ENVIRONMENT}exceeded the 4KB limit. String measured: {measured}")
    assert refusal(lambda: create("g", Environment={"Variables": large})) == expected
    assert refusal(served.awslambda.get_function, FunctionName="g")[0] == 404
    several = {"SMALL_VAR": "é", "LARGE_VAR": "x" * 4096}
    measured = f'{{"SMALL_VAR":"é","LARGE_VAR":"{"x" * 4096}"}}'
    update = served.awslambda.update_function_configuration
    assert refusal(update, FunctionName="f", Environment={"Variables": several}) == invalid(
        f"{ENVIRONMENT}exceeded the 4KB limit. String measured: {measured}"
    )


def test_variables_that_lambda_sets_itself_are_reserved(create):
    assert refusal(lambda: create(Environment={"Variables": {"AWS_REGION": "x"}})) == invalid(
        f"{ENVIRONMENT}contains reserved keys that are currently not supported for modification. Reserved keys used in "
        "this request: AWS_REGION"
    )


# The role.

NOT_ASSUMED = invalid("The role defined for the function cannot be assumed by Lambda.")


def test_a_role_that_trusts_another_service_is_refused(served, create):
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    other = served.iam.create_role(RoleName="other", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    assert refusal(lambda: create(Role=other)) == NOT_ASSUMED
    create()
    served.advance(1)
    update = served.awslambda.update_function_configuration
    assert refusal(update, FunctionName="f", Role=other) == NOT_ASSUMED
    served.iam.update_assume_role_policy(RoleName="other", PolicyDocument=document.replace("ec2", "lambda"))
    assert update(FunctionName="f", Role=other)["Role"] == other


def test_without_evaluation_a_role_may_be_invented(serve):
    account = serve("--no-iam")
    invented = "arn:aws:iam::000000000000:role/invented"
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"
    account.function(
        "def lambda_handler(event, context):\n    return 1\n", Role=invented, DeadLetterConfig={"TargetArn": queue}
    )
    assert account.invoke().payload == 1
