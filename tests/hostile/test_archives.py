"""Archives that mean harm: one clear sentence each, within bounds of memory and time, and nothing of them is kept."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import warnings
import zipfile

import pytest

from sandbox_runner.bundles.zip_archive import read_zip
from sandbox_runner.errors import ScenarioError
from sandbox_runner.limits import ATTACHED_BYTES_MAX, MB

MEMORY_MAX = 64 * MB
SECONDS_MAX = 10


def made(*members, method=zipfile.ZIP_DEFLATED, comment=b""):
    """A zip of pairs: a name or a ``ZipInfo``, and content."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


def info(name, **fields):
    member = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(member, field, value)
    return member


def renamed(before, after):
    """A zip whose one file has a name that zipfile would not write."""
    return made((before.decode(), "x")).replace(before, after)


def patched(data, offset, written, *, mark=b"PK\x01\x02"):
    """``data`` with other bytes at ``offset`` behind the first ``mark``."""
    at = data.index(mark) + offset
    return data[:at] + written + data[at + len(written) :]


def nested(levels):
    content = b"x" * 1000
    for _ in range(levels):
        content = made(("inner.zip", content))
    return content


def overlapping():
    """200 entries of the directory for one and the same file of 4 MB: 800 MB out of a few KB."""
    one = made(("0000.txt", b"\0" * (4 * MB)))
    start = one.index(b"PK\x01\x02")
    entry, end = one[start : one.index(b"PK\x05\x06")], bytearray(one[one.index(b"PK\x05\x06") :])
    entries = b"".join(entry.replace(b"0000.txt", b"%04d.txt" % number) for number in range(50))
    struct.pack_into("<2H2L", end, 8, 50, 50, len(entries), start)
    return one[:start] + entries + bytes(end)


def lying_zip64():
    """A zip64 extra field that says a file of a few bytes has 2 to the power of 62."""
    data = made((info("a.py", extra=struct.pack("<2HQ", 1, 8, 1 << 62)), "x = 1"))
    return patched(data, 24, b"\xff\xff\xff\xff")


def lying_directory(offset):
    """An end of the directory whose number at ``offset``, of its size or its place, cannot be."""
    return patched(made(("a.py", "x")), offset, struct.pack("<L", 0xFFFFFF00), mark=b"PK\x05\x06")


LINK = 0o120777 << 16
MANY = b"".join(b"PK\x01\x02" + bytes(42) for _ in range(100_000))

REFUSED = {
    "no zip at all": (b"PK and nothing", "this is not a zip that can be read"),
    "an empty file": (b"", "this is not a zip that can be read"),
    "a zip that ends in the middle": (made(("a.py", "x = 1" * 1000))[:60], "this is not a zip that can be read"),
    "a path upwards": (made(("a.py", "x"), ("../../etc/cron.d/x", "x")), "'../../etc/cron.d/x' leads out"),
    "an absolute path": (made(("/etc/passwd", "x")), "'/etc/passwd' leads out"),
    "a drive": (made(("C:/app.py", "x")), "'C:/app.py' leads out"),
    "a backslash": (renamed(b"lib_app.py", b"lib\\app.py"), "leads out"),
    "a folder upwards": (made(("a.py", "x"), ("x/../../", "")), "leads out"),
    "a NUL in a name": (renamed(b"a.py_b", b"a.py\0b"), "has control characters in it"),
    "a name of another encoding": (renamed("\u00e9.py".encode(), b"\x83\x83.py"), "is not UTF-8"),
    "a name twice": (made(("a.py", "1"), ("a.py", "2")), "a.py is in the archive twice"),
    "names in two cases": (made(("App.py", "1"), ("app.py", "2")), "differ in upper and lower case only"),
    "a file that is a folder": (made(("lib", "1"), ("lib/a.py", "2")), "lib is a file and also the folder of lib/a.py"),
    "a name of 300 characters": (made(("x" * 300, "1")), "is longer than 200 characters"),
    "100,000 files": (MANY + made(("a.py", "x")), "there are 100,001 files and folders; at most 30,000"),
    "files in the same bytes": (overlapping(), "lie in the same bytes, as in a zip bomb"),
    "51 MB": (made(("a", bytes(51 * MB)), method=zipfile.ZIP_STORED), "has 52 MB; Lambda takes 50 MB"),
    "a bomb of 300 MB in 300 KB": (
        made(*((f"{number}.txt", bytes(6 * MB)) for number in range(50))),
        "unpacked, the function has 300 MB; Lambda takes 250 MB",
    ),
    "a size that zip64 lies about": (lying_zip64(), "unpacked, the function has"),
    "a directory of 4 GB": (lying_directory(12), "this is not a zip that can be read"),
    "a directory that is not there": (lying_directory(16), "this is not a zip that can be read"),
}
REFUSED_WHEN_TAKEN = {
    "an encrypted file": (patched(made(("a.py", "x")), 8, b"\x01\x00"), "a.py is encrypted"),
    "a size that is too small": (
        patched(made(("a.py", "x" * 100)), 24, struct.pack("<L", 3)),
        "a.py in the zip is dam",
    ),
    "a size that is too large": (patched(made(("a.py", "x" * 100)), 24, struct.pack("<L", 300)), "not as large as the"),
    "another checksum": (patched(made(("a.py", "x" * 100)), 16, b"0000"), "a.py in the zip is damaged"),
    "a method nobody reads": (patched(made(("a.py", "x")), 10, struct.pack("<H", 9)), "in a way that Lambda does not"),
    "1,100 files": (made(*((f"{number}.py", "") for number in range(1100))), "the function has 1,100 files; at most"),
}


@pytest.fixture
def bounds():
    """Whatever happens in between, little memory and time goes into it."""
    tracemalloc.start()
    began = time.monotonic()
    yield
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (most < MEMORY_MAX, time.monotonic() - began < SECONDS_MAX) == (True, True)


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.usefixtures("bounds")
def test_an_archive_is_refused_before_anything_of_it_is_read(data, sentence):
    with pytest.raises(ScenarioError) as refused:
        read_zip(io.BytesIO(data))

    assert sentence in str(refused.value)


@pytest.mark.parametrize(("data", "sentence"), REFUSED_WHEN_TAKEN.values(), ids=REFUSED_WHEN_TAKEN.keys())
@pytest.mark.usefixtures("bounds")
def test_an_archive_is_refused_when_a_file_of_it_is_wanted(data, sentence):
    with pytest.raises(ScenarioError) as refused:
        read_zip(io.BytesIO(data)).take()

    assert sentence in str(refused.value)


@pytest.mark.usefixtures("bounds")
def test_a_file_that_unpacks_to_30_mb_is_left_out_unread():
    data = made(("app.py", "x = 1"), ("bomb.bin", bytes(30 * MB)))

    taken = read_zip(io.BytesIO(data)).take()

    assert (list(taken.files), taken.attached) == (["app.py"], {})
    assert [(each.code, each.params["names"]) for each in taken.left_out] == [("left-out-large", ["bomb.bin"])]


@pytest.mark.usefixtures("bounds")
def test_an_archive_in_an_archive_is_a_file_and_never_opened():
    taken = read_zip(io.BytesIO(made(("app.py", "x = 1"), ("deep.zip", nested(20))))).take()

    assert list(taken.attached) == ["deep.zip"]
    assert len(taken.attached["deep.zip"]) < ATTACHED_BYTES_MAX


def test_links_and_devices_are_counted_and_never_followed():
    link = info("passwd", external_attr=LINK, create_system=3)
    device = info("null", external_attr=0o020666 << 16, create_system=3)

    bundle = read_zip(io.BytesIO(made(("a.py", "x"), (link, "/etc/passwd"), (device, ""))))

    assert list(bundle.entries) == ["a.py"]
    assert [(each.code, each.params["names"]) for each in bundle.left_out] == [("left-out-links", ["passwd", "null"])]


def test_a_utf_8_name_that_does_not_say_so_is_read_as_it_was_meant():
    data = made(("h\u00e4ndler.py", "x"))
    silent = patched(patched(data, 8, b"\0\0"), 6, b"\0\0", mark=b"PK\x03\x04")

    assert list(read_zip(io.BytesIO(silent)).entries) == ["h\u00e4ndler.py"]
