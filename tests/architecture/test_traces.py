"""Nothing of the machine it was made on is left in the repository."""

import re

import pytest

from tests.architecture.project import ROOT, files, text

# Assembled from pieces, so that this file holds none of what it looks for.
REGISTRIES = [
    ("py" + "pi", "org"),
    ("pythonhosted", "org"),
    ("npm" + "js", "org"),
    ("npm" + "js", "com"),
    ("yarn" + "pkg", "com"),
    # With a path behind it: the bare name is a Debian package.
    ("docker", r"io/\w+"),
    ("gh" + "cr", "io"),
    ("qu" + "ay", "io"),
    ("deb.deb" + "ian", "org"),
    ("crates", "io"),
    ("golang", "org"),
]
HOSTS = re.compile("|".join(rf"\b{name}\.{zone}\b" for name, zone in REGISTRIES))
HOMES = re.compile(
    rf"(?<![\w.~])/(?:{'ro' + 'ot'}|{'ho' + 'me'}/(?!sbx_user1051)\w+|{'Us' + 'ers'}/\w+|{'wo' + 'rk'})/\w"
)
KEYS = re.compile("-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")

BINARY = (".png", ".ico", ".mo", ".ttf", ".woff2", ".gz", ".zip")
READABLE = [name for name in files() if not name.endswith(BINARY)]


def found(pattern, name):
    if not pattern.search(text(name)):
        return []
    lines = enumerate(text(name).splitlines(), 1)
    return [f"{name}:{number}: {line.strip()[:120]}" for number, line in lines if pattern.search(line)]


def test_no_file_names_a_registrys_host_a_folder_of_one_machine_or_a_private_key():
    assert not [hit for pattern in (HOSTS, HOMES, KEYS) for name in READABLE for hit in found(pattern, name)]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (HOSTS, "https://files." + "pythonhosted" + ".org/x"),
        (HOSTS, "registry." + "npm" + "js.org"),
        (HOMES, "see /ho" + "me/alice/x"),
        (HOMES, "see /ro" + "ot/x"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, line):
    assert pattern.search(line)


def test_no_file_is_large():
    large = {name: size for name in files() if (size := (ROOT / name).stat().st_size) > 600_000}
    assert not large
