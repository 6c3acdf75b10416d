"""Which runtimes an image has, and that its name says so."""

from __future__ import annotations

import pytest

from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.image import fingerprint, selection
from sandbox_runner.image.manifest import manifest
from sandbox_runner.runtimes.registry import IDENTIFIERS


def test_without_a_word_the_image_has_every_runtime(monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)

    assert selection.selected_identifiers() == IDENTIFIERS == tuple(manifest())


def test_what_is_named_is_in_it_in_the_usual_order(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, " nodejs24.x, python3.13 ")

    assert selection.selected_identifiers() == ("python3.13", "nodejs24.x") == tuple(manifest())


def test_an_unknown_name_is_refused_with_those_there_are(monkeypatch):
    monkeypatch.setenv(selection.VARIABLE, "python2.7")

    with pytest.raises(BackendUnavailable, match=r"names python2\.7; the image can have python3\.13"):
        selection.selected()


def test_images_of_different_runtimes_have_different_names(monkeypatch):
    monkeypatch.delenv(selection.VARIABLE, raising=False)
    whole = fingerprint.inputs()
    monkeypatch.setenv(selection.VARIABLE, selection.first().identifier)
    part = fingerprint.inputs()

    assert part.system != whole.system
    assert part.whole != whole.whole
