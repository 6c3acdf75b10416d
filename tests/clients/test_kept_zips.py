"""Code and layers from zips that are kept beside the scenario, too large to be carried in it."""

from __future__ import annotations

import io
import zipfile

import pytest

from sandbox_runner.bundles.archive_folder import ArchiveFolder
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.limits import ATTACHED_BYTES_MAX
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario
from tests.clients.cases import NODE_22
from tests.playing import answers, lines

LARGE = bytes(ATTACHED_BYTES_MAX + 1)
PYTHON = """
import os, common, vendored.part, edited
def handler(event, context):
    try:
        open("/var/task/model.bin", "ab")
    except OSError as problem:
        return [common.VALUE, vendored.part.VALUE, edited.VALUE, os.path.getsize("/var/task/model.bin"), problem.errno]
"""
NODE = """
import common from "common";
import { VALUE } from "./lib/part.mjs";
export const handler = async () => [common.VALUE, VALUE];
"""
OF_PYTHON = {"model.bin": LARGE, "vendored/part.py": "VALUE = 'in the zip'", "edited.py": "VALUE = 'in the zip'"}
OF_NODE = {"model.bin": LARGE, "lib/part.mjs": "export const VALUE = 'in the zip';"}
PLAYED = {
    "python3.13": (
        {"app.py": PYTHON, "edited.py": "VALUE = 'edited'"},
        OF_PYTHON,
        {"python/common.py": "VALUE = 'in a layer'", "python/large.bin": LARGE},
        ["in a layer", "in the zip", "edited", len(LARGE), 30],
    ),
    NODE_22: (
        {"app.mjs": NODE},
        OF_NODE,
        {"nodejs/node_modules/common/index.js": "exports.VALUE = 'in a layer';", "nodejs/large.bin": LARGE},
        ["in a layer", "in the zip"],
    ),
}


def kept(archives, name, files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return archives.keep(name, read_zip(data, is_layer=True))


@pytest.mark.smoke
@pytest.mark.parametrize("runtime", PLAYED)
def test_code_and_a_layer_come_from_kept_zips_and_what_is_edited_wins(engine, runtime, tmp_path):
    files, code, layer, expected = PLAYED[runtime]
    archives = ArchiveFolder(tmp_path)
    asked = scenario(
        invoke(1),
        runtime=runtime,
        files=files,
        archive=kept(archives, "code.zip", code),
        layers=[kept(archives, "layer.zip", layer)],
        timeout_s=20,
    )

    result = engine.run(asked, options=RunOptions(prove=False, archives=archives))

    assert answers(result) == [expected], lines(result)
