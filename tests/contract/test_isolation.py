"""What user code finds around itself: nothing of the machine, nothing of the supervisor, only /tmp to write to."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket

from tests.contract.conversation import ENVIRONMENT

# What the image's manifest adds to the function's own, as recorded inside the service.
RUNTIME_ENVIRONMENT = {
    *("LANG", "TZ", "PATH", "LD_LIBRARY_PATH", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_RUNTIME_API"),
    *("AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT"),
    *("AWS_EXECUTION_ENV", "PYTHONPATH", "PWD", "SHLVL", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN"),
}
# Put there by the runtime's own process: the interpreter's locale, the client's trace of the request.
RUNTIME_ITSELF = {"LC_CTYPE", "_X_AMZN_TRACE_ID"}

REACHES = """
import socket
def attempt(reach):
    try:
        return f"reached {reach()}"
    except OSError as problem:
        return type(problem).__name__
def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(1)
        sock.connect(address)
        return address
def handler(event, context):
    inet, inet6, unix = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
    return {
        "metadata": attempt(lambda: connect(inet, ("169.254.169.254", 80))),
        "metadata-v6": attempt(lambda: connect(inet6, ("fd00:ec2::254", 80))),
        "internet": attempt(lambda: connect(inet, ("1.1.1.1", 53))),
        "bridge": attempt(lambda: connect(inet, ("172.17.0.1", 22))),
        "dns": attempt(lambda: socket.getaddrinfo("example.com", 80)),
        "engine": attempt(lambda: connect(unix, "/var/run/docker.sock")),
        "abstract": attempt(lambda: connect(unix, event["abstract"])),
        "interfaces": socket.if_nameindex(),
    }
"""


async def test_nothing_but_the_loopback_can_be_reached(real):
    name = f"\0holdover-{secrets.token_hex(8)}"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(name)
        listener.listen()
        await real.load(REACHES)
        found = (await real.invoke({"abstract": name}, timeout_s=15)).answer

    assert [name for _, name in found.pop("interfaces")] == ["lo"]
    assert {reach: how for reach, how in found.items() if how.startswith("reached")} == {}


async def test_the_environment_is_an_allow_list_exactly(real):
    await real.load(
        "import os\ndef handler(event, context):\n    return dict(os.environ)", environment={"STAGE": "dev"}
    )
    found = (await real.invoke()).answer

    assert found.keys() - RUNTIME_ITSELF == ENVIRONMENT.keys() | {"STAGE"} | RUNTIME_ENVIRONMENT
    assert {name: found[name] for name in ENVIRONMENT} == ENVIRONMENT


WRITES = """
import errno, os
def refusal(path):
    try:
        os.close(os.open(os.path.join(path, "planted"), os.O_CREAT | os.O_WRONLY))
    except OSError as problem:
        return errno.errorcode[problem.errno]
    return "written"
def handler(event, context):
    folders = ["/"]
    for folder, below, _ in os.walk("/"):
        if folder == "/":
            below[:] = [name for name in below if name not in ("proc", "sys")]
        folders += [os.path.join(folder, name) for name in below if not os.path.islink(os.path.join(folder, name))]
    return {folder: refusal(folder) for folder in folders}
"""


async def test_only_tmp_can_be_written_to(real):
    await real.load(WRITES)
    found = (await real.invoke(timeout_s=20)).answer

    assert [folder for folder, how in found.items() if how == "written"] == ["/tmp"]
    assert {found[folder] for folder in ("/", "/etc", "/usr", "/opt", "/home", "/var")} <= {"EROFS", "EACCES"}
    assert found["/opt"] == "EROFS"


IDENTITY = """
import os, pwd
def status(name):
    return next(line.split(":")[1].split() for line in open("/proc/self/status") if line.startswith(name + ":"))
def handler(event, context):
    return {
        "ids": [status("Uid"), status("Gid"), status("Groups")],
        "name": pwd.getpwuid(os.getuid()).pw_name,
        "capabilities": [status(name)[0].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")],
        "no-new-privileges": status("NoNewPrivs"),
        "host": os.uname().nodename,
        "cwd": os.getcwd(),
        "shared-memory": os.path.exists("/dev/shm"),
    }
"""


async def test_user_code_is_nobody_special(real):
    await real.load(IDENTITY)

    assert (await real.invoke()).answer == {
        "ids": [["993"] * 4, ["990"] * 4, []],
        "name": "sbx_user1051",
        "capabilities": ["", "", "", ""],
        "no-new-privileges": ["1"],
        "host": "sandbox",
        "cwd": "/var/task",
        "shared-memory": False,
    }


SUPERVISOR = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def refusal(attempt):
    ctypes.set_errno(0)
    try:
        result = attempt()
    except OSError as problem:
        return errno.errorcode[problem.errno]
    return errno.errorcode.get(ctypes.get_errno(), "none") if result == -1 else f"done: {result!r}"
def opened(path, flags=os.O_RDONLY):
    return refusal(lambda: os.open(path, flags))
def handler(event, context):
    return {
        "trace": refusal(lambda: libc.ptrace(16, 1, None, None)),
        "kill": refusal(lambda: os.kill(1, 9)),
        "stop": refusal(lambda: os.kill(1, 19)),
        "environ": opened("/proc/1/environ"),
        "memory": opened("/proc/1/mem", os.O_RDWR),
        "descriptors": refusal(lambda: os.listdir("/proc/1/fd")),
        "wire": opened("/proc/1/fd/1", os.O_WRONLY),
        "root": refusal(lambda: os.listdir("/proc/1/root")),
        "cwd": refusal(lambda: os.listdir("/proc/1/cwd")),
        "maps": opened("/proc/1/maps"),
        "become root": refusal(lambda: os.setuid(0)),
        "inherited": [name for name in os.listdir("/proc/self/fd") if "pipe" in link(name) or "socket" in link(name)],
    }
def link(name):
    try:
        return os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        return ""
"""


async def test_the_supervisor_cannot_be_touched_or_read(real):
    await real.load(SUPERVISOR)
    found = (await real.invoke()).answer
    found.pop("inherited")

    assert set(found.values()) <= {"EPERM", "EACCES"}, json.dumps(found, indent=1)


KERNEL = """
import os, socket
def outcome(attempt):
    try:
        attempt()
    except (OSError, ValueError):
        return "refused"
    return "done"
def write(path, text):
    with open(path, "w") as file:
        file.write(text)
def handler(event, context):
    return {
        "sysrq": outcome(lambda: write("/proc/sysrq-trigger", "h")),
        "core pattern": outcome(lambda: write("/proc/sys/kernel/core_pattern", "|/tmp/x")),
        "host name": outcome(lambda: socket.sethostname("evil")),
        "device": outcome(lambda: os.mknod("/tmp/disk", 0o60666, os.makedev(8, 0))),
        "raw socket": outcome(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
        "more descriptors": outcome(lambda: __import__("resource").setrlimit(7, (9999, 9999))),
        "kernel memory": outcome(lambda: open("/proc/kcore", "rb").read(1) or os.stat("/nonexistent")),
        "release agent": outcome(lambda: write("/sys/fs/cgroup/memory/release_agent", "/tmp/x")),
        "priority": outcome(lambda: os.nice(-5)),
        "no oom": outcome(lambda: write("/proc/self/oom_score_adj", "-1000")),
    }
"""


async def test_the_kernel_refuses_what_only_an_administrator_may(real):
    await real.load(KERNEL)
    found = (await real.invoke()).answer

    assert {what: how for what, how in found.items() if how != "refused"} == {}
