"""What a function is given and what it is held to, as it sees it itself, through `labkit serve`."""

from __future__ import annotations

import os
import time
from pathlib import Path

BANDWIDTH = 625e6 / 8  # bytes a second, fact LIM-15
BUSY = """
import time
def shares(seconds):
    began, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        pass
    return (time.process_time() - used) / (time.perf_counter() - began)
init = shares(0.4)
def lambda_handler(event, context):
    return [init, shares(1.0)]
"""
PLACE = """
import os, shutil
def lambda_handler(event, context):
    open("/tmp/" + event, "w").close()
    writable = [name for name in ("/", "/opt", "/var/task", "/var/runtime", "/etc", "/usr") if os.access(name, os.W_OK)]
    return {
        "file": __file__, "folder": os.getcwd(), "tmp": os.listdir("/tmp"), "size": shutil.disk_usage("/tmp").total,
        "writable": writable,
    }
"""
MODULES = """
import importlib.util
def lambda_handler(event, context):
    return [name for name in event if importlib.util.find_spec(name)]
"""
LAYERED = """
import greeting, number
def lambda_handler(event, context):
    with open("/opt/note") as file:
        return [greeting.word, number.value, file.read()]
"""


def test_little_memory_is_a_small_part_of_a_processor_but_not_during_init(served, sandboxed):
    served.function(BUSY, MemorySize=128, Timeout=30)
    init, invoked = served.invoke().payload
    assert invoked < 128 / 1769 + 0.03  # the first quota of a period is free
    assert init > 1.5 * invoked


def test_tmp_is_private_and_of_its_size_and_all_else_can_only_be_read(served, sandboxed):
    name = f"labkit-{os.getpid()}"
    for function, size in (("small", 512), ("large", 1024)):
        served.function(PLACE, function, EphemeralStorage={"Size": size})
        assert served.invoke(function, name).payload == {
            "file": "/var/task/lambda_function.py", "folder": "/var/task", "tmp": [name], "size": size << 20,
            "writable": [],
        }  # fmt: skip
    assert not Path("/tmp", name).exists()


def test_nothing_that_the_kit_brings_can_be_imported(served):
    served.function(MODULES)
    kits = ["labkit", "moto", "numpy", "matplotlib", "yaml", "click", "rich", "pip", "IPython", "pytest"]
    lambdas = ["boto3", "botocore", "json", "sqlite3"]
    assert served.invoke(event=kits + lambdas).payload == lambdas


def test_later_layers_lie_over_earlier_ones(served, make_zip):
    layers = [
        {"python/greeting.py": "word = 'first'", "python/number.py": "value = 1", "note": "first"},
        {"python/greeting.py": "word = 'second'", "note": "second"},
    ]
    arns = [
        served.awslambda.publish_layer_version(LayerName=f"l{n}", Content={"ZipFile": make_zip(files)})
        for n, files in enumerate(layers)
    ]
    served.function(LAYERED, Layers=[each["LayerVersionArn"] for each in arns])
    assert served.invoke().payload == ["second", 1, "second"]


def test_a_package_takes_its_time_to_arrive_which_is_no_part_of_init(served):
    size = 16 << 20
    served.function({"lambda_function.py": MODULES, "data": os.urandom(size)})
    began = time.perf_counter()
    cold = served.invoke(event=[], LogType="Tail")
    init = float(cold.log.partition("Init Duration: ")[2].split()[0]) / 1000
    assert time.perf_counter() - began > size / BANDWIDTH + init
