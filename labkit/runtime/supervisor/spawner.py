"""The process from which every environment is forked, so that none outlives the account.

Its standard input is a socket: a JSON line asks for a supervisor and comes with the sockets for it. When it closes,
because the account stopped or was killed, everything started here is killed and the folder named by the argument is
removed. Supervisors see the end of their own sockets too, so they also end when this process was killed.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import linux
import sandbox
import supervisor

MESSAGE = 1 << 20


def main():
    commands = socket.socket(fileno=0)
    linux.adopt_orphans()
    woken, wake = socket.socketpair()
    woken.setblocking(False)
    wake.setblocking(False)
    for number in (signal.SIGCHLD, signal.SIGINT):  # the keyboard's interrupt is the notebook's to handle
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    try:
        serve(commands, woken)
    finally:
        end_all()
        import shutil  # what is loaded here is copied to each supervisor

        shutil.rmtree(sys.argv[1], ignore_errors=True)


def serve(commands, woken):
    with selectors.DefaultSelector() as selector:
        selector.register(commands, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        buffer, received = b"", []
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                reap()
            if commands in ready:
                data, descriptors, _, _ = socket.recv_fds(commands, MESSAGE, 16)
                if not data:
                    return
                received += descriptors
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    request = json.loads(line)
                    given, received = received[: request["descriptors"]], received[request["descriptors"] :]
                    fork_supervisor(request, given, (commands, woken))


def fork_supervisor(request, given, inherited):
    """Fork the supervisor and give it its sockets: the one to the account, and for a snapshot one more."""
    control, *restores = given
    plan = request["sandbox"]
    try:
        child = os.fork() if plan is None else sandbox.fork([source for source, _ in plan["binds"]])
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(control, json.dumps({"failed": str(error)}).encode() + b"\n")
    else:
        if child == 0:
            signal.set_wakeup_fd(-1)
            for opened in inherited:
                opened.close()
            supervisor.begin(request, socket.socket(fileno=control), *restores)
    for descriptor in given:
        os.close(descriptor)


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_all():
    while children := linux.children_of(os.getpid()):
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()


main()
