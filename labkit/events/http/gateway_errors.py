"""What a REST API answers by itself, and how its gateway responses change that.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from labkit.moto_bridge.apigateway import GatewayResponse
from labkit.moto_bridge.server import Answer

# By the type of the response: its status, its x-amzn-ErrorType.
TYPES = {
    "ACCESS_DENIED": (403, "AccessDeniedException"),
    "API_CONFIGURATION_ERROR": (500, "InternalServerErrorException"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "AuthorizerConfigurationException"),
    "BAD_REQUEST_BODY": (400, "BadRequestException"),
    "INTEGRATION_TIMEOUT": (504, "InternalServerErrorException"),
    "INVALID_API_KEY": (403, "ForbiddenException"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "MissingAuthenticationTokenException"),
    "REQUEST_TOO_LARGE": (413, "RequestEntityTooLargeException"),
    "UNAUTHORIZED": (401, "UnauthorizedException"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "BadRequestException"),
    "DEFAULT_4XX": (403, "ForbiddenException"),
    "DEFAULT_5XX": (502, "InternalServerErrorException"),
}
HEADER = "gatewayresponse.header."


class GatewayError(Exception):
    """An error of API Gateway's own; `type` is a gateway response type, the message None where AWS sends null."""

    def __init__(self, type: str, message: str | None):
        super().__init__(message)
        self.type = type
        self.message = message


def gateway_answer(error: GatewayError, responses: Mapping[str, GatewayResponse], request_id: str) -> Answer:
    """The answer to an error, as the API's gateway responses have it."""
    status, error_type = TYPES[error.type]
    default = "DEFAULT_5XX" if status >= 500 else "DEFAULT_4XX"
    response = responses.get(error.type) or responses.get(default) or GatewayResponse("", {}, {})
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, "x-amzn-ErrorType": error_type}
    headers |= {
        name.removeprefix(HEADER): value.strip("'")
        for name, value in response.parameters.items()
        if name.startswith(HEADER)
    }
    return Answer(int(response.status or status), _body(error, response.templates, request_id).encode(), headers)


def _body(error: GatewayError, templates: Mapping[str, str], request_id: str) -> str:
    # AWS writes the key in capitals where its authorizer denies.
    name = "Message" if error.type == "ACCESS_DENIED" else "message"
    template = templates.get("application/json")
    if not template:
        return json.dumps({name: error.message})
    filled = template.replace("$context.error.messageString", json.dumps(error.message))
    filled = filled.replace("$context.error.message", error.message or "")
    return filled.replace("$context.error.responseType", error.type).replace("$context.requestId", request_id)
