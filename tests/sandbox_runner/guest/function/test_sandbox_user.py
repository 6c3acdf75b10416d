"""The supervisor has, where it says so, no more rights over files than the function has."""

import os

import pytest

from sandbox_runner.guest.function.processes import GID, UID
from sandbox_runner.guest.function.sandbox_user import rights_of_sandbox_user

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put on another's rights")


NOBODY = 65534
REFUSED = 42


@pytest.fixture
def rights():
    """Ours, which must be the same afterwards."""
    before = os.getresuid(), os.getresgid()
    yield before
    assert (os.getresuid(), os.getresgid()) == before


@NEEDS_ROOT
def test_files_are_opened_as_the_function_and_nobody_may_signal_us_for_it(rights):
    with rights_of_sandbox_user():
        assert (os.geteuid(), os.getegid()) == (UID, GID)
        assert (os.getresuid()[0], os.getresuid()[2]) == (0, 0)


@NEEDS_ROOT
def test_the_rights_come_back_after_a_failure(rights):
    with pytest.raises(KeyError), rights_of_sandbox_user():
        raise KeyError


def test_whoever_is_not_root_is_refused_and_stays_who_they_are():
    child = os.fork()
    if child == 0:
        os._exit(_refused_to_somebody())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == REFUSED


def _refused_to_somebody():
    """:data:`REFUSED`, or another number; in a process of its own, which is nobody's from here on."""
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        before = os.getresuid(), os.getresgid()
        try:
            with rights_of_sandbox_user():
                return 1
        except PermissionError:
            return REFUSED if (os.getresuid(), os.getresgid()) == before else 2
    except BaseException:  # noqa: BLE001 - whatever it is, the tests must not go on in this process
        return 3
