"""The parts of the image are made side by side, and a failure of one loses none of the others."""

from __future__ import annotations

import threading

import pytest

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image import downloads, parts
from sandbox_runner.image.progress import MAKING, Progress, read
from sandbox_runner.runtimes.registry import RUNTIMES

# Two images' runtimes at once, so that both kinds of recipe are there; for a function's own nothing is made.
IMAGE = tuple(each for each in RUNTIMES if not each.entry_points)
IDENTIFIERS = tuple(each.identifier for each in IMAGE)


@pytest.fixture
def made(monkeypatch, tmp_path):
    """The names of the parts that were made, by makers that wait for each other."""
    monkeypatch.setenv("HOLDOVER_DATA", str(tmp_path))
    together, names = threading.Barrier(2 + 2 * len(IMAGE), timeout=20), set()

    def maker(name):
        def make(*_):
            together.wait()
            names.add(name)
            return name

        return make

    monkeypatch.setattr(downloads, "python_client", lambda recipe: maker(recipe)())
    monkeypatch.setattr(parts, "node_client", lambda recipe: maker(recipe)())
    monkeypatch.setattr(downloads, "python_sdk", lambda recipe: maker(recipe.sdk)())
    monkeypatch.setattr(parts, "node_sdk", lambda recipe: maker(recipe.sdk)())
    monkeypatch.setattr(parts, "esbuild", lambda recipe: maker(recipe.esbuild)())
    return names, maker


def test_all_parts_are_under_way_at_once(made):
    names, maker = made

    with Progress() as progress:
        assert parts.make_parts(maker("debian"), progress, IMAGE) == "debian"
    recipes = [runtime.recipe for runtime in IMAGE]
    assert names == {"debian", *recipes, *(recipe.sdk for recipe in recipes), recipes[-1].esbuild}


def test_a_part_that_cannot_be_made_is_said_after_the_others_are_done(made):
    names, maker = made

    def fails():
        maker("tried")()
        raise BackendUnavailable("mmdebstrap missing")

    with Progress() as progress, pytest.raises(BackendUnavailable, match="mmdebstrap"):
        parts.make_parts(fails, progress, IMAGE)
    assert RUNTIMES[0].recipe in names


def test_whoever_waits_sees_which_parts_are_under_way_and_nothing_afterwards(made, tmp_path):
    _, maker = made
    seen = []

    def debian():
        maker("debian")()
        seen.append(read(tmp_path))

    with Progress() as progress:
        parts.make_parts(debian, progress, IMAGE)

    assert set(seen[0]) == {"debian", "esbuild", *IDENTIFIERS, *(f"{name}-sdk" for name in IDENTIFIERS)}
    assert seen[0]["debian"] == MAKING
    assert read(tmp_path) == {}
