"""The walk over a function's files reads what is regular and changes nothing."""

import os

from sandbox_runner.guest.function.tmp_walk import walk


def leaves(root, leaves_max=100, bytes_max=10_000):
    found, truncated = walk(str(root), leaves_max, bytes_max)
    return {leaf[1].removeprefix(f"{root}/"): leaf[4] for leaf in found}, truncated


def test_regular_files_are_read_at_every_depth(tmp_path):
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/b.json").write_text('{"user": "hoge"}')
    (tmp_path / "a").write_bytes(b"caf\xe9")

    assert leaves(tmp_path) == ({"a": "caf\ufffd", "deep/er/b.json": '{"user": "hoge"}'}, False)


def test_a_leaf_has_the_form_that_a_probe_uses(tmp_path):
    (tmp_path / "a").write_text("text")

    [leaf], _ = walk(str(tmp_path), 10, 1000)

    assert leaf == ["tmp-file", f"{tmp_path}/a", f"{tmp_path}/a", "file", "text", False]


def test_links_pipes_and_sockets_are_never_opened(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")

    assert leaves(tmp_path) == ({}, False)


def test_a_sparse_terabyte_costs_nothing(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)

    [leaf], _ = walk(str(tmp_path), 10, 100)

    assert len(leaf[4]) == 100
    assert leaf[5]


def test_the_bounds_end_the_walk_and_it_says_so(tmp_path):
    for number in range(20):
        (tmp_path / f"{number:02}").write_text("x" * 100)

    assert len(leaves(tmp_path, leaves_max=5)[0]) == 5
    assert leaves(tmp_path, leaves_max=5)[1]
    found, truncated = leaves(tmp_path, bytes_max=500)
    assert sum(map(len, found.values())) <= 500
    assert truncated
