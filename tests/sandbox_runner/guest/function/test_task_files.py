"""The function's files land in the task root and nowhere else."""

import pytest

from sandbox_runner.guest.function.task_files import RefusedPathError, link_runtime, link_shown, write_task_files


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


# --- certificates ----------------------------------------------------------------------------------------------------


def installed(folder):
    """Two packages with bundles of their own, and one without."""
    for path in ("certifi/__init__.py", "certifi/cacert.pem", "botocore/data/x.json", "botocore/cacert.pem", "six.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("theirs")
    return folder


def test_bundles_of_installed_packages_are_those_of_the_image_and_the_rest_is_theirs(tmp_path):
    root, packages, links = tmp_path / "task", installed(tmp_path / "packages"), tmp_path / "links"
    root.mkdir()
    link_shown(root, [packages])
    link_runtime("python3.13", links, root, trust="ours")

    assert {name: (root / name / "cacert.pem").read_text() for name in ("certifi", "botocore")} == {
        "certifi": "ours",
        "botocore": "ours",
    }
    assert (root / "certifi/__init__.py").read_text() == (root / "botocore/data/x.json").read_text() == "theirs"
    assert (packages / "certifi/cacert.pem").read_text() == "theirs", "others are shown the same folder"


def test_bundles_among_the_function_s_own_files_are_found_in_any_folder(tmp_path):
    root, links = tmp_path / "task", tmp_path / "links"
    write_task_files({"lib/certifi/cacert.pem": "x", "lib/certifi/core.py": "y", "cacert.pem": "z"}, root)
    link_runtime("python3.13", links, root, trust="ours")

    assert (root / "lib/certifi/cacert.pem").read_text() == "ours"
    assert (root / "lib/certifi/core.py").read_text() == "y"
    assert (root / "cacert.pem").read_text() == "z"


def test_where_own_files_and_a_package_share_a_folder_its_bundle_is_the_image_s(tmp_path):
    root, packages, links = tmp_path / "task", installed(tmp_path / "packages"), tmp_path / "links"
    write_task_files({"certifi/extra.py": "mine"}, root)
    link_shown(root, [packages])
    link_runtime("python3.13", links, root, trust="ours")

    assert [(root / "certifi" / name).read_text() for name in ("cacert.pem", "extra.py", "__init__.py")] == [
        "ours",
        "mine",
        "theirs",
    ]
