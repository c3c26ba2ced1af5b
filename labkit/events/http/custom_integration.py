"""The custom (non-proxy) Lambda integration: the body is the event, and the result is the body.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-custom-integrations.html
"""

from __future__ import annotations

import json

from labkit.events.asynchronous import Attempt
from labkit.events.http import integration_responses
from labkit.events.http.gateway_errors import GatewayError
from labkit.events.http.integration_responses import JSON, plain_template, response_for
from labkit.events.http.proxy_response import error_message
from labkit.events.http.request import HttpRequest
from labkit.moto_bridge.apigateway import Integration
from labkit.moto_bridge.server import Answer

INVOCATION_TYPE = "integration.request.header.X-Amz-Invocation-Type"


def event(integration: Integration, request: HttpRequest) -> bytes:
    """The event: a template for the body's media type, or the body itself where the integration passes it through.

    `GatewayError` for a body that it does not take.
    """
    media_type = (request.header("content-type") or JSON).partition(";")[0]
    if media_type in integration.templates:
        return plain_template(integration.templates, media_type).encode()
    refuses_others = integration.passthrough == "WHEN_NO_TEMPLATES" and integration.templates
    if integration.passthrough == "NEVER" or refuses_others:
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type")
    try:
        json.loads(request.text or "{}")
    except (ValueError, RecursionError) as error:
        raise GatewayError("BAD_REQUEST_BODY", f"Could not parse request body into json: {error}") from error
    return request.body or b"{}"


def is_asynchronous(integration: Integration) -> bool:
    """Whether the function is invoked without waiting for it."""
    return integration.parameters.get(INVOCATION_TYPE, "").strip("'") == "Event"


def answer(integration: Integration, attempt: Attempt, request: HttpRequest, request_id: str) -> Answer:
    """The integration response for a handler's result; an error's message may choose another than the default one."""
    response = response_for(integration, error_message(attempt.payload) if attempt.outcome == "failed" else "")
    return integration_responses.answer(response, attempt.payload, request.header("accept"), request_id)
