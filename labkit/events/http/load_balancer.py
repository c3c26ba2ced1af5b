"""Application Load Balancers whose targets are functions: `http://NAME-N.REGION.elb.amazonaws.com/`.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

import base64
import json
import logging
import random
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from labkit import facts
from labkit.events.asynchronous import Attempt
from labkit.events.http import payload_1_0
from labkit.events.http.calls import FunctionCall, Functions, InvokedBy
from labkit.events.http.integrations import is_function
from labkit.events.http.listener_rules import redirection, rule_for
from labkit.events.http.proxy_response import Malformed, read_json, read_response
from labkit.events.http.request import MEGABYTE, HttpRequest, Pairs, grouped
from labkit.events.permission import MISSING
from labkit.moto_bridge import elbv2
from labkit.moto_bridge.elbv2 import Listener, LoadBalancer, TargetGroup
from labkit.moto_bridge.server import Answer
from labkit.runtime.trace import new_trace

SOURCE = "load-balancer"
SERVICE = "elasticloadbalancing.amazonaws.com"
TEXT = ("application/json", "application/javascript", "application/xml")
NOT_SENT_BACK = {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
OWN = {"Server": "awselb/2.0"}


class LoadBalancers:
    """Answers requests to the balancers of an account."""

    def __init__(self, account: str, functions: Functions):
        self._account = account
        self._functions = functions

    def answer(self, request: HttpRequest, balancer: LoadBalancer) -> Answer:
        """What the first rule that the request meets says; the listener is that of the port, or of 80."""
        listener = _listener(balancer, request.port)
        if listener is None:
            _tell(f"{request.host} has no listener; create_listener makes one")
            return page(503)
        action = rule_for(request, listener.rules).actions[-1]
        match action["Type"]:
            case "fixed-response":
                return _fixed(action["FixedResponseConfig"])
            case "redirect":
                status, location = redirection(action["RedirectConfig"], request, listener)
                return Answer(status, b"", OWN | {"Location": location, "Content-Type": "text/html"})
            case "forward":
                return self._forward(request, listener, balancer, action)
        _tell(f"labkit does not offer the action {action['Type']} of a load balancer")
        return page(500)

    def _forward(
        self, request: HttpRequest, listener: Listener, balancer: LoadBalancer, action: Mapping[str, Any]
    ) -> Answer:
        group = elbv2.target_group(self._account, balancer.region, _group_arn(action))
        if group is None or group.kind != "lambda":
            _tell(f"labkit forwards to functions only, not to targets of the kind {group and group.kind}")
            return page(503)
        if not group.targets:
            return page(503)
        if len(request.body) > facts.QUOTAS["alb_request"].maximum * MEGABYTE:
            return page(413)
        function_arn, trace = group.targets[0], request.header("x-amzn-trace-id") or new_trace(request.received)
        event = json.dumps(_event(request, listener, group, trace)).encode()
        call = FunctionCall(function_arn, event, SOURCE, trace, str(uuid.uuid4()))
        return _response(self._functions.call(call, InvokedBy(SERVICE, group.arn)), group, function_arn)


def refuse_registration(functions: Functions, function_arn: str, group_arn: str) -> tuple[str, str] | None:
    """The code and message of AWS's for a function that may not become a target, None when it may."""
    why = functions.why_refused(function_arn, InvokedBy(SERVICE, group_arn)) if is_function(function_arn) else MISSING
    if why == MISSING:
        return "InvalidTarget", f"The specified target {function_arn} does not exist."
    who, where = f"{SERVICE.partition('.')[0]} principal", f"from target group {group_arn}"
    message = f"{who} does not have permission to invoke {function_arn} {where}"
    return ("AccessDenied", message) if why else None


def page(status: int) -> Answer:
    """A page of the balancer's own."""
    title = f"{status} {HTTPStatus(status).phrase}"
    lines = ("<html>", f"<head><title>{title}</title></head>", "<body>", f"<center><h1>{title}</h1></center>")
    text = "\r\n".join([*lines, "</body>", "</html>", ""])
    return Answer(status, text.encode(), OWN | {"Content-Type": "text/html"})


def _listener(balancer: LoadBalancer, port: int | None) -> Listener | None:
    """The listener of a port; when there is none, that of 80, or the first."""
    by_port = {listener.port: listener for listener in balancer.listeners}
    return by_port.get(port or 80) or by_port.get(80) or next(iter(balancer.listeners), None)


def _group_arn(action: Mapping[str, Any]) -> str:
    """The target group of an action; of several one is drawn by their weights."""
    groups = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action.get("TargetGroupArn")}]
    weights = [float(group.get("Weight", 1)) for group in groups]
    chosen = random.choices(groups, weights)[0] if sum(weights) else groups[0]
    return str(chosen["TargetGroupArn"])


def _event(request: HttpRequest, listener: Listener, group: TargetGroup, trace: str) -> dict[str, Any]:
    """The event; query values are not decoded, and what there is none of is empty."""
    forwarded = payload_1_0.forwarded(request, trace, str(listener.port), listener.protocol.lower())
    headers = grouped((name.lower(), value) for name, value in forwarded)
    query = grouped(request.raw_parameters)
    binary = bool(request.body) and not _is_text(request)
    parts: dict[str, Any] = (
        {"multiValueQueryStringParameters": query, "multiValueHeaders": headers}
        if group.multi_value_headers
        else {"queryStringParameters": _last(query), "headers": _last(headers)}
    )
    return {
        "requestContext": {"elb": {"targetGroupArn": group.arn}},
        "httpMethod": request.method,
        "path": request.path,
        **parts,
        "body": base64.b64encode(request.body).decode() if binary else request.text,
        "isBase64Encoded": binary,
    }


def _is_text(request: HttpRequest) -> bool:
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    return not request.header("content-encoding") and (media_type.startswith("text/") or media_type in TEXT)


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


def _response(attempt: Attempt, group: TargetGroup, function_arn: str) -> Answer:
    largest = facts.QUOTAS["alb_response"].maximum * MEGABYTE
    if attempt.outcome != "ok" or len(attempt.payload) > largest:
        return page(502)
    try:
        return _proxied(read_json(attempt.payload), group)
    except Malformed as why:
        _tell(f"{function_arn} returned no response for a load balancer, so it answers 502: {why}")
        return page(502)


def _proxied(result: Any, group: TargetGroup) -> Answer:
    """The response in a handler's result, with the kind of headers that the target group is set to."""
    if not isinstance(result, dict) or "statusCode" not in result:
        raise Malformed("it has to be an object with a statusCode")
    kind = "multiValueHeaders" if group.multi_value_headers else "headers"
    known = {key: result[key] for key in ("statusCode", kind, "body", "isBase64Encoded") if key in result}
    response = read_response(json.dumps(known).encode())
    headers: Pairs = tuple((name, value) for name, value in response.headers if name.lower() not in NOT_SENT_BACK)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", "application/octet-stream"))
    return Answer(response.status, response.content, {**OWN, **grouped(headers)})


def _fixed(config: Mapping[str, Any]) -> Answer:
    headers = OWN | {"Content-Type": config.get("ContentType") or "text/plain"}
    return Answer(int(config["StatusCode"]), (config.get("MessageBody") or "").encode(), headers)


def _tell(why: str) -> None:
    logging.getLogger("labkit").warning("%s", why)
