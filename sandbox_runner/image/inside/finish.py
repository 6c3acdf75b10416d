# ruff: noqa: INP001 - a script that is copied into the image by itself
"""Runs inside the image while it is built: slims, hardens and precompiles one part of it.

Called with the name of the part: ``system`` (Debian's files), ``runtimes`` (``/usr/lib/lambda``) or ``guest``
(``/usr/lib/holdover``). Standard library only; the image's own Python runs it, because only that writes its bytecode.
"""

import compileall
import contextlib
import json
import os
import platform
import shutil
import stat
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

# The interpreter that runs this is the system's own.
RELEASE = ".".join(platform.python_version_tuple()[:2])
STANDARD_LIBRARY = f"usr/lib/python{RELEASE}"
UNNEEDED = (
    *("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian", "usr/share/bug"),
    *("usr/share/bash-completion", "usr/share/debconf", "usr/share/perl5", "usr/lib/*/perl-base", "usr/bin/perl*"),
    *("usr/bin/apt*", "usr/lib/apt", "etc/apt", "var/lib/apt", "usr/lib/systemd", "etc/systemd", "var/lib/systemd"),
    *(f"{STANDARD_LIBRARY}/pydoc_data", "usr/lib/python3/dist-packages", "var/cache", "var/log", "var/mail"),
    *("etc/shadow*", "etc/gshadow*", "etc/machine-id", "etc/hostname", "etc/resolv.conf"),
)
LAMBDA = Path("/usr/lib/lambda")
GUEST = "/usr/lib/holdover"
SHELL = Path("/usr/bin/sh")


def system() -> None:
    """Debian's files: nothing to read or set-user-id, Amazon Linux's shell, the standard library compiled."""
    for pattern in UNNEEDED:
        for path in Path("/").glob(pattern):
            _remove(path)
    _drop_privileged_modes()
    # On Amazon Linux `sh` is bash, and AWS's own example of a shell runtime uses words that only bash has:
    # https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html
    SHELL.unlink()
    SHELL.symlink_to("bash")
    _compile(f"/{STANDARD_LIBRARY}")


def runtimes() -> None:
    """The runtimes: the exact version of the system's interpreter in the manifest, every client compiled."""
    manifest = json.loads((LAMBDA / "runtimes.json").read_text())
    for runtime in manifest.values():
        if runtime["identifier"] == f"python:{RELEASE}":
            runtime["versions"]["python"] = platform.python_version()
            runtime["identifier"] = f"python:{platform.python_version()}"
    (LAMBDA / "runtimes.json").write_text(json.dumps(manifest, indent=2) + "\n")
    _compile(str(LAMBDA))


def guest() -> None:
    """The guest's package and its starter."""
    _compile(GUEST)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        # An engine mounts some of these while it builds; it supplies them at run time as well.
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _drop_privileged_modes() -> None:
    for folder, _, names in os.walk("/usr"):
        for name in names:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                path.chmod(stat.S_IMODE(mode) & 0o755)


def _compile(folder: str) -> None:
    """Bytecode that is never checked against its source: nothing in the image changes after this."""
    good = compileall.compile_dir(
        folder, quiet=1, force=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH, maxlevels=20
    )
    if not good:
        sys.exit(f"some module under {folder} does not compile")


if __name__ == "__main__":
    {"system": system, "runtimes": runtimes, "guest": guest}[sys.argv[1]]()
