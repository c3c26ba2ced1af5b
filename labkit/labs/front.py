"""A REST API in front of the learner's function for the time of a check, which asks it by HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import urllib3

import labkit
from labkit.account import invocations, url
from labkit.labs.functions import logged

STAGE = "check"
NO_RESPONSE = "what it returned is no response: a statusCode, and a body that is text"


@dataclass(frozen=True)
class Answer:
    """What a client gets for a request; `why` says what lies behind a 5xx, and is empty for all other answers."""

    request: str
    status: int
    text: str
    why: str = ""

    def json(self) -> Any:
        """What the body says; None when it is no JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


@dataclass(frozen=True)
class Front:
    """The address of an API, and the function behind it."""

    url: str
    function: str

    def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        """Send a request, and wait for its answer."""
        since = int(1000 * labkit.clock.time())
        content = None if body is None else body.encode()
        response = urllib3.request(method, f"{self.url}{path}", body=content)
        why = _why(self.function, since) if response.status >= 500 else ""
        return Answer(_told(method, path, body), response.status, response.data.decode(errors="replace"), why)


@contextmanager
def in_front_of(function: str, collection: str) -> Iterator[Front]:
    """An API whose resources /COLLECTION and /COLLECTION/{id} call the function, by any method; gone afterwards."""
    client, functions = boto3.client("apigateway"), boto3.client("lambda")
    functions.get_waiter("function_active_v2").wait(FunctionName=function)
    functions.get_waiter("function_updated_v2").wait(FunctionName=function)
    arn = functions.get_function_configuration(FunctionName=function)["FunctionArn"]
    api = client.create_rest_api(name=function)
    statement = {"FunctionName": function, "StatementId": f"check-{api['id']}"}
    functions.add_permission(**statement, Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com")
    try:
        _connect(client, api, collection, arn)
        yield Front(url(api["id"]), function)
    finally:
        functions.remove_permission(**statement)
        client.delete_rest_api(restApiId=api["id"])


def _connect(client: Any, api: dict[str, Any], collection: str, arn: str) -> None:
    parent = api["rootResourceId"]
    for part in (collection, "{id}"):
        parent = client.create_resource(restApiId=api["id"], parentId=parent, pathPart=part)["id"]
        where = {"restApiId": api["id"], "resourceId": parent, "httpMethod": "ANY"}
        client.put_method(**where, authorizationType="NONE")
        uri = f"arn:aws:apigateway:{arn.split(':')[3]}:lambda:path/2015-03-31/functions/{arn}/invocations"
        client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.create_deployment(restApiId=api["id"], stageName=STAGE)


def _told(method: str, path: str, body: str | None) -> str:
    with_body = "" if method == "GET" else " without a body" if body is None else f" with the body {body!r}"
    return f"{method} {path}{with_body}"


def _why(function: str, since: int) -> str:
    """What the function's record and log say of its last run; `since` is in milliseconds."""
    labkit.settle()
    run = invocations().of_function(function)[-1]
    if run.outcome == "ok":
        return NO_RESPONSE
    return _logged_error(function, since) or f"the handler ended with: {run.outcome}"


def _logged_error(function: str, since: int) -> str:
    """The error that the handler raised; empty where the log has none, as when its role may not write it."""
    found = logged(function, since, '"[ERROR]"')
    first = found[-1].splitlines()[0] if found else ""
    return first.replace("[ERROR]", "the handler failed:").strip()
