"""The sandbox of an environment: its own processes, its own /tmp of a fixed size, and a root that can't be written.

It needs no rights: a user namespace gives them for what it contains. The function sees /var/task, /opt, /var/runtime
and the machine's Python and system libraries, and nothing else of the machine's files. Where the account is root's, the
function's user is another one all the same: the kernel holds root to no number of processes, and would let it write to
what is root's in /proc.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import contextlib
import os
import signal

import linux

USER, GROUP = 993, 990  # sbx_user1051 and its group, as functions see themselves on Lambda
SYSTEM = ("/usr", "/etc", "/bin", "/lib", "/lib64", "/lib32", "/sbin")
DEVICES = ("null", "zero", "full", "random", "urandom")  # there is no /dev/shm in Lambda
STANDARD_STREAMS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}  # of /proc/self/fd
READ_ONLY = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID
NAMESPACES = linux.CLONE_NEWUSER | linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWIPC


def fork(shown, namespaces=NAMESPACES):
    """As os.fork, but the child has users, mounts, processes and IPC of its own; `OSError` where that's refused.

    `shown` are the paths that the function is to read: root's alone remain root's, and so does the function.
    """
    waits, tell = os.pipe()
    child = linux.fork(namespaces)
    if child == 0:
        os.close(tell)
        os.read(waits, 1)
        os.close(waits)
        return 0
    try:
        _name_users(child, shown)
    except OSError:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(waits)
        os.close(tell)  # so that the child goes on
    return child


def enter_namespaces():
    """Give this process's children the same where it is no fork of the spawner: a process that may have threads."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(NAMESPACES)
    _name_one_user("self", user, group)


def become_function():
    """Turn this process, which is about to run the function, into the function's user."""
    if os.getuid() != USER:
        os.setgroups([])
        os.setresgid(GROUP, GROUP, GROUP)
        os.setresuid(USER, USER, USER)


def _for_all(path):
    return os.stat(path).st_mode & 0o004


def _name_users(process, shown):
    """Name the users of another process's namespace: root and the function's, or this user alone as the function's."""
    if os.geteuid() == 0 and all(map(_for_all, shown)):
        with contextlib.suppress(OSError):  # this root is one of a container that has too few users itself
            _write(f"/proc/{process}/uid_map", f"0 0 1\n{USER} {USER} 1")
            _write(f"/proc/{process}/gid_map", f"0 0 1\n{GROUP} {GROUP} 1")
            return
    _name_one_user(process, os.geteuid(), os.getegid())


def _name_one_user(process, user, group):
    _write(f"/proc/{process}/setgroups", "deny")
    _write(f"/proc/{process}/uid_map", f"{USER} {user} 1")
    _write(f"/proc/{process}/gid_map", f"{GROUP} {group} 1")


def _write(path, text):
    with open(path, "w") as file:
        file.write(text)


def change_root(root, binds, temporary_megabytes, system=SYSTEM):
    """Make `root` (an empty folder) the root: `binds` are (path here, path there), read-only; /tmp has a size.

    `system` are folders that are shown where they are.
    """
    linux.mount(None, "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755,size=1m")
    for name in ("proc", "tmp", "dev", "var", "opt", ".old"):
        os.mkdir(f"{root}/{name}")
    _mount_tmp(f"{root}/tmp", temporary_megabytes)
    for path in system:
        _system(path, root)
    for source, target in binds:
        if not os.path.exists(root + target):
            _bind(source, root + target)
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{root}/dev/{name}", flags=0)
    for name, number in STANDARD_STREAMS.items():
        os.symlink(f"/proc/self/fd{number}", f"{root}/dev/{name}")
    _mount_proc(f"{root}/proc")
    linux.pivot_root(root, f"{root}/.old")
    os.chdir("/")
    linux.unmount("/.old")
    os.rmdir("/.old")
    linux.mount(None, "/", flags=READ_ONLY | linux.MS_NOSUID | linux.MS_NODEV)


def renew(temporary_megabytes):
    """Give this process, in new namespaces inside a sandbox, /proc and /tmp of its own; files in /tmp are copied."""
    linux.mount(None, "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    here, before = os.getcwd(), os.open("/tmp", os.O_RDONLY | os.O_DIRECTORY)
    _mount_tmp("/tmp", temporary_megabytes)
    _mount_proc("/proc")
    if os.listdir(before):
        import shutil  # takes long to load, and few functions leave anything

        shutil.copytree(f"/proc/self/fd/{before}", "/tmp", symlinks=True, dirs_exist_ok=True)
    os.close(before)
    os.chdir(here)  # it may have been in /tmp


def _mount_tmp(target, megabytes):
    size = f"mode=1777,size={megabytes}m"
    linux.mount("tmpfs", target, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, size)


def _mount_proc(target):
    linux.mount("proc", target, "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)


def _system(path, root):
    if os.path.islink(path):
        os.symlink(os.readlink(path), root + path)
    elif os.path.isdir(path):
        _bind(path, root + path)


def _bind(source, target, flags=READ_ONLY):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "x").close()
    linux.mount(source, target, flags=linux.MS_BIND | linux.MS_REC)
    if flags:
        linux.mount(None, target, flags=flags | _inherited(source))


def _inherited(path):
    """The flags that a mount keeps, which the kernel lets nobody take off in a namespace."""
    flag = os.statvfs(path).f_flag
    return flag & (linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
