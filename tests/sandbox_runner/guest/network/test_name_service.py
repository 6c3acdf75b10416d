"""Names without a name server: the C library's questions and what it is answered."""

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.network.name_server import NameServer
from sandbox_runner.guest.network.name_service import NameService, known_hosts

BY_NAME, BY_ADDRESS, ALL_ADDRESSES, OF_A_USER = 4, 6, 14, 1
BACKEND = bytes([127, 0, 1, 1])


@pytest.fixture
async def names(tmp_path):
    (tmp_path / "hosts").write_text("127.0.0.1 localhost here # not this\n::1 localhost\nnonsense\n")
    service = NameService(tmp_path / "nscd" / "socket", tmp_path / "hosts", NameServer(("127.0.0.1", 0)))
    service.start({"backend": "127.0.1.1"})
    yield service
    service.stop()


def question(kind, key, version=2):
    return struct.pack("=iii", version, kind, len(key)) + key


@pytest.mark.parametrize("name", [b"backend\0", b"BACKEND\0", b"backend.\0"])
async def test_a_peers_name_has_its_address_however_it_is_written(names, name):
    reply = names.reply(question(ALL_ADDRESSES, name))

    assert struct.unpack_from("=6i", reply) == (2, 1, 1, 4, len(b"backend\0"), 0)
    assert reply[24:] == BACKEND + b"\x02" + b"backend\0"


@pytest.mark.parametrize(("name", "found"), [(b"localhost\0", 1), (b"here\0", 1), (b"not\0", 0), (b"example.com\0", 0)])
async def test_other_names_are_those_of_the_hosts_file(names, name, found):
    assert struct.unpack_from("=6i", names.reply(question(ALL_ADDRESSES, name)))[1] == found


@pytest.mark.parametrize(
    ("name", "found"), [(b"b.s3.aws\0", 1), (b"B.S3.AWS.\0", 1), (b"s3.aws.com\0", 0), (b"x\0.s3.aws\0", 0)]
)
async def test_every_name_of_a_pattern_leads_to_its_address(names, name, found):
    names.start({"aws": "127.0.1.2"}, {r"(?:[a-z]+\.)*s3\.aws": "127.0.1.2"})

    assert struct.unpack_from("=6i", names.reply(question(ALL_ADDRESSES, name)))[1] == found
    assert struct.unpack_from("=8i", names.reply(question(BY_NAME, name)))[1] == found


async def test_an_address_has_its_name(names):
    reply = names.reply(question(BY_ADDRESS, BACKEND))

    assert struct.unpack_from("=8i", reply) == (2, 1, len(b"backend\0"), 0, 2, 4, 1, 0)
    assert reply[32:] == b"backend\0" + BACKEND


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("a user", question(OF_A_USER, b"993\0")),
        ("another version", question(BY_NAME, b"backend\0", version=3)),
        ("half a question", question(BY_NAME, b"backend\0")[:-1]),
        ("nothing", b""),
    ],
)
async def test_what_is_not_ours_is_left_to_the_library(names, what, asked):
    assert names.reply(asked) == b""


@given(st.binary(max_size=60))
def test_any_bytes_are_survived(asked):
    NameService().reply(asked)


async def test_it_answers_on_its_socket_until_it_is_stopped(names, tmp_path):
    reader, writer = await asyncio.open_unix_connection(tmp_path / "nscd" / "socket")
    writer.write(question(ALL_ADDRESSES, b"backend\0"))
    assert (await reader.read())[24:28] == BACKEND

    names.stop()
    assert not (tmp_path / "nscd" / "socket").exists()


async def test_one_that_asks_nothing_does_not_keep_others_from_asking(names, tmp_path):
    silent = [await asyncio.open_unix_connection(tmp_path / "nscd" / "socket") for _ in range(10)]
    reader, writer = await asyncio.open_unix_connection(tmp_path / "nscd" / "socket")
    writer.write(question(ALL_ADDRESSES, b"backend\0"))

    assert (await reader.read())[24:28] == BACKEND
    assert len(silent) == 10


def test_a_hosts_file_that_is_not_there_has_no_names(tmp_path):
    assert known_hosts(tmp_path / "none") == {}
