"""The ways in which a function could try to hand something to the replay after it, as code that runs in a sandbox.

Each is a ``put`` that leaves something behind, and a ``find`` that says what there is of it. ``put`` may be refused;
then it raises, and there is nothing to wipe. ``child(work)`` runs ``work`` in a process that outlives its parents.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

COMMON = """
import ctypes, errno, fcntl, json, os, platform, resource, select, signal, socket, time
libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"
ADD_KEY, KEYCTL = (217, 219) if ARM else (248, 250)

def child(work):
    told, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            kept = work()
            os.write(tell, b"1")
            time.sleep(600)
            del kept
        os._exit(0)
    os.close(tell)
    if not os.read(told, 1):
        raise OSError("the child failed")
    os.close(told)

def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def listening(family, address):
    server = socket.socket(family)
    server.bind(address)
    server.listen()
    return server

def answers(family, address):
    with socket.socket(family) as client:
        return client.connect_ex(address)

def links():
    return sorted(os.readlink(f"/proc/self/fd/{name}").split(":")[0] for name in os.listdir("/proc/self/fd")
                  if os.path.islink(f"/proc/self/fd/{name}"))
"""


@dataclass(frozen=True)
class Way:
    """One way."""

    what: str
    put: str
    find: str

    @property
    def id(self) -> str:
        return self.what.replace(" ", "-")

    def code(self) -> str:
        """A handler that puts and finds when it is sent ``"put"``, and only finds otherwise."""
        put, find = (indent(dedent(part).strip(), "    ") for part in (self.put, self.find))
        return (
            f"{COMMON}\ndef put():\n{put}\n\ndef find():\n{find}\n\n"
            "def handler(event, context):\n    refused = ''\n    if event == 'put':\n        try:\n            put()\n"
            "        except (OSError, ValueError) as failure:\n            refused = str(failure)\n"
            "    return {'refused': refused, 'found': find()}\n"
        )


WAYS = [
    Way(
        "a file in every folder that can be written",
        """
        made = 0
        for folder, folders, _ in os.walk("/"):
            folders[:] = [each for each in folders if os.path.join(folder, each) not in ("/proc", "/sys")]
            try:
                with open(os.path.join(folder, "left-here"), "w") as file:
                    file.write("left")
                made += 1
            except OSError:
                pass
        checked(made - 1)
        """,
        """
        found = []
        for folder, folders, files in os.walk("/"):
            folders[:] = [each for each in folders if os.path.join(folder, each) not in ("/proc", "/sys")]
            found += [folder for each in files if each == "left-here"]
        return found
        """,
    ),
    Way(
        "a folder that forbids everything",
        "os.makedirs('/tmp/a/b')\nopen('/tmp/a/b/c', 'w').close()\nos.chmod('/tmp/a', 0)",
        "return sorted(os.listdir('/tmp'))",
    ),
    Way("an attribute of a shared folder", "os.setxattr('/tmp', 'user.left', b'1')", "return os.listxattr('/tmp')"),
    Way("the mode of a shared folder", "os.chmod('/tmp', 0o700)", "return oct(os.stat('/tmp').st_mode)"),
    Way("a time of a shared folder", "os.utime('/var/task', (1, 1))", "return os.stat('/var/task').st_mtime == 1"),
    Way("a process", "child(lambda: None)", "return sum(name.isdigit() for name in os.listdir('/proc'))"),
    Way(
        "a process that ignores signals",
        "child(lambda: [signal.signal(each, signal.SIG_IGN) for each in (1, 2, 15)])",
        "return sum(name.isdigit() for name in os.listdir('/proc'))",
    ),
    Way(
        "an abstract socket",
        "child(lambda: listening(socket.AF_UNIX, '\\0left'))",
        "return answers(socket.AF_UNIX, '\\0left')",
    ),
    Way(
        "a socket in tmp",
        "child(lambda: listening(socket.AF_UNIX, '/tmp/left'))",
        "return [answers(socket.AF_UNIX, '/tmp/left'), os.path.exists('/tmp/left')]",
    ),
    Way(
        "a port on loopback",
        "child(lambda: listening(socket.AF_INET, ('127.0.0.1', 4567)))",
        "return answers(socket.AF_INET, ('127.0.0.1', 4567))",
    ),
    Way(
        "a datagram in a queue",
        """
        def bound():
            server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            server.bind("\\0mail")
            return server
        child(bound)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.sendto(b"left", "\\0mail")
        """,
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            return client.connect_ex("\\0mail")
        """,
    ),
    Way(
        "System V shared memory",
        "checked(libc.shmget(1234, 4096, 0o1666))",
        "return len(open('/proc/sysvipc/shm').readlines())",
    ),
    Way(
        "a System V message queue",
        "checked(libc.msgget(1234, 0o1666))",
        "return len(open('/proc/sysvipc/msg').readlines())",
    ),
    Way(
        "System V semaphores",
        "checked(libc.semget(1234, 1, 0o1666))",
        "return len(open('/proc/sysvipc/sem').readlines())",
    ),
    Way(
        "POSIX shared memory",
        "os.write(checked(libc.shm_open(b'/left', os.O_CREAT | os.O_RDWR, 0o600)), b'left')",
        "return [libc.shm_open(b'/left', os.O_RDONLY, 0) >= 0, os.path.exists('/dev/shm/left')]",
    ),
    Way(
        "a POSIX semaphore",
        "checked(0 if libc.sem_open(b'/left', os.O_CREAT, 0o600, 1) else -1)",
        "return os.path.isdir('/dev/shm') and os.listdir('/dev/shm')",
    ),
    Way(
        "a POSIX message queue",
        "checked(libc.mq_open(b'/left', os.O_CREAT | os.O_RDWR, 0o600, None))",
        "return libc.mq_open(b'/left', os.O_RDWR) >= 0",
    ),
    *(
        Way(
            f"a key in the {name} keyring",
            f"checked(libc.syscall(ADD_KEY, b'user', b'left', b'it', 2, {number}))",
            f"return libc.syscall(KEYCTL, 10, {number}, b'user', b'left', 0) >= 0",
        )
        for name, number in (("thread", -1), ("process", -2), ("session", -3), ("user", -4), ("user session", -5))
    ),
    Way(
        "a key in the persistent keyring",
        "checked(libc.syscall(ADD_KEY, b'user', b'left', b'it', 2, checked(libc.syscall(KEYCTL, 22, -1, -2))))",
        "return libc.syscall(KEYCTL, 22, -1, -2) >= 0 and libc.syscall(KEYCTL, 10, -2, b'user', b'left', 0) >= 0",
    ),
    Way("a descriptor", "os.open('/etc/passwd', os.O_RDONLY)", "return links()"),
    Way(
        "a descriptor sent to a child",
        """
        def holding():
            ours, theirs = socket.socketpair()
            socket.send_fds(ours, [b"x"], [os.memfd_create("left")])
            return ours, theirs
        child(holding)
        """,
        "return sum(name.isdigit() for name in os.listdir('/proc'))",
    ),
    Way("a memory file", "os.write(os.memfd_create('left', 0), b'left')", "return links()"),
    Way(
        "an inotify watch",
        "checked(libc.inotify_add_watch(checked(libc.inotify_init()), b'/tmp', 2))",
        "return links()",
    ),
    Way(
        "an epoll set and an event",
        "os.dup(select.epoll().fileno())\nchecked(libc.eventfd(7, 0))",
        "return links()",
    ),
    Way(
        "a lock on a file that is only read",
        "child(lambda: fcntl.flock(os.open('/etc/passwd', os.O_RDONLY), fcntl.LOCK_EX))",
        """
        with open("/etc/passwd") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as failure:
                return failure.errno
        return 0
        """,
    ),
    Way("the working directory", "os.chdir('/usr')", "return os.getcwd()"),
    Way("the mask of new files", "os.umask(0o077)", "mask = os.umask(0)\nos.umask(mask)\nreturn mask"),
    Way("an environment variable", "os.environ['LEFT'] = 'yes'", "return os.environ.get('LEFT')"),
    Way(
        "resource limits",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
        "return [resource.getrlimit(number) for number in range(16)]",
    ),
    Way("a timer", "signal.setitimer(signal.ITIMER_REAL, 900, 900)", "return signal.getitimer(signal.ITIMER_REAL)[1]"),
    Way(
        "a blocked signal",
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])",
        "return sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))",
    ),
    Way(
        "the processors it runs on",
        "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])",
        "return sorted(os.sched_getaffinity(0))",
    ),
    Way(
        "its priority",
        "if os.nice(0) > 14:\n    raise ValueError('it is the last already')\nos.nice(5)",
        "return os.nice(0)",
    ),
    Way(
        "how it is scheduled",
        "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))",
        "return os.sched_getscheduler(0)",
    ),
    Way(
        "how the kernel chooses whom to kill",
        "open('/proc/self/oom_score_adj', 'w').write('900')",
        "return open('/proc/self/oom_score_adj').read()",
    ),
    Way("the name of the machine", "socket.sethostname('left')", "return socket.gethostname()"),
    Way(
        "a terminal",
        "child(os.openpty)",
        "return sorted(os.listdir('/dev/pts')) if os.path.isdir('/dev/pts') else None",
    ),
    Way(
        "memory that is locked",
        "checked(libc.mlockall(3))",
        "return [line for line in open('/proc/self/status') if 'VmLck' in line]",
    ),
]
