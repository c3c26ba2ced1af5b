"""SnapStart: the process of a snapshot waits here after Init; each environment is restored by forking it.

AWS's runtime client asks for the end of the snapshot with `restore_next`; here that call returns in a fork, once for
each environment. Real Lambda restores the memory of a whole virtual machine; a fork has no other thread than this one.
"""

import contextlib
import gc
import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(sys.path[0]), "supervisor"))
import restored
from execution import RESTORE_FD

PAUSE = 0.01  # seconds
OWN_MODULES = (
    "restore",
    "restored",
    "supervisor",
    "execution",
    "held",
    "sandbox",
    "share",
    "flood",
    "linux",
    "refused",
)

del sys.path[0]


def install():
    """Have AWS's runtime client, which can be imported now, wait for restores."""
    for name in OWN_MODULES:  # the function may have modules of these names
        sys.modules.pop(name, None)
    os.set_inheritable(RESTORE_FD, False)
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    LambdaRuntimeClient.restore_next = restore_next


def restore_next(client):
    """Wait as the snapshot; return in each restored environment, with its environment variables set."""
    random = sys.modules.get("random")
    state = random.getstate() if random is not None else None
    gc.collect()
    gc.freeze()  # so that a collection does not write to, and so copy, what the forks share
    variables = wait_for_restores()["environment"]
    if random is not None:
        random.setstate(state)  # Python seeds it anew in a fork; in Lambda every environment goes on with one seed
    os.environ.update(variables)
    client.lambda_runtime_address = variables["AWS_LAMBDA_RUNTIME_API"]
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None and "TMPDIR" in variables:
        setattr(tempfile, "tempdir", None)  # noqa: B010 - it remembers the snapshot's


def wait_for_restores():
    """Fork for each environment; returns, in the fork that is its runtime, the command that started it.

    The next environment's sandbox is prepared before it is asked for; its runtime is forked when it is.
    """
    with socket.socket(fileno=RESTORE_FD) as requests:
        settings = json.loads(requests.recv(1 << 16))
        requests.sendall(b"ready")
        while True:
            taken, tell = os.pipe()
            try:
                child = os.fork()
            except OSError:  # no process or memory is left
                child = None
                time.sleep(PAUSE)
            if child == 0:
                os.close(taken)
                return restored.begin(requests, tell, settings)
            os.close(tell)
            if child is not None:
                with contextlib.suppress(ChildProcessError):  # its own child goes on
                    os.waitpid(child, 0)
            if os.read(taken, 1) == restored.NO_MORE:
                os._exit(0)
            os.close(taken)
