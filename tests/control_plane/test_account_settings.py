"""GetAccountSettings tells the quota, what is reserved of it, and what is stored."""

from __future__ import annotations

from served import zip_of

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


def test_every_version_counts_the_code_that_it_was_made_of(served):
    def used():
        usage = served.awslambda.get_account_settings()["AccountUsage"]
        return usage["TotalCodeSize"], usage["FunctionCount"]

    package, layer = zip_of(CODE), zip_of({"python/x.py": ""})
    size, client = len(package), served.awslambda
    served.function(package)
    assert used() == (size, 1)
    client.update_function_code(FunctionName="f", ZipFile=package, Publish=True)
    assert used() == (2 * size, 1)
    for number in (1, 2):
        client.publish_layer_version(LayerName="x", Content={"ZipFile": layer})
        assert used() == (2 * size + number * len(layer), 1)
    served.advance(1)
    client.update_function_configuration(FunctionName="f", Description="another")
    assert used() == (2 * size + 2 * len(layer), 1)
    client.publish_version(FunctionName="f")
    assert used() == (3 * size + 2 * len(layer), 1)
    client.delete_function(FunctionName="f")
    assert used() == (2 * len(layer), 0)


def test_a_new_account_has_a_small_quota(serve):
    assert (
        serve("--concurrency-quota", "10").awslambda.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        == 10
    )
