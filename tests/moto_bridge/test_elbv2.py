"""moto's load balancers ask the account that was started last."""

from __future__ import annotations

SCRIPT = """
import boto3, labkit
from botocore.exceptions import ClientError
for number in range(2):
    account = labkit.start()
    elb = boto3.client("elbv2")
    group = elb.create_target_group(Name="f", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    account.rooms.admission.why_not = lambda *asked, number=number: print(number) or "refused"
    try:
        arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": arn}])
    except ClientError as error:
        print(error.response["Error"]["Code"])
    account.stop()
"""


def test_a_registration_is_judged_by_the_account_of_now(in_child):
    told = in_child(SCRIPT)
    assert told.out.splitlines() == ["0", "AccessDenied", "1", "AccessDenied"], told.err
