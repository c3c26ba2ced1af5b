"""OpenAPI's validator is loaded when a document is validated, and validates."""

from __future__ import annotations


def test_the_validator_is_loaded_when_it_is_needed(in_child):
    done = in_child(
        """
        import sys
        import boto3
        import labkit
        from botocore.exceptions import ClientError
        account = labkit.start()
        boto3.client("cloudformation").list_stacks()
        client = boto3.client("apigateway")
        print("lark" in sys.modules, "jsonschema" in sys.modules)
        try:
            client.import_rest_api(failOnWarnings=True, body=b'{"openapi": "3.0.0", "info": {}}')
        except ClientError as error:
            print(error.response["Error"]["Code"])
        document = b'{"openapi": "3.0.0", "info": {"title": "t", "version": "1", "description": "d"}, "paths": {}}'
        print(client.import_rest_api(failOnWarnings=True, body=document)["name"])
        account.stop()
        """.replace("\n        ", "\n")
    )
    assert done.out.split() == ["False", "False", "BadRequestException", "t"], done.err
