"""Code in a zip beside the scenario, and files that are attached as they are."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile

import pytest

from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import ATTACHED_BYTES_MAX
from sandbox_runner.messages import render
from sandbox_runner.scenario.code_sources import Beside
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.scenario.reader import parse_scenario, read_scenario

TEXT = "function: {runtime: python3.13, handler: src/app.handler, archive: code.zip}\nsteps: [{invoke: {}}]"


def written(files, **more):
    function = {"runtime": "python3.13", "handler": "app.handler", "files": files, **more}
    return {"function": function, "steps": [{"invoke": {}}]}


def test_an_archive_is_read_relative_to_the_scenario_and_says_what_it_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        for name, content in {"a.py": "", "src/app.py": "x = 1", ".env": "", "src/native.so": b"\x7fELF\0"}.items():
            archive.writestr(name, content)
    said = []

    function = read_scenario(TEXT, beside=Beside(tmp_path, said.append)).function

    assert function.files == {"src/app.py": "x = 1", "a.py": ""}
    assert function.attached_files == {"src/native.so": base64.b64encode(b"\x7fELF\0").decode()}
    assert list(map(render, said)) == ["Left out: 1 hidden file (.env)."]


def test_an_archive_may_be_a_folder(tmp_path):
    (tmp_path / "code.zip").mkdir()
    (tmp_path / "code.zip" / "app.py").write_text("x = 1")

    assert read_scenario(TEXT, beside=Beside(tmp_path)).function.files == {"app.py": "x = 1"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEXT, "function.archive: this is not a zip that can be read"),
        (TEXT.replace("code.zip", "none.zip"), "none.zip cannot be read: No such file"),
        (TEXT.replace("code.zip", "5"), "function.archive must be text"),
        (TEXT.replace("code.zip", "code.zip, files: {a.py: x}"), "function has an archive and other code"),
        (TEXT.replace("code.zip", "code.zip, directory: ."), "function has an archive and other code"),
    ],
)
def test_an_archive_that_cannot_be_read_is_one_sentence_with_its_line(tmp_path, text, sentence):
    (tmp_path / "code.zip").write_bytes(b"PK")

    with pytest.raises(ScenarioError) as refused:
        read_scenario(text, beside=Beside(tmp_path))

    assert sentence in f"{refused.value.field}: {refused.value.problem}"
    assert refused.value.line == 1


def test_no_archive_of_this_machine_is_opened_for_a_form_or_the_network():
    with pytest.raises(ScenarioError, match=r"function\.archive works on the command line only"):
        read_scenario(TEXT)


def test_attached_files_are_read_back_as_they_were():
    scenario = parse_scenario(written({"app.py": "x"}, attached_files={"lib/x.so": "f0VMRgA="}))

    assert Scenario.model_validate(scenario.to_json()) == scenario
    assert "attached_files" not in parse_scenario(written({"app.py": "x"})).to_json()["function"]


@pytest.mark.parametrize(
    ("attached", "sentence"),
    [
        ({"x.so": "not base64!"}, "the attached file x.so is not written in Base64"),
        ({"app.py": "eA=="}, "app.py is a file and an attached file"),
        ({"app.py/x": "eA=="}, "app.py is a file and also the folder of app.py/x"),
        ({"../x": "eA=="}, "is not inside the task root"),
        ({"x": base64.b64encode(bytes(ATTACHED_BYTES_MAX + 1)).decode()}, "have 8,388,609 bytes together"),
        ({f"{number}": "" for number in range(1001)}, "has 1001 entries; at most 1000"),
    ],
)
def test_attached_files_that_cannot_be_carried_are_refused(attached, sentence):
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(written({"app.py": "x"}, attached_files=attached))

    assert sentence in str(refused.value)


LAYERED = TEXT.replace("archive: code.zip", "files: {app.py: x}, layers: [common.zip, more]").replace("src/", "")


def test_layers_are_read_as_they_are_packages_and_all(tmp_path):
    with zipfile.ZipFile(tmp_path / "common.zip", "w") as archive:
        archive.writestr("nodejs/node_modules/a/index.js", "1")
    (tmp_path / "more" / "python").mkdir(parents=True)
    (tmp_path / "more" / "python" / "b.py").write_text("2")

    function = read_scenario(LAYERED, beside=Beside(tmp_path)).function

    assert [(layer.name, list(layer.files)) for layer in function.layers] == [
        ("common.zip", ["nodejs/node_modules/a/index.js"]),
        ("more", ["python/b.py"]),
    ]
    assert function.layer_files == {"nodejs/node_modules/a/index.js": "MQ==", "python/b.py": "Mg=="}


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([{"name": "a", "files": {"x": "!"}}], "the attached file x is not written in Base64"),
        ([{"name": "a", "files": {"../x": "eA=="}}], "is not inside the task root"),
        (
            [{"name": "a", "files": {"x": "eA=="}}, {"name": "b", "files": {"x/y": "eA=="}}],
            "x is a file and also the f",
        ),
        ([{"name": f"{n}", "files": {"x": "eA=="}} for n in range(6)], "has 6 entries; at most 5 are taken"),
        (["common.zip"], "function.layers[0] works on the command line only"),
        ([{"name": "a", "files": {"x": base64.b64encode(bytes(ATTACHED_BYTES_MAX + 1)).decode()}}], "8,388,609 bytes"),
    ],
)
def test_layers_that_cannot_be_carried_are_refused(layers, sentence):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(json.dumps(written({"app.py": "x"}, layers=layers)))

    assert sentence in str(refused.value)


def test_a_layer_that_is_too_large_is_carried_as_a_whole_or_not_at_all(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "large.bin").write_bytes(bytes(ATTACHED_BYTES_MAX + 1))

    with pytest.raises(ScenarioError, match="the layer has 8,388,609 bytes"):
        read_scenario(LAYERED.replace("common.zip, ", ""), beside=Beside(tmp_path))


# --- zips that are kept beside the scenario --------------------------------------------------------------------------


def kept_in(folder):
    return ArchiveFolder(folder / "kept")


def test_a_layer_that_is_too_large_is_kept_and_named_by_its_digest(tmp_path):
    with zipfile.ZipFile(tmp_path / "common.zip", "w") as archive:
        archive.writestr("python/large.bin", bytes(ATTACHED_BYTES_MAX + 1))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.py").write_text("2")

    function = read_scenario(LAYERED, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).function

    data = (tmp_path / "common.zip").read_bytes()
    large, small = function.layers
    assert (large.name, large.files, large.bytes) == ("common.zip", {}, len(data))
    assert large.sha256 == hashlib.sha256(data).hexdigest()
    assert list(small.files) == ["b.py"]
    assert kept_in(tmp_path).open(large.archive).read() == data


def test_a_folder_that_is_too_large_becomes_the_same_zip_whenever_it_is_read(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "large.bin").write_bytes(bytes(ATTACHED_BYTES_MAX + 1))
    text = LAYERED.replace("common.zip, ", "")

    (one,) = read_scenario(text, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).function.layers
    os.utime(tmp_path / "more" / "large.bin", (1, 1))
    (two,) = read_scenario(text, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).function.layers

    assert one == two


def test_of_a_large_archive_texts_can_be_edited_and_the_rest_is_kept(tmp_path):
    record = "numpy/core.py,sha256=x,1\nnumpy-2.dist-info/RECORD,,\n"
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        for name, content in {
            "src/app.py": "x = 1",
            "a.py": "",
            ".env": "KEY=secret",
            "numpy/core.py": "n = 1",
            "numpy-2.dist-info/RECORD": record,
            "model.bin": bytes(ATTACHED_BYTES_MAX + 1),
        }.items():
            archive.writestr(name, content)

    function = read_scenario(TEXT, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).function

    assert function.files == {"src/app.py": "x = 1", "a.py": ""}
    assert function.attached_files == {}
    kept = zipfile.ZipFile(kept_in(tmp_path).open(function.archive))
    assert sorted(kept.namelist()) == ["a.py", "model.bin", "numpy-2.dist-info/RECORD", "numpy/core.py", "src/app.py"]


def test_an_archive_of_one_program_needs_no_text(tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("bootstrap", b"\x7fELF\0" + bytes(ATTACHED_BYTES_MAX))
    text = TEXT.replace("python3.13", "provided.al2023")

    function = read_scenario(text, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).function

    assert (function.files, function.archive.name) == ({}, "code.zip")
    assert Scenario.model_validate(read_scenario(text, beside=Beside(tmp_path, keeper=kept_in(tmp_path))).to_json())


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ({"name": "a"}, "function.layers[0] has either files, or sha256 and bytes of a zip"),
        ({"name": "a", "sha256": "ab" * 32}, "function.layers[0] has either files, or sha256 and bytes of a zip"),
        (
            {"name": "a", "files": {"x": "eA=="}, "sha256": "ab" * 32, "bytes": 1},
            "has either files, or sha256 and bytes",
        ),
        ({"name": "a", "sha256": "AB" * 32, "bytes": 1}, "write the SHA-256 of the zip in 64 hexadecimal digits"),
        ({"name": "a", "sha256": "ab" * 32, "bytes": 0}, "function.layers[0].bytes cannot be 0; choose 1 to"),
    ],
)
def test_a_kept_zip_that_is_not_named_as_it_should_be_is_refused(layer, sentence):
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(written({"app.py": "x"}, layers=[layer]))

    assert sentence in str(refused.value)


def test_a_zip_may_be_as_large_as_the_operator_says(tmp_path, monkeypatch):
    monkeypatch.setenv("HOLDOVER_ARCHIVE_MB", "1")
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("a.py", bytes(2_000_000))

    with pytest.raises(ScenarioError, match="the zip has 2 MB; at most 1 MB are taken here"):
        read_scenario(TEXT, beside=Beside(tmp_path))
