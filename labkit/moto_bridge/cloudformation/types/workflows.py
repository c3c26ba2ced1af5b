"""The type of resource of Step Functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html
"""

from __future__ import annotations

from typing import Any

from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    ResourceType,
    Tagging,
    left_out,
    named,
    text,
    written,
)  # fmt: skip


def _definition(definition: Any, properties: Arguments) -> Arguments:
    """The definition as text, with each ${name} for which there is a substitution replaced."""
    found = text(definition)
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        found = found.replace(f"${{{name}}}", written(value))
    return {"Definition": found}


STATE_MACHINE = ResourceType(
    "AWS::StepFunctions::StateMachine",
    "stepfunctions",
    properties=(
        "Definition", "DefinitionString", "DefinitionSubstitutions", "LoggingConfiguration", "RoleArn",
        "StateMachineName", "StateMachineType", "Tags", "TracingConfiguration",
    ),
    required=("RoleArn",),
    create="CreateStateMachine",
    updates=("UpdateStateMachine",),
    delete="DeleteStateMachine",
    replaced_by=("StateMachineName", "StateMachineType"),
    generated=Generated("Name", 80),
    converted={
        "Definition": _definition,
        "DefinitionString": _definition,
        "DefinitionSubstitutions": left_out,
        "StateMachineName": named("Name"),
        "StateMachineType": named("Type"),
    },
    kept={"StateMachineArn": "stateMachineArn"},
    ref="{StateMachineArn}",
    attributes={"Arn": "StateMachineArn", "Name": "Name"},
    tagging=Tagging("StateMachineArn"),
    unsupported=("DefinitionS3Location", "EncryptionConfiguration"),
)  # fmt: skip
TYPES = (STATE_MACHINE,)
