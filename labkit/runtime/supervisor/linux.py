"""Linux system calls that Python 3.11 has no functions for; elsewhere they do nothing or say that they can't."""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
import time

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE = 1, 2
CAPABILITY_VERSION_3 = 0x20080522
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}  # numbers of system calls
_CLONE = {"x86_64": 56, "aarch64": 220}


def adopt_orphans():
    """Make what descendants leave behind children of this process."""
    if LINUX:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent():
    if LINUX:
        _libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def drop_capabilities():
    """Give up the rights that a user namespace gave this process, as an execve does."""
    if LINUX:
        header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
        _check(_libc.capset(header, none), "capset")


def fork(namespaces):
    """As os.fork, but the child is the first process in new namespaces; for a process with one thread only."""
    number = _number(_CLONE)
    ctypes.pythonapi.PyOS_BeforeFork()
    child = _libc.syscall(number, ctypes.c_ulong(namespaces | signal.SIGCHLD), 0, 0, 0, 0)
    if child == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    refused = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if child < 0:
        raise OSError(refused, f"clone: {os.strerror(refused)}")
    return child


def unshare(flags):
    if not LINUX:
        raise OSError(f"{sys.platform} has no namespaces")
    _check(_libc.unshare(flags), "unshare")


def mount(source, target, kind=None, flags=0, options=None):
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    _check(
        _libc.mount(*encoded, ctypes.c_ulong(flags), None if options is None else options.encode()), f"mount {target}"
    )


def raise_loopback():
    """Bring up the one interface that a new network namespace has, which leads to nothing but itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def unmount(target):
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"umount {target}")


def pivot_root(new, old):
    _check(_libc.syscall(_number(_PIVOT_ROOT), os.fsencode(new), os.fsencode(old)), "pivot_root")


def punch_hole(descriptor, offset, length):
    """Give a part of a file back to the disk, which reads as zeros then; not all file systems can."""
    if LINUX:
        mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
        _libc.fallocate(descriptor, mode, ctypes.c_int64(offset), ctypes.c_int64(length))


def children_of(pid):
    """The child processes of a process's main thread, as the kernel lists them."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listed:
            return [int(child) for child in listed.read().split()]
    except OSError:
        return []


def processor_time(pid):
    """Seconds of processor time that a process and its threads have used."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the process's clock, as clock_getcpuclockid makes it
    except OSError:
        return 0.0


def _number(call):
    """The number of a system call on this kind of machine."""
    machine = os.uname().machine
    if not LINUX or machine not in call:
        raise OSError(f"the system calls that make a sandbox are not known for {sys.platform} on {machine}")
    return call[machine]


def _check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
