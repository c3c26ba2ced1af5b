"""The rules of a load balancer's listener: which one a request meets, and where a redirection leads.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from typing import Any

from labkit.events.http.request import HttpRequest
from labkit.moto_bridge.elbv2 import Condition, Listener, Rule


def rule_for(request: HttpRequest, rules: Iterable[Rule]) -> Rule:
    """The first rule all of whose conditions the request meets; the last one has none."""
    return next(rule for rule in rules if all(is_met(condition, request) for condition in rule.conditions))


def is_met(condition: Condition, request: HttpRequest) -> bool:
    """Whether one of a condition's values fits; `*` and `?` in it are wildcards."""
    match condition.field:
        case "path-pattern":
            return _any_fits(condition.values, [request.path])
        case "host-header":
            return _any_fits(condition.values, [request.host], ignore_case=True)
        case "http-header":
            return _any_fits(condition.values, request.by_name.get(condition.name.lower(), ()), ignore_case=True)
        case "http-request-method":
            return request.method in condition.values
        case "query-string":
            return any(_pair_fits(key, value, request) for key, value in condition.values)
        case "source-ip":
            address = ipaddress.ip_address(request.source_ip)
            return any(address in ipaddress.ip_network(network) for network in condition.values)
    return False


def redirection(config: Mapping[str, Any], request: HttpRequest, listener: Listener) -> tuple[int, str]:
    """The status and the address of a redirection; `#{path}` and the like stand for the request's own."""
    own = {
        "protocol": listener.protocol, "host": request.host, "port": str(listener.port),
        "path": request.path.lstrip("/"), "query": request.query,
    }  # fmt: skip
    template = {
        "Protocol": "#{protocol}",
        "Host": "#{host}",
        "Port": "#{port}",
        "Path": "/#{path}",
        "Query": "#{query}",
    }
    parts = {name: _filled(config.get(name) or default, own) for name, default in template.items()}
    query = f"?{parts['Query']}" if parts["Query"] else ""
    location = f"{parts['Protocol'].lower()}://{parts['Host']}:{parts['Port']}{parts['Path']}{query}"
    return int(config["StatusCode"].removeprefix("HTTP_")), location


def _filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"#\{(\w+)\}", lambda found: values.get(found[1], ""), text)


def _pair_fits(key: str, value: str, request: HttpRequest) -> bool:
    given = [found for name, found in request.raw_parameters if not key or _fits(key, name, ignore_case=True)]
    return _any_fits([value], given, ignore_case=True)


def _any_fits(patterns: Iterable[str], texts: Iterable[str], ignore_case: bool = False) -> bool:
    return any(_fits(pattern, text, ignore_case) for pattern in patterns for text in texts)


def _fits(pattern: str, text: str, ignore_case: bool) -> bool:
    plain = pattern.replace("[", "[[]")  # only * and ? are wildcards
    return re.match(translate(plain), text, re.IGNORECASE if ignore_case else 0) is not None
