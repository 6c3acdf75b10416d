"""Manifests and locks: names and versions are taken, whatever leads anywhere else is refused with its place."""

import json

import pytest

from sandbox_runner.messages import render
from sandbox_runner.runtimes import node_requirements, python_requirements
from sandbox_runner.runtimes.registry import runtime_of
from sandbox_runner.runtimes.requirements import RefusedRequirementError

PYTHON, NODE = runtime_of("python3.13"), runtime_of("nodejs22.x")
HASH = "--hash=sha256:" + "a" * 64
ENTRY = {"version": "1.0.0", "integrity": "sha512-aaaa"}


def refused(runtime, **files):
    with pytest.raises(RefusedRequirementError) as problem:
        runtime.requirements(files)
    return problem.value.message


def npm_lock(**entries):
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, **entries}})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("requests\n", ("requests",)),
        ("Requests >= 2 , < 3  # why\n\n# nothing\nPyYAML\n", ("requests", "pyyaml")),
        ("pydantic[email]==2.7 ; python_version >= '3.9'", ("pydantic",)),
        ("one==1 \\\n    " + HASH + "\ntwo", ("one", "two")),
        ("one\none>1\n", ("one",)),
    ],
)
def test_names_are_read_from_requirements_txt(text, names):
    assert PYTHON.requirements({"requirements.txt": text}).names == names


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_an_empty_manifest_asks_for_nothing(text):
    assert PYTHON.requirements({"requirements.txt": text}) is None


@pytest.mark.parametrize("package", [{}, {"dependencies": {}}, {"devDependencies": {"one": "1"}}])
def test_a_package_json_without_dependencies_asks_for_nothing(package):
    assert NODE.requirements({"package.json": json.dumps(package)}) is None


def test_what_npm_gets_has_no_scripts_and_nothing_to_develop_with():
    package = {
        "dependencies": {"one": "^1"},
        "devDependencies": {"two": "1"},
        "scripts": {"install": "x"},
        "workspaces": ["a"],
    }
    manifest = json.loads(NODE.requirements({"package.json": json.dumps(package)}).manifest)
    assert manifest.keys() == {"name", "version", "private", "dependencies"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("git+https://example.org/x.git", "requirement-direct"),
        ("x @ https://example.org/x-1-py3-none-any.whl", "requirement-direct"),
        ("https://example.org/x.zip", "requirement-direct"),
        ("x @ file:///etc/passwd", "requirement-direct"),
        ("./vendored", "requirement-direct"),
        ("../secret", "requirement-direct"),
        ("/etc/passwd", "requirement-direct"),
        ("x-1-py3-none-any.whl", "requirement-direct"),
        ("-e .", "requirement-option"),
        ("--index-url https://example.org/simple", "requirement-option"),
        ("--extra-index-url=https://example.org/simple", "requirement-option"),
        ("--find-links /", "requirement-option"),
        ("--trusted-host example.org", "requirement-option"),
        ("-r other.txt", "requirement-option"),
        ("one two", "requirement-malformed"),
        ("one; rm -rf /", "requirement-malformed"),
        ("$(id)", "requirement-malformed"),
        ("one==1 --global-option=x", "requirement-malformed"),
    ],
)
def test_what_is_no_name_is_refused_with_its_line(line, code):
    message = refused(PYTHON, **{"requirements.txt": f"requests\n\n{line}\n"})
    assert message.code == code
    assert message.params["line"] == 3
    assert "requirements.txt, line 3" in render(message)


@pytest.mark.parametrize(
    "version",
    [
        *("git+ssh://example.org/x.git", "git://example.org/x", "https://example.org/x.tgz", "file:../x", "link:../x"),
        *("someone/something", "github:someone/x", "workspace:*", "../x", "npm:x@file:../y", "npm:git+https://x/y"),
    ],
)
def test_what_is_no_range_of_the_registry_is_refused(version):
    assert refused(NODE, **{"package.json": json.dumps({"dependencies": {"x": version}})}).code == "requirement-direct"
    override = {"dependencies": {"x": "1"}, "overrides": {"x": {"y": version}}}
    assert refused(NODE, **{"package.json": json.dumps(override)}).code == "requirement-direct"


@pytest.mark.parametrize("name", ["../x", "@a/b/c", "", "a b", "@", "/etc", "x" * 300, "a\0"])
def test_what_is_no_name_of_a_package_is_refused(name):
    package = json.dumps({"dependencies": {name: "1"}})
    assert refused(NODE, **{"package.json": package}).code == "requirement-malformed"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"dependencies": []}', "[" * 100_000])
def test_what_is_no_manifest_is_refused(text):
    assert refused(NODE, **{"package.json": text}).code == "manifest-unusable"


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        (f"two==1 {HASH}", "lock-does-not-fit"),
        (f"one==2 {HASH}", "lock-does-not-fit"),
        ("one==1", "lock-line-unusable"),
        (f"one>=1 {HASH}", "lock-line-unusable"),
        (f"one==1.* {HASH}", "lock-line-unusable"),
        ("one==1 --hash=md5:abc", "lock-line-unusable"),
        (f"one @ https://example.org/one.whl {HASH}", "requirement-direct"),
        (f"--index-url https://example.org\none==1 {HASH}", "requirement-option"),
    ],
)
def test_a_lock_of_python_that_is_none_for_its_manifest_is_refused(lock, code):
    assert refused(PYTHON, **{"requirements.txt": "one==1", "requirements.lock": lock}).code == code


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        (npm_lock(), "lock-does-not-fit"),
        ('{"lockfileVersion": 1, "packages": {}}', "manifest-unusable"),
        (npm_lock(**{"node_modules/one": {"resolved": "../one", "link": True}}), "lock-entry-unusable"),
        (npm_lock(**{"node_modules/one": {**ENTRY, "resolved": "git+ssh://example.org/x.git"}}), "lock-entry-unusable"),
        (npm_lock(**{"node_modules/one": {"version": "1.0.0"}}), "lock-entry-unusable"),
        (npm_lock(**{"node_modules/one": {**ENTRY, "version": "file:../x"}}), "lock-entry-unusable"),
        (npm_lock(**{"../one": ENTRY}), "lock-entry-unusable"),
        (npm_lock(**{"node_modules/../../one": ENTRY}), "lock-entry-unusable"),
        (npm_lock(**{"node_modules/one": []}), "lock-entry-unusable"),
    ],
)
def test_a_lock_of_npm_that_is_none_for_its_manifest_is_refused(lock, code):
    package = json.dumps({"dependencies": {"one": "1"}})
    assert refused(NODE, **{"package.json": package, "package-lock.json": lock}).code == code


def test_a_lock_loses_its_addresses():
    lock = npm_lock(
        **{"node_modules/one": {**ENTRY, "resolved": "https://example.org/one.tgz", "hasInstallScript": True}}
    )
    package = json.dumps({"dependencies": {"one": "1"}})
    kept = json.loads(NODE.requirements({"package.json": package, "package-lock.json": lock}).lock)
    assert kept["packages"]["node_modules/one"] == ENTRY


def test_what_is_added_with_a_version_takes_the_place_of_the_line_that_it_is_about():
    manifest = "NumPy==1.21  # old\nrequests\nnumpy-financial==1.0\n"

    assert python_requirements.add(manifest, "numpy==2.1.0") == "requests\nnumpy-financial==1.0\nnumpy==2.1.0\n"
    assert python_requirements.add(manifest, "requests") == manifest + "requests\n"


@pytest.mark.parametrize(
    ("developing", "line", "version"),
    [("^2.8", "aws-sdk", "^2.8"), ("^2.8", "aws-sdk@2.9", "2.9"), ("file:../sdk", "aws-sdk", "*"), (8, "aws-sdk", "*")],
)
def test_what_is_added_is_there_to_develop_with_no_more(developing, line, version):
    """It was in both then, and so it was left out: the button that adds a package changed nothing."""
    manifest = json.dumps({"devDependencies": {"aws-sdk": developing, "jest": "1"}})

    names, kept = node_requirements.read(node_requirements.add(manifest, line))

    assert (names, json.loads(kept)["dependencies"]) == (("aws-sdk",), {"aws-sdk": version})


def test_exact_versions_are_loosened_to_later_ones_and_what_says_none_is_left_out():
    manifest = "numpy==1.21\nrequests\nboto3>=1.2\nuvicorn[standard]~=0.20; python_version > '3.8'\n"

    assert python_requirements.loosened(manifest).split("\n")[:2] == ["numpy>=1.21", "boto3>=1.2"]
    assert 'uvicorn[standard]>=0.20; python_version > "3.8"' in python_requirements.loosened(manifest)
    assert not python_requirements.loosened("requests\nboto3>=1.2\npandas==2.*\n")


def test_only_lines_that_another_version_meets_are_moved():
    def locked(name, version):
        return f"{name}=={version} --hash=sha256:{'0' * 64}\n"

    lock = locked("numpy", "2.1.0") + locked("boto3", "1.2") + locked("six", "1.17")
    assert python_requirements.moved("numpy==1.21\nboto3==1.2\n", lock) == ("numpy==2.1.0",)


def test_what_is_asked_for_twice_is_there_to_develop_with():
    manifest = {"dependencies": {"one": "^1", "aws-cdk-lib": "^2"}, "devDependencies": {"aws-cdk-lib": "^2"}}
    assert NODE.requirements({"package.json": json.dumps(manifest)}).names == ("one",)


def test_what_comes_in_another_packages_archive_needs_no_hash_of_its_own():
    kept = {"version": "1.0.0", "integrity": f"sha512-{'A' * 86}=="}
    inside = {"version": "2.0.0", "inBundle": True}
    lock = npm_lock(**{"node_modules/one": kept, "node_modules/one/node_modules/part": inside})
    _, text = NODE.language.packages.read_lock(lock, json.dumps({"dependencies": {"one": "^1.0.0"}}))

    assert json.loads(text)["packages"]["node_modules/one/node_modules/part"] == inside


def test_what_only_development_needs_is_left_out_of_a_lock():
    kept = {"version": "1.0.0", "integrity": f"sha512-{'A' * 86}=="}
    bundled = {"version": "2.0.0", "dev": True, "inBundle": True}
    lock = npm_lock(**{"node_modules/one": kept, "node_modules/tool/node_modules/part": bundled})
    locked, text = NODE.language.packages.read_lock(lock, json.dumps({"dependencies": {"one": "^1.0.0"}}))

    assert [each.name for each in locked] == ["one"]
    assert json.loads(text)["packages"].keys() == {"", "node_modules/one"}
