"""How the result of a MOCK or a custom integration is answered: by the integration response that fits it.

Mapping templates are plain text here: the kit does not have their language.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from labkit.events.http.gateway_errors import GatewayError
from labkit.moto_bridge.apigateway import Integration, IntegrationResponse
from labkit.moto_bridge.server import Answer

HEADER = "method.response.header."
JSON = "application/json"


def response_for(integration: Integration, result: str) -> IntegrationResponse:
    """The response whose pattern fits a status or an error's message, or the default one; `GatewayError` without it."""
    fitting = [each for each in integration.responses if each.pattern and re.fullmatch(each.pattern, result, re.DOTALL)]
    chosen = fitting or [each for each in integration.responses if not each.pattern]
    if not chosen:
        raise misconfigured(f"no integration response is for {result!r}, and none is the default")
    return chosen[0]


def answer(response: IntegrationResponse, passed_through: bytes, accept: str, request_id: str) -> Answer:
    """The answer: its headers as texts in the response, its body a template or what is passed through."""
    headers = {
        name.removeprefix(HEADER): value.strip("'")
        for name, value in response.parameters.items()
        if name.startswith(HEADER) and value.startswith("'")
    }
    body = plain_template(response.templates, accept).encode() or passed_through
    return Answer(response.status, body, {"Content-Type": JSON, "x-amzn-RequestId": request_id, **headers})


def plain_template(templates: Mapping[str, str], media_type: str) -> str:
    """The template for a media type, or the one for JSON; `GatewayError` for one that needs the template language."""
    template = templates.get(media_type.partition(";")[0]) or templates.get(JSON) or ""
    if re.search(r"[$#]\S", template):
        raise misconfigured(f"labkit fills in no mapping templates, only plain text: {template[:60]!r}")
    return template


def misconfigured(why: str) -> GatewayError:
    """The error that API Gateway answers for a configuration that does not work; a warning says why."""
    logging.getLogger("labkit").warning("%s", why)
    return GatewayError("API_CONFIGURATION_ERROR", "Internal server error")
