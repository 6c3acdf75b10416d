"""A backup has all that an installation keeps, and goes nowhere else than where it fits."""

import io
import json
import stat
import zipfile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from playground.archives.client import Client
from playground.archives.keeping import ClientsZips
from playground.archives.models import Archive, archive_storage
from playground.backups.contents import ABOUT, DERIVED, KEY, ROWS
from playground.experiments.models import Experiment, Visibility
from playground.experiments.viewer import STRANGER
from sandbox_runner.bundles.zip_archive import read_zip
from tests.playground.people import experiment_of, join, person, signed_in, team
from tests.playground.stored import ago

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture(autouse=True)
def empty_storage(settings):
    """Each test has a storage of its own."""
    settings.STORAGES = {**settings.STORAGES}


@pytest.fixture
def backup(tmp_path):
    """One of an installation with people, a team, a private and a deleted experiment, and a zip."""
    ada, bob = person("ada"), person("bob")
    join(team(owner=[ada]), bob)
    experiment_of(ada, visibility=Visibility.PRIVATE, title="Mine")
    experiment_of(bob, deleted_at=ago(60))
    keep_a_zip()
    written = tmp_path / "kept.zip"
    call_command("backup", str(written))
    return written


def keep_a_zip():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.py", "a = 1")
    ClientsZips(Client(STRANGER, "192.0.2.1")).keep("a.zip", read_zip(data, is_layer=True))


def stored():
    """Every row, by model, and every zip."""
    models = [each for each in apps.get_models(include_auto_created=True) if each._meta.label_lower not in DERIVED]
    rows = {each._meta.label: sorted(each._base_manager.values_list(), key=repr) for each in models}
    return rows, {each.sha256: archive_storage().open(each.file).read() for each in Archive.objects.all()}


def empty():
    call_command("flush", interactive=False, verbosity=0)
    for name in archive_storage().listdir("")[1]:
        archive_storage().delete(name)


def changed(backup, name, content):
    """The same backup with another content of one entry; without the entry where that is None."""
    with zipfile.ZipFile(backup) as source:
        entries = {each: source.read(each) for each in source.namelist()}
    with zipfile.ZipFile(backup, "w") as target:
        for each, old in entries.items():
            if each != name or content is not None:
                target.writestr(each, content if each == name else old)


def test_what_is_kept_comes_back(backup):
    before = stored()
    empty()

    call_command("restore", str(backup))

    (rows, zips), (rows_before, zips_before) = stored(), before
    assert {label: rows[label] for label in rows if rows[label] != rows_before[label]} == {}
    assert zips == zips_before


def test_the_next_of_everything_has_a_number_of_its_own(backup):
    empty()
    call_command("restore", str(backup))

    assert experiment_of(person("eve")).pk


def test_pages_open_for_the_same_people(backup):
    experiment = Experiment.objects.get(title="Mine")
    empty()
    call_command("restore", str(backup))

    owner = signed_in(experiment.owner)
    assert owner.get(experiment.get_absolute_url()).status_code == 200


def test_only_its_owner_reads_the_file_and_no_other_file_is_overwritten(backup):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        call_command("backup", str(backup))


UNFIT = {
    "of another version": (ABOUT, json.dumps({"format": 1, "migrations": []}), "made by another version"),
    "of another key": (KEY, "another", "HOLDOVER_SECRET_KEY"),
    "no backup": (ABOUT, None, "no whole backup"),
    "without rows": (ROWS, None, "no whole backup"),
    "rows that end early": (ROWS, '{"model": "accounts.person", "pk"', "no whole backup"),
    "rows of nothing": (ROWS, '{"model": "no.such", "pk": 1, "fields": {}}', "no whole backup"),
}


@pytest.mark.parametrize(("name", "content", "why"), UNFIT.values(), ids=UNFIT.keys())
def test_what_does_not_fit_changes_nothing(backup, name, content, why):
    changed(backup, name, content)
    empty()
    before = stored()

    with pytest.raises(CommandError, match=why):
        call_command("restore", str(backup))

    assert stored() == before


def test_a_file_that_was_cut_short_changes_nothing(backup):
    backup.write_bytes(backup.read_bytes()[:-200])
    empty()

    with pytest.raises(CommandError, match="no whole backup"):
        call_command("restore", str(backup))


def test_an_installation_with_something_in_it_takes_none(backup):
    before = stored()

    with pytest.raises(CommandError, match="already"):
        call_command("restore", str(backup))

    assert stored() == before
