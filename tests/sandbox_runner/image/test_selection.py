"""Which runtimes an image has, and that its name says so."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image import fingerprint, selection
from sandbox_runner.image.manifest import manifest
from sandbox_runner.image.reference import reference
from sandbox_runner.runtimes.registry import RUNTIMES


def test_without_a_word_the_image_has_every_runtime_but_those_on_demand(monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)

    usual = tuple(each.identifier for each in RUNTIMES if not each.on_demand)
    assert selection.selected_identifiers() == usual == tuple(manifest())
    assert selection.images() == (selection.selected(),)


@pytest.mark.parametrize("runtime", [each for each in RUNTIMES if each.on_demand], ids=lambda each: each.identifier)
def test_a_runtime_on_demand_has_an_image_of_its_own_with_a_folder_and_a_name_of_its_own(runtime, monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)

    assert selection.image_of(runtime) == (runtime,)
    assert selection.own_image(runtime.identifier) == runtime.identifier
    own, usual = reference((runtime,)), reference()
    assert own.tag != usual.tag
    assert own.rootfs_path.parent == usual.rootfs_path.parent / runtime.identifier


def test_a_runtime_of_the_usual_image_has_none(monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)

    assert [selection.own_image(each) for each in selection.selected_identifiers()] == ["", "", "", ""]


def test_what_is_named_of_another_suite_is_there_from_the_start_in_an_image_of_its_own(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, "python3.11,python3.13,nodejs20.x")

    assert [[each.identifier for each in image] for image in selection.images()] == [
        ["python3.13", "nodejs20.x"],
        ["python3.11"],
    ]


def test_whoever_names_only_another_suite_has_that_one_as_the_usual_image(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, "python3.11")

    assert selection.selected_identifiers() == ("python3.11",)
    assert selection.first().identifier == "python3.11"


def test_what_is_named_is_in_it_in_the_usual_order(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, " nodejs24.x, python3.13 ")

    assert selection.selected_identifiers() == ("python3.13", "nodejs24.x") == tuple(manifest())


def test_an_unknown_name_is_refused_with_those_there_are(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, "python2.7")

    with pytest.raises(BackendUnavailable, match=r"names python2\.7; the image can have python3\.11, .*python3\.13, "):
        selection.selected()


def test_images_of_different_runtimes_have_different_names(monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)
    whole = fingerprint.inputs()
    monkeypatch.setenv(selection.VARIABLE, selection.first().identifier)
    part = fingerprint.inputs()

    assert part.system != whole.system
    assert part.whole != whole.whole
