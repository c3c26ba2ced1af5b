"""IAM's types of resources that functions need: roles and their policies.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Mapping

from labkit.moto_bridge.cloudformation.resource_type import (
    Arguments,
    Generated,
    Items,
    Part,
    ResourceType,
    Tagging,
    as_text,
    each,
    left_out,
    named,
    text,
    whole,
)  # fmt: skip


def _inline(properties: Arguments) -> Mapping[str, Arguments]:
    """The policies that stand in a role."""
    return {
        str(policy["PolicyName"]): {
            "PolicyName": policy["PolicyName"], "PolicyDocument": text(policy["PolicyDocument"]),
        }
        for policy in properties.get("Policies", ())
    }  # fmt: skip


def _given_to(kind: str) -> Items:
    """One policy for each of the roles, users or groups that have it."""

    def items(properties: Arguments) -> Mapping[str, Arguments]:
        policy = {"PolicyName": properties["PolicyName"], "PolicyDocument": text(properties["PolicyDocument"])}
        names = properties.get(f"{kind}s", ())
        return {f"{policy['PolicyName']} {name}": {f"{kind}Name": name, **policy} for name in names}

    return items


ROLE = ResourceType(
    "AWS::IAM::Role",
    "iam",
    properties=(
        "AssumeRolePolicyDocument", "Description", "ManagedPolicyArns", "MaxSessionDuration", "Path",
        "PermissionsBoundary", "Policies", "RoleName", "Tags",
    ),
    required=("AssumeRolePolicyDocument",),
    create="CreateRole",
    updates=("UpdateRole",),
    delete="DeleteRole",
    replaced_by=("Path", "RoleName"),
    generated=Generated("RoleName", 64),
    converted={
        "AssumeRolePolicyDocument": as_text("AssumeRolePolicyDocument"),
    },
    cleared={"Description": "", "MaxSessionDuration": 3600},
    kept={"RoleArn": "Role.Arn", "RoleId": "Role.RoleId"},
    ref="{RoleName}",
    attributes={"Arn": "RoleArn", "RoleId": "RoleId"},
    parts=(
        Part(
            lambda properties: {"": {"PolicyDocument": text(properties["AssumeRolePolicyDocument"])}},
            "UpdateAssumeRolePolicy",
        ),
        Part(whole("PermissionsBoundary"), "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
        Part(each("ManagedPolicyArns", "PolicyArn"), "AttachRolePolicy", "DetachRolePolicy"),
        Part(_inline, "PutRolePolicy", "DeleteRolePolicy"),
    ),
    tagging=Tagging("RoleName", "TagRole", "UntagRole"),
)  # fmt: skip
POLICY = ResourceType(
    "AWS::IAM::Policy",
    "iam",
    properties=("Groups", "PolicyDocument", "PolicyName", "Roles", "Users"),
    required=("PolicyDocument", "PolicyName"),
    parts=(
        Part(_given_to("Role"), "PutRolePolicy", "DeleteRolePolicy"),
        Part(_given_to("User"), "PutUserPolicy", "DeleteUserPolicy"),
        Part(_given_to("Group"), "PutGroupPolicy", "DeleteGroupPolicy"),
    ),
    replaced_by=(),
    generated=Generated("Id", 128),
    ref="{Id}",
    attributes={"Id": "Id"},
)
ROLE_POLICY = ResourceType(
    "AWS::IAM::RolePolicy",
    "iam",
    properties=("PolicyDocument", "PolicyName", "RoleName"),
    required=("PolicyName", "RoleName"),
    create="PutRolePolicy",
    updates=("PutRolePolicy",),
    delete="DeleteRolePolicy",
    replaced_by=("PolicyName", "RoleName"),
    converted={"PolicyDocument": as_text("PolicyDocument")},
    ref="{PolicyName}",
)
MANAGED_POLICY = ResourceType(
    "AWS::IAM::ManagedPolicy",
    "iam",
    properties=("Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"),
    required=("PolicyDocument",),
    create="CreatePolicy",
    delete="DeletePolicy",
    replaced_by=("Description", "ManagedPolicyName", "Path"),
    remade=True,
    generated=Generated("PolicyName", 128),
    converted={
        "ManagedPolicyName": named("PolicyName"),
        "PolicyDocument": as_text("PolicyDocument"),
        **dict.fromkeys(("Groups", "Roles", "Users"), left_out),
    },
    kept={"PolicyArn": "Policy.Arn", "PolicyId": "Policy.PolicyId"},
    ref="{PolicyArn}",
    attributes={"PolicyArn": "PolicyArn", "PolicyId": "PolicyId"},
    parts=(
        Part(each("Roles", "RoleName"), "AttachRolePolicy", "DetachRolePolicy"),
        Part(each("Users", "UserName"), "AttachUserPolicy", "DetachUserPolicy"),
        Part(each("Groups", "GroupName"), "AttachGroupPolicy", "DetachGroupPolicy"),
    ),
)
TYPES = (ROLE, POLICY, ROLE_POLICY, MANAGED_POLICY)
