"""Zips are kept once, for as long as something names them, and within bounds."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from playground.archives.client import Client
from playground.archives.keeping import ClientsZips, check_named, kept_zips, sent_by, sweep
from playground.archives.models import Archive, ArchiveUpload, RevisionArchive, archive_storage
from playground.experiments import hard_delete
from playground.experiments.models import Experiment, Visibility
from playground.experiments.viewer import STRANGER, Viewer, viewer_for
from playground.runs import submission
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ArchiveMissing, ScenarioError
from tests.builders import scenario
from tests.playground.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]

HERE = Client(STRANGER, "192.0.2.1")
ELSEWHERE = Client(STRANGER, "192.0.2.2")


@pytest.fixture(autouse=True)
def empty_storage(settings):
    """Each test has a storage of its own."""
    settings.STORAGES = {**settings.STORAGES}


def zip_of(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return data


def kept(client=HERE, **files):
    """A layer that names a zip which ``client`` has sent."""
    return ClientsZips(client).keep("a.zip", read_zip(zip_of(**(files or {"a": "1"})), is_layer=True))


def naming(*layers):
    return scenario(layers=list(layers))


def age(**more):
    """Everything was sent two days ago."""
    ArchiveUpload.objects.filter(**more).update(at=timezone.now() - timedelta(days=2))


def files():
    return archive_storage().listdir("")[1]


def test_what_is_sent_twice_is_kept_once():
    layer = kept()

    assert kept(ELSEWHERE) == layer
    assert files() == [Archive.objects.get().file]
    assert layer["sha256"] == hashlib.sha256(zip_of(a="1").getvalue()).hexdigest()
    assert sent_by(HERE, layer["sha256"])
    assert sent_by(ELSEWHERE, layer["sha256"])


def test_what_nothing_names_goes_after_a_while_and_what_a_revision_names_stays():
    layer = kept()
    named = submission.store(naming(layer))
    kept(b="2")
    assert sweep() == 0, "whoever has just sent it will run it"

    age()

    assert sweep() == 1
    assert [each.sha256 for each in Archive.objects.all()] == [layer["sha256"]]
    assert files() == [Archive.objects.get().file]
    hard_delete.empty([named.experiment_id])
    assert sweep() == 1
    assert (files(), Archive.objects.count()) == ([], 0)


def test_a_file_that_was_lost_is_there_again_once_somebody_sends_it():
    layer = kept()
    revision = submission.store(naming(layer))
    (named,) = revision.scenario.archives
    archive_storage().delete(Archive.objects.get().file)
    with pytest.raises(ArchiveMissing) as missing:
        kept_zips(revision).open(named)
    assert missing.value.message.params == {"name": "a.zip", "sha256": layer["sha256"], "bytes": layer["bytes"]}
    assert sent_by(HERE, layer["sha256"]) is None

    kept(ELSEWHERE)

    assert kept_zips(revision).open(named).read() == zip_of(a="1").getvalue()


def test_one_client_may_have_so_much_kept_and_all_together_so_much(configure):
    configure(archives_client_mb=2, archives_mb=3)
    megabyte = "x" * (1024 * 1024)
    kept(HERE, a=megabyte)

    with pytest.raises(ScenarioError, match="you have 2 MB of zips kept here, which is as much as may be"):
        kept(HERE, b=megabyte)
    kept(ELSEWHERE, c=megabyte)
    with pytest.raises(ScenarioError, match="this site keeps 3 MB of zips, which is as much as may be"):
        kept(Client(STRANGER, "192.0.2.3"), d=megabyte)

    assert Archive.objects.count() == len(files()) == 2, "nothing is half stored"


def test_a_zip_may_be_named_by_whoever_sent_it_and_whoever_may_see_it_named():
    ada, bob = (Client(viewer_for(person(name)), "192.0.2.9") for name in ("ada", "bob"))
    at_home = Client(Viewer(browser_key="a browser"), "192.0.2.7")
    layer = kept(ada)
    kept(at_home, b="2")
    check_named(naming(layer), ada)
    check_named(naming(kept(at_home, b="2")), Client(Viewer(browser_key="a browser"), "198.51.100.1"))

    for other in (bob, HERE):
        with pytest.raises(ScenarioError, match=r"a\.zip .* is not kept here, or was sent by somebody else"):
            check_named(naming(layer), other)
    with pytest.raises(ScenarioError):
        check_named(naming(layer | {"bytes": layer["bytes"] + 1}), ada)
    revision = submission.store(naming(layer), by=ada.viewer)
    check_named(naming(layer), bob)
    Experiment.objects.filter(pk=revision.experiment_id).update(visibility=Visibility.PRIVATE)
    with pytest.raises(ScenarioError):
        check_named(naming(layer), bob)


def test_an_edited_copy_keeps_what_it_names_as_well():
    layer = kept()
    first = submission.store(naming(layer))
    submission.store(scenario(layers=[layer], files={"app.py": "y = 2"}), parent=first)

    assert RevisionArchive.objects.count() == 2


def test_no_address_of_a_client_is_stored():
    kept(Client(Viewer(browser_key="a browser"), "192.0.2.1"))

    stored = ArchiveUpload.objects.values_list("client", "browser").get()
    assert all(len(each) == 64 and "192" not in each[:3] for each in stored)
