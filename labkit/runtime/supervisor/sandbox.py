"""The sandbox of an environment: its own processes, its own /tmp of a fixed size, and a root that can't be written.

It needs no rights: a user namespace gives them for what it contains. The function sees /var/task, /opt, /var/runtime
and the machine's Python and system libraries, and nothing else of the machine's files.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import os
import shutil

import linux

USER, GROUP = 993, 990  # sbx_user1051 and its group, as functions see themselves on Lambda
SYSTEM = ("/usr", "/etc", "/bin", "/lib", "/lib64", "/lib32", "/sbin")
DEVICES = ("null", "zero", "full", "random", "urandom")  # there is no /dev/shm in Lambda
READ_ONLY = linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY


def enter_namespaces():
    """Give this process's children users, mounts, processes and IPC of their own; `OSError` where that's refused."""
    user, group = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWIPC)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{USER} {user} 1"), ("gid_map", f"{GROUP} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def change_root(root, binds, temporary_megabytes):
    """Make `root` (an empty folder) the root: `binds` are (path here, path there), read-only; /tmp has a size."""
    linux.mount(None, "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", root, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=755,size=1m")
    for name in ("proc", "tmp", "dev", "var", "opt", ".old"):
        os.mkdir(f"{root}/{name}")
    _mount_tmp(f"{root}/tmp", temporary_megabytes)
    for path in SYSTEM:
        _system(path, root)
    for source, target in binds:
        if not os.path.exists(root + target):
            _bind(source, root + target)
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{root}/dev/{name}", flags=0)
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
