"""Turns a fork of a supervisor into the runtime that it watches over."""

import fcntl
import os
import resource
import signal

import linux
import sandbox
from refused import refuse_calls

TELEMETRY_FD, RESTORE_FD = 3, 4
FREE_DESCRIPTOR = 64  # above those that are about to be given away
OPEN_FILES = 1024  # fact LIM-11
PROCESSES = 1024  # fact LIM-12
LARGEST_FILE = 1 << 30  # bytes


def limit(resource_kind, most):
    """Limit this process and what comes of it; where there is a lower limit already, that stays."""
    _, hard = resource.getrlimit(resource_kind)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_kind, (allowed, allowed))


def become_runtime(command, supervisor):
    """Turn this fork of the supervisor into the runtime; its output goes to the log file.

    Only where they are alone in a namespace are processes counted for this environment, and so limited.
    """
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        limit(resource.RLIMIT_NOFILE, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not linux.LINUX:  # nothing else ends a flood of log
            limit(resource.RLIMIT_FSIZE, LARGEST_FILE)
        if supervisor.contained:
            limit(resource.RLIMIT_NPROC, PROCESSES)
            sandbox.become_function()
            if supervisor.restores is None:  # a snapshot makes the namespaces of its environments itself
                refuse_calls()
        linux.die_with_parent()
        given = {0: os.open(os.devnull, os.O_RDONLY), **dict.fromkeys((1, 2, TELEMETRY_FD), supervisor.log)}
        if supervisor.restores is not None:
            given[RESTORE_FD] = supervisor.restores
        given = {number: fcntl.fcntl(opened, fcntl.F_DUPFD, FREE_DESCRIPTOR) for number, opened in given.items()}
        for number, opened in given.items():
            os.dup2(opened, number)
        os.closerange(max(given) + 1, OPEN_FILES)
        os.chdir(command["directory"])
        os.execve(command["arguments"][0], command["arguments"], command["environment"])
    except BaseException as error:
        os.write(2, f"the environment could not be started: {error}\n".encode())
    finally:
        os._exit(127)
