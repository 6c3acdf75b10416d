"""Turns this process into a sandbox: namespaces, mounts, limits, dropped privileges, then the supervisor.

Run as ``python -I -S namespace_setup.py PLAN`` with the wire on descriptors 0 and 1; standard library only. ``PLAN`` is
the JSON of :class:`sandbox_runner.backends.namespace.Plan`. There are two processes: this one stays outside and ends
with the sandbox; its child is process 1 inside. SIGTERM to the first ends the second, and everything inside, before the
first exits; any other death of the first has the same effect. A failure is one sentence on descriptor 2 and exit status
70.

Calls missing from Python 3.11 go to the C library, see mount(2), unshare(2), pivot_root(2), capabilities(7).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from types import FrameType
from typing import Any, NoReturn

EXIT_FAILED = 70

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
MNT_DETACH = 2
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPABILITY_VERSION = 0x20080522
CAP_KILL, CAP_SETGID, CAP_SETUID = 5, 6, 7
KEPT_CAPABILITIES = (CAP_KILL, CAP_SETGID, CAP_SETUID)
CAPABILITIES = 64

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

DEVICES = ("null", "zero", "full", "random", "urandom")
DEVICE_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
# As container engines do; what a kernel does not have is skipped.
READ_ONLY = ("proc/sys", "proc/sysrq-trigger", "proc/irq", "proc/bus", "proc/fs")
MASKED = ("proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list", "proc/sched_debug")
MASKED_FOLDERS = ("proc/acpi", "proc/scsi")

LIBC = ctypes.CDLL(None, use_errno=True)


class SetupError(Exception):
    """A step of the setup failed."""


def main() -> None:
    """Become the sandbox described by the plan, the only argument."""
    plan = json.loads(sys.argv[1])
    try:
        die_with_parent()
        leave(plan)
        child = os.fork()
        if child == 0:
            become_supervisor(plan)
    except (SetupError, OSError) as problem:
        fail(problem)
    sys.exit(watch(child))


def watch(child: int) -> int:
    """Wait for the sandbox to end, without holding its wire; returns the exit status."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    # The kernel reports the death of process 1 once everything in its namespace is dead.
    return abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def become_supervisor(plan: dict[str, Any]) -> NoReturn:
    """In the child: set up mounts, network, limits and privileges, then execute the supervisor."""
    try:
        die_with_parent()
        for door in plan["doors"]:
            write(door, "0")
        write("/proc/self/oom_score_adj", str(plan["oom_score_adj"]))
        # Of this network namespace alone; container engines do the same.
        write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0")
        mount_everything(plan)
        socket.sethostname(plan["hostname"])
        raise_loopback()
        for name, (soft, hard) in plan["limits"].items():
            lower_limit(getattr(resource, name), soft, hard)
        os.setsid()
        os.umask(0o022)
        drop_privileges()
        os.execve(plan["command"][0], plan["command"], {})  # noqa: S606 - this program's very purpose
    except (SetupError, OSError) as problem:
        fail(problem)


def leave(plan: dict[str, Any]) -> None:
    """Leave the machine's namespaces; unless root, enter a user namespace first."""
    if not plan["uid_map"]:
        call("leave the machine's namespaces", LIBC.unshare(NAMESPACES))
        return
    started, start = os.pipe()
    mapper = os.fork()
    if mapper == 0:
        map_users(plan, started)
    call("make a user namespace", LIBC.unshare(CLONE_NEWUSER | NAMESPACES))
    os.write(start, b"\n")
    if os.waitpid(mapper, 0)[1] != 0:
        raise SetupError("could not map the user ids of the sandbox with newuidmap and newgidmap")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    os.setgroups([])
    die_with_parent()


def map_users(plan: dict[str, Any], started: int) -> NoReturn:
    """In a helper that stayed outside: map ids into the new user namespace."""
    os.read(started, 1)
    parent = str(os.getppid())
    for program in ("uid", "gid"):
        ids = [str(number) for row in plan[f"{program}_map"] for number in row]
        if os.spawnvp(os.P_WAIT, f"new{program}map", [f"new{program}map", parent, *ids]) != 0:  # noqa: S606 - no shell is wanted
            os._exit(1)
    os._exit(0)


def mount_everything(plan: dict[str, Any]) -> None:
    """Mount the root file system read-only with the few writable places, and detach everything of the machine."""
    mount("", "/", "", MS_REC | MS_PRIVATE)
    root = plan["rootfs"]
    mount(root, root, "", MS_BIND | MS_REC)
    os.chdir(root)
    make_read_only(".", root)
    mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    make_devices()
    for target, options in plan["tmpfs"].items():
        os.makedirs(target.lstrip("/"), exist_ok=True)  # noqa: PTH103 - pathlib would cost milliseconds at every start
        mount("tmpfs", target.lstrip("/"), "tmpfs", MS_NOSUID | MS_NODEV, options)
    for target, source in plan["read_only"].items():
        show_read_only(source.lstrip("/"), target.lstrip("/"))
    for target, folder in plan["shown"].items():
        os.makedirs(target.lstrip("/"), exist_ok=True)  # noqa: PTH103 - pathlib would cost milliseconds at every start
        mount(folder, target.lstrip("/"), "", MS_BIND)
        make_read_only(target.lstrip("/"), target)
    mask_proc()
    show_group(plan["views"])
    machine = os.uname().machine
    if machine not in SYS_PIVOT_ROOT:
        raise SetupError(f"the number of pivot_root is not known for {machine} processors")
    # With both names the same, the old root is stacked on the new one and then unmounted, see pivot_root(2), NOTES.
    call("change the root", LIBC.syscall(SYS_PIVOT_ROOT[machine], b".", b"."))
    call("leave the old root", LIBC.umount2(b".", MNT_DETACH))
    os.chdir("/")


def make_devices() -> None:
    """Bind-mount the machine's harmless devices: a user namespace may not create any."""
    mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,nr_inodes=32,mode=0755")
    for name in DEVICES:
        write(f"dev/{name}", "")
        mount(f"/dev/{name}", f"dev/{name}", "", MS_BIND)
    for name, target in DEVICE_LINKS.items():
        os.symlink(target, f"dev/{name}")  # noqa: PTH211 - pathlib would cost milliseconds at every start
    mount("", "dev", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC)


def show_read_only(source: str, target: str) -> None:
    """Mount a file system a second time, read-only."""
    mount(source, target, "", MS_BIND)
    mount("", target, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def show_group(views: dict[str, str]) -> None:
    """Show the kernel's counters of the sandbox's control group, read-only, where a container would find them."""
    if not views:
        return
    mount("tmpfs", "sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=16k,nr_inodes=16,mode=0755")
    for name, folder in views.items():
        place = f"sys/fs/cgroup/{name}".rstrip("/")
        os.makedirs(place)  # noqa: PTH103 - pathlib would cost milliseconds at every start
        mount(folder, place, "", MS_BIND)
        mount("", place, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("", "sys", "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def mask_proc() -> None:
    """Hide what not even the supervisor needs."""
    for path in filter(os.path.exists, READ_ONLY):
        mount(path, path, "", MS_BIND | MS_REC)
        mount("", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for path in filter(os.path.exists, MASKED):
        mount("/dev/null", path, "", MS_BIND)
    for path in filter(os.path.exists, MASKED_FOLDERS):
        mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k")


def make_read_only(path: str, name: str) -> None:
    """Remount a bind mount read-only; the underlying flags are locked in a user namespace, so they are kept."""
    kept = os.statvfs(path).f_flag & (os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME | os.ST_RELATIME)
    flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | (MS_NOEXEC if kept & os.ST_NOEXEC else 0)
    for flag, bit in ((os.ST_NOATIME, 1024), (os.ST_NODIRATIME, 2048), (os.ST_RELATIME, 1 << 21)):
        flags |= bit if kept & flag else 0
    call(f"make {name} read-only", LIBC.mount(b"", path.encode(), None, ctypes.c_ulong(flags), None))


def raise_loopback() -> None:
    """Bring up loopback, the only network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0)))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def lower_limit(kind: int, soft: int, hard: int) -> None:
    """Set a limit, as far as this process may."""
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        hard = ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def drop_privileges() -> None:
    """Keep only what is needed to start and end other users' processes; nothing can be regained."""
    call("clear the ambient capabilities", LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
    for number in range(CAPABILITIES):
        if number not in KEPT_CAPABILITIES:
            # Beyond the kernel's last capability there is nothing to drop.
            LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    kept = sum(1 << number for number in KEPT_CAPABILITIES)
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    call("drop capabilities", LIBC.capset(header, struct.pack("6I", kept, kept, 0, 0, 0, 0)))
    call("refuse new privileges", LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def die_with_parent() -> None:
    """End this process when its parent ends."""
    call("tie the sandbox to its parent", LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount ``source`` at ``target``."""
    parts = (part.encode() or None for part in (kind, options))
    kind_bytes, option_bytes = parts
    result = LIBC.mount(source.encode(), target.encode(), kind_bytes, ctypes.c_ulong(flags), option_bytes)
    call(f"mount {target}", result)


def call(what: str, result: int) -> None:
    """Check the return value of a C function."""
    if result != 0:
        raise SetupError(f"could not {what}: {os.strerror(ctypes.get_errno())}")


def write(path: str, text: str) -> None:
    """Write in a single call, as the kernel's files require."""
    with open(path, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib would cost milliseconds at every start
        file.write(text)


def fail(problem: Exception) -> NoReturn:
    """Print why and exit."""
    with contextlib.suppress(OSError):
        os.write(2, f"the sandbox was not made: {problem}\n".encode())
    os._exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
