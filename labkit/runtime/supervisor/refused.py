"""System calls that a function has no use for in Lambda, and that would lead out of its sandbox or past its limits.

A filter (seccomp) refuses them to the process that installs it, and to all that come of it.
"""

import ctypes
import errno
import os

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, JUMP_IF_ANY, JUMP_IF_GREATER, RETURN = 0x20, 0x15, 0x45, 0x25, 0x06  # what a filter is made of
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # offsets in what it looks at
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NAMESPACE_FLAGS = 0x7E020000  # of clone
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HIGHEST = 0x3FFFFFFF  # above are x86_64's calls in another form
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435  # its flags can't be seen; who does not find it uses clone
CALLS = {  # x86_64, aarch64
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "fsopen": (430, 430), "open_tree": (428, 428), "move_mount": (429, 429), "mount_setattr": (442, 442),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),  # memory that no process maps
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
}  # fmt: skip


class Instruction(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(Instruction))]


def refuse_calls():
    """Refuse them from now on; a kernel without such filters, or of an unknown machine, refuses nothing."""
    machine = os.uname().machine
    if machine in MACHINES:
        lines = program(machine)
        given = Program(len(lines), (Instruction * len(lines))(*lines))
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(given), 0, 0)


def program(machine):
    """The filter, as (code, lines to skip if so, lines to skip if not, value)."""
    refuse = (RETURN, 0, 0, REFUSE | errno.EPERM)
    numbers = [pair[list(MACHINES).index(machine)] for pair in CALLS.values()]
    lines = [(LOAD, 0, 0, MACHINE), (JUMP_IF_EQUAL, 1, 0, MACHINES[machine]), refuse]
    lines += [(LOAD, 0, 0, NUMBER), (JUMP_IF_GREATER, 0, 1, HIGHEST), refuse]
    for number in numbers:
        lines += [(JUMP_IF_EQUAL, 0, 1, number), refuse]
    lines += [(JUMP_IF_EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
    lines += [(JUMP_IF_EQUAL, 0, 3, CLONE[machine]), (LOAD, 0, 0, FIRST_ARGUMENT)]
    return [*lines, (JUMP_IF_ANY, 0, 1, NAMESPACE_FLAGS), refuse, (RETURN, 0, 0, ALLOW)]
