"""`labkit.url` gives a URL that opens without DNS."""

from __future__ import annotations

from served import TRUST

SCRIPT = (
    f"TRUST = {TRUST!r}"
    + """
import io, json, urllib.request, zipfile
import boto3, labkit
account = labkit.start()
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as archive:
    archive.writestr("f.py", "def handler(event, context): return {'body': event['path']}")
role = boto3.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
arn = boto3.client("lambda").create_function(
    FunctionName="f", Runtime="python3.13", Role=role, Handler="f.handler", Code={"ZipFile": package.getvalue()}
)["FunctionArn"]
client = boto3.client("apigateway")
rest = api = client.create_rest_api(name="api")
where = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
client.put_method(**where, authorizationType="NONE")
uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
boto3.client("lambda").add_permission(
    FunctionName="f", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
)
def tell(resource):
    try:
        print(labkit.url(resource).replace(account.endpoint, "").replace(api["id"], "ID"))
    except ValueError as error:
        print(str(error).replace(api["id"], "ID"))
tell(api["id"])
client.create_deployment(restApiId=api["id"], stageName="dev")
for resource in (api["id"], f"https://{api['id']}.execute-api.us-east-1.amazonaws.com/dev/a?b=c", "elsewhere"):
    tell(resource)
for stage in ("$default", "dev"):
    api = boto3.client("apigatewayv2").create_api(Name="api", ProtocolType="HTTP")
    boto3.client("apigatewayv2").create_stage(ApiId=api["ApiId"], StageName=stage, AutoDeploy=True)
    for resource in (api["ApiId"], api["ApiEndpoint"]):
        print(labkit.url(resource).replace(account.endpoint, "").replace(api["ApiId"], "ID"))
url = boto3.client("lambda").create_function_url_config(FunctionName="f", AuthType="NONE")["FunctionUrl"]
print(labkit.url(url) == f"{account.endpoint}/_labkit/http/{url.removeprefix('https://')}")
elb, subnets = boto3.client("elbv2"), boto3.client("ec2").describe_subnets()["Subnets"]
balancer = elb.create_load_balancer(Name="web", Subnets=[subnets[0]["SubnetId"]])["LoadBalancers"][0]
for resource in (balancer["LoadBalancerArn"], balancer["DNSName"]):
    print(labkit.url(resource).replace(account.endpoint, ""))
print(urllib.request.urlopen(labkit.url(rest["id"])).read().decode())
print([row.source for row in labkit.invocations()])
"""
)


def test_a_url_for_what_aws_names(in_child):
    told = in_child(SCRIPT)
    host = "/_labkit/http/ID.execute-api.us-east-1.amazonaws.com"
    assert told.out.splitlines() == [
        "API ID has no stage yet; create_deployment(stageName=…) makes one. Give the invoke URL, which names a stage",
        f"{host}/dev",
        f"{host}/dev/a?b=c",
        "'elsewhere' leads to no front door of this account; give an API's id, endpoint or invoke URL, a function URL, "
        "or a load balancer's ARN or DNS name, as AWS's API returned it",
        f"{host}/",
        f"{host}/",
        f"{host}/dev",
        f"{host}/",
        "True",
        "/_labkit/http/web-1.us-east-1.elb.amazonaws.com/",
        "/_labkit/http/web-1.us-east-1.elb.amazonaws.com/",
        "/",
        "['rest-api']",
    ], told.err
