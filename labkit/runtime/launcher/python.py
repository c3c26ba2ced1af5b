"""Started once in each execution environment: give the function what Lambda gives it, then run AWS's runtime client.

The option `-X layers=` names the folder of the layers, `-X packages=` that of what an image has installed.
"""

import gc
import os
import sys

import guard  # beside this file, which Python puts on the path of a script

HERE, LAYERS, PACKAGES = sys.path[0], sys._xoptions["layers"], sys._xoptions["packages"]
TASK, RUNTIME = os.environ["LAMBDA_TASK_ROOT"], os.environ["LAMBDA_RUNTIME_DIR"]
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


def module_search_path(others):
    """Where Lambda looks for modules: the function, its layers, the runtime with boto3, then PYTHONPATH and Python."""
    layers = [f"{LAYERS}/{folder}" for folder in (f"python/lib/{VERSION}/site-packages", "python")]
    others = [entry for entry in others if entry != RUNTIME]
    return [TASK, *filter(os.path.isdir, layers), RUNTIME, *others, *filter(os.path.isdir, [PACKAGES])]


def main():
    gc.disable()  # what is loaded here stays, so looking for what could go would lengthen each cold start
    snapshot = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
    if snapshot:
        import restore  # beside this file too
    sys.path[:] = module_search_path([entry for entry in sys.path if entry != HERE])
    del sys.modules["guard"]
    sys.dont_write_bytecode = True  # Lambda's /var/task is read-only
    sys.argv[:] = ["bootstrap"]
    guard.refuse_outside_connections()
    if snapshot:
        restore.install()
    from awslambdaric.__main__ import main as run_awslambdaric
    from awslambdaric.lambda_config import LambdaConfigProvider

    # A thread to wait for each event lets signals reach the function past AWS's client in C++; ours does not bar them.
    LambdaConfigProvider.SUPPORTED_THREADPOLLING_ENVS = set()
    gc.freeze()
    gc.enable()
    run_awslambdaric(["bootstrap", os.environ["_HANDLER"]])


main()
