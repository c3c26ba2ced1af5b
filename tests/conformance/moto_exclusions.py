"""moto's own tests of Lambda that the kit does not pass, each with the reason: moto's answer is not AWS's.

"Recorded" is what AWS was recorded to answer (public tests, 2023 to 2026); "model" is AWS's API model, which says what
a request may hold.
"""

from __future__ import annotations

RECORDED_STATES = (
    "recorded: a new function is Pending, and lists leave out states; RevisionId, LoggingConfig … are there"
)
RECORDED_ADDRESS = (
    "AWS's address of the code can be fetched by HTTP, and so can the kit's, on loopback; moto's begins with s3:"
)
RECORDED_ARN_OF_ALIAS = "recorded: a function asked for by an alias is answered with the alias in its ARN"
RECORDED_WEIGHTS = "recorded: weights need versions that exist, and $LATEST takes none"
RECORDED_EVENT_INVOKE_ARN = "recorded: the ARN of a configuration ends in :$LATEST"
RECORDED_UPDATE_OF_NOTHING = "recorded: a function without the configuration can't have it updated"
RECORDED_MAPPING_STATES = "recorded: a mapping is Creating, Updating or Deleting before it is Enabled, Disabled or gone"
RECORDED_POSITION = "recorded: a mapping of a stream needs a StartingPosition"
RECORDED_ASYNCHRONOUS = "recorded: an Event is answered at once, and with nothing"
RECORDED_UNHANDLED = "recorded: FunctionError is Unhandled, never Handled"
RECORDED_ZIP = "recorded: a zip has to be one"
RECORDED_LINES = "recorded: a line of the log ends in a newline, and the first invocation makes the log group"
DOCUMENTED_ID = "API reference: the id of a log event is a text; recorded: the first invocation makes the log group"
MODEL_OF_NOTIFICATIONS = "model: a function n/a has no ARN, and AWS looks whether there is one"
MODEL_OF_DESTINATIONS = "model: another pattern for destinations than when the test was written"
MODEL_OF_SOURCE_ARN = "model: the test's SourceArn has account-id where an account's number stands"

REPORTED_ABSENT_IMAGE = "users' reports: an image has to be in ECR, in the function's region"

CREATED_BEFORE_DELETED = "a stack makes the new before it removes the old; recorded: the second of a pair is refused"

EXCLUDED: dict[str, str] = {
    "test_awslambda_cloudformation::test_lambda_can_be_updated_by_cloudformation": RECORDED_ADDRESS,
    "test_awslambda_cloudformation::test_event_source_mapping_delete_from_cloudformation_json": CREATED_BEFORE_DELETED,
    "test_lambda::test_create_function_from_aws_bucket": "recorded: packageType is Image or Zip, not ZIP",
    "test_lambda::test_create_function_from_zipfile": RECORDED_STATES,
    "test_lambda::test_create_function_error_bad_architecture": "recorded: lists are written [foo], not ['foo']",
    "test_lambda::test_get_function_code_signing_config[FunctionName]": "model: csc:arn is no ARN",
    "test_lambda::test_get_function_code_signing_config[FunctionArn]": "model: csc:arn is no ARN",
    "test_lambda::test_list_create_list_get_delete_list": RECORDED_STATES,
    "test_lambda::test_get_function_created_with_zipfile": RECORDED_STATES,
    "test_lambda::test_list_versions_by_function_for_nonexistent_function": "API reference: ResourceNotFoundException",
    "test_lambda::test_update_function_zip[FunctionName]": RECORDED_ADDRESS,
    "test_lambda::test_update_function_zip[FunctionArn]": RECORDED_ADDRESS,
    "test_lambda::test_update_function_s3": RECORDED_ADDRESS,
    **{
        f"test_lambda::test_create_function_from_{name}": REPORTED_ABSENT_IMAGE
        for name in ("image", "image_with_kmskey", "image_default_working_directory", "stubbed_ecr")
    },
    "test_awslambda_cloudformation::test_lambda_with_code_image_can_be_created": REPORTED_ABSENT_IMAGE,
    **{
        f"test_lambda::test_create_function_from_mocked_ecr_{name}": "ECR's API reference: layers come before an image"
        for name in ("image_tag", "image_digest", "missing_image")
    },
    "test_lambda::test_update_function_ecr": "users' reports: an image needs PackageType=Image",
    "test_lambda::test_create_function_with_invalid_arn": "recorded: the role's pattern has no group round the account",
    "test_lambda::test_put_function_concurrency_not_enforced": "recorded: 100 of the account's 1,000 stay unreserved",
    **{f"test_lambda::test_put_event_invoke_config[config{n}]": RECORDED_EVENT_INVOKE_ARN for n in range(3)},
    **{f"test_lambda::test_update_event_invoke_config[config{n}]": RECORDED_UPDATE_OF_NOTHING for n in range(3)},
    "test_lambda::test_put_event_invoke_config_errors_1": MODEL_OF_DESTINATIONS,
    "test_lambda::test_put_event_invoke_config_errors_2": MODEL_OF_DESTINATIONS,
    "test_lambda::test_get_event_invoke_config": RECORDED_EVENT_INVOKE_ARN,
    "test_lambda::test_get_event_invoke_config_empty": RECORDED_EVENT_INVOKE_ARN,
    "test_lambda_alias::test_create_alias_with_routing_config": RECORDED_WEIGHTS,
    "test_lambda_alias::test_aliases_are_unique_per_function": "recorded: the code is ResourceConflictException",
    "test_lambda_alias::test_update_alias_routingconfig": RECORDED_WEIGHTS,
    "test_lambda_alias::test_get_function_using_alias[NAME]": RECORDED_ARN_OF_ALIAS,
    "test_lambda_alias::test_get_function_using_alias[SEPARATE]": RECORDED_ARN_OF_ALIAS,
    "test_lambda_alias::test_get_function_using_alias[BOTH]": RECORDED_ARN_OF_ALIAS,
    "test_lambda_eventsourcemapping::test_create_event_source_mapping": "model: arn:kms:key, s3 and others are no ARNs",
    "test_lambda_eventsourcemapping::test_list_event_source_mappings": "model: 123 is no ARN",
    "test_lambda_eventsourcemapping::test_update_event_source_mapping": RECORDED_MAPPING_STATES,
    "test_lambda_eventsourcemapping::test_delete_event_source_mapping": RECORDED_MAPPING_STATES,
    "test_lambda_eventsourcemapping::test_event_source_mapping_tagging_lifecycle": RECORDED_ZIP,
    "test_lambda_eventsourcemapping::test_invoke_function_from_sqs[FunctionName]": RECORDED_MAPPING_STATES,
    "test_lambda_eventsourcemapping::test_invoke_function_from_sqs[FunctionArn]": RECORDED_MAPPING_STATES,
    "test_lambda_eventsourcemapping::test_invoke_function_from_sqs_exception": RECORDED_MAPPING_STATES,
    "test_lambda_eventsourcemapping::test_invoke_function_from_dynamodb_put": RECORDED_POSITION,
    "test_lambda_eventsourcemapping::test_invoke_function_from_dynamodb_update": RECORDED_POSITION,
    "test_lambda_eventsourcemapping::test_invoke_function_from_kinesis": RECORDED_POSITION,
    "test_lambda_eventsourcemapping::test_invoke_function_from_sns": RECORDED_LINES,
    **{
        f"test_lambda_invoke::TestLambdaInvocations_Error::test_invoke_function_that_throws_error[{kind}]": (
            RECORDED_UNHANDLED
        )
        for kind in ("None", "RequestResponse")
    },
    "test_lambda_invoke::TestLambdaInvocations::test_invoke_event_function": RECORDED_ASYNCHRONOUS,
    "test_lambda_invoke::test_invoke_function_with_multiple_files_in_zip": RECORDED_ASYNCHRONOUS,
    "test_lambda_invoke::test_invoke_lambda_using_environment_port": RECORDED_ASYNCHRONOUS,
    "test_lambda_layers::test_create_function_with_unknown_layer": "recorded: InvalidParameterValueException",
    "test_lambda_layers::test_add_layer_version_permission": "model: o-123456 is too short for an organization",
    "test_lambda_layers::test_remove_layer_version_permission": "recorded: No policy is associated with the given …",
    "test_lambda_layers_invoked::test_invoke_local_lambda_layers": RECORDED_ZIP,
    "test_lambda_policy::test_add_function_permission[FunctionName]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_add_function_permission[FunctionArn]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_add_permission_with_principalorgid": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_remove_function_permission[FunctionName]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_remove_function_permission[FunctionArn]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_remove_function_permission__with_qualifier[FunctionName]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_remove_function_permission__with_qualifier[FunctionArn]": MODEL_OF_SOURCE_ARN,
    "test_lambda_policy::test_get_unknown_policy": "recorded: The resource you requested does not exist.",
    "test_lambda_tags::test_tags": "recorded: TagResource and UntagResource answer 204",
    "test_cloudformation_stack_integration::test_lambda_function": "recorded: without a payload the event is {}",
    "test_events_lambdatriggers_integration::test_creating_bucket__invokes_lambda": (
        "its rule is about API calls in CloudTrail, and it wants S3's Object Created; recorded: a result is not logged"
    ),
    "test_integration::test_put_subscription_filter_with_lambda": DOCUMENTED_ID,
    "test_integration::test_subscription_filter_applies_to_new_streams": DOCUMENTED_ID,
    **{
        f"test_s3_lambda_integration::test_objectcreated_put__invokes_lambda[{kind}]": MODEL_OF_NOTIFICATIONS
        for kind in (
            "match_events0-ObjectCreated:Put", "match_events1-ObjectCreated:Put", "match_events2-None",
            "match_events3-ObjectCreated:Put",
        )
    },
    "test_sqs_integration::test_invoke_function_from_sqs_queue": RECORDED_MAPPING_STATES,
    "test_sqs_integration::test_invoke_function_from_sqs_fifo_queue": RECORDED_MAPPING_STATES,
}  # fmt: skip
OF_DOCKER = {  # modules, or how their names begin, that are not run
    "tests/test_batch/": "Batch runs the containers of its jobs",
    "tests/test_moto_api/state_manager/test_batch_integration.py": "Batch runs the containers of its jobs",
    "tests/test_core/test_docker.py": "asks whether Docker runs",
}
WITH_ROLES = (  # these ask for roles to be looked up, which --no-iam leaves out
    "test_lambda::test_create_function_with_arn_from_different_account",
    "test_lambda::test_create_function_with_unknown_arn",
)
