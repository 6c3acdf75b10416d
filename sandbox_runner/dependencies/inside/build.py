# ruff: noqa: INP001 - a script that runs by itself inside of a build sandbox
"""Locks and installs packages. It runs inside a build sandbox; nothing that it says is believed outside.

As a handler, ``build.handler``, or as a program that reads the order as JSON on stdin. Standard library only. An order
has ``do`` (``lock`` or ``install``), ``index`` (``pypi`` or ``npm``), the index's address inside, and the texts that it
is about. The answer has the lock, or the size of what was installed, whose tar file went to the port ``output``; or
``problem`` with what the tool said. No program of a package is run: wheels are unpacked, install scripts are left out.
Modules of Python are compiled, as pip does it, which reads them and runs nothing of them.
"""

import io
import json
import os
import resource
import shutil
import socket
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

WORK, OUT, HOME = Path("/tmp/work"), Path("/tmp/out"), Path("/tmp/home")  # noqa: S108 - the sandbox's own
UV = "/run/tools/uv"
NPM = "/run/tools/npm/bin/npm-cli.js"
SAID_CHARACTERS_MAX = 20_000
NO_SPACE = "No space left on device"
# What takes longer, or more memory, stays as it came: it is compiled where it is imported.
COMPILE_S = 90
COMPILE_CPU_S = 60
COMPILE_BYTES_MAX = 384 * 1024 * 1024
COMPILERS = 2
# No function imports them.
NOT_COMPILED = frozenset({"test", "tests", "__pycache__"})


def handler(order: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Do what is ordered."""
    order = {**order, "compile_until": time.monotonic() + order["compile_within_s"]}
    for folder in (WORK, OUT):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (WORK, OUT, HOME):
        folder.mkdir(exist_ok=True)
    try:
        return DOING[order["index"], order["do"]](order)
    except subprocess.CalledProcessError as failed:
        return told(failed)
    except OSError as failed:
        return {"problem": "no-room" if NO_SPACE in str(failed) else "tool", "said": str(failed)}


def told(failed: subprocess.CalledProcessError) -> dict[str, Any]:
    """The answer where a tool failed."""
    said = f"{failed.stderr}\n{failed.stdout}".strip()
    return {"problem": "no-room" if NO_SPACE in said else "tool", "said": said[-SAID_CHARACTERS_MAX:]}


def lock_python(order: dict[str, Any]) -> dict[str, Any]:
    """Resolve a ``requirements.txt``; where a wheel is missing, ``nearest`` is a lock of later versions with wheels."""
    try:
        return {"lock": compiled(order, order["manifest"])}
    except subprocess.CalledProcessError as failed:
        if "wheel" not in failed.stderr or not order["loosened"]:
            raise
        answer = told(failed)
    try:
        return {**answer, "nearest": compiled(order, order["loosened"], "--resolution", "lowest-direct")}
    except subprocess.CalledProcessError:
        return answer


def compiled(order: dict[str, Any], manifest: str, *words: str) -> str:
    """The lock for a manifest."""
    (WORK / "requirements.txt").write_text(manifest)
    uv(order, "compile", "--generate-hashes", "--no-header", "--no-annotate", *words, "-o", "lock", "requirements.txt")
    return (WORK / "lock").read_text()


def install_python(order: dict[str, Any]) -> dict[str, Any]:
    """Install what a lock has."""
    (WORK / "lock").write_text(order["lock"])
    uv(order, "install", "--target", str(OUT), "--no-deps", "--require-hashes", "-r", "lock")
    (OUT / ".lock").unlink(missing_ok=True)
    if time.monotonic() < order["compile_until"] and fits(measured(), order):
        compile_python(order)
    return send(order)


def compile_python(order: dict[str, Any]) -> None:
    """Write bytecode beside the modules, unless both together are more than Lambda takes.

    It is one that Python compares with the source by content: dates are lost on the way, and a function's own file may
    take the place of a module.
    """
    came, folders = {*OUT.rglob("__pycache__/*")}, {*OUT.rglob("__pycache__")}
    modules = sorted(path for path in OUT.rglob("*.py") if not NOT_COMPILED & set(path.relative_to(OUT).parts[:-1]))
    until = min(time.monotonic() + COMPILE_S, order["compile_until"])
    working = [compiling(order, modules[at::COMPILERS], WORK / f"modules-{at}") for at in range(COMPILERS)]
    for each in working:
        try:
            each.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()
    is_whole = fits(measured(), order)
    for path in {*OUT.rglob("__pycache__/*")} - came:
        if not (is_whole and path.name.endswith(".pyc")):
            path.unlink()
    if not is_whole:
        for folder in {*OUT.rglob("__pycache__")} - folders:
            folder.rmdir()


def compiling(order: dict[str, Any], modules: list[Path], names: Path) -> subprocess.Popen[bytes]:
    """Begin to compile some modules, whose paths are written to the file ``names``."""
    names.write_bytes(b"\n".join(map(os.fsencode, modules)))
    program = (f"{order['lang']}/bin/python3", "-I", "-S", "-m", "compileall", "-q", "-q")
    return subprocess.Popen(
        [*program, "--invalidation-mode", "checked-hash", "-s", str(OUT), "-p", "/var/task", "-i", str(names)],
        cwd=WORK,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=limited,  # noqa: PLW1509 - this process has one thread
    )


def limited() -> None:
    """No file of a stranger's takes the memory or the time that the others need."""
    resource.setrlimit(resource.RLIMIT_CPU, (COMPILE_CPU_S, COMPILE_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (COMPILE_BYTES_MAX, COMPILE_BYTES_MAX))


def uv(order: dict[str, Any], command: str, *words: str) -> None:
    """Run uv, for another Python and platform than its own."""
    target = ("--python-version", order["release"], "--python-platform", order["platform"])
    index = ("--index-url", order["address"], "--index-strategy", "first-index")
    quietly = (
        "--no-progress",
        "--color",
        "never",
        "--no-config",
        "--no-python-downloads",
        "--python",
        "/usr/bin/python3",
    )
    run(
        [
            UV,
            "pip",
            command,
            *quietly,
            "--cache-dir",
            str(HOME / "uv"),
            "--only-binary",
            ":all:",
            *target,
            *index,
            *words,
        ]
    )


def lock_node(order: dict[str, Any]) -> dict[str, Any]:
    """Resolve a ``package.json``."""
    (WORK / "package.json").write_text(order["manifest"])
    npm(order, "install", "--package-lock-only")
    return {"lock": (WORK / "package-lock.json").read_text()}


def install_node(order: dict[str, Any]) -> dict[str, Any]:
    """Install what a lock has. Its packages are fetched from the standard place for their names and versions."""
    lock = json.loads(order["lock"])
    for path, entry in lock["packages"].items():
        name = entry.get("name") or path.rpartition("node_modules/")[2]
        if path:
            file = f"{name.rpartition('/')[2]}-{entry['version']}.tgz"
            entry["resolved"] = f"{order['address']}/{name}/-/{file}"
    (WORK / "package.json").write_text(order["manifest"])
    (WORK / "package-lock.json").write_text(json.dumps(lock))
    npm(order, "ci", "--no-bin-links", "--prefer-offline")
    shutil.rmtree(OUT)
    OUT.mkdir()
    modules = WORK / "node_modules"
    if modules.exists():
        (modules / ".package-lock.json").unlink(missing_ok=True)
        modules.rename(OUT / "node_modules")
    return send(order)


def npm(order: dict[str, Any], command: str, *words: str) -> None:
    """Run npm without what belongs to a person or a machine, and without anything of a package's."""
    quietly = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error", "--fetch-retries=1")
    nobody = (f"--userconfig={HOME}/none", f"--globalconfig={HOME}/no-other", f"--cache={HOME / 'npm'}")
    target = ("--os=linux", f"--cpu={order['cpu']}", "--libc=glibc", "--omit=dev", "--ignore-scripts")
    run(
        [
            f"{order['lang']}/bin/node",
            NPM,
            command,
            *quietly,
            *nobody,
            *target,
            f"--registry={order['address']}/",
            *words,
        ]
    )


def run(words: list[str]) -> None:
    """:raises CalledProcessError: it failed."""
    environment = {"HOME": str(HOME), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}  # noqa: S108 - the same
    subprocess.run(
        words,
        cwd=WORK,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )


def measured() -> tuple[int, int, str]:
    """How many bytes and entries were installed, and the first of these that is neither file nor folder."""
    size = count = 0
    special = ""
    for folder, folders, names in os.walk(OUT):
        count += len(folders) + len(names)
        for name in (*folders, *names):
            path = Path(folder, name)
            kind = path.lstat()
            if not (stat.S_ISREG(kind.st_mode) or stat.S_ISDIR(kind.st_mode)):
                special = special or str(path.relative_to(OUT))
            size += kind.st_size if stat.S_ISREG(kind.st_mode) else 0
    return size, count, special


def fits(found: tuple[int, int, str], order: dict[str, Any]) -> bool:
    """Whether that may be sent."""
    size, count, special = found
    return not special and size <= order["bytes_max"] and count <= order["files_max"]


def send(order: dict[str, Any]) -> dict[str, Any]:
    """Send what was installed, if it may be as large as that."""
    size, count, special = found = measured()
    if special:
        return {"problem": "special-file", "said": special}
    if not fits(found, order):
        return {"problem": "too-large", "bytes": size, "files": count}
    with socket.create_connection(tuple(order["output"])) as connection, connection.makefile("wb", 1 << 16) as out:
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for path in sorted(OUT.rglob("*")):
                add(archive, path)
        out.flush()
        connection.shutdown(socket.SHUT_WR)
        # The other end hangs up when it has everything.
        connection.recv(1)
    return {"bytes": size, "files": count}


def add(archive: tarfile.TarFile, path: Path) -> None:
    """Everybody may write: the kernel looks at a file's mode before it looks at its mount, whose EROFS is the error."""
    entry = tarfile.TarInfo(path.relative_to(OUT).as_posix())
    is_program = bool(path.stat().st_mode & stat.S_IXUSR)
    if path.is_dir():
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(entry)
        return
    data = path.read_bytes()
    entry.size, entry.mode = len(data), 0o777 if is_program else 0o666
    archive.addfile(entry, io.BytesIO(data))


DOING = {
    ("pypi", "lock"): lock_python,
    ("pypi", "install"): install_python,
    ("npm", "lock"): lock_node,
    ("npm", "install"): install_node,
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(handler(json.load(sys.stdin))))
