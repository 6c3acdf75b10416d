"""From a manifest among a function's files to packages beside its code."""

from __future__ import annotations

import json
import os
import textwrap
import threading

import pytest

from sandbox_runner import limits
from sandbox_runner.dependencies import build_sandbox
from sandbox_runner.errors import IndexAway
from sandbox_runner.events.records import DependenciesInstalled
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, invoke
from tests.installing import answers, installed, why

AWAY = 503


def was_there(result):
    return [each.record.was_there for each in result.events if isinstance(each.record, DependenciesInstalled)]


def test_what_requirements_txt_names_is_beside_the_code(installation):
    installation.index.add_wheel("greeting", needs=["words>=1"])
    installation.index.add_wheel("words", "1.5")
    result = installation.play("greeting", "words", requirements="greeting==1.0  # hello\n")
    assert answers(result) == ["1.0", "1.5"]
    assert installed(result) == [("greeting", "1.0"), ("words", "1.5")]


def test_what_package_json_names_is_in_node_modules(installation):
    installation.index.add_package("greeting", dependencies={"@some/words": "^1.0.0"})
    installation.index.add_package("@some/words", "1.5.0")
    asked = {
        "dependencies": {"greeting": "^1.0.0"},
        "devDependencies": {"missing": "1"},
        "scripts": {"install": "exit 1"},
    }
    result = installation.play("greeting", "@some/words", package=asked)
    assert answers(result) == ["1.0.0", "1.5.0"]
    assert installed(result) == [("@some/words", "1.5.0"), ("greeting", "1.0.0")]


def test_a_module_is_found_where_a_zip_would_have_it(installation):
    installation.index.add_package("where", files={"index.js": "exports.version = __filename;\n"})
    installation.index.add_wheel("where", files={"where/__init__.py": "VERSION = __file__\n"})
    assert answers(installation.play("where", package={"dependencies": {"where": "1"}})) == [
        "/var/task/node_modules/where/index.js"
    ]
    assert answers(installation.play("where", requirements="where")) == ["/var/task/where/__init__.py"]


def test_modules_are_compiled_and_nothing_of_them_runs(quick):
    code = textwrap.dedent("""
        import greeting, os

        def handler(event, context):
            return [greeting.VERSION, os.path.exists(greeting.__cached__), greeting.where()]
    """)
    files = {
        "greeting.py": "open('/tmp/ran', 'a').write('x')\nVERSION = len(open('/tmp/ran').read())\n"
        "def where(): return where.__code__.co_filename\n",
        "greetings/tests/test_it.py": "",
        "greetings/broken.py": "def (:\n",
    }
    quick.index.add_wheel("greeting", files=files)
    assert answers(quick.play({}, requirements="greeting", files={"app.py": code})) == [
        [1, True, "/var/task/greeting.py"]
    ]
    compiled = sorted(each.name for each in quick.folder.glob("*/files/**/*.pyc"))
    assert compiled == ["greeting.cpython-313.pyc"]


def test_bytecode_that_would_be_too_much_is_left_out(quick, monkeypatch):
    files = {"greeting/__init__.py": "VERSION = 1\n", **{f"greeting/x{at}.py": "" for at in range(4)}}
    quick.index.add_wheel("greeting", files=files)
    assert answers(quick.play("greeting", requirements="greeting")) == [1]
    entries = len([*quick.folder.glob("*/files/**/*")])
    quick.forget_all()
    monkeypatch.setattr(limits, "BUILD_FILES_MAX", entries - 1)
    assert answers(quick.play("greeting", requirements="greeting")) == [1]
    assert not [*quick.folder.glob("*/files/**/__pycache__")]


def test_bytecode_is_left_out_where_the_time_is_needed_to_hand_the_packages_over(quick, monkeypatch):
    quick.index.add_wheel("greeting")
    monkeypatch.setattr(limits, "BUILD_COMPILED_S", 0)
    assert answers(quick.play("greeting", requirements="greeting")) == ["1.0"]
    assert not [*quick.folder.glob("*/files/**/__pycache__")]


def test_what_installs_packages_does_not_give_way_to_everything_else(quick, tmp_path, monkeypatch):
    """It has a limit of time: with the low priority of functions, a busy machine alone used that up."""
    (tmp_path / "build.py").write_text(
        "import os\ndef handler(order, context):\n    return {'problem': 'tool', 'said': f'niceness {os.nice(0)}'}\n"
    )
    (tmp_path / "index.mjs").write_text("")
    monkeypatch.setattr(build_sandbox, "_INSIDE", tmp_path)
    assert f"niceness {os.nice(0)}" in why(quick.play("greeting", requirements="greeting"))[1]


def test_packages_cannot_be_written_to(installation):
    installation.index.add_wheel("greeting")
    code = textwrap.dedent("""
        import greeting

        def handler(event, context):
            try:
                open(greeting.__file__, "a")
            except OSError as problem:
                return problem.errno
    """)
    assert answers(installation.play(None, requirements="greeting", files={"app.py": code})) == [30]


def test_replays_have_the_packages_too(installation):
    installation.index.add_wheel("memory", files={"memory.py": "kept = []\n"})
    code = "import memory\n\ndef handler(event, context):\n    memory.kept.append(event)\n    return memory.kept\n"
    result = installation.play(
        {"m": "hoge-1"}, {"m": "hoge-2"}, requirements="memory", files={"app.py": code}, prove=True
    )
    assert result.verdict == "leak"


def test_the_second_run_asks_the_index_for_nothing(installation):
    installation.index.add_wheel("greeting")
    installation.play("greeting", requirements="greeting")
    asked = len(installation.index.asked)
    again = installation.play("greeting", requirements="greeting")
    assert answers(again) == ["1.0"]
    assert was_there(again) == [True]
    assert len(installation.index.asked) == asked


def test_a_kept_lock_plays_the_same_although_there_is_something_newer(quick):
    quick.index.add_wheel("greeting")
    first = quick.play("greeting", requirements="greeting")
    quick.index.add_wheel("greeting", "2.0")
    locks = {"holdover": first.dependencies[0].lock}
    assert answers(quick.play("greeting", requirements="greeting\n", locks=locks)) == ["1.0"]


def test_a_kept_lock_is_installed_while_the_index_has_lost_its_pages(quick):
    quick.index.add_wheel("greeting")
    locks = {"holdover": quick.play("greeting", requirements="greeting").dependencies[0].lock}
    quick.index.status = AWAY
    assert answers(quick.play("greeting", requirements="greeting", locks=locks)) == ["1.0"]


@pytest.mark.parametrize("kind", ["python", "node"])
def test_a_lock_among_the_files_is_what_is_installed(quick, kind):
    quick.index.add_wheel("greeting")
    quick.index.add_package("greeting")
    asks = {"requirements": "greeting"} if kind == "python" else {"package": {"dependencies": {"greeting": "*"}}}
    found = quick.play("greeting", **asks).dependencies[0]
    quick.index.add_wheel("greeting", "2.0")
    quick.index.add_package("greeting", "2.0.0")
    again = quick.play("greeting", files={found.file: found.lock}, **asks)
    assert answers(again) == (["1.0"] if kind == "python" else ["1.0.0"])


def test_a_lock_of_npm_that_is_not_in_step_is_refused(quick):
    quick.index.add_package("greeting")
    quick.index.add_package("greeting", "2.0.0")
    lock = quick.play("greeting", package={"dependencies": {"greeting": "1.0.0"}}).dependencies[0].lock
    result = quick.play("greeting", package={"dependencies": {"greeting": "2.0.0"}}, files={"package-lock.json": lock})
    assert why(result)[0] == "lock-does-not-fit"


def test_a_file_of_the_function_wins_over_a_package(quick):
    quick.index.add_wheel(
        "greeting", files={"greeting/__init__.py": "VERSION = 1\n", "greeting/more.py": "VERSION = 2\n"}
    )
    files = {"greeting/__init__.py": "VERSION = 'own'\n"}
    assert answers(quick.play("greeting", "greeting.more", requirements="greeting", files=files)) == ["own", 2]


def test_two_runs_at_once_install_once(quick):
    quick.index.add_wheel("greeting")
    lock = {"holdover": quick.play("greeting", requirements="greeting").dependencies[0].lock}
    quick.forget_all()
    quick.index.asked.clear()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(quick.play("greeting", requirements="greeting", locks=lock)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers(each) for each in results] == [["1.0"], ["1.0"]]
    assert sorted(was_there(each)[0] for each in results) == [False, True]


def test_without_a_manifest_nothing_is_asked(quick):
    result = quick.play(
        None, files={"app.py": "def handler(event, context):\n    return 1\n", "requirements.txt": "# none\n"}
    )
    assert answers(result) == [1]
    assert not result.dependencies


def test_dependencies_none_installs_nothing(quick):
    result = quick.play("greeting", requirements="greeting", dependencies="none")
    assert not quick.index.asked
    assert not result.dependencies


@pytest.mark.parametrize(
    ("requirements", "code", "part"),
    [
        ("requsts", "package-unknown", "Did you mean requests?"),
        ("greeting==7", "package-version-unknown", "greeting==7"),
        ("one\nother", "packages-conflict", "words"),
        ("built", "package-without-wheel", "built"),
    ],
)
def test_what_cannot_be_installed_is_one_sentence_and_no_request_is_made(quick, requirements, code, part):
    quick.index.add_wheel("greeting")
    quick.index.add_wheel("one", needs=["words==1"])
    quick.index.add_wheel("other", needs=["words==2"])
    quick.index.add_wheel("words", "1")
    quick.index.add_wheel("words", "2")
    quick.index.add_sdist("built")
    result = quick.play("greeting", requirements=requirements)
    assert why(result)[0] == code, why(result)
    assert part in why(result)[1]
    assert result.verdict == "undetermined"
    assert [each.outcome for each in result.invocations] == ["not-played"]
    assert not quick.drafts()


@pytest.mark.parametrize(
    ("dependencies", "code", "part"),
    [
        ({"axois": "1"}, "package-unknown", "Did you mean axios?"),
        ({"greeting": "^7.0.0"}, "package-version-unknown", "greeting@^7.0.0"),
        ({"one": "1", "words": "2"}, "package-needs-another", "one@1.0.0 needs words@1, but words@2.0.0"),
    ],
)
def test_the_same_of_npm(quick, dependencies, code, part):
    quick.index.add_package("greeting")
    quick.index.add_package("one", peerDependencies={"words": "1"})
    quick.index.add_package("words", "1.0.0")
    quick.index.add_package("words", "2.0.0")
    result = quick.play("greeting", package={"dependencies": dependencies})
    assert why(result)[0] == code, why(result)
    assert part in why(result)[1]


def test_an_index_that_does_not_answer_is_ours_to_say(quick):
    quick.index.status = AWAY
    with pytest.raises(IndexAway) as away:
        quick.play("greeting", requirements="greeting")
    assert "Try again later" in away.value.told("en")


@pytest.mark.matrix
def test_an_index_that_does_not_answer_names_the_packages_of_a_kept_lock_that_are_missing(quick):
    quick.index.add_wheel("greeting")
    locks = {"holdover": quick.play("greeting", requirements="greeting").dependencies[0].lock}
    quick.index.status = AWAY
    quick.forget_all()
    with pytest.raises(IndexAway) as away:
        quick.play("greeting", requirements="greeting", locks=locks)
    assert "there is no copy here of greeting 1.0 (" in away.value.told("en")


def test_of_many_missing_packages_ten_are_named_and_the_rest_are_counted():
    away = IndexAway("HTTP 503", [f"p{number} 1.0" for number in (*range(12), 3)])
    assert "p8 1.0, p9 1.0 and 2 more (HTTP 503)." in away.told("en")


def test_packages_and_code_are_together_no_more_than_lambda_takes(quick, monkeypatch):
    code = "import greeting\n\ndef handler(event, context):\n    return greeting.VERSION\n"
    module = "VERSION = 1\n" + "#" * 20_000
    quick.index.add_wheel("greeting", files={"greeting/__init__.py": module})
    monkeypatch.setattr(limits, "UNZIPPED_BYTES_MAX", 40_000)
    assert answers(quick.play({}, requirements="greeting", files={"app.py": code})) == [1]

    code += "#" * 20_000
    assert why(quick.play({}, requirements="greeting", files={"app.py": code}))[0] == "bundle-too-large"


def test_a_lock_says_nothing_of_where_the_index_is(quick):
    quick.index.add_package("greeting")
    quick.index.add_wheel("greeting")
    locks = [
        quick.play("greeting", package={"dependencies": {"greeting": "1"}}).dependencies[0].lock,
        quick.play("greeting", requirements="greeting").dependencies[0].lock,
    ]
    assert not any("127.0" in lock or "http" in lock for lock in locks)
    assert json.loads(locks[0])["packages"]["node_modules/greeting"]["integrity"]


def test_a_package_that_brings_certificates_of_its_own_does_not_keep_an_sdk_from_its_account(quick):
    """Botocore, and whoever asks by requests or httpx, trusts certifi's bundle where there is one."""
    where = "import os\n\ndef where():\n    return os.path.join(os.path.dirname(__file__), 'cacert.pem')\n"
    quick.index.add_wheel("certifi", files={"certifi/__init__.py": where, "certifi/cacert.pem": "of their own"})
    code = textwrap.dedent("""
        import boto3, certifi, ssl, urllib.request

        def handler(event, context):
            trusting = ssl.create_default_context(cafile=certifi.where())
            url = "https://letters.s3.us-east-1.amazonaws.com/?location"
            urllib.request.urlopen(url, context=trusting).read()
            return [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]]
    """)
    function = a_function(files={"app.py": code, "requirements.txt": "certifi"}, dependencies="auto", timeout_s=30)
    account = {"resources": [{"s3.create_bucket": {"Bucket": "letters"}}]}
    asked = {"version": 2, "function": function, "account": account, "steps": [invoke(1)]}

    assert answers(quick.engine.run(Scenario.model_validate(asked), options=RunOptions(prove=False))) == [["letters"]]
