"""The types of resources of load balancers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElasticLoadBalancingV2.html
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
    left_out,
    written,
)  # fmt: skip


def _attributes(property: str) -> Items:
    """What is set once a balancer or a group is there, one by one."""
    return lambda properties: {
        str(each["Key"]): {"Attributes": [{"Key": each["Key"], "Value": written(each["Value"])}]}
        for each in properties.get(property, ())
    }


def _targets(properties: Arguments) -> Mapping[str, Arguments]:
    return {f"{each['Id']} {each.get('Port')}": {"Targets": [each]} for each in properties.get("Targets", ())}


LOAD_BALANCER = ResourceType(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "elbv2",
    properties=(
        "IpAddressType", "LoadBalancerAttributes", "Name", "Scheme", "SecurityGroups", "SubnetMappings", "Subnets",
        "Tags", "Type",
    ),
    create="CreateLoadBalancer",
    updates=("SetSecurityGroups", "SetSubnets", "SetIpAddressType"),
    delete="DeleteLoadBalancer",
    replaced_by=("Name", "Scheme", "Type"),
    generated=Generated("Name", 32),
    kept={
        "LoadBalancerArn": "LoadBalancers.0.LoadBalancerArn",
        "DNSName": "LoadBalancers.0.DNSName",
        "CanonicalHostedZoneId": "LoadBalancers.0.CanonicalHostedZoneId",
    },
    ref="{LoadBalancerArn}",
    attributes={
        "CanonicalHostedZoneID": "CanonicalHostedZoneId", "DNSName": "DNSName", "LoadBalancerArn": "LoadBalancerArn",
        "LoadBalancerName": "Name",
    },
    parts=(Part(_attributes("LoadBalancerAttributes"), "ModifyLoadBalancerAttributes"),),
    tagging=Tagging("LoadBalancerArn", "AddTags", "RemoveTags"),
    unsupported=(
        "EnableCapacityReservationProvisionStabilize", "EnablePrefixForIpv6SourceNat",
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "Ipv4IpamPoolId", "MinimumLoadBalancerCapacity",
    ),
)  # fmt: skip
TARGET_GROUP = ResourceType(
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "elbv2",
    properties=(
        "HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath", "HealthCheckPort",
        "HealthCheckProtocol", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "IpAddressType", "Matcher",
        "Name", "Port", "Protocol", "ProtocolVersion", "Tags", "TargetGroupAttributes", "TargetType", "Targets",
        "UnhealthyThresholdCount", "VpcId",
    ),
    create="CreateTargetGroup",
    updates=("ModifyTargetGroup",),
    delete="DeleteTargetGroup",
    replaced_by=("IpAddressType", "Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"),
    generated=Generated("Name", 32),
    converted={"Targets": left_out},
    kept={"TargetGroupArn": "TargetGroups.0.TargetGroupArn"},
    ref="{TargetGroupArn}",
    attributes={"TargetGroupArn": "TargetGroupArn", "TargetGroupName": "Name"},
    parts=(
        Part(_attributes("TargetGroupAttributes"), "ModifyTargetGroupAttributes"),
        Part(_targets, "RegisterTargets", "DeregisterTargets"),
    ),
    tagging=Tagging("TargetGroupArn", "AddTags", "RemoveTags"),
    unsupported=("TargetControlPort",),
)  # fmt: skip
LISTENER = ResourceType(
    "AWS::ElasticLoadBalancingV2::Listener",
    "elbv2",
    properties=("AlpnPolicy", "Certificates", "DefaultActions", "LoadBalancerArn", "Port", "Protocol", "SslPolicy"),
    required=("DefaultActions", "LoadBalancerArn"),
    create="CreateListener",
    updates=("ModifyListener",),
    delete="DeleteListener",
    replaced_by=("LoadBalancerArn",),
    kept={"ListenerArn": "Listeners.0.ListenerArn"},
    ref="{ListenerArn}",
    attributes={"ListenerArn": "ListenerArn"},
    unsupported=("ListenerAttributes", "MutualAuthentication", "Tags"),
)
LISTENER_RULE = ResourceType(
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "elbv2",
    properties=("Actions", "Conditions", "ListenerArn", "Priority"),
    required=("Actions", "Conditions", "Priority"),
    create="CreateRule",
    updates=("ModifyRule",),
    delete="DeleteRule",
    replaced_by=("ListenerArn", "Priority"),
    kept={"RuleArn": "Rules.0.RuleArn"},
    ref="{RuleArn}",
    attributes={"RuleArn": "RuleArn"},
    unsupported=("Tags", "Transforms"),
)
TYPES = (LOAD_BALANCER, TARGET_GROUP, LISTENER, LISTENER_RULE)
