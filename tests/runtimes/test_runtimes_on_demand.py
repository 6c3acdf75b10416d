"""What holds for the usual runtimes, on each that has an image of its own: contract, life cycle and some of the corpus.

The usual ones are played every day, by the tests that these repeat. Of two with one language the corpus is written for
one; what it has of the other is here.
"""

from __future__ import annotations

from inspect import signature

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.errors import OurFailure
from sandbox_runner.image import ensure_docker_image, ensure_rootfs
from sandbox_runner.image.selection import image_of
from sandbox_runner.runtimes.registry import RUNTIMES, newest_of
from tests.clients.cases import IN_INIT, IN_INVOKE, NODE_22, PYTHON, Case
from tests.clients.test_clients import assert_told, play_case
from tests.contract import test_backend, test_freeze, test_typescript, test_wipe
from tests.contract.conversation import Conversation
from tests.contract.engines import BACKENDS, OWNER, missing
from tests.installing import Installation, answers, why
from tests.leaks.cases import read_cases
from tests.package_index import package_index
from tests.playing import starts
from tests.side_by_side import PATIENT

pytestmark = pytest.mark.matrix
OWN = [each for each in RUNTIMES if each.on_demand]
# The runtime with the same client, by language.
USUAL = {"python": PYTHON, "node": NODE_22}
OTHERS = [
    *OWN,
    *(
        each
        for each in RUNTIMES
        if each.language.key in USUAL and not each.on_demand and each.identifier not in USUAL.values()
    ),
]
# Carriers of every kind, and handlers that only look like a leak.
CORPUS = {
    "python": (
        *("class-attribute", "context-variable", "closure", "default-argument", "generator", "log-line", "slots"),
        *("logger-filter", "lru-cache-no-argument", "thread-of-a-pool", "tmp-file", "sqlite-memory", "after-error"),
        *("boto3-default-session", "package-defaults", "clean-thread", "clean-client", "clean-counter", "retained"),
    ),
    "node": (
        *("async-storage", "commonjs-variable", "context-store", "event-listener", "generator", "global", "interval"),
        *("map-in-closure", "module-variable", "package-defaults", "private-field", "process-listener", "tmp-file"),
        *("weak-map", "clean-client", "clean-connection", "clean-timer", "clean-weak-map", "clean-volatile"),
    ),
}
# Node 24 ends what `enterWith` sets with its request: https://nodejs.org/api/async_context.html.
CLEAN_THERE = {("nodejs24.x", "node-context-store")}
KNOWN = {case.name: case for case in read_cases("corpus")}


def every(runtimes, cases_of):
    """Each of these runtimes with each of the cases that ``cases_of`` gives for it."""
    return pytest.mark.parametrize(
        ("chosen", "case"),
        [
            pytest.param(runtime, case, id=f"{runtime.identifier}: {getattr(case, 'what', '') or case.name}")
            for runtime in runtimes
            for case in cases_of(runtime)
        ],
    )


def ensured(backend, runtime):
    """Make its image, where it is not there yet."""
    try:
        (ensure_docker_image if backend == "docker" else ensure_rootfs)(image_of(runtime))
    except OurFailure as problem:
        missing(problem)


# --- the contract of a sandbox --------------------------------------------------------------------------------------


@pytest.fixture
async def real(backend, chosen):
    """A conversation with a sandbox of that runtime's own image."""
    ensured(backend.name, chosen)
    sandbox = await backend.start(SandboxSpec(OWNER, memory_mb=128, tmp_mb=512, runtime=chosen.identifier))
    yield Conversation(sandbox, chosen.identifier)
    await sandbox.destroy()


@pytest.fixture
async def talk(real):
    """The same under the name that tests give to a conversation with any backend."""
    return real


# It says itself in which runtime each of its tickers is.
TICKING = test_freeze.test_what_ticks_every_20_ms_makes_no_tick_while_frozen_and_goes_on_after


def _contract(module):
    """A module's tests that need nothing but a conversation."""
    found = {name: test for name, test in vars(module).items() if name.startswith("test_") and test is not TICKING}
    return {name: test for name, test in found.items() if {"real", "talk"} & set(signature(test).parameters)}


OF_LANGUAGE = {
    **dict.fromkeys((*_contract(test_backend), *_contract(test_wipe), *_contract(test_freeze)), "python"),
    **dict.fromkeys(_contract(test_typescript), "node"),
}
globals().update(_contract(test_backend) | _contract(test_wipe) | _contract(test_freeze) | _contract(test_typescript))


def pytest_generate_tests(metafunc):
    """Give a test of the contract the runtimes that speak the language of its code."""
    key = OF_LANGUAGE.get(metafunc.function.__name__)
    if key:
        chosen = [each for each in OWN if each.language.key == key]
        metafunc.parametrize("chosen", chosen, ids=lambda each: each.identifier)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        pytest.param(runtime, code, id=runtime.identifier)
        for runtime in OTHERS
        for code in (
            [test_freeze.INTERVAL] if runtime.language.key == "node" else [test_freeze.THREAD, test_freeze.DAEMON]
        )
    ],
)
async def test_what_ticks_is_frozen_on_each(real, chosen, code):
    await TICKING(real, "", chosen.identifier, code)


# --- what clients do, and what proofs find --------------------------------------------------------------------------


def _life_cycle(runtime):
    usual = USUAL[runtime.language.key]
    return [case for case in (*IN_INIT, *IN_INVOKE) if case.runtime == usual]


@every(OWN, _life_cycle)
def test_a_failure_is_told_as_on_the_usual_runtime(engine, chosen, case):
    ensured(engine.backend_name, chosen)
    theirs = Case(**{**vars(case), "runtime": chosen.identifier})
    result = play_case(engine, theirs)
    assert_told(theirs, result)
    assert starts(result) == ["cold", "suppressed-init" if case in IN_INIT else case.then]


def _of_the_corpus(runtime):
    return [KNOWN[f"{runtime.language.key}-{name}"] for name in CORPUS[runtime.language.key]]


@every(OTHERS, _of_the_corpus)
def test_a_handler_gets_the_verdict_that_is_right_for_it_on_each(engine, chosen, case):
    ensured(engine.backend_name, chosen)
    function = case.scenario.function.model_copy(update={"runtime": chosen.identifier})
    result = engine.run(case.scenario.model_copy(update={"function": function}), options=PATIENT)
    is_clean = (chosen.identifier, case.name) in CLEAN_THERE
    expected = dict.fromkeys(case.expect) | {"verdict": "clean"} if is_clean else case.expect
    assert case.seen(result) == expected, case.why


@pytest.fixture(params=BACKENDS)
def installation(request, tmp_path, monkeypatch):
    """Packages of a test's own, on each backend."""
    with package_index() as index:
        made = Installation(request.param, request, index, tmp_path / "packages", monkeypatch)
        yield made
        made.close()


@pytest.mark.parametrize("chosen", OWN, ids=lambda each: each.identifier)
def test_packages_are_installed_for_it_in_its_own_image(installation, chosen):
    ensured(installation.backend.name, chosen)
    installation.index.add_package("greeting")
    installation.index.add_wheel("greeting")
    asked = {"package": {"dependencies": {"greeting": "1"}}} if chosen.language.key == "node" else {}
    result = installation.play("greeting", requirements="greeting\n", runtime=chosen.identifier, **asked)
    assert answers(result) in (["1.0"], ["1.0.0"]), why(result)


def test_every_language_with_such_a_runtime_has_cases():
    assert {each.language.key for each in OWN} == CORPUS.keys() == USUAL.keys()
    assert all(not newest_of(each.language).on_demand for each in OWN)
