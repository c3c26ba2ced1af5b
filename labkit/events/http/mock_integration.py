"""The MOCK integration, with which REST APIs commonly answer a browser's preflight.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import yaml

from labkit.events.http.gateway_errors import GatewayError
from labkit.events.http.request import HttpRequest
from labkit.moto_bridge.apigateway import Integration, IntegrationResponse
from labkit.moto_bridge.server import Answer

HEADER = "method.response.header."
JSON = "application/json"


def answer(integration: Integration, request: HttpRequest, request_id: str) -> Answer:
    """The integration response for the status that the request's template gives; `GatewayError` without one."""
    response = _response(integration, str(_status(integration, request)))
    headers = {
        name.removeprefix(HEADER): value.strip("'")
        for name, value in response.parameters.items()
        if name.startswith(HEADER) and value.startswith("'")
    }
    body = plain_template(response.templates, request.header("accept"))
    return Answer(response.status, body.encode(), {"Content-Type": JSON, "x-amzn-RequestId": request_id, **headers})


def _status(integration: Integration, request: HttpRequest) -> int:
    """The `statusCode` in the template, which need not quote its keys."""
    given = plain_template(integration.templates, request.header("content-type") or JSON)
    try:
        return int(yaml.safe_load(given or request.text)["statusCode"])
    except (yaml.YAMLError, LookupError, TypeError, ValueError) as error:
        raise _misconfigured('a MOCK integration needs a request template such as {"statusCode": 200}') from error


def _response(integration: Integration, status: str) -> IntegrationResponse:
    fitting = [each for each in integration.responses if each.pattern and re.fullmatch(each.pattern, status)]
    chosen = fitting or [each for each in integration.responses if not each.pattern]
    if not chosen:
        raise _misconfigured(f"no integration response is for status {status}, and none is the default")
    return chosen[0]


def plain_template(templates: Mapping[str, str], media_type: str) -> str:
    """The template for a media type, or the one for JSON; `GatewayError` for one that needs the template language."""
    template = templates.get(media_type.partition(";")[0]) or templates.get(JSON) or ""
    if re.search(r"[$#]\S", template):
        raise _misconfigured(f"labkit fills in no mapping templates, only plain text: {template[:60]!r}")
    return template


def _misconfigured(why: str) -> GatewayError:
    logging.getLogger("labkit").warning("%s", why)
    return GatewayError("API_CONFIGURATION_ERROR", "Internal server error")
