"""Templates and CDK applications of this machine, and the same function deployed in every way."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from oci import OURS

import labkit
from labkit.deploy.bundle import NotDeployable
from labkit.deploy.cdk import synthesise
from labkit.deploy.folder import zip_of
from labkit.deploy.stack import StackFailed
from labkit.deploy.template import deploy_template

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
REGION = "us-east-1"
NAMES = ("FunctionName", "FunctionArn", "Role", "LastModified", "RevisionId", "LoggingConfig", "Environment", "Version")
OF_ZIPS = ("CodeSha256", "CodeSize", "Handler", "PackageType", "RuntimeVersionConfig", "Runtime")


@pytest.fixture
def examples(tmp_path):
    """A copy of the examples, which may be changed."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples"))


@pytest.fixture
def deployed(served):
    def deploy(path, stack="", parameters=None, capabilities=None):
        clients = lambda service: getattr(served, service)  # noqa: E731
        return deploy_template(Path(path), stack, parameters or {}, capabilities, clients, "123456789012", REGION)

    return deploy


def test_a_serverless_template_is_deployed_with_its_folder(served, deployed, examples):
    template, code = examples / "sam" / "template.yaml", examples / "function" / "lambda_function.py"
    stack = deployed(template)
    assert stack.name == "sam" and stack.outputs["FunctionName"] == stack.resources["Greeter"]
    function = stack.outputs["FunctionName"]
    assert served.invoke(function, {"name": "you"}).payload == {"greeting": "hello you", "times": 1}
    modified = served.awslambda.get_function_configuration(FunctionName=function)["LastModified"]
    assert deployed(template) == stack
    assert served.awslambda.get_function_configuration(FunctionName=function)["LastModified"] == modified
    code.write_text(code.read_text().replace("hello", "good day"))
    assert deployed(template).outputs == stack.outputs
    assert served.invoke(function, {"name": "you"}).payload == {"greeting": "good day you", "times": 2}
    stack.delete()
    assert served.awslambda.list_functions()["Functions"] == [] and served.dynamodb.list_tables()["TableNames"] == []


def test_a_cdk_application_is_deployed_as_it_was_synthesised(served, deployed):
    stack = deployed(EXAMPLES / "cdk" / "cdk.out")
    assert stack.name == "Greeter"
    function = stack.outputs["FunctionName"]
    assert served.invoke(function, {"name": "you"}).payload == {"greeting": "hello you", "times": 1}
    assert deployed(EXAMPLES / "cdk" / "cdk.out").resources == stack.resources
    stack.delete()
    assert served.awslambda.list_functions()["Functions"] == [] and served.iam.list_roles()["Roles"] == []


needs_cdk = importlib.util.find_spec("aws_cdk") is None or shutil.which("node") is None


@pytest.mark.skipif(needs_cdk, reason="aws-cdk-lib and Node.js are not installed here")
def test_the_shipped_synthesis_is_that_of_the_source(tmp_path):
    made = synthesise(EXAMPLES / "cdk" / "app.py", "123456789012", REGION, tmp_path)
    for name in ("Greeter.template.json", "Greeter.assets.json"):
        assert json.loads((made / name).read_text()) == json.loads((EXAMPLES / "cdk" / "cdk.out" / name).read_text())


@pytest.mark.skipif(not needs_cdk, reason="aws-cdk-lib and Node.js are installed here")
def test_without_the_cdk_a_source_says_what_it_needs(deployed):
    with pytest.raises(NotDeployable, match=r"pip install aws-cdk-lib.* deploy the folder cdk\.out"):
        deployed(EXAMPLES / "cdk" / "app.py")


def test_a_function_is_the_same_however_it_is_deployed(account, deployed, tmp_path):
    sam = deployed(EXAMPLES / "sam" / "template.yaml").outputs["FunctionName"]
    cdk = deployed(EXAMPLES / "cdk" / "cdk.out").outputs["FunctionName"]
    told = account.awslambda.get_function_configuration(FunctionName=sam)
    same = {
        "Role": told["Role"], "Environment": {"Variables": told["Environment"]["Variables"]}, "MemorySize": 256,
        "Timeout": 10,
    }  # fmt: skip
    account.function(
        zip_of(EXAMPLES / "function"), "zip", Runtime="python3.12", Handler="lambda_function.lambda_handler", **same
    )
    shutil.copytree(EXAMPLES / "function", tmp_path / "image")
    (tmp_path / "image" / "Dockerfile").write_text(
        "FROM public.ecr.aws/lambda/python:3.12\nCOPY lambda_function.py ${LAMBDA_TASK_ROOT}\n"
        'CMD ["lambda_function.lambda_handler"]\n'
    )
    account.awslambda.create_function(
        FunctionName="image", PackageType="Image", Code={"ImageUri": labkit.image(tmp_path / "image", "hello:1")},
        Architectures=["arm64" if OURS == "arm64" else "x86_64"], **same,
    )  # fmt: skip
    account.awslambda.get_waiter("function_active_v2").wait(FunctionName="image")
    found = {
        name: account.awslambda.get_function(FunctionName=name)["Configuration"] for name in (sam, cdk, "zip", "image")
    }
    for name, configuration in found.items():
        assert account.invoke(name, {"name": name}).payload == {"greeting": f"hello {name}", "times": 1}
        for each in (*NAMES, "ResponseMetadata"):
            configuration.pop(each, None)
    assert found[sam] == found[cdk] == found["zip"]
    left = {key: value for key, value in found["zip"].items() if key not in OF_ZIPS}
    assert left.items() <= found["image"].items()


def test_a_notebook_deploys_by_the_public_name(in_child):
    script = f"""
import labkit
labkit.start()
stack = labkit.deploy_template({str(EXAMPLES / "cdk" / "cdk.out")!r})
print(stack.status, sorted(stack.outputs))
labkit.start().stop()
"""
    done = in_child(script)
    assert (done.out, done.status) == ("CREATE_COMPLETE ['FunctionName']\n", 0), done.err


@pytest.mark.parametrize(
    "text, said",
    [
        ("Resources:\n  A: [", r"template\.yaml: Template format error: YAML not well-formed\. \(line 2, column 7\)"),
        ("just words", r"template\.yaml is no template: it has no Resources"),
        ("Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Code: src}}",
         r"Code is 'src', but there is no .*src\. Paths in a template begin at the template's folder\."),
    ],
)  # fmt: skip
def test_what_cannot_be_packaged_says_why(deployed, tmp_path, text, said):
    (tmp_path / "template.yaml").write_text(text)
    with pytest.raises(NotDeployable, match=said):
        deployed(tmp_path / "template.yaml")


def test_what_is_nothing_to_deploy_says_what_is(deployed, tmp_path):
    with pytest.raises(NotDeployable, match=r"there is nothing to deploy at .*nowhere: give a template"):
        deployed(tmp_path / "nowhere")
    (tmp_path / "template.yaml").touch()
    with pytest.raises(NotDeployable, match=r"there is nothing to deploy at .*; did you mean .*/template.yaml\?"):
        deployed(tmp_path / "templat.yaml")


def test_one_stack_of_several_is_named(deployed, examples):
    manifest = examples / "cdk" / "cdk.out" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["artifacts"]["Other"] = told["artifacts"]["Greeter"]
    manifest.write_text(json.dumps(told))
    with pytest.raises(NotDeployable, match=r"has the stacks Greeter, Other; name one of them with stack="):
        deployed(manifest.parent)
    assert deployed(manifest.parent, "Other").status == "CREATE_COMPLETE"


def test_a_stack_that_fails_says_why_and_is_made_again(served, deployed, tmp_path):
    template = tmp_path / "mine.json"

    def resources(**properties):
        body = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "a", **properties}}
        template.write_text(json.dumps({"Resources": {"Queue": body}}))

    resources(Colour="blue")
    with pytest.raises(StackFailed) as failed:
        deployed(template)
    summary, reason = str(failed.value).splitlines()
    assert summary == "mine is ROLLBACK_COMPLETE" and reason.startswith("Queue (AWS::SQS::Queue): ")
    resources(VisibilityTimeout=10)
    assert deployed(template).status == "CREATE_COMPLETE"
    with pytest.raises(StackFailed, match=r"mine: Parameters: \[Nobody\] do not exist in the template"):
        deployed(template, parameters={"Nobody": "x"})


def test_a_capability_that_is_not_given_is_asked_for(deployed):
    with pytest.raises(StackFailed, match=r"Requires capabilities : \[CAPABILITY_AUTO_EXPAND\]"):
        deployed(EXAMPLES / "sam" / "template.yaml", capabilities=[])


def test_a_long_template_goes_through_a_bucket(served, deployed, tmp_path):
    queues = {f"Queue{number}": {"Type": "AWS::SQS::Queue", "Metadata": "x" * 30_000} for number in range(2)}
    (tmp_path / "long.json").write_text(json.dumps({"Resources": queues}))
    assert set(deployed(tmp_path / "long.json").resources) == {*queues}
