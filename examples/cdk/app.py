"""A function with its table, as the CDK describes it. `labkit.deploy_template("examples/cdk/cdk.out")` deploys what it
makes; `labkit.deploy_template("examples/cdk/app.py")` makes it anew, where aws-cdk-lib and Node.js are installed.
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

FUNCTION = Path(__file__).parent.parent / "function"


class Greeter(Stack):
    """The function, the table in which it counts, and its right to do so."""

    def __init__(self, scope: App, name: str):
        super().__init__(scope, name)
        table = dynamodb.Table(
            self,
            "Greetings",
            partition_key=dynamodb.Attribute(name="name", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            removal_policy=RemovalPolicy.DESTROY,
        )
        function = lambda_.Function(
            self,
            "Greeter",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="lambda_function.lambda_handler",
            code=lambda_.Code.from_asset(str(FUNCTION)),
            memory_size=256,
            timeout=Duration.seconds(10),
            environment={"TABLE": table.table_name},
        )
        table.grant_read_write_data(function)
        CfnOutput(self, "FunctionName", value=function.function_name)


app = App(analytics_reporting=False)
Greeter(app, "Greeter")
app.synth()
