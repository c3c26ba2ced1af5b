"""GetAccountSettings tells the quota, what is reserved of it, and what is stored."""

from __future__ import annotations

CODE = "def lambda_handler(event, context):\n    return 1\n"


def test_an_empty_account_has_its_quota_and_uses_nothing(served):
    answer = served.awslambda.get_account_settings()
    assert answer["AccountLimit"] == {
        "TotalCodeSize": 300 << 30,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    assert answer["AccountUsage"] == {"TotalCodeSize": 0, "FunctionCount": 0}


def test_versions_layers_and_reservations_count(served, make_zip):
    served.function(CODE)
    size = served.awslambda.publish_version(FunctionName="f")["CodeSize"]
    layer = make_zip({"python/x.py": ""})
    served.awslambda.publish_layer_version(LayerName="x", Content={"ZipFile": layer})
    served.awslambda.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=40)
    answer = served.awslambda.get_account_settings()
    assert answer["AccountUsage"] == {"TotalCodeSize": 2 * size + len(layer), "FunctionCount": 1}
    assert answer["AccountLimit"]["UnreservedConcurrentExecutions"] == 960


def test_a_new_account_has_a_small_quota(serve):
    assert (
        serve("--concurrency-quota", "10").awslambda.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        == 10
    )
