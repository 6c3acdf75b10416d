"""Zips are sent to the API, and named in scenarios."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from django.test import AsyncClient, Client

from playground.archives.models import Archive, archive_storage
from playground.experiments.models import Run

pytestmark = pytest.mark.django_db


def zip_of(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


DATA = zip_of({"python/large.bin": "x" * 1000})
DIGEST = hashlib.sha256(DATA).hexdigest()
LAYER = {"name": "large.zip", "sha256": DIGEST, "bytes": len(DATA)}
FUNCTION = {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": "x"}, "layers": [LAYER]}
SCENARIO = {"function": FUNCTION, "steps": [{"invoke": {}}]}


def put(data=DATA, digest=DIGEST, kind="application/zip", **more):
    return Client().put(f"/api/v1/archives/{digest}", data, kind, **more)


def start(client=None):
    return (client or Client()).post("/api/v1/runs", json.dumps({"scenario": SCENARIO}), "application/json")


def test_a_zip_is_sent_once_and_named_by_its_digest():
    assert Client().get(f"/api/v1/archives/{DIGEST}").status_code == 404
    assert start().status_code == 422

    assert put().json() == {"sha256": DIGEST, "bytes": len(DATA)}

    assert Client().get(f"/api/v1/archives/{DIGEST}").json() == {"sha256": DIGEST, "bytes": len(DATA)}
    assert start().status_code == 202
    assert Run.objects.get().revision.archives.get().archive_id == DIGEST


def test_a_zip_of_nobody_else_s_is_told():
    put(REMOTE_ADDR="198.51.100.1")

    assert Client().get(f"/api/v1/archives/{DIGEST}").status_code == 404
    refused = start()
    assert (refused.status_code, refused.json()["code"]) == (422, "archive-unknown")
    assert refused.json()["detail"].startswith("large.zip (SHA-256 ")


REFUSED = {
    "another digest": ((DATA, "ab" * 32), 422, f"The body has the SHA-256 {DIGEST};"),
    "no digest": ((DATA, "..."), 422, "The body has the SHA-256"),
    "no zip": ((b"PK", hashlib.sha256(b"PK").hexdigest()), 422, "this is not a zip that can be read"),
    "another kind": ((DATA, DIGEST, "application/json"), 415, "has to be sent with Content-Type: application/zip"),
}
upwards = zip_of({"../../x": "x"})
REFUSED["a path upwards"] = ((upwards, hashlib.sha256(upwards).hexdigest()), 422, "leads out of the archive")
damaged = DATA[:46] + bytes(4) + DATA[50:]
REFUSED["damaged"] = ((damaged, hashlib.sha256(damaged).hexdigest()), 422, "large.bin in the zip is damaged")


@pytest.mark.parametrize(("sent", "status", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_kept_is_one_sentence_and_nothing_is_stored(sent, status, sentence):
    assert_refused(put(*sent), status, sentence)


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = zip_of({f"{number}.bin": bytes(6 * 1024 * 1024) for number in range(45)})

    assert_refused(put(bomb, hashlib.sha256(bomb).hexdigest()), 422, "Lambda takes 250 MB with packages and layers")


def assert_refused(answer, status, sentence):
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert sentence.lower() in answer.json()["detail"].lower()
    assert Archive.objects.count() == 0


def test_a_zip_that_is_larger_than_may_be_is_refused(configure):
    configure(archive_bytes_max=len(DATA) - 1)

    assert put().status_code == 422


# A view of this kind answers on another thread, with a connection of its own.
@pytest.mark.django_db(transaction=True)
async def test_a_kept_zip_is_had_from_a_run_that_names_it_and_from_no_other():
    await AsyncClient().put(f"/api/v1/archives/{DIGEST}", DATA, "application/zip")
    await AsyncClient().post("/api/v1/runs", json.dumps({"scenario": SCENARIO}), "application/json")
    run = await Run.objects.aget()

    answer = await AsyncClient().get(f"/r/{run.pk}/archives/{DIGEST}")

    assert b"".join([piece async for piece in answer.streaming_content]) == DATA
    assert answer["Content-Disposition"] == 'attachment; filename="large.zip"'
    assert (await AsyncClient().get(f"/r/{run.pk}/archives/{'ab' * 32}")).status_code == 404
    archive_storage().delete((await Archive.objects.aget()).file)
    gone = await AsyncClient().get(f"/r/{run.pk}/archives/{DIGEST}")
    assert gone.status_code == 404
    assert f"SHA-256 {DIGEST}" in gone.text
