"""Code in a zip beside the scenario, and files that are attached as they are."""

from __future__ import annotations

import base64
import json
import zipfile

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import ATTACHED_BYTES_MAX
from sandbox_runner.messages import render
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

    function = read_scenario(TEXT, base=tmp_path, told=said.append).function

    assert function.files == {"src/app.py": "x = 1", "a.py": ""}
    assert function.attached_files == {"src/native.so": base64.b64encode(b"\x7fELF\0").decode()}
    assert list(map(render, said)) == ["Left out: 1 hidden file (.env)."]


def test_an_archive_may_be_a_folder(tmp_path):
    (tmp_path / "code.zip").mkdir()
    (tmp_path / "code.zip" / "app.py").write_text("x = 1")

    assert read_scenario(TEXT, base=tmp_path).function.files == {"app.py": "x = 1"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TEXT, "function.archive: this is no zip that can be read"),
        (TEXT.replace("code.zip", "none.zip"), "none.zip cannot be read: No such file"),
        (TEXT.replace("code.zip", "5"), "function.archive must be text"),
        (TEXT.replace("code.zip", "code.zip, files: {a.py: x}"), "function has an archive and other code"),
        (TEXT.replace("code.zip", "code.zip, directory: ."), "function has an archive and other code"),
    ],
)
def test_an_archive_that_cannot_be_read_is_one_sentence_with_its_line(tmp_path, text, sentence):
    (tmp_path / "code.zip").write_bytes(b"PK")

    with pytest.raises(ScenarioError) as refused:
        read_scenario(text, base=tmp_path)

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

    function = read_scenario(LAYERED, base=tmp_path).function

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
        read_scenario(LAYERED.replace("common.zip, ", ""), base=tmp_path)
