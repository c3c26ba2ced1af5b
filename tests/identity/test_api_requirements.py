"""Which actions and resources a call needs: cases from the Service Authorization Reference and AWS's own messages."""

from __future__ import annotations

import pytest

from labkit.identity import ApiCall, Requirement, requirements

HERE = "us-east-1:123456789012"
TABLE = f"arn:aws:dynamodb:{HERE}:table/Orders"
FUNCTION = f"arn:aws:lambda:{HERE}:function:resize"
QUEUE = f"arn:aws:sqs:{HERE}:jobs"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"
TOPIC = f"arn:aws:sns:{HERE}:alerts"
SENDER = f"arn:aws:ses:{HERE}:identity"
STREAM = f"arn:aws:kinesis:{HERE}:stream/clicks"
LOGS = f"arn:aws:logs:{HERE}:log-group"
RULES = f"arn:aws:events:{HERE}:rule"
BUS = f"arn:aws:events:{HERE}:event-bus"
PARAMETERS = f"arn:aws:ssm:{HERE}:parameter"
SECRETS = f"arn:aws:secretsmanager:{HERE}:secret"
KEY = f"arn:aws:kms:{HERE}:key/1234"
ROLE = "arn:aws:iam::123456789012:role/worker"
OBJECT = "arn:aws:s3:::photos/a/b.jpg"
PHOTOS = "arn:aws:s3:::photos"

PHOTO = {"Bucket": "photos", "Key": "a/b.jpg"}
OLD = {**PHOTO, "VersionId": "v1"}

CASES = [
    # S3
    ("s3 GetObject", PHOTO, [("s3:GetObject", OBJECT)]),
    ("s3 HeadObject", PHOTO, [("s3:GetObject", OBJECT)]),
    ("s3 GetObject", OLD, [("s3:GetObjectVersion", OBJECT)]),
    ("s3 PutObject", PHOTO, [("s3:PutObject", OBJECT)]),
    ("s3 PutObject", {**PHOTO, "ACL": "public-read"}, [("s3:PutObject", OBJECT), ("s3:PutObjectAcl", OBJECT)]),
    ("s3 PutObject", {**PHOTO, "Tagging": "a=b"}, [("s3:PutObject", OBJECT), ("s3:PutObjectTagging", OBJECT)]),
    ("s3 DeleteObject", PHOTO, [("s3:DeleteObject", OBJECT)]),
    ("s3 DeleteObject", OLD, [("s3:DeleteObjectVersion", OBJECT)]),
    ("s3 DeleteObjects", {"Bucket": "photos", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
     [("s3:DeleteObject", f"{PHOTOS}/x"), ("s3:DeleteObjectVersion", f"{PHOTOS}/y")]),
    ("s3 CopyObject", {**PHOTO, "CopySource": "raw/c%20d.jpg"},
     [("s3:GetObject", "arn:aws:s3:::raw/c d.jpg"), ("s3:PutObject", OBJECT)]),
    ("s3 CopyObject", {**PHOTO, "CopySource": {"Bucket": "raw", "Key": "c.jpg"}},
     [("s3:GetObject", "arn:aws:s3:::raw/c.jpg"), ("s3:PutObject", OBJECT)]),
    ("s3 UploadPartCopy", {**PHOTO, "CopySource": "/raw/c.jpg?versionId=3"},
     [("s3:GetObjectVersion", "arn:aws:s3:::raw/c.jpg"), ("s3:PutObject", OBJECT)]),
    ("s3 CreateMultipartUpload", PHOTO, [("s3:PutObject", OBJECT)]),
    ("s3 UploadPart", PHOTO, [("s3:PutObject", OBJECT)]),
    ("s3 CompleteMultipartUpload", PHOTO, [("s3:PutObject", OBJECT)]),
    ("s3 AbortMultipartUpload", PHOTO, [("s3:AbortMultipartUpload", OBJECT)]),
    ("s3 ListParts", PHOTO, [("s3:ListMultipartUploadParts", OBJECT)]),
    ("s3 ListMultipartUploads", {"Bucket": "photos"}, [("s3:ListBucketMultipartUploads", PHOTOS)]),
    ("s3 ListObjectsV2", {"Bucket": "photos", "Prefix": "a/"}, [("s3:ListBucket", PHOTOS)]),
    ("s3 ListObjects", {"Bucket": "photos"}, [("s3:ListBucket", PHOTOS)]),
    ("s3 HeadBucket", {"Bucket": "photos"}, [("s3:ListBucket", PHOTOS)]),
    ("s3 ListObjectVersions", {"Bucket": "photos"}, [("s3:ListBucketVersions", PHOTOS)]),
    ("s3 ListBuckets", {}, [("s3:ListAllMyBuckets", "arn:aws:s3:::*")]),
    ("s3 CreateBucket", {"Bucket": "photos"}, [("s3:CreateBucket", PHOTOS)]),
    ("s3 GetBucketLocation", {"Bucket": "photos"}, [("s3:GetBucketLocation", PHOTOS)]),
    ("s3 PutBucketNotificationConfiguration", {"Bucket": "photos"}, [("s3:PutBucketNotification", PHOTOS)]),
    ("s3 DeleteBucketLifecycle", {"Bucket": "photos"}, [("s3:PutLifecycleConfiguration", PHOTOS)]),
    ("s3 DeleteBucketMetricsConfiguration", {"Bucket": "photos"}, [("s3:PutMetricsConfiguration", PHOTOS)]),
    ("s3 ListBucketInventoryConfigurations", {"Bucket": "photos"}, [("s3:GetInventoryConfiguration", PHOTOS)]),
    ("s3 GetPublicAccessBlock", {"Bucket": "photos"}, [("s3:GetBucketPublicAccessBlock", PHOTOS)]),
    ("s3 GetObjectTagging", OLD, [("s3:GetObjectVersionTagging", OBJECT)]),
    ("s3 PutObjectAcl", PHOTO, [("s3:PutObjectAcl", OBJECT)]),
    ("s3 GetObjectAttributes", PHOTO, [("s3:GetObject", OBJECT), ("s3:GetObjectAttributes", OBJECT)]),
    # DynamoDB
    ("dynamodb PutItem", {"TableName": "Orders"}, [("dynamodb:PutItem", TABLE)]),
    ("dynamodb PutItem", {"TableName": TABLE}, [("dynamodb:PutItem", TABLE)]),
    ("dynamodb Query", {"TableName": "Orders"}, [("dynamodb:Query", TABLE)]),
    ("dynamodb Query", {"TableName": "Orders", "IndexName": "by-day"}, [("dynamodb:Query", f"{TABLE}/index/by-day")]),
    ("dynamodb Scan", {"TableName": TABLE, "IndexName": "by-day"}, [("dynamodb:Scan", f"{TABLE}/index/by-day")]),
    ("dynamodb BatchGetItem", {"RequestItems": {"Orders": {}, TABLE + "2": {}}},
     [("dynamodb:BatchGetItem", TABLE), ("dynamodb:BatchGetItem", f"{TABLE}2")]),
    ("dynamodb BatchWriteItem", {"RequestItems": {"Orders": []}}, [("dynamodb:BatchWriteItem", TABLE)]),
    ("dynamodb TransactGetItems",
     {"TransactItems": [{"Get": {"TableName": "Orders"}}, {"Get": {"TableName": "Orders"}}]},
     [("dynamodb:GetItem", TABLE)]),
    ("dynamodb TransactWriteItems",
     {"TransactItems": [{"Put": {"TableName": "Orders"}}, {"ConditionCheck": {"TableName": "Users"}}]},
     [("dynamodb:PutItem", TABLE), ("dynamodb:ConditionCheckItem", f"arn:aws:dynamodb:{HERE}:table/Users")]),
    ("dynamodb ExecuteStatement", {"Statement": 'SELECT * FROM "Orders" WHERE id = ?'},
     [("dynamodb:PartiQLSelect", TABLE)]),
    ("dynamodb ExecuteStatement", {"Statement": 'select a from Orders."by-day"'},
     [("dynamodb:PartiQLSelect", f"{TABLE}/index/by-day")]),
    ("dynamodb ExecuteStatement", {"Statement": "INSERT INTO Orders VALUE {'id': 'a from b'}"},
     [("dynamodb:PartiQLInsert", TABLE)]),
    ("dynamodb BatchExecuteStatement",
     {"Statements": [{"Statement": "UPDATE Orders SET a = 1"}, {"Statement": "DELETE FROM Orders WHERE id = 1"}]},
     [("dynamodb:PartiQLUpdate", TABLE), ("dynamodb:PartiQLDelete", TABLE)]),
    ("dynamodb ExecuteTransaction", {"TransactStatements": [{"Statement": "EXISTS(SELECT * FROM Orders WHERE id=1)"}]},
     [("dynamodb:PartiQLSelect", TABLE)]),
    ("dynamodb ListTables", {}, [("dynamodb:ListTables", f"arn:aws:dynamodb:{HERE}:table/*")]),
    ("dynamodb TagResource", {"ResourceArn": TABLE}, [("dynamodb:TagResource", TABLE)]),
    ("dynamodbstreams GetShardIterator", {"StreamArn": f"{TABLE}/stream/1"},
     [("dynamodb:GetShardIterator", f"{TABLE}/stream/1")]),
    ("dynamodbstreams GetRecords", {"ShardIterator": f"{TABLE}/stream/1|1|AAA"},
     [("dynamodb:GetRecords", f"{TABLE}/stream/1")]),
    # Lambda
    ("lambda Invoke", {"FunctionName": "resize"}, [("lambda:InvokeFunction", FUNCTION)]),
    ("lambda Invoke", {"FunctionName": "resize", "Qualifier": "live"}, [("lambda:InvokeFunction", f"{FUNCTION}:live")]),
    ("lambda Invoke", {"FunctionName": "resize:$LATEST"}, [("lambda:InvokeFunction", f"{FUNCTION}:$LATEST")]),
    ("lambda Invoke", {"FunctionName": f"{FUNCTION}:7"}, [("lambda:InvokeFunction", f"{FUNCTION}:7")]),
    ("lambda Invoke", {"FunctionName": "123456789012:function:resize"}, [("lambda:InvokeFunction", FUNCTION)]),
    ("lambda Invoke", {"FunctionName": "arn:aws:lambda:eu-west-1:210987654321:function:far"},
     [("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:210987654321:function:far")]),
    ("lambda InvokeWithResponseStream", {"FunctionName": "resize"}, [("lambda:InvokeFunction", FUNCTION)]),
    ("lambda GetFunction", {"FunctionName": "resize"}, [("lambda:GetFunction", FUNCTION)]),
    ("lambda CreateFunction",
     {"FunctionName": "resize", "Role": ROLE, "Layers": [f"arn:aws:lambda:{HERE}:layer:pillow:2"]},
     [("lambda:CreateFunction", FUNCTION), ("iam:PassRole", ROLE),
      ("lambda:GetLayerVersion", f"arn:aws:lambda:{HERE}:layer:pillow:2")]),
    ("lambda UpdateFunctionConfiguration", {"FunctionName": "resize"},
     [("lambda:UpdateFunctionConfiguration", FUNCTION)]),
    ("lambda PutResourcePolicy", {"ResourceArn": FUNCTION},
     [("lambda:PutResourcePolicy", FUNCTION), ("lambda:AddPermission", FUNCTION),
      ("lambda:RemovePermission", FUNCTION)]),
    ("lambda GetResourcePolicy", {"ResourceArn": f"{FUNCTION}:live"},
     [("lambda:GetResourcePolicy", f"{FUNCTION}:live"), ("lambda:GetPolicy", f"{FUNCTION}:live")]),
    ("lambda PublishLayerVersion", {"LayerName": "pillow"},
     [("lambda:PublishLayerVersion", f"arn:aws:lambda:{HERE}:layer:pillow")]),
    ("lambda GetLayerVersion", {"LayerName": "pillow", "VersionNumber": 2},
     [("lambda:GetLayerVersion", f"arn:aws:lambda:{HERE}:layer:pillow:2")]),
    ("lambda CreateEventSourceMapping", {"FunctionName": "resize"}, [("lambda:CreateEventSourceMapping", "*")]),
    ("lambda DeleteEventSourceMapping", {"UUID": "u-1"},
     [("lambda:DeleteEventSourceMapping", f"arn:aws:lambda:{HERE}:event-source-mapping:u-1")]),
    ("lambda ListFunctions", {}, [("lambda:ListFunctions", "*")]),
    ("lambda ListTags", {"Resource": FUNCTION}, [("lambda:ListTags", FUNCTION)]),
    # Logs
    ("logs CreateLogGroup", {"logGroupName": "/aws/lambda/f"},
     [("logs:CreateLogGroup", f"{LOGS}:/aws/lambda/f:log-stream:")]),
    ("logs CreateLogStream", {"logGroupName": "g", "logStreamName": "s/[$LATEST]1"},
     [("logs:CreateLogStream", f"{LOGS}:g:log-stream:s/[$LATEST]1")]),
    ("logs PutLogEvents", {"logGroupName": "g", "logStreamName": "s"},
     [("logs:PutLogEvents", f"{LOGS}:g:log-stream:s")]),
    ("logs FilterLogEvents", {"logGroupIdentifier": f"{LOGS}:g:*"},
     [("logs:FilterLogEvents", f"{LOGS}:g:log-stream:")]),
    ("logs StartQuery", {"logGroupNames": ["g", "h"]},
     [("logs:StartQuery", f"{LOGS}:g:log-stream:"), ("logs:StartQuery", f"{LOGS}:h:log-stream:")]),
    ("logs DescribeLogGroups", {}, [("logs:DescribeLogGroups", f"{LOGS}::log-stream:")]),
    ("logs TagResource", {"resourceArn": f"{LOGS}:g"}, [("logs:TagResource", f"{LOGS}:g")]),
    # SQS, SNS
    ("sqs SendMessage", {"QueueUrl": URL}, [("sqs:SendMessage", QUEUE)]),
    ("sqs SendMessageBatch", {"QueueUrl": "http://127.0.0.1:5000/123456789012/jobs"}, [("sqs:SendMessage", QUEUE)]),
    ("sqs DeleteMessageBatch", {"QueueUrl": URL}, [("sqs:DeleteMessage", QUEUE)]),
    ("sqs ChangeMessageVisibilityBatch", {"QueueUrl": URL}, [("sqs:ChangeMessageVisibility", QUEUE)]),
    ("sqs GetQueueUrl", {"QueueName": "jobs"}, [("sqs:GetQueueUrl", QUEUE)]),
    ("sqs CreateQueue", {"QueueName": "jobs"}, [("sqs:CreateQueue", QUEUE)]),
    ("sqs ListQueues", {}, [("sqs:ListQueues", f"arn:aws:sqs:{HERE}:")]),
    ("sns Publish", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
    ("sns PublishBatch", {"TopicArn": TOPIC}, [("sns:Publish", TOPIC)]),
    ("sns CreateTopic", {"Name": "alerts"}, [("sns:CreateTopic", TOPIC)]),
    ("sns Publish", {"PhoneNumber": "+358401234567"}, [("sns:Publish", "+358401234567")]),
    ("sns ListTopics", {}, [("sns:ListTopics", "*")]),
    ("ses SendEmail", {"Source": "The Shop <shop@example.com>"}, [("ses:SendEmail", f"{SENDER}/shop@example.com")]),
    ("sesv2 SendEmail", {"FromEmailAddress": "a@example.com"}, [("ses:SendEmail", f"{SENDER}/a@example.com")]),
    ("ses SendRawEmail", {"RawMessage": {}}, [("ses:SendRawEmail", "*")]),
    ("ses VerifyEmailIdentity", {"EmailAddress": "a@example.com"}, [("ses:VerifyEmailIdentity", "*")]),
    # EventBridge, Scheduler, Kinesis
    ("events PutEvents", {"Entries": [{"Source": "a"}, {"EventBusName": "shop"}, {"EventBusName": f"{BUS}/shop"}]},
     [("events:PutEvents", f"{BUS}/default"), ("events:PutEvents", f"{BUS}/shop")]),
    ("events PutRule", {"Name": "nightly"}, [("events:PutRule", f"{RULES}/nightly")]),
    ("events DescribeRule", {"Name": "nightly", "EventBusName": "shop"},
     [("events:DescribeRule", f"{RULES}/shop/nightly")]),
    ("events PutTargets", {"Rule": "nightly", "Targets": [{"Id": "1", "RoleArn": ROLE}]},
     [("events:PutTargets", f"{RULES}/nightly"), ("iam:PassRole", ROLE)]),
    ("events CreateEventBus", {"Name": "shop"}, [("events:CreateEventBus", f"{BUS}/shop")]),
    ("scheduler CreateSchedule", {"Name": "daily", "Target": {"RoleArn": ROLE}},
     [("scheduler:CreateSchedule", f"arn:aws:scheduler:{HERE}:schedule/default/daily"), ("iam:PassRole", ROLE)]),
    ("scheduler GetSchedule", {"Name": "daily", "GroupName": "reports"},
     [("scheduler:GetSchedule", f"arn:aws:scheduler:{HERE}:schedule/reports/daily")]),
    ("kinesis PutRecord", {"StreamName": "clicks"}, [("kinesis:PutRecord", STREAM)]),
    ("kinesis PutRecords", {"StreamARN": STREAM}, [("kinesis:PutRecords", STREAM)]),
    ("kinesis ListStreams", {}, [("kinesis:ListStreams", "*")]),
    # STS, IAM
    ("sts AssumeRole", {"RoleArn": ROLE}, [("sts:AssumeRole", ROLE)]),
    ("sts GetCallerIdentity", {}, []),
    ("iam GetRole", {"RoleName": "worker"}, [("iam:GetRole", ROLE)]),
    ("iam AttachRolePolicy", {"RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/A"},
     [("iam:AttachRolePolicy", ROLE)]),
    ("iam GetPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/A"}, [("iam:GetPolicy", "arn:aws:iam::aws:policy/A")]),
    ("iam CreateRole", {"RoleName": "r", "Path": "/team/"},
     [("iam:CreateRole", "arn:aws:iam::123456789012:role/team/r")]),
    # Parameters, secrets, keys
    ("ssm GetParameter", {"Name": "/app/db"}, [("ssm:GetParameter", f"{PARAMETERS}/app/db")]),
    ("ssm GetParameter", {"Name": "db:3"}, [("ssm:GetParameter", f"{PARAMETERS}/db")]),
    ("ssm GetParameters", {"Names": ["/a", "b"]},
     [("ssm:GetParameters", f"{PARAMETERS}/a"), ("ssm:GetParameters", f"{PARAMETERS}/b")]),
    ("ssm GetParametersByPath", {"Path": "/app/prod"}, [("ssm:GetParametersByPath", f"{PARAMETERS}/app/prod")]),
    ("ssm DescribeParameters", {}, [("ssm:DescribeParameters", f"arn:aws:ssm:{HERE}:*")]),
    ("secretsmanager GetSecretValue", {"SecretId": "db"}, [("secretsmanager:GetSecretValue", f"{SECRETS}:db-??????")]),
    ("secretsmanager GetSecretValue", {"SecretId": f"{SECRETS}:db-a1B2c3"},
     [("secretsmanager:GetSecretValue", f"{SECRETS}:db-a1B2c3")]),
    ("secretsmanager ListSecrets", {}, [("secretsmanager:ListSecrets", "*")]),
    ("secretsmanager BatchGetSecretValue", {"SecretIdList": ["db"]},
     [("secretsmanager:BatchGetSecretValue", "*"), ("secretsmanager:GetSecretValue", f"{SECRETS}:db-??????")]),
    ("kms Decrypt", {"KeyId": "1234"}, [("kms:Decrypt", KEY)]),
    ("kms Encrypt", {"KeyId": KEY}, [("kms:Encrypt", KEY)]),
    ("kms Decrypt", {"KeyId": "alias/app"}, [("kms:Decrypt", f"arn:aws:kms:{HERE}:key/*")]),
    ("kms ReEncrypt", {"SourceKeyId": "1234", "DestinationKeyId": "1234"},
     [("kms:ReEncryptFrom", KEY), ("kms:ReEncryptTo", KEY)]),
    # the rest
    ("stepfunctions StartExecution", {"stateMachineArn": f"arn:aws:states:{HERE}:stateMachine:m"},
     [("states:StartExecution", f"arn:aws:states:{HERE}:stateMachine:m")]),
    ("states CreateStateMachine", {"name": "m", "roleArn": ROLE},
     [("states:CreateStateMachine", f"arn:aws:states:{HERE}:stateMachine:m"), ("iam:PassRole", ROLE)]),
    ("ecr DescribeImages", {"repositoryName": "app"}, [("ecr:DescribeImages", f"arn:aws:ecr:{HERE}:repository/app")]),
    ("ecr GetAuthorizationToken", {}, [("ecr:GetAuthorizationToken", "*")]),
    ("xray PutTraceSegments", {}, [("xray:PutTraceSegments", "*")]),
    ("cloudwatch PutMetricData", {"Namespace": "n"}, [("cloudwatch:PutMetricData", "*")]),
    ("monitoring PutMetricData", {"Namespace": "n"}, [("cloudwatch:PutMetricData", "*")]),
    ("cloudwatch DeleteAlarms", {"AlarmNames": ["a", "b"]},
     [("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{HERE}:alarm:{name}") for name in "ab"]),
    ("elbv2 DescribeLoadBalancers", {}, [("elasticloadbalancing:DescribeLoadBalancers", "*")]),
    ("rekognition DetectLabels", {}, [("rekognition:DetectLabels", "*")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "needed"), CASES, ids=[case[0] for case in CASES])
def test_a_call_needs(name, parameters, needed):
    service, operation = name.split()
    call = ApiCall(service, operation, parameters, "us-east-1", "123456789012")
    assert requirements(call) == tuple(Requirement(*pair) for pair in needed)
