"""What the doctor calls a problem, and what only a warning."""

from __future__ import annotations

import pytest

from sandbox_runner.backends import doctor
from sandbox_runner.backends.doctor import Diagnosis, Level, weighed


def found(**levels):
    return [Diagnosis(name.replace("_", "-"), level, "A sentence.") for name, level in levels.items()]


@pytest.mark.parametrize(
    ("chosen", "level"),
    [("docker", Level.WARNING), ("namespace", Level.PROBLEM)],
)
def test_what_only_the_other_backend_lacks_is_a_warning(chosen, level):
    (diagnosis,) = weighed(found(root_file_system=Level.PROBLEM), chosen)

    assert diagnosis.level is level


def test_what_every_backend_needs_stays_a_problem():
    (diagnosis,) = weighed(found(python=Level.PROBLEM), "docker")

    assert not diagnosis.ok


def test_a_version_with_a_known_hole_is_a_warning_that_stops_nobody():
    (diagnosis,) = weighed(found(docker_flaws=Level.WARNING), "docker")

    assert (diagnosis.level, diagnosis.ok) == ("warning", True)


def test_a_runtime_that_brings_nothing_of_its_own_is_named_alone():
    assert doctor._offered("provided.al2023", {}) == "provided.al2023"
    assert doctor._offered("python3.13", {"python": "3.13.5"}) == "python3.13 (python 3.13.5, AWS's SDK)"
