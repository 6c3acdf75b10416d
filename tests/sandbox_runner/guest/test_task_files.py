"""The function's files land in the task root and nowhere else."""

import pytest

from sandbox_runner.guest.task_files import RefusedPathError, link_runtime, write_task_files


def test_files_and_their_folders_are_written(tmp_path):
    write_task_files({"app.py": "print('ä')", "lib/deep/helper.py": ""}, tmp_path)

    assert (tmp_path / "app.py").read_text() == "print('ä')"
    assert (tmp_path / "lib/deep/helper.py").read_text() == ""


def test_a_files_mode_keeps_nobody_from_writing_and_a_folders_does(tmp_path):
    """What keeps them is that the mount is read-only, so that the error is Lambda's."""
    write_task_files({"lib/helper.py": ""}, tmp_path)

    assert (tmp_path / "lib/helper.py").stat().st_mode & 0o777 == 0o777
    assert (tmp_path / "lib").stat().st_mode & 0o022 == 0


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.py", "a/../../up.py", "", ".", "a\0b", "folder/"])
def test_a_path_that_leads_elsewhere_is_refused_and_nothing_is_written(tmp_path, name):
    root = tmp_path / "task"
    root.mkdir()

    with pytest.raises(RefusedPathError):
        write_task_files({"fine.py": "", name: "evil"}, root)

    assert list(tmp_path.rglob("*")) == [root]


def test_a_link_that_is_there_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    root = tmp_path / "task"
    root.mkdir()
    (root / "app.py").symlink_to(outside)

    with pytest.raises(FileExistsError):
        write_task_files({"app.py": "text"}, root)

    assert not outside.exists()


@pytest.mark.parametrize("name", ["..foo", "handler.py/app.py", "a b.py", "ü.mjs"])
def test_a_strange_name_is_only_a_name(tmp_path, name):
    write_task_files({name: "text"}, tmp_path)

    assert (tmp_path / name).read_text() == "text"


def test_the_runtime_is_linked_anew_for_the_next_function(tmp_path):
    link_runtime("python3.13", tmp_path / "holdover")
    link_runtime("nodejs22.x", tmp_path / "holdover")

    assert str((tmp_path / "holdover/lang").readlink()) == "/usr/lib/lambda/nodejs22.x/lang"
    assert str((tmp_path / "holdover/runtime").readlink()) == "/usr/lib/lambda/nodejs22.x/runtime"


def test_certificates_are_trusted_by_the_function_that_they_are_for_alone(tmp_path):
    link_runtime("python3.13", tmp_path / "holdover", trust="a certificate")
    assert (tmp_path / "holdover/trusted.pem").read_text() == "a certificate"

    link_runtime("python3.13", tmp_path / "holdover")
    assert not (tmp_path / "holdover/trusted.pem").exists()


def test_a_file_that_is_no_text_is_written_byte_by_byte(tmp_path):
    write_task_files({"lib/x.so": {"base64": "f0VMRgD/"}}, tmp_path)

    assert (tmp_path / "lib" / "x.so").read_bytes() == b"\x7fELF\0\xff"
