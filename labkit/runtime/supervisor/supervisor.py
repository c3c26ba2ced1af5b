"""Watches over one environment: starts its runtime, freezes and thaws it, ends it at the memory limit, reports.

It is the first process of the environment's sandbox (or, where the machine has none, an ordinary process). Commands
come as JSON lines on a socket to the account: start, resume, stop, rest, kill. When that closes it ends all and itself.
"""

import contextlib
import json
import os
import select
import signal
import socket
import time

import linux
import sandbox
from execution import become_runtime
from flood import Flood
from held import high_water, proportional, resident
from share import ProcessorShare

WATCH = 0.005  # seconds between looks at the memory while the function runs
CROWD = 32  # processes
REST = 10  # times what a look at a crowd took, until the next


def begin(request, control, restores=None):
    """Turn this fork of the spawner into the supervisor of a new environment; never returns.

    `restores` is the descriptor of a socket that the runtime is given, when the environment is a snapshot.
    """
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.fchmod(log, 0o666)  # /dev/stdout is to be opened by the function's user
        plan = request["sandbox"]
        if plan is not None:
            sandbox.change_root(plan["root"], plan["binds"], plan["temporary_megabytes"])
        Supervisor(control, log, request["memory"], plan is not None, become_runtime, restores).run()
    except BaseException as error:
        with contextlib.suppress(OSError):
            control.sendall(json.dumps({"failed": f"{error}"}).encode() + b"\n")
    finally:
        os._exit(0)


class Supervisor:
    """`memory` is the limit in MB; `contained` says whether all processes of a namespace are this environment's.

    `become(command, supervisor)` turns a fork of this process into the runtime; it does not return.
    """

    def __init__(self, control, log, memory, contained, become, restores=None):
        self.control = control
        self.log = log
        self.flood = Flood(log)
        self.limit = memory << 20
        self.contained = contained
        self.become = become
        self.restores = restores
        self.runtime = 0
        self.number = None  # which start of the runtime this is
        self.frozen = False
        self.killed_for = None
        self.peak = 0
        self.next_look = 0.0  # when the processes are looked at again
        self.share = None  # what is left of the processor's time while a share of it is held to

    def run(self):
        linux.adopt_orphans()
        woken, wake = self.woken, self.wake = socket.socketpair()
        woken.setblocking(False)
        wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self.tell(ready=True)
        buffer = b""
        while True:
            ready, _, _ = select.select([self.control, woken], [], [], self.until_look())
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    woken.recv(4096)
                self.reap()
            if self.control in ready:
                try:
                    data = self.control.recv(1 << 20)
                except ConnectionError:  # it was closed before all was read that is told here
                    data = b""
                if not data:
                    return self.end_all()
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    self.obey(json.loads(line))
            if self.until_look() == 0:
                self.look()

    def close(self):
        """Close the supervisor's own sockets in a fork that is to be something else."""
        for opened in (self.control, self.woken, self.wake):
            opened.close()

    def until_look(self):
        """Seconds until the environment is to be looked at again; None while it is frozen or empty."""
        if not self.runtime or self.frozen:
            return None
        return max(self.next_look - time.monotonic(), 0)

    def plan_look(self, rest=0.0):
        """Say when to look again: soon, or after as many seconds of rest."""
        soon = WATCH if self.share is None else min(WATCH, self.share.next_look())
        self.next_look = time.monotonic() + max(soon, rest)

    def tell(self, **message):
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(message).encode() + b"\n")

    def obey(self, command):
        match command["do"]:
            case "start":
                self.start(command)
            case "resume":
                self.signal_all(signal.SIGCONT)
                self.frozen = False
                self.flood.begin()
                self.share = None
                if command["share"] is not None:
                    used = processor_time(self.processes())
                    self.share = ProcessorShare(command["share"], used, time.monotonic())
                self.plan_look()
            case "stop":
                self.frozen = True
                self.signal_all(signal.SIGSTOP)
            case "rest":
                self.frozen = True  # nothing runs in a snapshot, so there is nothing to look at
            case "kill":
                self.end_all()
                self.tell(empty=True)

    def start(self, command):
        self.number, self.frozen, self.killed_for, self.peak, self.share = command["number"], False, None, 0, None
        self.flood = Flood(self.log, command["kept_log"])
        child = os.fork()
        if child == 0:
            self.become(command, self)
        self.runtime = child
        self.plan_look()
        if self.restores is not None:
            os.close(self.restores)  # the snapshot alone has it, so its end is seen
            self.restores = None

    def look(self):
        """Look at the environment's processes; a crowd stands still for that, or the look would wait its turn."""
        started, running = time.thread_time(), self.processes()
        crowd = len(running) > CROWD
        if crowd:
            self.signal_all(signal.SIGSTOP)
        self.watch(running)
        self.flood.look()
        self.hold_to_share(running)
        if crowd and not (self.share and self.share.paused):
            self.signal_all(signal.SIGCONT)
        self.plan_look(REST * (time.thread_time() - started) if crowd else 0.0)

    def watch(self, running):
        """End the environment's processes when together they hold more than the limit; tell of what they start."""
        held = sum(map(resident, running))
        if held > self.limit and len(running) > 1:  # what forks share is counted once, which takes longer to find out
            held = sum(map(proportional, running))
        if held > self.peak:
            self.peak = held
            if len(running) > 1:  # what the runtime alone holds, the account can see
                self.tell(held=self.number, peak=held / (1 << 20))
        if held > self.limit:
            self.killed_for = "out_of_memory"
            self.end_all()

    def hold_to_share(self, running):
        """Let the environment's processes run or stand still, as their share of the processor has it."""
        if self.share is not None and self.runtime:
            paused = self.share.paused
            if self.share.look(processor_time(running), time.monotonic()) != paused:
                self.signal_all(signal.SIGCONT if paused else signal.SIGSTOP)

    def processes(self):
        """The runtime and all that it has started; in a namespace, these are all processes but this one."""
        if self.contained:
            return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        found, waiting = [], linux.children_of(os.getpid()) if linux.LINUX else [self.runtime]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += linux.children_of(pid)
        return found

    def signal_all(self, number):
        for pid in [-1] if self.contained else self.processes():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def end_all(self):
        """Kill every process of the environment; outside a namespace they are looked for until there is none."""
        self.peak = max(self.peak, high_water(self.runtime))
        self.signal_all(signal.SIGKILL)
        if self.contained:
            return self.reap(flags=0)
        while self.processes():
            self.signal_all(signal.SIGKILL)
            self.reap()
            time.sleep(0.0005)

    def reap(self, flags=os.WNOHANG):
        with contextlib.suppress(ChildProcessError):
            while True:
                child, status, usage = os.wait4(-1, flags)
                if child == 0:
                    return
                if child == self.runtime:
                    self.runtime = 0
                    peak = max(self.peak, usage.ru_maxrss * 1024) / (1 << 20)
                    code = os.waitstatus_to_exitcode(status)
                    self.tell(exited=self.number, status=code, reason=self.killed_for, peak=peak)
                    self.end_all()  # what it had started goes with it


def processor_time(running):
    """Seconds of processor time that these processes have used."""
    return sum(map(linux.processor_time, running))
