"""Which advice a finding calls for, and that there is one for every case."""

from __future__ import annotations

import typing

import pytest

from playground.run_page.advice import Kind, advice, kind_of, texts
from sandbox_runner.results.model import Evidence, Location
from tests.playground.run_results import finding

PYTHON, NODE = "python3.13", "nodejs22.x"


def kind(carrier, path="", runtime=PYTHON, root="python-module", **fields):
    walked = (Evidence(oracle="xray", output_path=path),) if path else ()
    found = finding(location=Location(root=root, path=carrier), runtime=runtime, evidence=walked, **fields)
    return kind_of(found, frozenset({"app", "store"}))


@pytest.mark.parametrize(
    ("carrier", "path", "expected"),
    [
        ("app.cache", "app.cache['user']", "module-variable"),
        ("store.last_user", "store.last_user", "module-variable"),
        ("app.Basket", "app.Basket.items[0]", "instance"),
        ("app.service", "app.service.user", "instance"),
        ("app.collect", "app.collect.__defaults__['acc'][0]", "default-argument"),
        ("app.collect.__defaults__['acc']", "app.collect.__defaults__['acc'][0]", "default-argument"),
        ("app.remember", "app.remember.__closure__['last']", "closure"),
        ("app.remember.__closure__['last']", "app.remember.__closure__['last']", "closure"),
        ("app.service.user", "app.service.user", "instance"),
        ("app.cache['user']", "app.cache['user']", "module-variable"),
        ("app.profile", "app.profile.cache[()]", "cache"),
        ("app.talk", "app.talk.gi_frame.f_locals['who']", "generator"),
        ("app.log", "app.log.tell()", "open-file"),
        ("app.user", "app.user.get()", "context"),
        ("os.environ['CURRENT']", "", "environment"),
        ("os.getcwd()", "", "working-directory"),
        ("builtins.user", "", "global"),
        ("json.dumps", "json.dumps.__closure_of__", "patched"),
        ("os.umask()", "", "process-setting"),
        ("urllib.request._opener", "urllib.request._opener.handlers[1].number", "process-setting"),
        ("https.globalAgent", "https.globalAgent.options.servername", "process-setting"),
        ("logging._logRecordFactory", "logging._logRecordFactory.__closure__['who']", "process-setting"),
        ("signal.getsignal(SIGUSR1)", "signal.getsignal(SIGUSR1).__defaults__['who']", "process-setting"),
        ("random.getstate()", "", "random"),
        ("app.dice", "app.dice.getstate()", "random"),
        ("logging.getLogger()", "logging.getLogger().filters[0].__defaults__['user']", "logging"),
        ("threading.enumerate()", "threading.enumerate()['worker']._args[0]", "running-work"),
        ("asyncio.all_tasks()", "asyncio.all_tasks()['later']", "running-work"),
        ("child process /bin/cat", "child process /bin/cat.bytes read", "child-process"),
        ("descriptor 7, socket to 127.0.0.1:7000", "", "connection"),
        ("descriptor 7, /tmp/log", "descriptor 7, /tmp/log.position", "open-file"),
        ("app.lock", "app.lock.locked()", "lock"),
        ("app.rows", "app.rows.__length_hint__()", "generator"),
    ],
)
def test_a_place_of_python_has_its_kind(carrier, path, expected):
    assert kind(carrier, path) == expected


@pytest.mark.parametrize(
    ("carrier", "path", "expected"),
    [
        ("app.someGlobalValue", "app.handler.[[module]].someGlobalValue", "module-variable"),
        ("timers.setTimeout", "timers.setTimeout[0].[[closure]].event.user", "running-work"),
        ("timers.setInterval", "timers.setInterval[0].arguments[0]", "running-work"),
        ("process.on('told')", "process.on('told').[[closure]].who", "listener"),
        ("app.bus", "app.handler.[[module]].bus._events.done[0].[[closure]].event.user", "listener"),
        ("app.talk", "app.handler.[[module]].talk.[[Generator]].kept", "generator"),
        ("app.context", "app.handler.[[module]].context.getStore().who", "context"),
        ("child process sleep 7", "", "child-process"),
        ("net.Socket", "net.Socket to 127.0.0.1:7000", "connection"),
        ("app.remember", "app.remember.[[closure]].last", "closure"),
        ("app.vault", "app.vault.#secret", "instance"),
        ("app.cache", "app.cache.get('a')", "cache"),
        ("globalThis.currentUser", "", "global"),
        ("Object.prototype.role", "", "prototype"),
        ("process.env.CURRENT", "", "environment"),
    ],
)
def test_a_place_of_node_has_its_kind(carrier, path, expected):
    assert kind(carrier, path, runtime=NODE, root="node-module") == expected


def test_what_an_installed_package_holds_has_its_own_advice():
    place = Location(root="python-module", path="app.logger", package="tinylog", version="3.0.1")
    assert kind_of(finding(location=place, runtime=PYTHON), frozenset({"app"})) == "package"


def test_files_late_work_and_what_was_not_found_have_theirs():
    assert kind("/tmp/report.csv", root="tmp-file") == "tmp-file"


def test_a_peers_connection_is_known_by_its_root():
    assert kind("backend", root="peer") == "connection"
    assert kind("app.cache", kind="background-log") == "late-work"
    assert kind_of(finding(location=None), frozenset()) == "unknown"


@pytest.mark.parametrize("each", typing.get_args(Kind))
@pytest.mark.parametrize("runtime", [PYTHON, NODE])
def test_every_kind_has_advice_in_both_languages(each, runtime):
    english, japanese = advice(each, runtime, "en"), advice(each, runtime, "ja")
    assert english.isascii()
    assert english.endswith(".")
    assert japanese.endswith("。")
    assert set(texts()) == set(typing.get_args(Kind))


def test_a_language_without_texts_gets_english():
    assert advice("tmp-file", PYTHON, "fr") == advice("tmp-file", PYTHON, "en-gb") == advice("tmp-file", PYTHON, "en")
