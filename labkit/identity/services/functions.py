"""What runs code: Lambda and Step Functions.

Source: Service Authorization Reference, "AWS Lambda" and "AWS Step Functions"; Lambda Developer Guide, "Fine-tuning the
Resources and Conditions sections of policies" and "Working with resource-based policies in Lambda".
"""

from __future__ import annotations

import re

from labkit.identity.call import ApiCall
from labkit.identity.resources import ANY, Rule, Service, arn, given, needs, on, passes_role, together

FUNCTION = re.compile(
    r"(?:arn:[^:]+:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[$A-Za-z0-9_-]+))?"
)


def function(call: ApiCall) -> tuple[str, ...]:
    """A function by name, partial or full ARN, followed by the version or alias if the call names one."""
    name = str(call.parameters.get("FunctionName") or "")
    found = FUNCTION.fullmatch(name)
    if not found:
        return (name,) if name.startswith("arn:") else ANY
    region, account = found["region"] or call.region, found["account"] or call.account
    qualifier = found["qualifier"] or call.parameters.get("Qualifier")
    unqualified = f"arn:aws:lambda:{region}:{account}:function:{found['name']}"
    return (f"{unqualified}:{qualifier}" if qualifier else unqualified,)


def about(call: ApiCall) -> tuple[str, ...]:
    """The function, or whatever else of Lambda's the call names."""
    other = arn("lambda", "{Resource}", "{ResourceArn}", "{DurableExecutionArn}", "{CodeSigningConfigArn}")
    return function(call) if call.parameters.get("FunctionName") else other(call)


def all_of(names: str) -> Rule:
    """The rule: each of these actions on what the call is about."""
    return together(*(needs(f"lambda:{name}", about) for name in names.split()))


layer_version = arn("lambda", "layer:{LayerName}:{VersionNumber}", "{Arn}")
event_source_mapping = arn("lambda", "event-source-mapping:{UUID}")
uses = together(passes_role("Role"), given("Layers", needs("lambda:GetLayerVersion", arn("lambda", "layer:{Layers}"))))

LAMBDA = Service(
    about,
    {
        **on("lambda", function, Invoke="InvokeFunction", InvokeWithResponseStream="InvokeFunction"),
        "CreateFunction": together(needs("lambda:CreateFunction", function), uses),
        "UpdateFunctionConfiguration": together(needs("lambda:UpdateFunctionConfiguration", function), uses),
        "PutResourcePolicy": all_of("PutResourcePolicy AddPermission RemovePermission"),
        "GetResourcePolicy": all_of("GetResourcePolicy GetPolicy"),
        "DeleteResourcePolicy": all_of("DeleteResourcePolicy RemovePermission"),
        **on("lambda", arn("lambda", "layer:{LayerName}"), "PublishLayerVersion"),
        **on("lambda", layer_version, "GetLayerVersion DeleteLayerVersion", GetLayerVersionByArn="GetLayerVersion"),
        **on("lambda", layer_version, "AddLayerVersionPermission GetLayerVersionPolicy RemoveLayerVersionPermission"),
        **on("lambda", event_source_mapping, "GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping"),
        **on("lambda", lambda call: ANY, "CreateEventSourceMapping ListEventSourceMappings ListFunctions ListLayers"),
        **on("lambda", lambda call: ANY, "ListLayerVersions GetAccountSettings"),
    },
)

state_machine = arn(
    "states", "{stateMachineArn}", "{stateMachineAliasArn}", "{stateMachineVersionArn}", "{executionArn}",
    "{activityArn}", "{mapRunArn}", "{resourceArn}",
)  # fmt: skip
new_state_machine = needs("states:CreateStateMachine", arn("states", "stateMachine:{name}"))

STEP_FUNCTIONS = Service(
    state_machine,
    {
        "CreateStateMachine": together(new_state_machine, passes_role("roleArn")),
        "UpdateStateMachine": together(needs("states:UpdateStateMachine", state_machine), passes_role("roleArn")),
        **on("states", arn("states", "activity:{name}"), "CreateActivity"),
    },
)
