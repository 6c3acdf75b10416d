"""The ids that this process can have inside a user namespace when it is not root."""

from __future__ import annotations

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.limits import SANDBOX_UID

IdMap = tuple[tuple[int, int, int], ...]

SUBUID: Final = Path("/etc/subuid")
SUBGID: Final = Path("/etc/subgid")
# Settings by which some releases of Debian and Ubuntu, and Ubuntu since 24.04, forbid user namespaces to users.
SWITCHES: Final = (
    (Path("/proc/sys/kernel/unprivileged_userns_clone"), "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    (Path("/proc/sys/user/max_user_namespaces"), "0", "sysctl -w user.max_user_namespaces=15000"),
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The maps of user and group ids, each row (inside, outside, count); empty for root."""

    uids: IdMap = ()
    gids: IdMap = ()


def identity() -> Identity:
    """How this process can have the ids of root, 993 and nobody inside.

    :raises BackendUnavailable: it cannot; says what is missing and which command fixes it.
    """
    uid = os.geteuid()
    if uid == 0:
        return Identity()
    _require_switches()
    for program in ("newuidmap", "newgidmap"):
        if not shutil.which(program):
            raise BackendUnavailable(
                f"the namespace sandbox needs {program} when it is not run by root; `apt-get install uidmap` brings it"
            )
    name = _name(uid)
    return Identity(_map(SUBUID, name, uid, uid), _map(SUBGID, name, uid, os.getegid()))


def delegated(text: str, name: str, uid: int) -> tuple[int, int] | None:
    """The first range of this user in /etc/subuid or /etc/subgid that is large enough: (first, count)."""
    for line in text.splitlines():
        fields = line.strip().split(":")
        if len(fields) == 3 and fields[0] in {name, str(uid)} and fields[1].isdigit() and fields[2].isdigit():
            first, count = int(fields[1]), int(fields[2])
            if count >= SANDBOX_UID:
                return first, count
    return None


def _map(path: Path, name: str, uid: int, own: int) -> IdMap:
    found = delegated(path.read_text() if path.exists() else "", name, uid)
    if found is None:
        option = "--add-subuids" if path == SUBUID else "--add-subgids"
        raise BackendUnavailable(
            f"the namespace sandbox needs a range of {SANDBOX_UID} or more ids for {name} in {path}; "
            f"`usermod {option} 100000-165535 {name}`, run by root, adds one"
        )
    first, count = found
    return ((0, own, 1), (1, first, count))


def _require_switches() -> None:
    for path, forbidding, cure in SWITCHES:
        if path.exists() and path.read_text().strip() == forbidding:
            raise BackendUnavailable(
                f"this machine refuses user namespaces ({path}); `{cure}`, run by root, allows them"
            )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
