"""`labkit limits TEMPLATE` finds what AWS would refuse, in the template alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from labkit.cli import main
from labkit.deploy.bundle import NotDeployable
from labkit.deploy.template_limits import check_template

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n"


@pytest.fixture
def template(tmp_path):
    """A template with one SAM function of these properties, with what stands before it if that is given."""

    def write(properties, before=""):
        lines = "".join(f"      {line}\n" for line in properties.splitlines())
        (tmp_path / "template.yaml").write_text(f"{before}{HEAD}{lines}")
        return tmp_path / "template.yaml"

    return write


def found(path):
    (function,) = check_template(path)
    return {finding.argument for finding in function.found}


@pytest.mark.parametrize(
    ("properties", "arguments"),
    [
        ("Timeout: 900\nMemorySize: 10240", set()),
        ("Timeout: 901", {"Timeout"}),
        ('MemorySize: "20000"', {"MemorySize"}),
        ('EphemeralStorage: {Size: "20480"}', {"EphemeralStorage.Size"}),
        ("ReservedConcurrentExecutions: 901", {"ReservedConcurrentExecutions"}),
        ("Layers: [a, b, c, d, e, f]", {"Layers"}),
        ("Runtime: python2.7", {"Runtime"}),
    ],
)
def test_what_exceeds_a_quota_is_found(template, properties, arguments):
    assert found(template(properties)) == arguments


def test_shared_settings_and_the_defaults_of_parameters_count(template):
    before = "Globals: {Function: {Timeout: 1200}}\nParameters: {Size: {Type: Number, Default: 99999}}\n"
    assert found(template("MemorySize: !Ref Size", before)) == {"Timeout", "MemorySize"}
    assert found(template("Timeout: 3", before)) == set()


def test_what_is_decided_later_is_named(template):
    (function,) = check_template(template("MemorySize: !Ref Later\nTimeout: 3"))
    assert function.later == ("MemorySize",) and not function.found


def test_a_folder_of_code_is_looked_at(template, tmp_path):
    path = template("CodeUri: code/")
    (tmp_path / "code").mkdir()
    with open(tmp_path / "code" / "model.bin", "wb") as file:
        file.truncate(300 * 1024**2)
    assert found(path) == {"Code"}


@pytest.mark.parametrize("path", ["sam/template.yaml", "cdk/cdk.out/Greeter.template.json"])
def test_the_examples_are_within_them(path):
    assert not found(EXAMPLES / path)


def test_a_setting_of_another_kind_is_told_with_its_function(template):
    with pytest.raises(NotDeployable, match=r"F: .*MemorySize"):
        check_template(template("MemorySize: much"))


def test_the_command_tells_and_ends_with_its_verdict(template):
    good = CliRunner().invoke(main, ["limits", str(template("Timeout: 3"))])
    assert good.exit_code == 0 and "✔ F" in good.output
    bad = CliRunner().invoke(main, ["limits", str(template("Timeout: 1200"))])
    assert bad.exit_code == 1 and "✘ F: 1 finding" in bad.output and "1 to 900 s" in bad.output


@pytest.mark.parametrize(
    "text", ["", "- a list", "{", "Resources: 3", "Globals: [1]\nParameters: 3\nResources: {F: 1}"]
)
def test_what_is_no_template_is_told(tmp_path, text):
    path = tmp_path / "t.yaml"
    path.write_text(text)
    told = CliRunner().invoke(main, ["limits", str(path)])
    assert "no template" in told.output or "not well-formed" in told.output or "has no function" in told.output


def test_a_file_that_is_not_there_is_told(tmp_path):
    told = CliRunner().invoke(main, ["limits", str(tmp_path / "templte.yaml")])
    assert told.exit_code == 1 and "there is no template" in told.output
