"""The MOCK integration, with which REST APIs commonly answer a browser's preflight.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from __future__ import annotations

import yaml

from labkit.events.http import integration_responses
from labkit.events.http.integration_responses import JSON, misconfigured, plain_template, response_for
from labkit.events.http.request import HttpRequest
from labkit.moto_bridge.apigateway import Integration
from labkit.moto_bridge.server import Answer


def answer(integration: Integration, request: HttpRequest, request_id: str) -> Answer:
    """The integration response for the status that the request's template gives; `GatewayError` without one."""
    response = response_for(integration, str(_status(integration, request)))
    return integration_responses.answer(response, b"", request.header("accept"), request_id)


def _status(integration: Integration, request: HttpRequest) -> int:
    """The `statusCode` in the template, which need not quote its keys."""
    given = plain_template(integration.templates, request.header("content-type") or JSON)
    try:
        return int(yaml.safe_load(given or request.text)["statusCode"])
    except (yaml.YAMLError, LookupError, TypeError, ValueError) as error:
        raise misconfigured('a MOCK integration needs a request template such as {"statusCode": 200}') from error
