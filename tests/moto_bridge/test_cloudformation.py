"""CloudFormation stacks with Lambda's resources, through `labkit serve`."""

from __future__ import annotations

import json
import re

import pytest
from botocore.exceptions import ClientError
from oci import HandMade
from served import RUNTIME, zip_of
from stacks import Stack, att, deploy, function, ref, resource, template

POLLER = [{"Action": ["logs:*", "sqs:*"], "Resource": "*"}]
SECOND = "def handler(event, context):\n    return 'second'\n"
LAYER = {"python/made.py": "BY = 'layer'\n"}


@pytest.fixture
def role(served):
    return served.role(name="poller", allow=POLLER)


@pytest.fixture
def bucket(served):
    """A bucket with a function's zip and two layers in it."""
    served.s3.create_bucket(Bucket="code")
    packages = {
        "function.zip": "def lambda_handler(event, context):\n    import made\n    return made.BY\n",
        "layer.zip": LAYER,
        "other.zip": {"python/made.py": "BY = 'other layer'\n"},
    }
    for key, files in packages.items():
        served.s3.put_object(Bucket="code", Key=key, Body=zip_of(files))
    return "code"


def nothing_is_left(account):
    return not (
        account.awslambda.list_functions()["Functions"]
        or account.awslambda.list_event_source_mappings()["EventSourceMappings"]
        or account.awslambda.list_layers()["Layers"]
        or account.sqs.list_queues().get("QueueUrls")
    )


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


# The life of a stack.


def all_types(role):
    return {
        "Queue": resource("SQS::Queue"),
        "Function": function(
            role,
            Timeout="5",
            Environment={"Variables": {"NUMBER": 7, "FLAG": True}},
            ReservedConcurrentExecutions=3,
            Tags=[{"Key": "team", "Value": "a"}],
        ),
        "Version": resource("Lambda::Version", FunctionName=ref("Function"), Description="the first"),
        "Alias": resource(
            "Lambda::Alias", FunctionName=ref("Function"), FunctionVersion=att("Version", "Version"), Name="live"
        ),
        "Permission": resource(
            "Lambda::Permission", FunctionName=ref("Alias"), Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
        ),
        "Mapping": resource(
            "Lambda::EventSourceMapping", FunctionName=ref("Function"), EventSourceArn=att("Queue", "Arn"), BatchSize=3
        ),
        "Url": resource(
            "Lambda::Url", TargetFunctionArn=att("Function", "Arn"), Qualifier="live", AuthType="NONE",
        ) | {"DependsOn": "Alias"},
        "Config": resource(
            "Lambda::EventInvokeConfig", FunctionName=ref("Function"), Qualifier="$LATEST", MaximumRetryAttempts=1
        ),
        "Signing": resource(
            "Lambda::CodeSigningConfig",
            AllowedPublishers={
                "SigningProfileVersionArns": ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/0123456789"]
            },
        ),
    }  # fmt: skip


OUTPUTS = {
    "Arn": att("Function", "Arn"),
    "SnapStart": {"Fn::GetAtt": "Function.SnapStartResponse.OptimizationStatus"},
    "Version": ref("Version"),
    "Alias": ref("Alias"),
    "Permission": att("Permission", "Id"),
    "Mapping": att("Mapping", "EventSourceMappingArn"),
    "Url": att("Url", "FunctionUrl"),
    "Config": ref("Config"),
    "Signing": att("Signing", "CodeSigningConfigId"),
}


def test_a_stack_lives_and_leaves_nothing(served, role):
    sections = {"Outputs": {name: {"Value": value} for name, value in OUTPUTS.items()}}
    stack = deploy(served, all_types(role), sections=sections, Tags=[{"Key": "stack", "Value": "tag"}])
    assert stack.status == "CREATE_COMPLETE"
    client, name, outputs = served.awslambda, stack.resources["Function"], stack.outputs
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    found = client.get_function(FunctionName=name)
    assert name.startswith("stack-Function-")
    assert found["Configuration"]["State"] == "Active" and found["Configuration"]["Timeout"] == 5
    assert found["Configuration"]["Environment"]["Variables"] == {"NUMBER": "7", "FLAG": "true"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert found["Tags"] == {
        "team": "a",
        "stack": "tag",
        "aws:cloudformation:stack-name": "stack",
        "aws:cloudformation:stack-id": stack.id,
        "aws:cloudformation:logical-id": "Function",
    }
    assert outputs["Arn"] == arn and outputs["SnapStart"] == "Off"
    assert outputs["Version"] == f"{arn}:1" and outputs["Alias"] == f"{arn}:live"
    assert served.invoke(name, Qualifier="live").payload == "first"
    [statement] = json.loads(client.get_policy(FunctionName=name, Qualifier="live")["Policy"])["Statement"]
    assert statement["Sid"] == outputs["Permission"] == stack.resources["Permission"]
    mapping = client.get_event_source_mapping(UUID=stack.resources["Mapping"])
    assert (mapping["State"], mapping["BatchSize"], mapping["FunctionArn"]) == ("Enabled", 3, arn)
    assert mapping["EventSourceMappingArn"] == outputs["Mapping"]
    assert client.get_function_url_config(FunctionName=name, Qualifier="live")["FunctionUrl"] == outputs["Url"]
    assert stack.resources["Url"] == f"{arn}:live"
    assert client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1
    assert outputs["Config"] == f"{name}|$LATEST"
    signing = client.get_code_signing_config(CodeSigningConfigArn=stack.resources["Signing"])["CodeSigningConfig"]
    assert signing["CodeSigningConfigId"] == outputs["Signing"]
    assert stack.events("CREATE_COMPLETE")[-1] == ("stack", "CREATE_COMPLETE")
    stack.delete()
    assert stack.status == "DELETE_COMPLETE" and nothing_is_left(served)
    assert client.list_code_signing_configs()["CodeSigningConfigs"] == []
    deleted = [name for name, _ in stack.events("DELETE_COMPLETE")]
    assert deleted.index("Alias") < deleted.index("Version") < deleted.index("Function") < deleted.index("stack")


def test_what_changes_in_place_is_changed_in_place(served, role):
    resources = all_types(role)
    stack = deploy(served, resources)
    before, name, client = stack.resources, stack.resources["Function"], served.awslambda
    changed = all_types(role)
    changed["Function"]["Properties"] |= {
        "Code": {"ZipFile": SECOND},
        "MemorySize": 256,
        "Tags": [{"Key": "b", "Value": "c"}],
    }
    del changed["Function"]["Properties"]["Timeout"], changed["Function"]["Properties"]["ReservedConcurrentExecutions"]
    del changed["Function"]["Properties"]["Environment"]
    changed["Alias"]["Properties"] |= {"FunctionVersion": "$LATEST", "Description": "the newest"}
    changed["Mapping"]["Properties"] |= {"BatchSize": "5", "Enabled": False}
    changed["Url"]["Properties"] |= {"AuthType": "AWS_IAM"}
    changed["Config"]["Properties"] |= {"MaximumEventAgeInSeconds": 60}
    stack.update(changed)
    assert stack.status == "UPDATE_COMPLETE" and stack.resources == before
    found = client.get_function(FunctionName=name)
    assert served.invoke(name, Qualifier="live").payload == "second"
    assert (found["Configuration"]["Timeout"], found["Configuration"]["MemorySize"]) == (3, 256)
    assert found["Configuration"].get("Environment", {}).get("Variables", {}) == {} and "Concurrency" not in found
    assert found["Tags"]["b"] == "c" and "team" not in found["Tags"]
    assert client.get_alias(FunctionName=name, Name="live")["Description"] == "the newest"
    mapping = client.get_event_source_mapping(UUID=before["Mapping"])
    assert (mapping["State"], mapping["BatchSize"]) == ("Disabled", 5)
    assert client.get_function_url_config(FunctionName=name, Qualifier="live")["AuthType"] == "AWS_IAM"
    assert client.get_function_event_invoke_config(FunctionName=name)["MaximumEventAgeInSeconds"] == 60
    updated = {name for name, _ in stack.events("UPDATE_COMPLETE")}
    assert updated == {"Function", "Alias", "Mapping", "Url", "Config", "stack"}


def test_what_a_change_replaces_is_made_anew_and_then_deleted(served, role, bucket):
    def resources(key, queue):
        return {
            "Layer": resource("Lambda::LayerVersion", Content={"S3Bucket": bucket, "S3Key": key}),
            "Function": resource(
                "Lambda::Function", Runtime=RUNTIME, Handler="lambda_function.lambda_handler", Role=role,
                Code={"S3Bucket": bucket, "S3Key": "function.zip"}, Layers=[ref("Layer")],
            ),
            "Queue": resource("SQS::Queue"),
            "Other": resource("SQS::Queue"),
            "Mapping": resource(
                "Lambda::EventSourceMapping", FunctionName=ref("Function"), EventSourceArn=att(queue, "Arn")
            ),
        }  # fmt: skip

    stack = deploy(served, resources("layer.zip", "Queue"))
    before, name = stack.resources, stack.resources["Function"]
    assert served.invoke(name).payload == "layer"
    stack.update(resources("other.zip", "Other"))
    after = stack.resources
    assert served.invoke(name).payload == "other layer"
    assert {each for each in before if before[each] != after[each]} == {"Layer", "Mapping"}
    [mapping] = served.awslambda.list_event_source_mappings()["EventSourceMappings"]
    assert (mapping["UUID"], mapping["State"]) == (after["Mapping"], "Enabled")
    [layer] = served.awslambda.list_layers()["Layers"]
    assert layer["LatestMatchingVersion"]["LayerVersionArn"] == after["Layer"]
    events = stack.events("UPDATE_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "DELETE_COMPLETE")
    assert events.index(("Mapping", "UPDATE_COMPLETE")) < events.index(("Mapping", "DELETE_COMPLETE"))


def test_a_function_with_a_name_of_its_own_is_not_made_twice(served, role):
    stack = deploy(served, {"Function": function(role, FunctionName="mine")})
    assert stack.resources == {"Function": "mine"}
    stack.update({"Function": function(role, FunctionName="mine", PackageType="Image")})
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.reason("Function") == (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine and update "
        "the stack again."
    )
    stack.update({"Function": function(role, FunctionName="renamed")})
    assert [each["FunctionName"] for each in served.awslambda.list_functions()["Functions"]] == ["renamed"]


def test_provisioned_concurrency_is_waited_for_and_goes_with_its_property(served, role):
    def resources(**more):
        return {
            "Function": function(role),
            "Version": resource("Lambda::Version", FunctionName=ref("Function")),
            "Alias": resource(
                "Lambda::Alias", FunctionName=ref("Function"), FunctionVersion=att("Version", "Version"), Name="live",
                **more,
            ),
        }  # fmt: skip

    stack = deploy(served, resources(ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 1}))
    arguments = {"FunctionName": stack.resources["Function"], "Qualifier": "live"}
    assert served.awslambda.get_provisioned_concurrency_config(**arguments)["Status"] == "READY"
    weights = {"AdditionalVersionWeights": [{"FunctionVersion": "1", "FunctionWeight": 0.5}]}
    stack.update(resources(Description="no more"))
    code, _ = refused(served.awslambda.get_provisioned_concurrency_config, **arguments)
    assert code == "ProvisionedConcurrencyConfigNotFoundException"
    stack.update(resources(RoutingConfig=weights))
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"  # the alias leads to version 1 already
    assert "is already included in routing configuration" in stack.reason("Alias")


def test_settings_and_weights_reach_the_function(served, role):
    settings = {
        "Architectures": ["arm64"], "EphemeralStorage": {"Size": "600"}, "LoggingConfig": {"LogFormat": "JSON"},
        "TracingConfig": {"Mode": "Active"},
    }  # fmt: skip
    alias = {"FunctionName": ref("Function"), "Name": "live", "FunctionVersion": "$LATEST"}
    resources = {"Function": function(role, RecursiveLoop="Allow", **settings)}
    stack = deploy(served, resources)
    name, client = stack.resources["Function"], served.awslambda
    found = client.get_function_configuration(FunctionName=name)
    assert found["Architectures"] == ["arm64"] and found["EphemeralStorage"] == {"Size": 600}
    assert found["LoggingConfig"]["LogFormat"] == "JSON" and found["TracingConfig"] == {"Mode": "Active"}
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    for description in ("one", "two"):
        client.update_function_configuration(FunctionName=name, Description=description)
        client.get_waiter("function_updated").wait(FunctionName=name)
        client.publish_version(FunctionName=name)
    weights = {"AdditionalVersionWeights": [{"FunctionVersion": "2", "FunctionWeight": "0.25"}]}
    more = {"Alias": resource("Lambda::Alias", **(alias | {"FunctionVersion": "1", "RoutingConfig": weights}))}
    stack.update(resources | more)
    assert client.get_alias(FunctionName=name, Name="live")["RoutingConfig"]["AdditionalVersionWeights"] == {"2": 0.25}
    stack.update({"Function": function(role), **more})
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"


def test_what_is_gone_already_is_deleted(served, role):
    stack = deploy(served, {"Function": function(role)})
    served.awslambda.delete_function(FunctionName=stack.resources["Function"])
    stack.delete()
    assert stack.status == "DELETE_COMPLETE"


# What fails.

HANDLER = (
    r'Resource handler returned message: "(.*) \(Service: Lambda, Status Code: (\d+), Request ID: [0-9a-f-]{36}\)" '
)
HANDLER += r"\(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: (\w+)\)"
PROPERTIES = "Properties validation failed for resource Bad with message:\n"


@pytest.mark.parametrize(
    "properties, reason",
    [
        ({"Memory": 128}, PROPERTIES + "#: extraneous key [Memory] is not permitted"),
        ({"Code": {"ZipFile": "x", "File": "y"}}, PROPERTIES + "#/Code: extraneous key [File] is not permitted"),
        ({"Role": None}, PROPERTIES + "#: required key [Role] not found"),
        ({"Timeout": "long"}, PROPERTIES + "#/Timeout: expected type: Integer, found: String"),
        ({"Role": ["a"]}, PROPERTIES + "#/Role: expected type: String, found: JSONArray"),
        ({"Layers": "a"}, PROPERTIES + "#/Layers: expected type: JSONArray, found: String"),
        ({"Environment": {"Variables": ["a"]}},
         PROPERTIES + "#/Environment/Variables: expected type: JSONObject, found: JSONArray"),
        ({"Tags": {"a": "b"}}, PROPERTIES + "#/Tags: expected a list of Key and Value"),
        ({"Code": "x"}, PROPERTIES + "#/Code: expected type: JSONObject"),
        ({"Runtime": "java21"},
         PROPERTIES + "#/Code/ZipFile: code can stand in the template of a Python or Node.js function only"),
    ],
)  # fmt: skip
def test_a_property_that_is_not_as_it_must_be_is_named(served, properties, reason):
    given = function("arn:aws:iam::123456789012:role/r", **properties)
    given["Properties"] = {name: value for name, value in given["Properties"].items() if value is not None}
    stack = deploy(served, {"Queue": resource("SQS::Queue"), "Bad": given | {"DependsOn": "Queue"}})
    assert (stack.status, stack.reason("Bad")) == ("ROLLBACK_COMPLETE", reason)
    assert stack.reason("stack") == "The following resource(s) failed to create: [Bad]. Rollback requested by user."
    assert nothing_is_left(served) and stack.resources == {}


@pytest.mark.parametrize(
    "bad, said",
    [
        (lambda role: function("arn:aws:iam::123456789012:role/nobody"),
         ("The role defined for the function cannot be assumed by Lambda.", "400", "InvalidRequest")),
        (lambda role: resource("Lambda::Alias", FunctionName=ref("Function"), Name="live", FunctionVersion="9"),
         (r"Function not found: arn:aws:lambda:us-east-1:123456789012:function:mine:9", "404", "NotFound")),
        (lambda role: function(role, FunctionName=ref("Function")),
         ("Function already exist: mine", "409", "AlreadyExists")),
        (lambda role: resource("Lambda::EventSourceMapping", FunctionName=ref("Function"), BatchSize=1),
         ("Invalid request provided: Unrecognized event source.", "400", "InvalidRequest")),
        (lambda role: function(role, ReservedConcurrentExecutions=5000),
         (r"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
          r"below its minimum value of \[100\].", "400", "InvalidRequest")),
    ],
)  # fmt: skip
def test_a_call_that_is_refused_fails_the_stack_in_its_words(served, role, bad, said):
    stack = deploy(served, {"Function": function(role, FunctionName="mine"), "Bad": bad(role)})
    assert stack.status == "ROLLBACK_COMPLETE" and nothing_is_left(served)
    found = re.fullmatch(HANDLER, stack.reason("Bad"))
    assert found and re.fullmatch(said[0], found[1]) and (found[2], found[3]) == said[1:]
    assert stack.events("CREATE_FAILED") == [("Bad", "CREATE_FAILED")]


def test_an_update_that_fails_is_undone(served, role):
    resources = all_types(role)
    stack = deploy(served, resources)
    before, name = stack.resources, stack.resources["Function"]
    changed = all_types(role)
    changed["Function"]["Properties"] |= {"Code": {"ZipFile": SECOND}, "Timeout": 9}
    changed["Permission"]["Properties"] |= {"Principal": "sns.amazonaws.com"}
    changed["New"] = resource("SQS::Queue")
    del changed["Config"]
    changed["Mapping"]["Properties"] |= {"BatchSize": 11}
    changed["Mapping"]["DependsOn"] = ["New", "Permission"]
    stack.update(changed)
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.reason("stack") == "The following resource(s) failed to update: [Mapping]. "
    assert "Invalid request provided: Maximum batch window" in stack.reason("Mapping")
    assert stack.resources == before
    found = served.awslambda.get_function_configuration(FunctionName=name)
    assert (served.invoke(name).payload, found["Timeout"]) == ("first", 5)
    [statement] = json.loads(served.awslambda.get_policy(FunctionName=name, Qualifier="live")["Policy"])["Statement"]
    assert (statement["Principal"], statement["Sid"]) == ({"Service": "s3.amazonaws.com"}, before["Permission"])
    assert len(served.sqs.list_queues()["QueueUrls"]) == 1
    stack.update({**resources, "Another": resource("SQS::Queue")})
    assert stack.status == "UPDATE_COMPLETE"


NEVER = {"Conditions": {"No": {"Fn::Equals": ["a", "b"]}}}


@pytest.mark.parametrize(
    "resources, sections, message",
    [
        ({}, {}, "Template format error: At least one Resources member must be defined."),
        (["A"], {}, "Template format error: Every Resources member must be an object."),
        ({"Type": "AWS::SQS::Queue"}, {}, "Template format error: [/Resources/Type] resource definition is malformed"),
        ({"A": {}}, {}, "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
        ({"A": resource("SQS::Queue")}, {"Outputs": {"O": {}}},
         "Template format error: Every Outputs member must contain a Value object"),
        ({"A": resource("Glue::Whatever")}, {},
         "Template format error: Unrecognized resource types: [AWS::Glue::Whatever] (labkit knows fewer types than "
         "AWS)"),
        ({"A": resource("SQS::Queue", QueueName=ref("B"))}, {},
         "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"),
        ({"A": resource("SQS::Queue", QueueName=att("B", "QueueName"))}, {},
         "Template error: instance of Fn::GetAtt references undefined resource B"),
        ({"A": resource("SQS::Queue")}, {"Outputs": {"O": {"Value": ref("B")}, "P": {"Value": ref("AWS::Stage")}}},
         "Unresolved resource dependencies [AWS::Stage, B] in the Outputs block of the template"),
        ({"A": resource("SQS::Queue", QueueName=ref("B")), "B": resource("SQS::Queue") | {"Condition": "No"}}, NEVER,
         "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"),
        ({"A": resource("SQS::Queue"), "B": resource("SQS::Queue") | {"Condition": "No"}},
         NEVER | {"Outputs": {"O": {"Value": ref("B")}}},
         "Unresolved resource dependencies [B] in the Outputs block of the template"),
        ({"A": resource("SQS::Queue") | {"Condition": "If"}}, NEVER,
         "Template format error: Unresolved condition dependency If in the Resources block of the template"),
        ({"A": resource("SQS::Queue", QueueName={"Fn::If": ["If", "b", "c"]})}, NEVER,
         "Template error: unresolved condition dependency If in Fn::If"),
        ({"A": resource("SQS::Queue")}, {"Outputs": {"O": {"Value": att("B", "Arn")}}},
         "Template error: instance of Fn::GetAtt references undefined resource B"),
        ({"A": resource("SQS::Queue", QueueName={"Fn::Sub": "x-${B.Arn}"})}, {},
         "Template format error: Unresolved resource dependencies [B] in the Resources block of the template"),
        ({"A": resource("SQS::Queue", QueueName=att("B", "QueueName")),
          "B": resource("SQS::Queue", QueueName={"Fn::Sub": "${A.QueueName}-${AWS::Region}"})}, {},
         "Circular dependency between resources: [A, B]"),
        ({"A": resource("SQS::Queue") | {"DependsOn": "A"}}, {}, "Circular dependency between resources: [A]"),
        ({"A": resource("Lambda::Alias")}, {"Outputs": {"O": {"Value": att("A", "Nothing")}}},
         "Template error: resource A does not support attribute type Nothing in Fn::GetAtt"),
        ({"A": resource("SQS::Queue")}, {"Parameters": {"P": {"Type": "String"}}}, "Parameters: [P] must have values"),
    ],
)  # fmt: skip
def test_what_is_no_template_makes_no_stack(served, resources, sections, message):
    body = template(resources, **sections)
    assert refused(served.cloudformation.create_stack, StackName="s", TemplateBody=body) == ("ValidationError", message)
    stack = deploy(served, {"Queue": resource("SQS::Queue")})
    answer = refused(served.cloudformation.update_stack, StackName="stack", TemplateBody=body)
    assert answer == ("ValidationError", message)
    assert stack.status == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    "body, message",
    [
        ("text", "unsupported structure."),
        ('{\n "Resources": {,', "JSON not well-formed. (line 2, column 16)"),
        ("Resources:\n  A: [\n", "YAML not well-formed. (line 3, column 1)"),
        ("Resources:\n  A: \x01", "YAML not well-formed."),
    ],
)
def test_a_text_that_is_no_template_is_told_from_one(served, body, message):
    answer = refused(served.cloudformation.create_stack, StackName="s", TemplateBody=body)
    assert answer == ("ValidationError", f"Template format error: {message}")


def test_an_update_without_a_change_is_refused(served):
    stack = deploy(served, {"Queue": resource("SQS::Queue")})
    body = template({"Queue": resource("SQS::Queue")})
    assert refused(served.cloudformation.update_stack, StackName="stack", TemplateBody=body) == (
        "ValidationError", "No updates are to be performed.",
    )  # fmt: skip
    assert stack.status == "CREATE_COMPLETE"


# What else templates have.


def test_conditions_and_parameters_decide_what_there_is(served):
    def sections(default):
        return {
            "Parameters": {"Many": {"Type": "String", "Default": default}},
            "Conditions": {"HasMany": {"Fn::Equals": [ref("Many"), "yes"]}},
        }

    resources = {"One": resource("SQS::Queue"), "Two": resource("SQS::Queue") | {"Condition": "HasMany"}}
    stack = deploy(served, resources, sections=sections("no"))
    assert set(stack.resources) == {"One"}
    stack.update(resources, sections=sections("no"), Parameters=[{"ParameterKey": "Many", "ParameterValue": "yes"}])
    assert set(stack.resources) == {"One", "Two"}
    stack.update(resources, sections=sections("no"), Parameters=[{"ParameterKey": "Many", "ParameterValue": "no"}])
    assert set(stack.resources) == {"One"} and len(served.sqs.list_queues()["QueueUrls"]) == 1


def test_change_sets_make_and_change_stacks(served, role):
    client = served.cloudformation

    def change(kind, resources):
        made = client.create_change_set(
            StackName="stack", ChangeSetName=f"to-{kind.lower()}", ChangeSetType=kind, TemplateBody=template(resources)
        )
        client.execute_change_set(ChangeSetName=made["Id"], StackName="stack")
        return Stack(served, made["StackId"])

    stack = change("CREATE", {"Function": function(role)})
    assert stack.status == "CREATE_COMPLETE" and served.invoke(stack.resources["Function"]).payload == "first"
    change("UPDATE", {"Function": function(role, SECOND)})
    assert stack.status == "UPDATE_COMPLETE" and served.invoke(stack.resources["Function"]).payload == "second"
    code, message = refused(
        client.create_change_set, StackName="s", ChangeSetName="c", ChangeSetType="CREATE",
        TemplateBody=template({"A": resource("Glue::Whatever")}),
    )  # fmt: skip
    assert (code, message[:21]) == ("ValidationError", "Template format error")


def test_what_is_retained_stays(served):
    retained = resource("SQS::Queue", QueueName="kept") | {"DeletionPolicy": "Retain"}
    stack = deploy(served, {"Kept": retained, "Other": resource("SQS::Queue")})
    stack.delete()
    assert stack.status == "DELETE_COMPLETE"
    assert [url.rpartition("/")[2] for url in served.sqs.list_queues()["QueueUrls"]] == ["kept"]


def test_one_stack_imports_what_another_exports(served):
    def exporting(value="shared", export="queue"):
        told = {"Value": value} | ({"Export": {"Name": export}} if export else {})
        return {"Outputs": {"Name": told, "Same": {"Value": value}}}

    def importing(name):
        return {"Named": resource("SQS::Queue", QueueName={"Fn::Join": ["-", [{"Fn::ImportValue": name}, "too"]]})}

    exports = {"Queue": resource("SQS::Queue")}
    second = deploy(served, exports, "second")
    second.update(importing("queue"))
    assert second.status == "UPDATE_ROLLBACK_COMPLETE"
    assert second.reason("second") == "No export named queue found"
    early = deploy(served, importing("queue"), "early")
    assert early.events() == [
        ("early", "CREATE_IN_PROGRESS"), ("early", "ROLLBACK_IN_PROGRESS"), ("early", "ROLLBACK_COMPLETE")
    ]  # fmt: skip
    assert early.reason("early") == "No export named queue found. Rollback requested by user."
    first = deploy(served, exports, "first", sections=exporting())
    assert {each["OutputKey"]: each.get("ExportName") for each in first.told["Outputs"]} == {
        "Name": "queue", "Same": None
    }  # fmt: skip
    again = deploy(served, exports, "again", sections=exporting())
    assert again.reason("again") == (
        "Export with name queue is already exported by stack first. Rollback requested by user."
    )
    second.update(importing("queue"))
    assert second.resources["Named"].endswith("/shared-too")
    first.update(exports, sections=exporting(export=None))
    assert first.reason("first") == "Export queue cannot be deleted as it is in use by second"
    first.update(exports, sections=exporting("other"))
    assert first.reason("first") == "Export queue cannot be updated as it is in use by second"
    assert first.outputs["Name"] == "shared" and first.status == "UPDATE_ROLLBACK_COMPLETE"
    first.delete()
    assert first.events()[-2:] == [("first", "DELETE_IN_PROGRESS"), ("first", "UPDATE_ROLLBACK_COMPLETE")]
    assert first.told["StackStatusReason"] == "Export queue cannot be deleted as it is in use by second"
    second.delete()
    first.delete()
    assert first.status == "DELETE_COMPLETE" and served.cloudformation.list_exports()["Exports"] == []


def test_an_image_and_a_synthesised_template_deploy(served, role):
    stack = deploy(
        served,
        {
            "Metadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}},
            "Function": resource(
                "Lambda::Function", PackageType="Image", Role=role,
                Code={"ImageUri": HandMade([]).push(served.ecr)},
            ),
        },
    )  # fmt: skip
    assert stack.status == "CREATE_COMPLETE"
    [found] = served.awslambda.list_functions()["Functions"]
    assert found["PackageType"] == "Image"
