"""What of a folder or a zip is taken, what is left out, and what can be shown."""

from __future__ import annotations

import io
import zipfile

import pytest

from sandbox_runner import limits
from sandbox_runner.bundles.folder import read_path
from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import FILE_BYTES_MAX, FILES_MAX, MB
from sandbox_runner.messages import render


def zipped(files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return read_zip(file)


@pytest.fixture
def in_a_folder(tmp_path):
    def write(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_path(tmp_path)

    return write


@pytest.fixture(params=["zip", "folder"])
def bundled(request, in_a_folder):
    """Makes a bundle of files by name, in both ways that people have them."""
    return zipped if request.param == "zip" else in_a_folder


def test_texts_are_shown_and_everything_else_is_attached(bundled):
    taken = bundled(
        {"app.py": "x = 'ä'", "lib.so": b"\x7fELF\0", "old.txt": b"\xe4", "x.csv": "1" * FILE_BYTES_MAX + "2"}
    ).take()

    assert taken.files == {"app.py": "x = 'ä'"}
    assert list(taken.attached) == ["lib.so", "old.txt", "x.csv"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_list_of_packages_is_read_as_windows_wrote_it(bundled, encoding):
    written = "requests==2.32.3\r\n".encode(encoding)
    taken = bundled({"requirements.txt": written, "notes.txt": "ä".encode("utf-16")}).take()

    assert taken.files == {"requirements.txt": "requests==2.32.3\r\n"}
    assert list(taken.attached) == ["notes.txt"]


def test_what_is_wanted_first_is_shown_first_and_then_code_and_then_the_less_deep(bundled):
    taken = bundled({"README.md": "", "a.py": "", "lib/b.py": "", "z/deep/c.py": ""}).take(("z/deep/c.py",))

    assert list(taken.files) == ["z/deep/c.py", "a.py", "lib/b.py", "README.md"]


def test_more_texts_than_can_be_shown_are_attached(bundled):
    taken = bundled({f"m{number:03}.py": "" for number in range(FILES_MAX + 3)}).take()

    assert (len(taken.files), list(taken.attached)) == (FILES_MAX, ["m050.py", "m051.py", "m052.py"])


def test_beside_a_kept_zip_goes_what_is_read_to_transform_as_far_as_it_is_carried(bundled, monkeypatch):
    monkeypatch.setattr(limits, "ATTACHED_FILES_MAX", 3)
    shown = {f"m{number:03}.ts": "" for number in range(FILES_MAX)}
    more = {"z/a.ts": "", "z/b.tsx": "", "z/tsconfig.json": "{}", "z/types.d.ts": "", "z/data.json": "{}", "z/z.ts": ""}
    taken = bundled(shown | more).take_texts()

    assert list(taken.attached) == ["z/tsconfig.json", "z/a.ts", "z/b.tsx"]
    assert list(map(render, taken.left_out)) == ["Not transformed, because there are too many: 1 file (z/z.ts)."]


def test_the_largest_files_are_left_out_until_the_rest_fits(bundled):
    taken = bundled(
        {"app.py": "x", "huge.bin": bytes(7 * MB), "large.bin": bytes(5 * MB), "small.bin": bytes(MB)}
    ).take()

    assert list(taken.attached) == ["large.bin", "small.bin"]
    assert list(map(render, taken.left_out)) == ["Left out because all together are too large: 1 file (huge.bin)."]


def test_packages_caches_and_hidden_files_are_left_out_and_told():
    bundle = zipped(
        {
            "app.py": "x",
            "__pycache__/app.pyc": b"\0",
            "lib/__pycache__/x.pyc": b"\0",
            "node_modules/x/index.js": "x",
            ".env": "SECRET=1",
            ".git/": "",
        }
    )

    assert list(bundle.entries) == ["app.py"]
    assert list(map(render, bundle.left_out)) == [
        "Left out: .git.",
        "Left out: __pycache__ (2 files).",
        "Left out: node_modules (1 file).",
        "Left out: 1 hidden file (.env).",
    ]


def test_a_folder_that_is_left_out_is_not_walked_through(in_a_folder, tmp_path):
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "loop").symlink_to(tmp_path)
    (tmp_path / "passwd").symlink_to("/etc/passwd")
    (tmp_path / "all").symlink_to("/etc")

    bundle = in_a_folder({"app.py": "x", ".git/config": "x"})

    assert list(bundle.entries) == ["app.py"]
    assert list(map(render, bundle.left_out)) == [
        "Left out: .git.",
        "Left out: node_modules.",
        "Left out: 2 links or devices (all, passwd).",
    ]


def test_the_one_folder_around_everything_is_not_part_of_a_path():
    assert list(zipped({"app-main/app.py": "", "__MACOSX/app-main/._app.py": "", "app-main/lib/a.py": ""}).entries) == [
        "app.py",
        "lib/a.py",
    ]


def test_a_package_keeps_its_folder():
    assert list(zipped({"shop/__init__.py": "", "shop/app.py": ""}).entries) == ["shop/__init__.py", "shop/app.py"]


def test_a_file_that_became_another_is_not_read(in_a_folder, tmp_path):
    bundle = in_a_folder({"app.py": "x = 1"})
    (tmp_path / "app.py").unlink()
    (tmp_path / "app.py").symlink_to("/etc/passwd")

    with pytest.raises(ScenarioError, match=r"app\.py cannot be read"):
        bundle.take()


def test_a_path_that_is_neither_is_named(tmp_path):
    with pytest.raises(ScenarioError, match=r"none\.zip cannot be read: No such file"):
        read_path(tmp_path / "none.zip")
