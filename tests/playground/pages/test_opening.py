"""A zip that is opened on the home page, with its script and without."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from playground.archives.models import Archive, RevisionArchive, archive_storage
from playground.experiments.models import Experiment, Run
from tests.playground.pages.test_views import FORM

pytestmark = pytest.mark.django_db

HANDLER = "def lambda_handler(event, context):\n    return 1\n"
CODE = {"app/app.py": HANDLER, "app/lib/native.so": b"\x7fELF\0", "app/node_modules/x/index.js": "x"}


def zipped(files, name="code.zip"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return SimpleUploadedFile(name, file.getvalue(), "application/zip")


def test_a_page_is_told_what_is_in_a_zip_and_stores_nothing(browser):
    answer = browser.post("/open", {"archive": zipped(CODE), "handler": "index.handler"}).json()

    assert answer["files"] == [["app.py", HANDLER]]
    assert answer["attached"] == [["lib/native.so", base64.b64encode(b"\x7fELF\0").decode()]]
    assert (answer["plain"]["runtime"], answer["plain"]["handler"]) == ("python3.13", "app.lambda_handler")
    assert answer["summary"] == "Opened code.zip (files: 2): runtime python3.13, handler app.lambda_handler."
    assert "Left out: node_modules (1 file)." in answer["notice"]
    assert Experiment.objects.count() == 0


def test_a_zip_without_a_handler_keeps_the_forms_own(browser):
    answer = browser.post("/open", {"archive": zipped({"notes.txt": "hello"}), "handler": "index.mine"}).json()

    assert answer["plain"]["handler"] == "index.mine"
    assert "No function in it looks like a handler" in answer["notice"]


TEMPLATE = """
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  F: {Type: AWS::Serverless::Function, Properties: {Handler: app.lambda_handler, Runtime: python3.13}}
"""
ACCOUNT = "- sqs.create_queue:\n    QueueName: Jobs\n"


@pytest.mark.parametrize(
    ("files", "account"),
    [
        ({"app.py": HANDLER, "template.yaml": TEMPLATE}, ACCOUNT),
        ({"app.py": HANDLER}, "- s3.create_bucket: {Bucket: b}"),
    ],
)
def test_the_resources_of_a_template_replace_the_account_and_without_them_it_stays(browser, files, account):
    sent = {"archive": zipped(files), "account": "- s3.create_bucket: {Bucket: b}"}

    assert browser.post("/open", sent).json()["plain"]["account"] == account
    opened = browser.post("/", FORM | {"action": "open"} | sent | {"archive": zipped(files)})
    assert opened.context["form_state"].account == account


REFUSED = {
    "nothing": ({}, "Choose a zip first."),
    "no zip": ({"archive": SimpleUploadedFile("a.zip", b"PK")}, "This is not a zip that can be read; create it again"),
    "a path upwards": ({"archive": zipped({"../../x": "x"})}, "The path '../../x' leads out of the archive"),
    "no function": ({"archive": zipped(CODE), "function": "Nobody"}, "There is no function Nobody"),
}


@pytest.mark.parametrize(("sent", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_opened_is_one_sentence(browser, sent, sentence):
    answer = browser.post("/open", sent)

    assert answer.status_code == 422
    assert answer.json()["problem"].startswith(sentence)


def test_without_scripts_the_form_is_filled_and_played_with_what_is_attached(browser):
    opened = browser.post("/", FORM | {"action": "open", "archive": zipped(CODE)})

    state = opened.context["form_state"]
    assert [row.name for row in state.files] == ["app.py"]
    assert [(row.name, row.size) for row in state.attached] == [("lib/native.so", "5 B")]
    assert state.steps[0].payload == '{"a": 1}'
    assert "Left out: node_modules (1 file)." in opened.text

    attached = {"attached_name": [row.name for row in state.attached]}
    attached["attached_base64"] = [row.base64 for row in state.attached]
    browser.post("/", FORM | attached)

    function = Run.objects.get().revision.scenario.function
    assert function.attached_files == {"lib/native.so": "f0VMRgA="}
    assert browser.get(f"/?from={Run.objects.get().revision_id}").context["form_state"].attached == state.attached


def test_without_scripts_a_zip_that_cannot_be_opened_changes_nothing(browser):
    answer = browser.post("/", FORM | {"action": "open"})

    assert answer.status_code == 422
    assert "Choose a zip first." in answer.text
    assert answer.context["form_state"].files[0].name == "app.py"


def test_an_attached_file_is_removed_by_its_button(browser):
    attached = {"attached_name": ["a.so", "b.so"], "attached_base64": ["eA==", "eQ=="]}

    state = browser.post("/", FORM | attached | {"action": "remove-attached-1"}).context["form_state"]

    assert [row.name for row in state.attached] == ["b.so"]


def test_an_attached_file_that_is_no_base64_is_refused_at_the_files(browser):
    answer = browser.post("/", FORM | {"attached_name": ["a.so"], "attached_base64": ["!"]})

    assert answer.status_code == 422
    assert "a.so is not written in Base64" in answer.text


def test_a_zip_that_is_as_large_as_one_may_be_gets_through_to_the_page_and_is_kept(browser):
    large = zipped({"app.py": HANDLER} | {f"{n}.bin": bytes(6 * 1024 * 1024) for n in range(6)})

    answer = browser.post("/open", {"archive": large}).json()

    assert (answer["files"], answer["attached"]) == ([["app.py", HANDLER]], [])
    ((name, stored),) = answer["archives"]
    assert (name, json.loads(stored)["bytes"]) == ("code.zip", large.size)
    run_form = FORM | {"handler": "app.lambda_handler", "archive_name": [name], "archive_stored": [stored]}
    assert browser.post("/", run_form).status_code == 302
    named = Run.objects.get().revision.scenario.function.archive
    assert archive_storage().open(Archive.objects.get(pk=named.sha256).file).read() == large.file.getvalue()
    copy = browser.get(f"/?from={Run.objects.get().revision_id}").context["form_state"]
    assert [(row.name, row.stored) for row in copy.archives] == [(name, stored)]
    assert browser.post("/", run_form | {"action": "remove-archive-1"}).context["form_state"].archives == ()


def test_a_layer_that_is_more_than_a_scenario_carries_is_kept_and_named(browser):
    large = zipped({"python/large.bin": bytes(9 * 1024 * 1024)}, "pandas.zip")

    name, files, stored = browser.post("/open", {"archive": large, "as": "layer"}).json()["layer"]

    assert (name, files) == ("pandas.zip", "")
    browser.post("/", FORM | {"layer_name": [name], "layer_files": [files], "layer_stored": [stored]})
    (layer,) = Run.objects.get().revision.scenario.function.layers
    assert {"sha256": layer.sha256, "bytes": layer.bytes} == json.loads(stored)
    assert RevisionArchive.objects.get().archive_id == layer.sha256


@pytest.mark.parametrize("stored", ["no JSON", "[]", "{}", '{"sha256": "x", "bytes": 1}', "[" * 5000, '{"bytes": "1"}'])
@pytest.mark.parametrize("field", ["archive", "layer"])
def test_a_kept_zip_that_is_not_named_as_it_should_be_is_refused_at_the_files(browser, field, stored):
    answer = browser.post("/", FORM | {f"{field}_name": ["a"], f"{field}_stored": [stored]})

    assert answer.status_code == 422
    assert answer.context["form_state"].errors["files"]


def test_a_zip_that_somebody_else_has_sent_is_not_to_be_named(browser):
    stored = json.dumps({"sha256": "ab" * 32, "bytes": 9})

    answer = browser.post("/", FORM | {"layer_name": ["a.zip"], "layer_stored": [stored]})

    assert answer.status_code == 422
    assert "is not kept here, or was sent by somebody else; send it again" in answer.text
    assert Experiment.objects.count() == 0


LAYER = {"nodejs/node_modules/a/index.js": "1"}
LAYER_FILES = '{"nodejs/node_modules/a/index.js": "MQ=="}'


def test_a_zip_is_added_as_a_layer_as_it_is(browser):
    answer = browser.post("/open", {"archive": zipped(LAYER, "layer.zip"), "as": "layer"}).json()

    assert answer == {"layer": ["layer.zip", LAYER_FILES, ""]}


def test_without_scripts_a_layer_is_added_played_copied_and_removed(browser):
    added = browser.post("/", FORM | {"action": "add-layer", "archive": zipped(LAYER, "layer.zip")})

    (row,) = added.context["form_state"].layers
    assert (row.name, row.files) == ("layer.zip", LAYER_FILES)
    layer = {"layer_name": [row.name], "layer_files": [row.files]}
    browser.post("/", FORM | layer)
    run = Run.objects.get()
    assert run.revision.scenario.function.layer_files == {"nodejs/node_modules/a/index.js": "MQ=="}
    assert browser.get(f"/?from={run.revision_id}").context["form_state"].layers == (row,)
    assert browser.post("/", FORM | layer | {"action": "remove-layer-1"}).context["form_state"].layers == ()


@pytest.mark.parametrize("files", ["no JSON", "[]", '{"../x": ""}', '{"x": 1}', "[" * 5000])
def test_a_layer_that_is_none_is_refused_at_the_files(browser, files):
    answer = browser.post("/", FORM | {"layer_name": ["a"], "layer_files": [files]})

    assert answer.status_code == 422
    assert Experiment.objects.count() == 0
