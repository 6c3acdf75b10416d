"""From a form to the scenario it means, and back."""

import contextlib
import re
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from playground.editor.form_state import FileRow, FormState, PeerRow, StepRow
from playground.editor.settings import SETTINGS
from playground.editor.to_scenario import FormError, form_of, scenario_of
from playground.gallery import incidents
from sandbox_runner.limits import ASYNC_REQUEST_BYTES_MAX, FILE_BYTES_MAX, REQUEST_BYTES_MAX
from sandbox_runner.scenario.model import Function, Scenario
from sandbox_runner.scenario.parts import Peer
from tests.builders import idle, invoke, recycle, scenario

GOOD = FormState(
    handler="app.handler",
    files=(FileRow("app.py", "def handler(event, context): return 1"),),
    steps=(StepRow("invoke", "tenant-a", '{"a": 1}'),),
)


def step(payload="{}", **fields):
    return {"steps": (StepRow(**{"kind": "invoke", "payload": payload, **fields}),)}


def file(name, text="x"):
    return {"files": (FileRow(name, text),)}


SAID_TOGETHER = {
    "environment": (
        {"environment": "1A=1\nAWS_REGION=x\nB1=1\nB1=2\nC"},
        "environment",
        ["1A", "AWS_REGION", "Line 4", "Line 5"],
    ),
    "step": (
        {"steps": (StepRow("invoke", payload="{,", times="999"),)},
        "step-1",
        ["'999'", "not valid JSON"],
    ),
    "dependencies": ({"dependencies": "-r a\nrequests\ngit+https://x.example/y"}, "dependencies", ["line 1", "line 3"]),
}


@pytest.mark.parametrize(("typed", "field", "said"), SAID_TOGETHER.values(), ids=SAID_TOGETHER.keys())
def test_everything_that_is_wrong_in_one_field_is_said_at_once(typed, field, said):
    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, **typed))
    assert [each for each in said if each not in refused.value.errors[field]] == []
    assert all(refused.value.errors[field].count(each) == 1 for each in said)


BAD = {
    "a dependency from an address": (
        {"dependencies": "requests\ngit+https://example.org/x.git"},
        "dependencies",
        "requirements.txt, line 2: git+https://example.org/x.git is an address",
    ),
    "a manifest with an option": (file("requirements.txt", "-e ."), "file-1", "the option -e is not supported"),
    "AWS services that are no YAML": ({"account": "- {"}, "account", "line 2"),
    "a service that there is not": ({"account": "- dynamo.create_table: {}"}, "account", "dynamodb"),
    "an operation without its parameters": ({"account": "- s3.create_bucket: {}"}, "account", "Bucket"),
    "extensions that are no YAML": ({"extensions": "- {"}, "extensions", "line 2"),
    "extensions that are no mapping": ({"extensions": "tap"}, "extensions", ""),
    "an extension's name that is a path": ({"extensions": "a/b: x"}, "extensions", "a/b"),
    "AWS services that are text": ({"account": "orders"}, "account", ""),
    "no code": (file("app.py", "  \n"), "files", "no code yet; paste a handler"),
    "no file at all": ({"files": ()}, "files", "paste a handler"),
    "a file without a name": (file(""), "file-1", "has no name"),
    "two files of one name": ({"files": (FileRow("a.py", "x"), FileRow("a.py", "y"))}, "file-2", "rename one"),
    "a file over 256 KB": (file("app.py", "x" * (FILE_BYTES_MAX + 1)), "file-1", "262,145 bytes"),
    "a file above the task root": (file("../app.py"), "file-1", "not inside the task root"),
    "an absolute path": (file("/etc/app.py"), "file-1", "not inside the task root"),
    "no handler": ({"handler": ""}, "handler", "The handler is missing"),
    "a handler with a blank": ({"handler": "app handler"}, "handler", "The handler cannot be"),
    "an unknown runtime": ({"runtime": "ruby3.3"}, "runtime", "a zip with a bootstrap for provided.al2023"),
    "memory too small": ({"memory_mb": "1"}, "memory_mb", "Memory cannot be 1; choose 128 to 10240"),
    "memory below nought": ({"memory_mb": "-1"}, "memory_mb", "Memory cannot be -1"),
    "memory that is no number": ({"memory_mb": "NaN"}, "memory_mb", "whole number"),
    "memory beyond all numbers": ({"memory_mb": "9" * 5000}, "memory_mb", "whole number"),
    "no timeout": ({"timeout_s": ""}, "timeout_s", "whole number"),
    "a timeout with decimals": ({"timeout_s": "1.5"}, "timeout_s", "whole number"),
    "a timeout too long": ({"timeout_s": "901"}, "timeout_s", "The timeout cannot be 901"),
    "a variable without a value": ({"environment": "A1=1\nB"}, "environment", "Line 2"),
    "a variable set twice": ({"environment": "A1=1\nA1=2"}, "environment", "a second time"),
    "a variable that is no name": ({"environment": "1A=1"}, "environment", "cannot be an environment variable"),
    "no steps": ({"steps": ()}, "steps", "add at least one request"),
    "more than 200 steps": ({"steps": (StepRow("recycle"),) * 201}, "steps", "at most 200"),
    "a payload that is no JSON": (step("{\n oops}"), "step-1", "line 2, column 2"),
    "an empty payload": (step(" "), "step-1", "has no payload"),
    "a payload to be made that is too short": (step("1 bytes"), "step-1", "The size of the payload of step 1 "),
    "a payload with NaN": (step("[NaN]"), "step-1", "NaN"),
    "a payload with 1e999": (step("[1e999]"), "step-1", "too large"),
    "a payload over 6 MB": (step(f'"{"x" * REQUEST_BYTES_MAX}"'), "step-1", "6,291,458 bytes"),
    "a caller of 65 characters": (step(principal="x" * 65), "step-1", "The caller of step 1"),
    "a wait that is none": (step(kind="idle", idle="soon"), "step-1", "write a duration"),
    "a wait without a length": (step(kind="idle"), "step-1", "write a duration"),
    "a wait of days": (step(kind="idle", idle="100h"), "step-1", "The wait of step 1"),
    "an asynchronous payload over 1 MB": (
        step(f'"{"x" * ASYNC_REQUEST_BYTES_MAX}"', type="event"),
        "step-1",
        "1,048,576 of an asynchronous request",
    ),
    "a request together with none": (step(kind="together"), "step-1", "put one there"),
    "a request together with a wait": (
        {"steps": (StepRow("idle", idle="1s"), StepRow("together", payload="1"))},
        "step-2",
        "put one there",
    ),
    "a request nought times": (step(times="0"), "step-1", "from 1 to 100"),
    "a request many times": (step(times="101"), "step-1", "from 1 to 100"),
    "environments in letters": (step(kind="initialize", times="two"), "step-1", "from 1 to 100"),
    "over 100 requests at once": (
        {"steps": (StepRow("invoke", payload="1", times="60"), StepRow("together", payload="1", times="60"))},
        "step-1",
        "at most 100",
    ),
    "the caller of the second of two requests": (
        {"steps": (StepRow("invoke", payload="1"), StepRow("together", "x" * 65, "1"))},
        "step-2",
        "The caller of step 2",
    ),
    "more than 16 MB altogether": (step(f'"{"x" * 1_000_000}"', times="20"), "steps", "16,777,216 bytes together"),
    "a setting that is no number": ({"settings": {"reserved_concurrency": "one"}}, "reserved_concurrency", "whole"),
    "a setting beyond its range": ({"settings": {"max_retry_attempts": "3"}}, "max_retry_attempts", "retries"),
    "a setting that is no choice": ({"settings": {"log_format": "xml"}}, "log_format", "The log format"),
    "a destination that is none": ({"settings": {"on_failure": "jobs"}}, "on_failure", "destination on failure cannot"),
    "a dead-letter queue that is a function": (
        {"settings": {"dead_letter": "arn:aws:lambda:us-east-1:123456789012:function:demo"}},
        "dead_letter",
        "The dead-letter queue cannot",
    ),
    "a limit that is no time": ({"settings": {"init_limit": "soon"}}, "init_limit", "The init limit"),
    "a peer without a name": ({"peers": (PeerRow("", "7000"),)}, "peer-1", "Peer 1 has no name"),
    "a peer of a wrong name": ({"peers": (PeerRow(""), PeerRow("Back end"))}, "peer-2", "The name of peer"),
    "a peer's port that is no number": ({"peers": (PeerRow("b", "http"),)}, "peer-1", "The port of peer 1"),
    "a peer's port out of range": ({"peers": (PeerRow("b", "80"),)}, "peer-1", "The port of peer 1"),
    "an unknown kind of step": (step(kind="explode"), "step-1", "choose one of"),
}


@pytest.mark.parametrize(("change", "field", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_has_one_sentence_at_its_field(change, field, words):
    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, **change))

    assert list(refused.value.errors) == [field]
    assert words in refused.value.errors[field]


def test_every_field_that_needs_mending_is_named_at_once():
    state = replace(GOOD, handler="", memory_mb="x", **step("{"))

    with pytest.raises(FormError) as refused:
        scenario_of(state)

    assert set(refused.value.errors) == {"handler", "memory_mb", "step-1"}


def test_what_the_emulator_minds_is_said_together_with_what_the_form_minds():
    steps = (StepRow("invoke", payload="{oops"), StepRow("idle", idle="soon"))
    settings = {"tmp_mb": "1", "provisioned_concurrency": "2"}
    state = replace(GOOD, handler="non sense", memory_mb="12", timeout_s="9999", steps=steps, settings=settings)

    with pytest.raises(FormError) as refused:
        scenario_of(state)

    assert set(refused.value.errors) == {
        *("handler", "memory_mb", "timeout_s", "step-1", "step-2"),
        *("tmp_mb", "provisioned_concurrency", "initialization"),
    }


def test_rows_nobody_filled_in_are_left_out():
    steps = (StepRow(""), StepRow("invoke", "a", "1"), StepRow(""), StepRow("idle", idle="x"))

    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, steps=steps, files=(*GOOD.files, FileRow("", " "))))

    assert list(refused.value.errors) == ["step-4"]


def test_a_pasted_scenario_counts_instead_of_the_fields():
    steps = "steps: [{idle: 2s}, {invoke: {payload: 1}}]"
    pasted = f"function: {{runtime: python3.13, handler: app.handler, files: {{app.py: x}}}}\n{steps}"

    found = scenario_of(FormState(scenario_text=pasted))

    assert found.steps[0].idle == 2


def test_an_unknown_key_of_a_pasted_scenario_is_named_with_its_line_and_the_nearest():
    pasted = "function: {runtime: python3.13, handler: app.handler, files: {app.py: x}}\nstepz: [{idle: 2s}]"

    with pytest.raises(FormError) as refused:
        scenario_of(FormState(scenario_text=pasted))

    assert "line 2" in refused.value.errors["scenario"]
    assert "did you mean steps?" in refused.value.errors["scenario"]


COPIED = {
    "requests, waits and recycling": scenario(invoke({"ä": "\u2028"}, "a"), idle(0.25), recycle()),
    "variables": scenario(environment={"STAGE": "dev=1"}),
    "a function's name, which the form has no field for": scenario(name="other"),
    "one request of a concurrent step, which the form has no rows for": scenario({"concurrent": [{"payload": 1}]}),
    "the log's settings": scenario(log_format="json", log_level="DEBUG", system_log_level="WARN", cpu="proportional"),
    "requests at the same moment": scenario(
        {"concurrent": [{"payload": 1, "as": "a"}] * 3 + [{"payload": 2}, {"payload": 1, "type": "event"}]}, invoke(3)
    ),
    "prepared and recycled environments": scenario({"initialize": 2}, invoke(1), {"recycle": "one"}),
    "a request whose payload is made to a size": scenario({"invoke": {"payload_bytes": 6_991_583}}),
    "an asynchronous request": scenario({"invoke": {"payload": 1, "type": "event"}}),
    "the service's settings": scenario(invoke(1)).model_copy(
        update={
            "initialization": "provisioned-concurrency",
            "provisioned_concurrency": 2,
            "reserved_concurrency": 3,
            "max_retry_attempts": 0,
            "max_event_age_s": 60,
            "placement": "least-recently-used",
            "spare_environments": True,
            "spin_down_after": 90.5,
            "init_limit": 1.0,
            "peers": (Peer(name="backend"), Peer(name="q", port=7001, max_clients=0, echo=False, close_after=0.5)),
        }
    ),
    "an account and calls to it, which the form has no field for": Scenario.model_validate(
        {
            "version": 2,
            "function": scenario().to_json()["function"],
            "account": {"resources": [{"sqs.create_queue": {"QueueName": "jobs"}}]},
            "steps": [{"call": {"sqs.send_message": {"QueueUrl": "jobs", "MessageBody": "x"}, "as": "a"}}, invoke(1)],
        }
    ),
    "what asynchronous requests are sent to": Scenario.model_validate(
        {
            "version": 2,
            "function": scenario().to_json()["function"],
            "account": {"resources": [{"sqs.create_queue": {"QueueName": "jobs"}}]},
            "on_success": "arn:aws:sqs:us-east-1:123456789012:jobs",
            "on_failure": "arn:aws:s3:::kept",
            "dead_letter": "arn:aws:sns:us-east-1:123456789012:news",
            "steps": [{"invoke": {"payload": 1, "type": "event"}}],
        }
    ),
    "a long wait": scenario(invoke(1), idle(1234.567)),
    "a value of several lines": scenario(environment={"STAGE": "one\ntwo"}),
    "extensions": scenario(extensions={"tap": "#!/bin/sh\nexec sleep 60\n", "b.py": "#!/usr/bin/env python3"}),
}


@pytest.mark.parametrize("original", COPIED.values(), ids=COPIED.keys())
def test_an_edited_copy_begins_as_the_same_scenario(original):
    assert scenario_of(form_of(original)) == original


@pytest.mark.parametrize("name", [name for name in COPIED if "has no" not in name and "lines" not in name])
def test_the_form_has_a_field_for_all_of_it(name):
    assert form_of(COPIED[name]).scenario_text == ""


@pytest.mark.parametrize("run", [run for one in incidents() for run in one.runs], ids=lambda run: run.slug)
def test_every_gallery_scenario_of_one_function_fits_into_the_forms_own_fields(run):
    state = form_of(run.scenario)

    assert (state.scenario_text == "") == (run.scenario.function is not None)
    assert scenario_of(state) == run.scenario


CONTRADICTIONS = {
    "provisioned with none": (
        {"initialization": "provisioned-concurrency"},
        {"initialization", "provisioned_concurrency"},
    ),
    "provisioned on demand": ({"provisioned_concurrency": "2"}, {"initialization", "provisioned_concurrency"}),
    "fewer reserved than provisioned": (
        {"initialization": "provisioned-concurrency", "provisioned_concurrency": "2", "reserved_concurrency": "1"},
        {"reserved_concurrency", "provisioned_concurrency"},
    ),
    "a destination beside no services": (
        {"on_success": "arn:aws:sqs:us-east-1:123456789012:done"},
        {"on_success", "account"},
    ),
}


@pytest.mark.parametrize(("settings", "fields"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_a_contradiction_is_said_at_both_fields_in_the_pages_words(settings, fields):
    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, settings=settings))

    assert set(refused.value.errors) == fields
    (sentence,) = set(refused.value.errors.values())
    assert "_" not in sentence


def test_a_step_that_contradicts_a_setting_is_said_at_both():
    steps = (StepRow("invoke", payload="1"), StepRow("initialize", times="1"))

    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, settings={"reserved_concurrency": "0"}, steps=steps))

    assert set(refused.value.errors) == {"step-2", "reserved_concurrency"}
    assert refused.value.errors["step-2"].startswith("Step 2 prepares environments and reserved concurrency is 0")


def test_peers_of_one_port_are_said_at_both():
    peers = (PeerRow("a", "7000"), PeerRow(""), PeerRow("b", "7000"))

    with pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, peers=peers))

    assert set(refused.value.errors) == {"peer-1", "peer-3"}


def test_peers_nobody_filled_in_are_left_out():
    assert scenario_of(replace(GOOD, peers=(PeerRow("", echo="no"),))).peers == ()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_a_setting_is_a_field_of_the_scenario(setting):
    assert setting.name in (Function if setting.of_function else Scenario).model_fields


@given(st.builds(FormState, *[st.text(max_size=20)] * 7, st.lists(st.builds(FileRow, st.text(), st.text())).map(tuple)))
def test_whatever_is_typed_means_a_scenario_or_says_why_not(state):
    with contextlib.suppress(FormError):
        assert scenario_of(state).steps


def test_what_the_emulator_refuses_is_said_in_the_pages_language_with_the_forms_words():
    with translation.override("ja"), pytest.raises(FormError) as refused:
        scenario_of(replace(GOOD, settings={"provisioned_concurrency": "2"}))

    assert set(refused.value.errors) == {"provisioned_concurrency", "initialization"}
    (sentence,) = set(refused.value.errors.values())
    assert not re.search("[a-z]_[a-z]", sentence)
    assert sentence.endswith("プロビジョニング済みを選ぶか、0 にしてください。")


@pytest.mark.parametrize(
    ("runtime", "handler", "manifest", "text"),
    [
        ("python3.13", "app.handler", "requirements.txt", "requests\npydantic==2.*\n"),
        (
            "nodejs22.x",
            "index.handler",
            "package.json",
            '{\n  "dependencies": {\n    "@a/b": "^1",\n    "axios": "*"\n  }\n}\n',
        ),
    ],
)
def test_dependencies_become_the_manifest_and_are_installed(runtime, handler, manifest, text):
    wanted = "requests\npydantic==2.*" if runtime.startswith("python") else "@a/b@^1\n\naxios\n"
    state = replace(GOOD, runtime=runtime, handler=handler, dependencies=wanted)
    function = scenario_of(state).function
    assert function.files[manifest] == text
    assert function.dependencies == "auto"


def test_dependencies_of_a_runtime_that_another_stands_in_for_are_installed():
    function = scenario_of(replace(GOOD, runtime="python3.12", dependencies="requests")).function
    assert function.files["requirements.txt"] == "requests\n"
    assert function.dependencies == "auto"


def test_dependencies_are_added_to_a_manifest_that_is_there():
    files = (*GOOD.files, FileRow("requirements.txt", "boto3==1.44"))
    assert scenario_of(replace(GOOD, files=files, dependencies="requests")).function.files["requirements.txt"] == (
        "boto3==1.44\nrequests\n"
    )


def test_a_copy_of_a_function_with_packages_is_a_form_and_means_the_same():
    function = {"files": {"app.py": "x", "requirements.txt": "requests\n"}}
    for dependencies in ({"dependencies": "auto"}, {}):
        state = form_of(scenario(**function, **dependencies))
        assert not state.scenario_text
        assert scenario_of(state).function.dependencies == "auto"


TABLE = """\
- s3.create_bucket:
    Bucket: letters
"""


def test_aws_services_are_a_field_and_a_copy_has_the_same():
    played = scenario_of(replace(GOOD, account=TABLE))
    assert [each.written for each, _ in played.account.operations()] == ["s3.create_bucket"]
    assert form_of(played).account == TABLE
    assert scenario_of(form_of(played)) == played


@pytest.mark.parametrize("account", ["services: auto", "services: [s3]\nresources: []", "{}"])
def test_a_whole_account_is_written_as_a_mapping(account):
    played = scenario_of(replace(GOOD, account=account))
    assert played.account is not None
    assert scenario_of(form_of(played)) == played


def test_a_function_that_wants_none_of_its_packages_stays_so():
    told = scenario(files={"app.py": "x", "requirements.txt": "requests\n"}, dependencies="none")
    assert scenario_of(form_of(told)) == told
