"""SnapStart: turns a fork of a snapshot into the supervisor of a new environment, and forks of that into its runtime.

A snapshot is the function's process after Init, so a fork has its memory; namespaces, /tmp and log are its own.
"""

import json
import os
import signal
import socket
import traceback

import linux
import sandbox
from execution import TELEMETRY_FD
from refused import refuse_calls
from supervisor import Supervisor

NO_MORE = b"n"


class Restored(BaseException):
    """Leaves the supervisor's code in the fork that is the runtime; carries the command that started it."""


def begin(requests, tell, settings):
    """Turn this fork into the supervisor of the next environment; returns only in its runtime: the start command.

    A request on the socket `requests` comes with two descriptors: of the socket to the account and of the environment's
    log file. The pipe `tell` is told when one is taken, or that there will be none.
    """
    contained, handler = settings["temporary_megabytes"] is not None, signal.getsignal(signal.SIGCHLD)
    try:
        refused = _enter_sandbox(settings, contained)
        data, descriptors, _, _ = socket.recv_fds(requests, 1, 2)
        os.write(tell, b"." if data else NO_MORE)
        if not data:
            os._exit(0)
        requests.close()
        os.close(tell)
        control, log = socket.socket(fileno=descriptors[0]), descriptors[1]
        if refused:
            control.sendall(json.dumps({"failed": refused}).encode() + b"\n")
        else:
            Supervisor(control, log, settings["memory"], contained, _become_restored).run()
    except Restored as restored:
        signal.signal(signal.SIGCHLD, handler or signal.SIG_DFL)
        return restored.args[0]
    except BaseException:
        traceback.print_exc()
    os._exit(0)


def _enter_sandbox(settings, contained):
    """Go on, in a fork, as the first process of new namespaces; what the machine says when it refuses."""
    try:
        if contained:
            sandbox.enter_namespaces()
        if os.fork():
            os._exit(0)
        if contained:
            sandbox.renew(settings["temporary_megabytes"])
    except OSError as error:
        return str(error)


def _become_restored(command, supervisor):
    """As the supervisor's own `become_runtime`, but the program that is to run is already here."""
    try:
        os.setsid()
        linux.die_with_parent()
        if supervisor.contained:
            linux.drop_capabilities()
            refuse_calls()
        signal.set_wakeup_fd(-1)
        for number in (1, 2, TELEMETRY_FD):
            os.dup2(supervisor.log, number)
        os.close(supervisor.log)
        supervisor.close()
    except BaseException as error:
        os.write(2, f"the environment could not be restored: {error}\n".encode())
        os._exit(127)
    raise Restored(command)
