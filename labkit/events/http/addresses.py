"""The host names that AWS gives front doors, and the loopback URLs by which a browser without DNS reaches them."""

from __future__ import annotations

import re

from labkit.mistake import BadValue
from labkit.moto_bridge import apigateway, apigatewayv2, elbv2

PATH = "/_labkit/http/"  # then the host and the path there
EXECUTE_API = re.compile(r"(?P<id>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
FUNCTION_URL = re.compile(r"[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws")
LOAD_BALANCER = re.compile(r"[a-z0-9-]+\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com")
HOSTS = (EXECUTE_API, FUNCTION_URL, LOAD_BALANCER)
KNOWN = (
    "an API's id, endpoint or invoke URL, a function URL, or a load balancer's ARN or DNS name, "
    "as AWS's API returned it"
)


def loopback_url(endpoint: str, account: str, resource: str) -> str:
    """The URL on loopback for an API's id, a balancer's ARN, or a URL or host name as AWS gives it.

    `BadValue` for anything else. A path and query are kept; of an API with one stage the URL has that stage in it.
    """
    host, _, path = re.sub(r"^https?://", "", resource.strip()).partition("/")
    if ":elasticloadbalancing:" in resource:
        host, path = elbv2.dns_name_of(account, resource) or "", ""
    if any(pattern.fullmatch(host.partition(":")[0].lower()) for pattern in HOSTS):
        return f"{endpoint}{PATH}{host.lower()}/{path}"
    for kind in (apigateway, apigatewayv2):
        if region := kind.region_of(account, resource):
            stage = _stage(resource, kind.stage_names(account, region, resource))
            return f"{endpoint}{PATH}{resource}.execute-api.{region}.amazonaws.com/{stage}"
    raise BadValue(f"{resource!r} leads to no front door of this account; give {KNOWN}")


def _stage(api_id: str, stages: list[str]) -> str:
    """The part of the path that names the stage: none for `$default`, otherwise that of the only stage."""
    if "$default" in stages:
        return ""
    if len(stages) != 1:
        has = f"the stages {', '.join(stages)}" if stages else "no stage yet; create_deployment(stageName=…) makes one"
        raise BadValue(f"API {api_id} has {has}. Give the invoke URL, which names a stage")
    return stages[0]
