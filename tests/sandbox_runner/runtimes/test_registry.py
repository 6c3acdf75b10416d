"""What the rest of the program asks of a runtime."""

import json
import re

import pytest

from sandbox_runner.guest.manifest import read_manifest
from sandbox_runner.image.manifest import manifest
from sandbox_runner.runtimes import registry
from sandbox_runner.runtimes.model import REQUEST_ID

ID = "11111111-2222-3333-4444-555555555555"
every_language = pytest.mark.parametrize("language", registry.LANGUAGES, ids=lambda each: each.key)
MANAGED = [each for each in registry.RUNTIMES if not each.entry_points]
every_runtime = pytest.mark.parametrize("runtime", registry.RUNTIMES, ids=lambda each: each.identifier)
every_managed_runtime = pytest.mark.parametrize("runtime", MANAGED, ids=lambda each: each.identifier)


# Whatever folder comes, these are among them, in this order.
SOME = ("python3.11", "python3.13", "python3.14", "nodejs20.x", "nodejs22.x", "nodejs24.x", "provided.al2023")


def test_the_language_of_the_default_is_listed_first_and_each_languages_oldest_release():
    assert tuple(each for each in registry.IDENTIFIERS if each in SOME) == SOME
    assert registry.RUNTIMES[0].language is registry.DEFAULT.language


def test_a_sentence_lists_the_runtimes():
    assert registry.CHOICE.replace(" or ", ", ").split(", ") == list(registry.IDENTIFIERS)
    assert registry.CHOICE.endswith("nodejs24.x or provided.al2023")


def test_an_unknown_runtime_is_a_key_error():
    with pytest.raises(KeyError):
        registry.runtime_of("cobol85.x")


def test_a_runtime_has_a_name_for_people():
    assert [registry.runtime_of(each).label for each in SOME[::2]] == [
        "Python 3.11",
        "Python 3.14",
        "Node.js 22",
        "Custom runtime al2023",
    ]


@pytest.mark.parametrize(
    ("runtime", "handler", "files"),
    [
        ("python3.13", "app.handler", ("app.py",)),
        ("python3.13", "lib.app.handler", ("lib/app.py",)),
        ("provided.al2", "function.handler", ("bootstrap",)),
        (
            "nodejs24.x",
            "src/index.handler",
            tuple(f"src/index.{ending}" for ending in ("mjs", "js", "cjs", "ts", "mts", "cts", "tsx", "jsx")),
        ),
    ],
)
def test_a_runtime_knows_where_a_handler_may_be(runtime, handler, files):
    assert registry.runtime_of(runtime).handler_files(handler) == files


@every_language
def test_the_default_file_is_the_default_handlers(language):
    runtime = next(each for each in registry.RUNTIMES if each.language is language)
    assert language.default_file in runtime.handler_files(language.default_handler)
    assert registry.language_of_file(language.default_file) is language
    assert registry.language_of_root(language.module_root) is language


def test_a_file_of_no_runtime_has_no_language():
    assert registry.language_of_file("data.json") is None
    assert registry.language_of_root("tmp-file") is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("lib/store.py", "lib.store"),
        ("lib/__init__.py", "lib"),
        ("lib/store.mjs", "lib/store"),
        ("lib/store.tsx", "lib/store"),
    ],
)
def test_a_module_is_called_what_the_probe_calls_it(path, name):
    language = registry.language_of_file(path)
    assert language is not None
    assert language.module_name(path) == name


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("python", f"[INFO]\t2026-01-05T01:00:00.042Z\t{ID}\tsaid"),
        ("node", f"2026-01-05T01:00:00.042Z\t{ID}\tINFO\tsaid"),
    ],
)
def test_what_a_client_puts_before_a_message_is_known_with_its_request(key, line):
    (language,) = (each for each in registry.LANGUAGES if each.key == key)
    found = re.match(language.log_frame, line)
    assert found is not None
    assert (found["id"], line[found.end() :]) == (ID, "said")
    assert re.fullmatch(REQUEST_ID, ID)


@every_managed_runtime
def test_the_supervisor_starts_it_with_the_probe_as_without_and_the_handler_last(runtime, tmp_path):
    guest = _as_the_guest_has_it(runtime, tmp_path)
    plain, probed = guest.launch_command("a.b"), guest.probed_command("a.b", 7, 10, 20, '{"after": 1}')
    assert probed is not None
    assert (plain[0], plain[-1]) == (probed[0], "a.b")
    joined = " ".join(probed)
    assert "_probe." in joined
    assert "{" not in joined.replace('{"after": 1}', "")
    assert all(figure in joined for figure in ("7", "10", "20"))


@every_managed_runtime
def test_a_probe_that_puts_nothing_back_is_told_so(runtime, tmp_path):
    probed = _as_the_guest_has_it(runtime, tmp_path).probed_command("a.b", 7, 10, 20)
    assert probed is not None
    assert "after" not in " ".join(probed)


@every_managed_runtime
def test_the_manifest_says_which_runtime_it_is(runtime):
    entry = manifest((runtime,))[runtime.identifier]
    assert entry["environment"]["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{runtime.identifier}"
    assert entry["versions"][runtime.language.interpreter].startswith(runtime.release)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ("", ["--no-experimental-require-module", "--no-experimental-detect-module"]),
        ("--trace-warnings --experimental-require-module", ["--no-experimental-detect-module"]),
        ("--experimental-detect-module --experimental-require-module", []),
    ],
)
def test_node_22_turns_off_what_the_service_does_unless_a_function_turns_it_on_again(options, left, tmp_path):
    guest = _as_the_guest_has_it(registry.runtime_of("nodejs22.x"), tmp_path).as_asked_by({"NODE_OPTIONS": options})
    probed = guest.probed_command("a.b", 7, 10, 20)
    assert probed is not None
    assert all(
        [word for word in words if word.startswith("--no-")] == left for words in (guest.launch_command("a.b"), probed)
    )


@every_managed_runtime
def test_a_runtime_says_which_packages_of_the_sdk_the_image_carries(runtime):
    name = "boto3" if runtime.language.key == "python" else "@aws-sdk/client-s3"
    assert manifest((runtime,))[runtime.identifier]["versions"][name] == runtime.installed[name] == runtime.sdk[name]


def _as_the_guest_has_it(runtime, folder):
    path = folder / "runtimes.json"
    path.write_text(json.dumps(manifest(registry.RUNTIMES)))
    return read_manifest(path)[runtime.identifier]


def test_a_new_function_in_a_language_has_the_newest_that_is_there_from_the_start():
    newest = {language.key: registry.newest_of(language).identifier for language in registry.LANGUAGES}
    assert (newest["python"], newest["node"]) == ("python3.13", "nodejs24.x")


def test_a_runtime_of_ones_own_has_neither_client_nor_probe_nor_a_variable_that_names_it():
    entry = manifest()["provided.al2023"]
    assert entry["entry_points"] == ["/var/task/bootstrap", "/opt/bootstrap"]
    assert (entry["command"], entry["probed_command"], entry["versions"]) == ([], [], {})
    assert "AWS_EXECUTION_ENV" not in entry["environment"]


def test_the_program_that_a_function_brings_says_which_runtime_it_is():
    own = registry.runtime_of_program({"bootstrap": "", "app.py": ""})
    assert own is registry.runtime_of("provided.al2023")
    assert registry.runtime_of_program({"bin/bootstrap": "", "app.py": ""}) is None
