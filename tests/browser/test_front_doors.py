"""Front doors in Chromium: a page of a function URL opens without DNS, and its scripts meet an API's CORS."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """
def lambda_handler(event, context):
    if event["rawPath"] == "/start":
        return {"statusCode": 302, "headers": {"Location": "/page"}}
    return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "<h1>Hello from Lambda</h1>"}
"""
FETCH = """async url => {
    try {
        const answer = await fetch(url, {method: 'PUT', headers: {'x-mine': '1'}, body: '1'});
        return await answer.text();
    } catch (error) { return String(error); }
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")


def test_a_page_and_what_it_fetches(served):
    served.function(PAGE, "page")
    served.function("def lambda_handler(event, context):\n    return event['headers']['x-mine'] + event['body']", "api")
    served.awslambda.add_permission(
        FunctionName="page", StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE",
    )  # fmt: skip
    served.awslambda.add_permission(
        FunctionName="api", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    page_url = served.awslambda.create_function_url_config(FunctionName="page", AuthType="NONE")["FunctionUrl"]
    origin = served.endpoint.replace("127.0.0.1", "localhost")
    cors = {"AllowOrigins": [origin], "AllowMethods": ["PUT"], "AllowHeaders": ["x-mine"]}
    apis = [
        served.apigatewayv2.create_api(
            Name="api", ProtocolType="HTTP", Target="arn:aws:lambda:us-east-1:123456789012:function:api", **given
        )["ApiEndpoint"]
        for given in ({"CorsConfiguration": cors}, {})
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(opened(page_url, origin) + "start")
        assert page.locator("h1").inner_text() == "Hello from Lambda"
        assert page.url == opened(page_url, origin) + "page"
        answers = [page.evaluate(FETCH, opened(api + "/", served.endpoint)) for api in apis]
        browser.close()
    assert answers == ["11", "TypeError: Failed to fetch"]


def opened(url, endpoint):
    return url.replace("https://", f"{endpoint}/_labkit/http/")
