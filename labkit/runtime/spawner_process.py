"""The process from which every environment is started, so that none outlives the notebook.

It has one thread, is never stopped, and reads commands (a JSON line each) from its standard input, a socket. When that
closes, because the notebook stopped or was killed, it kills every process it started, frozen ones included, and
removes the folder named by its argument. On Linux the environments also die with it, and what an environment leaves
behind when it ends becomes a child of this process and is killed, in a session of its own or not.
"""

import contextlib
import ctypes
import json
import os
import selectors
import shutil
import signal
import socket
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LINUX = sys.platform == "linux"
libc = ctypes.CDLL(None)
TELEMETRY_FD = 3


def main():
    commands = socket.socket(fileno=0)
    if LINUX:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keyboard's interrupt is the notebook's to handle
    signal.set_wakeup_fd(wake.fileno())
    children: set[int] = set()
    try:
        serve(commands, woken, children)
    finally:
        end_all(children)
        shutil.rmtree(sys.argv[1], ignore_errors=True)


def serve(commands, woken, children):
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(commands, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                report_exits(commands, children)
            if commands in ready:
                received = commands.recv(1 << 16)
                if not received:
                    return
                *lines, buffer = (buffer + received).split(b"\n")
                for line in lines:
                    start(commands, children, json.loads(line))


def start(commands, children, command):
    try:
        child = os.fork()
    except OSError as error:
        return tell(commands, id=command["id"], error=str(error))
    if child == 0:
        become(command)
    children.add(child)
    tell(commands, id=command["id"], pid=child)


def become(command):
    """Turn this forked process into the environment; its output goes to the log file."""
    try:
        os.setsid()
        if LINUX:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # its daemons stay its own as long as it lives
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        log = os.open(command["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(nothing, 0)
        for descriptor in (1, 2, TELEMETRY_FD):
            os.dup2(log, descriptor)
        os.closerange(TELEMETRY_FD + 1, 256)
        os.chdir(command["directory"])
        os.execve(command["arguments"][0], command["arguments"], command["environment"])
    except BaseException as error:
        os.write(2, f"the environment could not be started: {error}\n".encode())
    finally:
        os._exit(127)


def report_exits(commands, children):
    with contextlib.suppress(ChildProcessError):
        while True:
            child, status, usage = os.wait4(-1, os.WNOHANG)
            if child == 0:
                break
            if child in children:
                children.discard(child)
                kill_group(child)  # whatever the function had started goes with it
                tell(commands, exited=child, status=os.waitstatus_to_exitcode(status), peak=usage.ru_maxrss)
    kill_all(all_children() - children)


def tell(commands, **message):
    with contextlib.suppress(OSError):
        commands.sendall(json.dumps(message).encode() + b"\n")


def kill_group(child):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def end_all(children):
    for child in children:
        kill_group(child)
    with contextlib.suppress(ChildProcessError):
        while True:
            kill_all(all_children())  # each one that ends may leave others behind
            os.wait()


def kill_all(processes):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def all_children():
    """The children of this process as the kernel lists them, also those that left their group; Linux tells."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as listed:
        return {int(child) for child in listed.read().split()}
    return set()


main()
