"""(policy, request, decision) cases from the IAM User Guide's rules; KEYS are the request's condition keys."""

from __future__ import annotations

ACCOUNT = "123456789012"
GET, PUT, DELETE, LIST = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
BUCKET, KEY = "arn:aws:s3:::photos", "arn:aws:s3:::photos/a.jpg"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Orders"
INDEX = f"{TABLE}/index/by-day"
STREAM = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:2026/[$LATEST]ab"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:resize"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db"
CALLER = f"arn:aws:iam::{ACCOUNT}:role/worker"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}

KEYS = {
    "aws:PrincipalArn": CALLER, "aws:username": None, "aws:userid": "AROAEXAMPLE:session", "aws:SecureTransport": True,
    "aws:MultiFactorAuthPresent": None, "aws:CurrentTime": "2026-03-01T12:00:00Z", "aws:EpochTime": 1772366400,
    "aws:SourceIp": "203.0.113.7", "aws:RequestedRegion": "us-east-1", "aws:PrincipalTag/team": "blue",
    "aws:PrincipalTag/odd": "a*", "aws:MultiFactorAuthAge": None, "aws:TokenIssueTime": None, "aws:VpcSourceIp": None,
    "aws:SourceArn": None, "aws:PrincipalTag/blob": "QmluYXJ5VmFsdWU=", "kit:none": [], "kit:sizes": [2, 5],
    "kit:sources": ["arn:aws:sns:us-east-1:123456789012:t", "arn:aws:s3:::b"],
    "aws:TagKeys": ["env", "team"], "s3:prefix": "home/", "s3:max-keys": "10",
}  # fmt: skip


def allow(action=GET, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action=GET, resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


# statements, action, resource, allowed
BASIC = [
    ([deny(DELETE)], GET, KEY, False),  # nothing allows it
    (allow(), GET, KEY, True),  # one statement need not be a list
    ([allow()], PUT, KEY, False),
    ([allow([GET, PUT])], PUT, KEY, True),
    ([allow("*")], "iam:CreateUser", "*", True),
    ([allow("s3:*")], DELETE, KEY, True),
    ([allow("s3:*")], "dynamodb:PutItem", TABLE, False),
    ([allow("s3:Get*")], GET, KEY, True),
    ([allow("s3:Get*")], "s3:GetObjectVersion", KEY, True),
    ([allow("s3:Get*")], PUT, KEY, False),
    ([allow("s3:*Object")], PUT, KEY, True),
    ([allow("s3:*Object")], "s3:PutObjectAcl", KEY, False),
    ([allow("s3:?etObject")], GET, KEY, True),
    ([allow("s3:?etObject")], PUT, KEY, False),
    ([allow("S3:getobject")], GET, KEY, True),  # actions in any letters
    ([allow("s3:GETOBJECT")], GET, KEY, True),
    ([allow("*:GetObject")], GET, KEY, True),
    ([allow("s3:GetObjec")], GET, KEY, False),
    ([allow(), deny()], GET, KEY, False),
    ([deny(), allow()], GET, KEY, False),
    ([allow(), deny(PUT)], GET, KEY, True),
    ([ALL, deny("s3:*")], GET, KEY, False),
    ([ALL, deny("s3:Delete*")], GET, KEY, True),
    ([ALL, deny("s3:Delete*")], DELETE, KEY, False),
    ([deny("*")], GET, KEY, False),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], GET, KEY, True),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "iam:CreateUser", "*", False),
    ([{"Effect": "Allow", "NotAction": "IAM:*", "Resource": "*"}], "iam:CreateUser", "*", False),
    ([{"Effect": "Allow", "NotAction": [GET, PUT], "Resource": "*"}], DELETE, KEY, True),
    ([{"Effect": "Allow", "NotAction": [GET, PUT], "Resource": "*"}], PUT, KEY, False),
    ([ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], GET, KEY, True),
    ([ALL, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], "dynamodb:PutItem", TABLE, False),
]  # fmt: skip

# pattern, resource, matched
RESOURCES = [
    ("*", KEY, True),
    ("*", "*", True),
    (KEY, KEY, True),
    (KEY, "*", False),  # an action without a resource is allowed on * only
    ("arn:aws:s3:::*", "*", False),
    (BUCKET, KEY, False),  # a bucket is not its objects
    (f"{BUCKET}/*", KEY, True),
    (f"{BUCKET}/*", BUCKET, False),  # nor objects their bucket
    (f"{BUCKET}*", KEY, True),
    (f"{BUCKET}*", BUCKET, True),
    (f"{BUCKET}*", "arn:aws:s3:::photos-private/a", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1/test/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1/2/test/3/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}//test/object.jpg", True),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/1-test/object.jpg", False),
    (f"{BUCKET}/*/test/*", f"{BUCKET}/test/object.jpg", False),
    (f"{BUCKET}/*.jpg", f"{BUCKET}/12:30.jpg", True),  # a key may contain colons
    (f"{BUCKET}/?.jpg", KEY, True),
    (f"{BUCKET}/?.jpg", f"{BUCKET}/ab.jpg", False),
    (f"{BUCKET}/A.jpg", KEY, False),  # resources in these letters only
    ("arn:aws:s3:::Photos/*", KEY, False),
    (TABLE, INDEX, False),  # a table is not its index
    (f"{TABLE}/index/*", INDEX, True),
    (f"{TABLE}/index/*", TABLE, False),
    (f"{TABLE}*", INDEX, True),
    ("arn:aws:dynamodb:us-east-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:*:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:eu-*:*:table/Orders", TABLE, False),
    ("arn:aws:dynamodb:us-????-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:us-*-1:*:table/Orders", TABLE, True),
    ("arn:*:dynamodb:us-east-1:*:table/Orders", TABLE, True),
    ("arn:aws:dynamodb:*", TABLE, True),  # a * that ends its segment runs over colons
    ("arn:aws:dynamodb:us-*", TABLE, True),
    ("arn:aws:dynamodb:us-*1:table/Orders", TABLE, False),  # one inside a segment does not
    ("arn:aws:dynamodb:us-east-1::table/Orders", TABLE, False),
    (f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/Order?", TABLE, True),
    ("arn:aws:logs:*:*:*", STREAM, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:*", STREAM, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:*", GROUP, True),
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f", GROUP, False),  # Logs wants the :*
    (f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/*", STREAM, True),
    ("arn:aws:logs:*:*:log-group:/aws/lambda/*:log-stream:*", STREAM, True),
    ("arn:aws:logs:*:*:log-group:/aws/lambda-insights:*", STREAM, False),
    (FUNCTION, f"{FUNCTION}:live", False),
    (f"{FUNCTION}:*", f"{FUNCTION}:live", True),
    (f"{FUNCTION}:*", FUNCTION, False),
    (f"{FUNCTION}*", f"{FUNCTION}:live", True),
    (f"{SECRET}-??????", f"{SECRET}-a1B2c3", True),
    (f"{SECRET}-??????", f"{SECRET}-user-a1B2c3", False),
    (f"{SECRET}-*", f"{SECRET}-??????", True),  # asked for by name
    (f"{SECRET}-??????", f"{SECRET}-??????", True),
    (f"{SECRET}-a1B2c3", f"{SECRET}-??????", True),
    (f"{SECRET}-a1B2c3", f"{SECRET}-zzzzzz", False),
    (SECRET, f"{SECRET}-??????", False),
    (f"{SECRET}2-a1B2c3", f"{SECRET}-??????", False),
    ("arn:aws:s3:::a.c/*", "arn:aws:s3:::abc/k", False),  # other signs are themselves
    ("arn:aws:s3:::a[bc]/*", "arn:aws:s3:::ab/k", False),
    ("arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::blue/k", True),
    ("arn:aws:s3:::${aws:principaltag/TEAM}/*", "arn:aws:s3:::blue/k", True),
    ("arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:aws:s3:::red/k", False),
    ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::anyone/k", False),  # a role has no user name
    ("arn:aws:s3:::${aws:username, 'shared'}/*", "arn:aws:s3:::shared/k", True),
    ("arn:aws:s3:::x/${aws:userid}/*", "arn:aws:s3:::x/AROAEXAMPLE:session/k", True),
    ("arn:aws:s3:::${aws:PrincipalTag/odd}/*", "arn:aws:s3:::abc/k", False),  # a * in a value is no wildcard
    ("arn:aws:s3:::${aws:PrincipalTag/odd}/*", "arn:aws:s3:::a*/k", True),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
    ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
    ("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", True),
    ("arn:aws:s3:::b/${$}", "arn:aws:s3:::b/$", True),
    ("arn:aws:s3:::${aws:TagKeys}/*", "arn:aws:s3:::env/k", False),  # a key with several values is no variable
]  # fmt: skip

# operator, key, values, met
CONDITIONS = [
    ("StringEquals", "s3:prefix", "home/", True),
    ("StringEquals", "s3:prefix", "HOME/", False),
    ("StringEquals", "S3:Prefix", "home/", True),
    ("StringEquals", "s3:prefix", ["", "home/"], True),
    ("StringEquals", "s3:prefix", [], False),
    ("StringEquals", "s3:prefix", "home*", False),
    ("StringEquals", "aws:username", "ann", False),
    ("StringNotEquals", "s3:prefix", "home/", False),
    ("StringNotEquals", "s3:prefix", ["home/", "other/"], False),
    ("StringNotEquals", "s3:prefix", ["x", "y"], True),
    ("StringNotEquals", "aws:username", "ann", True),  # a missing key differs from any value
    ("StringEqualsIgnoreCase", "s3:prefix", "HOME/", True),
    ("StringNotEqualsIgnoreCase", "s3:prefix", "HOME/", False),
    ("StringLike", "s3:prefix", "home*", True),
    ("StringLike", "s3:prefix", "h?me/", True),
    ("StringLike", "s3:prefix", "Home*", False),
    ("StringLike", "aws:userid", "*:session", True),
    ("StringLike", "aws:userid", "AROAEXAMPLE:*", True),
    ("StringNotLike", "s3:prefix", "home*", False),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}", True),
    ("StringEquals", "aws:PrincipalTag/odd", "${aws:PrincipalTag/odd}", True),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:username}", False),
    ("StringEqualsIfExists", "aws:username", "ann", True),
    ("StringEqualsIfExists", "s3:prefix", "other/", False),
    ("Null", "aws:username", "true", True),
    ("Null", "aws:username", True, True),
    ("Null", "s3:prefix", "true", False),
    ("Null", "s3:prefix", "false", True),
    ("Bool", "aws:SecureTransport", "true", True),
    ("Bool", "aws:SecureTransport", True, True),
    ("Bool", "aws:SecureTransport", "false", False),
    ("Bool", "aws:MultiFactorAuthPresent", "true", False),
    ("Bool", "aws:MultiFactorAuthPresent", "false", False),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", True),
    ("NumericEquals", "s3:max-keys", 10, True),
    ("NumericEquals", "s3:max-keys", "10.0", True),
    ("NumericNotEquals", "s3:max-keys", "10", False),
    ("NumericLessThan", "s3:max-keys", "10", False),
    ("NumericLessThanEquals", "s3:max-keys", "10", True),
    ("NumericLessThan", "s3:max-keys", "9", False),
    ("NumericGreaterThan", "s3:max-keys", "9", True),
    ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
    ("NumericEquals", "s3:prefix", "10", False),
    ("DateLessThan", "aws:CurrentTime", "2026-04-01T00:00:00Z", True),
    ("DateLessThan", "aws:CurrentTime", "2026-03-01T12:00:00Z", False),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", True),
    ("DateGreaterThan", "aws:CurrentTime", "2026-02-01", True),
    ("DateGreaterThan", "aws:CurrentTime", "2026-03-01T14:00:00+03:00", True),
    ("DateEquals", "aws:EpochTime", "2026-03-01T12:00:00Z", True),
    ("DateNotEquals", "aws:EpochTime", "1772366400", False),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
    ("IpAddress", "aws:SourceIp", "203.0.113.7", True),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.0.0/16"], False),
    ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"], False),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", True),
    ("IpAddress", "aws:SourceIp", "2001:db8::/32", False),
    ("ArnEquals", "aws:PrincipalArn", CALLER, True),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/work*", True),
    ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),  # ArnEquals takes wildcards too
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam:*", False),  # each of the six parts by itself
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/other*", True),
    ("ArnNotEquals", "aws:PrincipalArn", CALLER, False),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["env", "team", "cost"], True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["env"], False),
    ("ForAllValues:StringEquals", "aws:username", ["env"], True),  # vacuously
    ("ForAllValues:StringNotLike", "aws:TagKeys", "key1*", True),
    ("ForAllValues:StringNotLike", "aws:TagKeys", "env*", False),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["env"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["cost"], False),
    ("ForAnyValue:StringEquals", "aws:username", ["env"], False),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["env"], True),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["env", "team"], False),
    ("ForAnyValue:StringLikeIfExists", "aws:username", "x", True),
]  # fmt: skip

# operator, key, values, met: every family of operators with sets, IfExists and keys that the request lacks
FAMILIES = [
    ("StringNotLike", "aws:username", "a*", True),
    ("StringNotEqualsIgnoreCase", "aws:username", "ann", True),
    ("StringNotEqualsIfExists", "aws:username", "ann", True),
    ("StringNotEqualsIfExists", "s3:prefix", "home/", False),
    ("StringLikeIfExists", "s3:prefix", "home*", True),
    ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", ["RED", "BLUE"], True),
    ("StringLike", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}*", True),
    ("StringNotEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}", False),
    ("StringLike", "aws:PrincipalTag/odd", "${aws:PrincipalTag/odd}", True),
    ("StringLike", "aws:PrincipalTag/team", "${aws:username, 'bl*'}", False),  # a default's * is no wildcard
    ("NumericLessThan", "aws:MultiFactorAuthAge", 3600, False),
    ("NumericLessThanIfExists", "aws:MultiFactorAuthAge", 3600, True),
    ("NumericNotEquals", "aws:MultiFactorAuthAge", 3600, True),
    ("NumericNotEquals", "s3:max-keys", ["9", "11"], True),
    ("NumericGreaterThan", "s3:max-keys", [9, 20], True),  # one of the values will do
    ("NumericGreaterThanIfExists", "s3:max-keys", 10, False),
    ("NumericLessThan", "s3:max-keys", "1e2", True),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", True),
    ("DateGreaterThan", "aws:EpochTime", 1772366399, True),
    ("DateLessThan", "aws:EpochTime", "2026-03-01T12:00:01Z", True),
    ("DateNotEquals", "aws:CurrentTime", "2026-03-02T12:00:00Z", True),
    ("DateLessThan", "aws:TokenIssueTime", "2026-03-02T12:00:00Z", False),
    ("DateLessThanIfExists", "aws:TokenIssueTime", "2026-03-02T12:00:00Z", True),
    ("DateLessThan", "s3:prefix", "2026-03-02T12:00:00Z", False),  # no date
    ("Bool", "aws:SecureTransport", ["true", "false"], True),
    ("BoolIfExists", "aws:SecureTransport", "false", False),
    ("BinaryEquals", "aws:PrincipalTag/blob", "QmluYXJ5VmFsdWU=", True),
    ("BinaryEquals", "aws:PrincipalTag/blob", "b3RoZXI=", False),
    ("BinaryEqualsIfExists", "aws:username", "b3RoZXI=", True),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8", False),
    ("IpAddressIfExists", "aws:VpcSourceIp", "10.0.0.0/8", True),
    ("NotIpAddress", "aws:VpcSourceIp", "10.0.0.0/8", True),
    ("NotIpAddress", "aws:SourceIp", "203.0.113.7/32", False),
    ("IpAddress", "aws:SourceIp", "203.0.113.8/31", False),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", False),
    ("ArnLikeIfExists", "aws:SourceArn", "arn:aws:s3:::*", True),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:s3:::*", True),
    ("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*", False),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/${{aws:PrincipalTag/team}}", False),
    ("StringLike", "aws:PrincipalArn", "arn:aws:iam:*", True),  # a text, not an ARN, is compared
    ("ForAnyValue:StringLike", "aws:TagKeys", ["te*"], True),
    ("ForAnyValue:StringNotLike", "aws:TagKeys", ["te*"], True),
    ("ForAnyValue:StringEqualsIgnoreCase", "aws:TagKeys", ["ENV"], True),
    ("ForAllValues:StringEqualsIgnoreCase", "aws:TagKeys", ["ENV"], False),
    ("ForAllValues:StringLike", "aws:TagKeys", ["e*", "t*"], True),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["env"], False),
    ("ForAllValues:NumericLessThan", "kit:sizes", 10, True),
    ("ForAllValues:NumericLessThan", "kit:sizes", 3, False),
    ("ForAnyValue:NumericLessThan", "kit:sizes", 3, True),
    ("ForAnyValue:ArnLike", "kit:sources", "arn:aws:sns:*:*:*", True),
    ("ForAllValues:ArnLike", "kit:sources", "arn:aws:sns:*:*:*", False),
    ("ForAllValues:Bool", "kit:none", "true", True),
    ("ForAnyValue:Bool", "kit:none", "true", False),
    ("ForAllValues:StringLike", "kit:none", "x", True),
    ("Null", "kit:none", "false", False),
    ("Null", "kit:sizes", "false", True),
    ("Null", "aws:TagKeys", ["true", "false"], True),
]  # fmt: skip
