"""The supervisor has, where it says so, no more rights over files than the function has."""

import os

import pytest

from sandbox_runner.guest.processes import GID, UID
from sandbox_runner.guest.sandbox_user import rights_of_sandbox_user

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can put on another's rights")


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root can")
def test_whoever_is_not_root_is_refused_and_stays_who_they_are(rights):
    with pytest.raises(PermissionError), rights_of_sandbox_user():
        pass
