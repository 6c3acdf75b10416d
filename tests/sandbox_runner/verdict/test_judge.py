"""The verdict over event logs that were built by hand."""

import time

import pytest

from sandbox_runner.events.records import (
    LateWork,
    Metrics,
    PlatformInitReport,
    ProofStopped,
    ReplayAnswered,
    ReplayStarted,
    StateCaptured,
    StateLeaf,
)
from sandbox_runner.messages import say
from sandbox_runner.results.model import Verdict
from sandbox_runner.results.pairs import apart
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.told import codes, seen, sentence


def test_another_principal_s_value_in_an_answer_is_a_leak_with_writer_reader_and_carrier(two_tenants):
    run = two_tenants().answered(1, {"body": "cold"}).answered(2, {"body": "warm, alice-7Qx"})
    run.alone(2, {"body": "cold"}, {"body": "cold"}).walked(0, last="None").walked(1, last="alice-7Qx")
    verdict = run.judged()
    (finding,) = verdict.findings
    assert verdict.verdict is Verdict.LEAK
    assert (finding.kind, finding.severity, finding.confidence) == ("answer-leak", "critical", "strong")
    assert (finding.writer.invocation, finding.writer.principal, finding.writer.leaf) == (1, "tenant-a", "v")
    assert (finding.reader.invocation, finding.reader.principal, finding.reader.output_path) == (2, "tenant-b", "body")
    assert finding.location.path == "app.last"
    assert seen(finding.evidence[0]) == {
        "value-sent": "alice-7Qx",
        "after-request": "warm, alice-7Qx",
        "cold-start": "cold",
    }
    assert sentence(verdict) == (
        "tenant-b received tenant-a's `v` (alice-7Qx). Carried by `app.last`, written at app.py line 7."
    )


CLEAN_OR_NOT = [
    ("nothing came out", {"b": 1}, [{"b": 1}, {"b": 1}], Verdict.CLEAN),
    ("the value is in the fresh answer too", "alice-7Qx", ["alice-7Qx", "alice-7Qx"], Verdict.CLEAN),
    ("what differs is volatile", {"id": "a3"}, [{"id": "a1"}, {"id": "a2"}], Verdict.CLEAN),
    ("a constant became another", {"n": 2}, [{"n": 1}, {"n": 1}], Verdict.HISTORY_DEPENDENT),
    ("a key came up", {"n": 1, "x": 2}, [{"n": 1}, {"n": 1}], Verdict.HISTORY_DEPENDENT),
    ("one fresh answer is not enough to say what is constant", {"n": 2}, [{"n": 1}], Verdict.UNDETERMINED),
    ("in upper case", "ALICE-7QX", ["", ""], Verdict.LEAK),
    ("as a key", {"alice-7Qx": 1}, [{}, {}], Verdict.LEAK),
    ("inside JSON in a body", {"body": '{"u": "alice-7Qx"}'}, [{"body": "{}"}] * 2, Verdict.LEAK),
    ("at the first of two equal names", b'{"1": "alice-7Qx", "1": 0}', [b'{"1": null, "1": 0}'] * 2, Verdict.LEAK),
    ("in an answer that is no JSON", b"<p>alice-7Qx</p>", [b"<p></p>", b"<p></p>"], Verdict.LEAK),
]


@pytest.mark.parametrize(
    ("description", "response", "fresh", "expected"), CLEAN_OR_NOT, ids=[r[0] for r in CLEAN_OR_NOT]
)
def test_the_second_answer_against_its_fresh_ones(two_tenants, description, response, fresh, expected):
    run = two_tenants().answered(1, "first").answered(2, response).alone(2, *fresh)
    assert run.walked(0).walked(1).judged().verdict is expected


def test_a_value_that_the_reader_sent_too_is_no_leak(two_tenants):
    run = two_tenants(first="Nagoya-shi", second="Nagoya-shi").answered(1, "x").answered(2, "Nagoya-shi")
    assert run.alone(2, "other", "other").judged().verdict is not Verdict.LEAK


def test_a_value_that_the_reader_s_principal_sent_earlier_is_no_leak():
    run = BuiltRun(({"v": "shared-55"}, "b"), ({"v": "shared-55"}, "a"), ({"v": "other-66"}, "b"))
    run.answered(1, "x").answered(2, "x").answered(3, "shared-55").alone(3, "x", "x")
    assert run.judged().verdict is Verdict.HISTORY_DEPENDENT


def test_a_constant_of_the_code_is_no_leak(two_tenants):
    app = 'PLANS = ["enterprise-2024"]\n# alice-7Qx is only named in a comment\ndef handler(e, c):\n    return PLANS\n'
    run = two_tenants(first="enterprise-2024", app=app).answered(1, "x").answered(2, "enterprise-2024")
    assert run.alone(2, "y", "y").judged().verdict is Verdict.HISTORY_DEPENDENT


def test_a_value_in_a_comment_of_the_code_is_still_a_marker(two_tenants):
    run = (
        two_tenants(app="# alice-7Qx\ndef handler(e, c):\n    '''alice-7Qx'''\n")
        .answered(1, "x")
        .answered(2, "alice-7Qx")
    )
    assert run.alone(2, "y", "y").judged().verdict is Verdict.LEAK


def test_a_value_of_the_configuration_is_no_leak(two_tenants):
    run = two_tenants(environment={"OWNER": "alice-7Qx"}).answered(1, "x").answered(2, "alice-7Qx").alone(2, "y", "y")
    assert run.judged().verdict is Verdict.HISTORY_DEPENDENT


def test_the_same_principal_s_own_data_is_history_and_no_leak():
    run = BuiltRun(({"v": "alice-7Qx"}, "a"), ({"v": "other-66"}, "a")).answered(1, "x").answered(2, "alice-7Qx")
    verdict = run.alone(2, "y", "y").judged()
    assert verdict.verdict is Verdict.HISTORY_DEPENDENT
    assert verdict.findings[0].severity == "info"


def test_requests_without_a_principal_are_each_their_own_and_are_not_named():
    run = BuiltRun(({"v": "alice-7Qx"}, None), ({"v": "bob-91Kz"}, None)).answered(1, "x").answered(2, "alice-7Qx")
    assert sentence(run.alone(2, "y", "y").judged()).startswith("Request 2 received request 1's `v` (alice-7Qx). ")


def test_a_value_in_the_log_is_a_log_leak(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x", log=("INFO user=alice-7Qx",)).alone(2, "x", "x")
    (finding,) = run.judged().findings
    assert (finding.kind, finding.severity, finding.reader.output_path) == ("log-leak", "high", "log")


LATE = {"started_by": 1, "ran_in": 2, "kind": "promise", "text": "audit: alice-7Qx"}
EVIDENCE = say("replay-shows-work", work="promise", request=1)


def late_line(two_tenants, **work):
    run = two_tenants().answered(1, "x").answered(2, "x", log=("INFO audit: alice-7Qx",)).alone(2, "x", "x")
    return run.add(LateWork(**LATE | {"evidence": EVIDENCE} | work), "env-1").judged()


def test_a_line_that_late_work_wrote_needs_no_carrier(two_tenants):
    """Its fingerprint is that of the same line where nobody found out who wrote it."""
    (finding,) = late_line(two_tenants).findings
    assert finding.kind == "background-log"
    assert sentence(finding) == (
        "tenant-b's log shows tenant-a's `v` (alice-7Qx). A promise that request 1 had left running wrote it."
    )
    (unknown,) = late_line(two_tenants, text="another line").findings
    assert (unknown.kind, unknown.fingerprint) == ("log-leak", finding.fingerprint)


@pytest.mark.parametrize(
    "work", [{"ran_in": 3}, {"started_by": 0}, {"text": "another line"}, {"text": ""}, {"effect": "file"}]
)
def test_late_work_of_another_kind_says_nothing_of_the_line(two_tenants, work):
    assert codes(late_line(two_tenants, **work)) == ("value-logged", "carrier-unknown")


def test_late_work_that_a_probe_saw_at_work_is_named_with_it(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x", log=("INFO audit: alice-7Qx",)).alone(2, "x", "x")
    at = "threading.enumerate()"
    leaf = StateLeaf(root="python-module", carrier=at, path=f"{at}['T']._args[0]", kind="str", value="alice-7Qx")
    run.walked(0).add(StateCaptured(after_index=1, leaves=(leaf,), nodes=1, truncated=False), "env-1")
    (finding,) = run.add(LateWork(**LATE | {"evidence": EVIDENCE, "kind": "thread"}), "env-1").judged().findings
    assert (finding.kind, finding.location.path) == ("background-log", at)
    assert finding.carrier_confirmed, "the probe saw that thread write the line"


@pytest.mark.parametrize("is_seen", [False, True], ids=["found nowhere", "one of them seen with the thread"])
def test_a_late_line_with_two_values_is_one_finding(is_seen):
    run = BuiltRun(({"v": "alice-7Qx", "mail": "alice@example.com"}, "a"), ({"v": "bob-91Kz"}, "b"))
    line = "audit: alice-7Qx alice@example.com"
    run.answered(1, "x").answered(2, "x", log=(f"INFO {line}",)).alone(2, "x", "x")
    at = "threading.enumerate()"
    leaf = StateLeaf(root="python-module", carrier=at, path=f"{at}['T']._args[0]", kind="str", value="alice-7Qx")
    run.walked(0).add(
        StateCaptured(after_index=1, leaves=(leaf,) if is_seen else (), nodes=1, truncated=False), "env-1"
    )
    run.add(LateWork(**LATE | {"evidence": EVIDENCE, "kind": "thread", "text": line}), "env-1")
    (finding,) = run.judged().findings
    assert (finding.kind, finding.location and finding.location.path) == ("background-log", at if is_seen else None)
    assert [finding.writer.leaf, *(pair.writer.leaf for pair in finding.pairs)] == ["v", "mail"]
    assert codes(finding)[-1] == "more-values-alike"


def test_a_log_leak_does_not_hide_that_the_answer_depends_on_history(two_tenants):
    run = two_tenants().answered(1, 1).answered(2, 2, log=("user=alice-7Qx",)).alone(2, 1, 1)
    assert [finding.kind for finding in run.judged().findings] == ["log-leak", "history-dependent"]


def test_a_line_that_the_fresh_log_has_too_is_no_leak(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x", log=("alice-7Qx",)).alone(2, "x", "x", log=("alice-7Qx",))
    assert run.judged().verdict is Verdict.CLEAN


def test_the_form_in_which_it_came_out_is_said(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "ALICE-7QX").alone(2, "y", "y")
    assert "tenant-a's `v` (alice-7Qx), in upper case." in sentence(run.judged())


def test_without_a_fresh_answer_a_leak_is_suspected(two_tenants):
    (finding,) = two_tenants().answered(1, "x").answered(2, "alice-7Qx").judged().findings
    assert finding.confidence == "suspected"


def test_what_is_still_held_after_another_s_request_is_retained(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    verdict = run.walked(0).walked(1, last="alice-7Qx").walked(2, last="alice-7Qx").judged()
    assert verdict.verdict is Verdict.RETAINED
    assert sentence(verdict) == (
        "tenant-a's `v` is still held after tenant-b's request, but no answer or log showed it. "
        "Held in `app.last`, written at app.py line 7."
    )


@pytest.mark.parametrize(
    ("kind", "verdict"), [("timers.setInterval", Verdict.RETAINED), ("timers.setTimeout", Verdict.CLEAN)]
)
def test_a_timer_that_fires_once_retains_nothing(two_tenants, kind, verdict):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    held = {kind: "alice-7Qx"}
    assert run.walked(0).walked(1, **held).walked(2, **held).judged().verdict is verdict


def test_what_is_gone_before_another_s_request_ends_is_not_retained_and_said(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    verdict = run.walked(0).walked(1, last="alice-7Qx").walked(2, last="bob-91Kz").judged()
    assert verdict.verdict is Verdict.CLEAN
    assert sentence(verdict).endswith(
        " `app.last` kept tenant-a's `v` until tenant-b's request came; no answer or log showed it."
    )


def test_of_what_is_gone_before_another_s_request_comes_nothing_is_said(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    assert "kept" not in sentence(run.walked(0).walked(1, last="").walked(2, last="bob-91Kz").judged())


def test_what_module_code_holds_from_the_start_is_not_retained(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    assert (
        run.walked(0, l="alice-7Qx").walked(1, l="alice-7Qx").walked(2, l="alice-7Qx").judged().verdict is Verdict.CLEAN
    )


def test_a_leak_is_not_reported_as_retained_as_well(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "alice-7Qx").alone(2, "y", "y")
    run.walked(0).walked(1, last="alice-7Qx").walked(2, last="alice-7Qx")
    assert [finding.kind for finding in run.judged().findings] == ["answer-leak"]


def test_a_file_is_a_carrier(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "alice-7Qx").alone(2, "y", "y").walked(0)
    assert "Carried by the file `/tmp/kept`" in sentence(run.walked(1, _tmp_kept="alice-7Qx").judged())


def test_after_a_timeout_the_walk_after_the_reader_names_the_carrier(two_tenants):
    run = two_tenants().answered(1, "x", outcome="timeout").answered(2, "alice-7Qx").alone(2, "y", "y")
    (finding,) = run.walked(0).walked(2, _tmp_kept="alice-7Qx").judged().findings
    assert finding.location.path == "/tmp/kept"


def test_after_a_crash_the_walk_after_the_next_init_says_what_was_left():
    """Memory went with the process; what stayed in /tmp carried both orders."""
    run = BuiltRun(({"order": "A-1001"}, "alice"), ({"order": "A-1002"}, "alice"), ({"order": "B-2002"}, "bob"))
    run.answered(1, ["A-1001"]).answered(2, "x", outcome="runtime-exit").answered(3, ["A-1001", "A-1002", "B-2002"])
    run.alone(3, ["B-2002"], ["B-2002"]).walked(0, basket="").walked(1, basket="A-1001", _tmp_orders="A-1001\n")
    run.walked(0, basket="", _tmp_orders="A-1001\nA-1002\n").walked(3, basket="B-2002", _tmp_orders="A-1001\n…")
    assert {each.location.path for each in run.judged().findings} == {"/tmp/orders"}


@pytest.mark.parametrize(
    ("outcome", "left", "confirmed"),
    [
        ("timeout", {"_tmp_user": "alice-7Qx"}, True),
        ("timeout", {"_tmp_user": "alice-7Qx", "_tmp_at": "12:00"}, False),
        ("success", {"_tmp_user": "alice-7Qx"}, False),
    ],
    ids=["it alone stayed", "another one, too", "the process stayed"],
)
def test_a_file_that_alone_stayed_after_a_crash_is_confirmed_by_the_fresh_answers(outcome, left, confirmed):
    """Nothing else did, so a fresh answer is the answer with that file put back."""
    run = BuiltRun(("alice-7Qx", "a"), ("bob-91Kz", "b")).answered(1, "x", outcome=outcome).answered(2, "alice-7Qx")
    run.alone(2, None, None).walked(0, kept="").walked(0 if outcome == "timeout" else 1, kept="", **left)
    for number in (7, 8):
        run.add(ReplayStarted(purpose="interference", indexes=(1, 2), round=1, replay=number))
        for index, came_to, response in ((1, outcome, "x"), (2, "success", '"alice-7Qx"')):
            record = {"purpose": "interference", "round": 1, "replay": number, "outcome": came_to}
            run.add(ReplayAnswered(**record, index=index, response=response), None, f"id-{number}-{index}")
    (finding,) = run.judged().findings
    assert (finding.location.path, finding.carrier_confirmed) == ("/tmp/user", confirmed)


def test_the_first_walk_of_another_replay_is_not_taken_for_one_after_a_crash():
    run = BuiltRun(({"order": "A-1001"}, "alice"), ({"order": "B-2002"}, "bob"))
    run.answered(1, "x", outcome="runtime-exit").answered(2, "A-1001").alone(2, "y", "y")
    for number in (7, 8):
        run.add(ReplayStarted(purpose="xray", indexes=(1, 2), round=1, replay=number)).walked(0)
    assert set(run.facts().states["env-1"]) == {0}
    assert set(run.walked(0, _tmp_orders="A-1001").facts().states["env-1"]) == {0, 1}


def test_a_history_that_a_second_playing_does_not_show_is_none(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "tails").alone(2, "heads", "heads")
    assert run.replayed(1, 2, response="heads", round_=3).judged().verdict is Verdict.CLEAN


def test_a_history_that_every_playing_shows_is_strong(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, 2).alone(2, 1, 1).replayed(1, 2, response=2, round_=3)
    (finding,) = run.judged().findings
    assert (finding.confidence, finding.evidence[0].repeats) == ("strong", 2)
    assert finding.reproduces_with == (1, 2)


def test_where_a_second_playing_refutes_one_difference_the_others_count_no_more():
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), ({"v": 3}, "c"))
    run.answered(1, "x").answered(2, "12:01").answered(3, "12:01")
    run.alone(2, "12:02", "12:02").alone(3, "12:02", "12:02").replayed(1, 2, response="12:02", round_=3)
    assert run.judged().verdict is Verdict.CLEAN


def test_a_word_out_of_a_sentence_is_a_leak_of_a_part_of_it(two_tenants):
    run = two_tenants(first="ship it to alice@example.com please").answered(1, "x").answered(2, "for alice@example.com")
    verdict = run.alone(2, "for nobody", "for nobody").judged()
    assert len(verdict.findings) == 1
    assert sentence(verdict).startswith("tenant-b received part of tenant-a's `v` (alice@example.com).")


def test_a_counter_is_named_as_what_an_answer_depends_on(two_tenants):
    run = two_tenants().answered(1, 1).answered(2, 2).alone(2, 1, 1)
    run.walked(0, count="0", other="a").walked(1, other="b", count="1")
    assert run.judged().findings[0].location.path == "app.count"


def test_a_request_alone_is_clean_and_the_checks_say_why():
    verdict = BuiltRun(({"v": "alice-7Qx"}, "a")).answered(1, "alice-7Qx").judged()
    assert verdict.verdict is Verdict.NOTHING_TO_COMPARE
    assert sentence(verdict) == "No environment was reused, so nothing could be held over. Add a second request."
    assert not any(check.done for check in verdict.checks)


ERROR = {"errorType": "KeyError", "errorMessage": "'httpMethod'"}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (ERROR, ERROR, "the error `KeyError: 'httpMethod'`"),
        (ERROR, {"errorType": "ValueError", "errorMessage": ""}, "an error"),
        ("x", "x", "an error"),
    ],
)
def test_equal_errors_are_clean_and_said_to_be_all_that_was_tried(two_tenants, first, second, said):
    run = two_tenants().answered(1, first, outcome="function-error").answered(2, second, outcome="function-error")
    verdict = run.alone(2, second, second, outcome="function-error").judged()
    assert verdict.verdict is Verdict.CLEAN
    assert sentence(verdict).endswith(
        f"But every request ended in {said}. What the handler does otherwise was not tried."
    )


def failing(app, first):
    """Two requests, the first with this payload, that both failed in the same way."""
    error = {"errorType": "KeyError", "errorMessage": "'httpMethod'"}
    run = BuiltRun((first, "a"), ({"v": "bob-9Zk"}, "b"), app=app)
    for request in (1, 2):
        run.answered(request, error, outcome="function-error")
    return run.alone(2, error, error, outcome="function-error").judged()


READS_METHOD = "def handler(event, context):\n    return event['httpMethod']\n"


def test_errors_for_want_of_an_event_name_what_the_code_reads_and_the_template_that_has_it():
    assert sentence(failing(READS_METHOD, {"v": "alice-7Qx"})).endswith(
        "The code reads `httpMethod`, which no request sends. Make the events with the template `apigateway-v1`."
    )


@pytest.mark.parametrize(
    ("app", "first"), [(READS_METHOD, {"httpMethod": "GET"}), ("def handler(event, context):\n    return 1 / 0\n", {})]
)
def test_nothing_is_said_of_events_where_one_was_sent_and_where_none_is_read(app, first):
    assert "event-not-sent" not in {message.code for message in failing(app, first).messages}


@pytest.mark.parametrize("outcome", ["out-of-memory", "runtime-exit"])
def test_processes_that_all_ended_are_said_to_be_all_that_was_tried(two_tenants, outcome):
    def ended(request_id):
        return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: signal: killed"}

    run = two_tenants().answered(1, ended("id-of-1"), outcome=outcome).answered(2, ended("id-of-2"), outcome=outcome)
    for number in (1, 2):
        run.replayed(2, response=ended(f"id-of-replay-{len(run.events) + 1}"), round_=number, outcome=outcome)
    said = run.judged().messages[-1]
    assert (said.code, said.params["error"]) == ("all-failed", "Runtime.ExitError: Error: signal: killed")


def test_errors_for_want_of_a_variable_name_it():
    app = "import os\n\n\ndef handler(event, context):\n    return os.environ['TABLE'] + event['v']\n"
    trace = ['  File "/var/task/app.py", line 5, in handler\n']
    error = {"errorType": "KeyError", "errorMessage": "'TABLE'", "stackTrace": trace}
    run = BuiltRun(({"v": "alice-7Qx"}, "a"), ({"v": "bob-9Zk"}, "b"), app=app)
    for request in (1, 2):
        run.answered(request, error, outcome="function-error")
    last = run.alone(2, error, error, outcome="function-error").judged().messages[-1]
    assert (last.code, last.params["name"]) == ("variable-missing", "TABLE")


@pytest.mark.parametrize(
    "said",
    [
        'Could not connect to the endpoint URL: "https://ec2.us-east-1.amazonaws.com/"',
        "getaddrinfo ENOTFOUND ec2.us-east-1.amazonaws.com",
    ],
)
def test_errors_for_want_of_a_service_name_where_nothing_answers(two_tenants, said):
    error = {"errorType": "E", "errorMessage": said}
    run = two_tenants().answered(1, error, outcome="function-error").answered(2, error, outcome="function-error")
    verdict = run.alone(2, error, error, outcome="function-error").judged()

    assert sentence(verdict).endswith(
        "Nothing answers at ec2.us-east-1.amazonaws.com here. "
        "The scenario has no AWS services; write account: {services: auto} at its top."
    )


def test_one_answer_is_enough_to_have_tried_the_handler(two_tenants):
    run = two_tenants().answered(1, ERROR, outcome="function-error").answered(2, 1).alone(2, 1, 1)
    assert "all-failed" not in {message.code for message in run.judged().messages}


def test_requests_in_environments_of_their_own_cannot_be_compared(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "alice-7Qx", environment="env-2")
    assert run.judged().verdict is Verdict.NOTHING_TO_COMPARE


def test_nothing_that_ran_is_undetermined(two_tenants):
    assert two_tenants().throttled(1).throttled(2).judged().verdict is Verdict.UNDETERMINED
    assert two_tenants().judged().verdict is Verdict.UNDETERMINED
    failed = two_tenants().answered(1, "x", outcome="init-error").answered(2, "x", outcome="init-error")
    assert failed.judged().verdict is Verdict.UNDETERMINED


def test_without_any_replay_clean_cannot_be_said(two_tenants):
    assert two_tenants().answered(1, "x").answered(2, "x").judged().verdict is Verdict.UNDETERMINED


def test_a_throttled_request_holds_nothing_over(two_tenants):
    run = two_tenants().throttled(1).answered(2, "alice-7Qx")
    assert run.judged().verdict is Verdict.NOTHING_TO_COMPARE


def test_an_answer_that_was_cut_makes_its_finding_truncated(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, b'{"a": "alice-7Qx', cut=10).alone(2, "y", "y")
    assert run.judged().findings[0].truncated


def test_an_answer_that_was_cut_is_not_compared_with_whole_ones(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, b'{"a": "b', cut=10).alone(2, "y", "y")
    assert run.judged().verdict is Verdict.CLEAN


def test_equal_payloads_share_their_fresh_answers():
    run = BuiltRun(({"v": "p"}, "a"), ({"v": "p"}, "b"), ({"v": "p"}, "c"))
    run.answered(1, 1).answered(2, 2).answered(3, 3).alone(2, 1, 1)
    (finding,) = run.judged().findings
    assert [each.reader.invocation for each in apart(finding)] == [2, 3]


def test_a_fresh_answer_that_timed_out_says_nothing(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "slow", "slow", outcome="timeout").walked(0)
    assert run.judged().verdict is Verdict.UNDETERMINED
    assert codes(run.judged()) == ("too-few-cold-starts",)


def three(*compared):
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), ({"v": 3}, "c")).answered(1, 1).answered(2, 2).answered(3, 3)
    for index in compared:
        run.alone(index, index, index)
    return run.walked(0)


def test_what_replays_had_no_time_for_is_not_called_clean():
    judged = three(2).add(ProofStopped(played=4, wanted=6, why=say("seconds-used-up", seconds=10.0))).judged()
    assert judged.verdict is Verdict.UNDETERMINED
    assert sentence(judged) == (
        "No leak was seen, but only 1 of 2 warm answers was compared. The time limit for replays, 10 s, was reached."
    )


def test_replays_that_ended_after_every_comparison_leave_it_clean():
    judged = three(2, 3).add(ProofStopped(played=6, wanted=9, why=say("seconds-used-up", seconds=10.0))).judged()
    assert judged.verdict is Verdict.CLEAN
    assert codes(judged) == ("answers-match",)


def test_an_answer_that_cannot_be_compared_does_not_hinder():
    run = BuiltRun(*(({"v": number}, f"t{number}") for number in (1, 2, 3))).answered(1, 1).answered(2, 2)
    judged = run.answered(3, "", outcome="timeout").alone(2, 2, 2).walked(0).judged()
    assert judged.verdict is Verdict.CLEAN
    assert sentence(judged) == (
        "1 of 2 warm answers was compared with cold starts: it matches, and no data crossed between requests."
    )


def test_where_every_later_request_timed_out_that_is_said(two_tenants):
    run = two_tenants().answered(1, "x", outcome="timeout").answered(2, "x", outcome="timeout")
    loaded = {"initialization_type": "on-demand", "phase": "init", "status": "success"}
    judged = run.add(PlatformInitReport(metrics=Metrics(duration_ms=9), **loaded), "env-1").judged()
    assert judged.verdict is Verdict.UNDETERMINED
    assert sentence(judged) == (
        "Every warm request timed out, so there was no answer to compare. "
        "The timeout is 3 s: raise it, or look in the log for what the handler waits for."
    )


def test_any_beginning_of_a_run_can_be_judged(two_tenants):
    run = (
        two_tenants().answered(1, "x").answered(2, "alice-7Qx").alone(2, "y", "y").walked(0).walked(1, last="alice-7Qx")
    )
    whole = run.events
    for count in range(len(whole) + 1):
        run.events = whole[:count]
        assert run.judged().verdict in {Verdict.UNDETERMINED, Verdict.NOTHING_TO_COMPARE, Verdict.LEAK, Verdict.CLEAN}


def test_two_hundred_requests_are_judged_in_time():
    run = BuiltRun(
        *(({"v": f"user-{n:04}-Qx", "w": [f"item-{n}-{k}-Zy" for k in range(5)]}, f"t{n}") for n in range(200))
    )
    for n in range(1, 201):
        run.answered(n, {"body": f"user-{n - 2:04}-Qx " + "x" * 500})
    started = time.process_time()
    assert run.judged().verdict is Verdict.LEAK
    assert time.process_time() - started < 10


def test_no_word_of_a_form_is_repeated_at_any_length():
    run = BuiltRun(({"k" * 5_000: "alice-7Qx"}, "a"), ({"v": "b"}, "b")).answered(1, "x").answered(2, "alice-7Qx")
    assert len(sentence(run.judged())) < 400


def test_where_the_probe_was_disturbed_nothing_is_called_clean(two_tenants):
    run = (
        two_tenants()
        .answered(1, "x")
        .answered(2, "x")
        .alone(2, "x", "x")
        .walked(0)
        .walked(1, disturbed=say("probe-silent"))
    )
    judgement = run.judged()
    (xray,) = (check for check in judgement.checks if check.oracle == "xray")
    assert judgement.verdict is Verdict.UNDETERMINED
    assert codes(judgement) == ("answers-match", "probe-disturbed")
    assert (xray.done, sentence(xray).endswith("After request 1: the probe sent nothing.")) == (False, True)


def test_a_disturbed_probe_does_not_hide_a_leak(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "alice-7Qx").alone(2, None, None)
    assert run.walked(0).walked(1, disturbed=say("probe-silent")).judged().verdict is Verdict.LEAK


def unread(two_tenants, *walked, run="success", runtime="python3.13"):
    """Answers that match, and a walk whose requests came to ``walked``, of which no state arrived."""
    built = two_tenants(runtime=runtime).answered(1, "x", outcome=run).answered(2, "x", outcome=run)
    built.alone(2, "x", "x", outcome=run).add(ReplayStarted(purpose="xray", indexes=(1, 2), round=1, replay=9))
    for index, outcome in enumerate(walked, start=1):
        built.add(ReplayAnswered(purpose="xray", index=index, round=1, replay=9, outcome=outcome, response='"x"'))
    return built


@pytest.mark.parametrize(
    ("run", "walked"),
    [
        ("success", ["success", "success"]),
        ("function-error", ["function-error", "function-error"]),
        ("success", ["timeout", "runtime-exit"]),
        ("success", ["init-error", "init-error"]),
        ("runtime-exit", ["init-error", "init-error"]),
        ("init-error", ["runtime-exit", "runtime-exit"]),
        ("runtime-exit", ["runtime-exit", "runtime-exit"]),
    ],
)
def test_where_not_one_walk_of_a_replay_came_nothing_is_called_clean(two_tenants, run, walked):
    judgement = unread(two_tenants, *walked, run=run).judged()
    (xray,) = (check for check in judgement.checks if check.oracle == "xray")
    assert judgement.verdict is Verdict.UNDETERMINED
    assert codes(xray) == ("probe-disturbed-after",)
    assert sentence(xray).endswith("After init: no report came.")


def test_where_the_probe_alone_made_every_request_time_out_the_function_is_not_blamed_nor_called_clean(two_tenants):
    judgement = unread(two_tenants, "timeout", "timeout").judged()
    (xray,) = (check for check in judgement.checks if check.oracle == "xray")
    assert judgement.verdict is Verdict.UNDETERMINED
    assert codes(judgement) == ("answers-match", "state-timed-out")
    assert (xray.done, codes(xray)) == (False, ("state-timed-out",))


@pytest.mark.parametrize("run", ["out-of-memory", "timeout", "init-error"])
def test_where_no_code_is_known_to_have_run_no_walk_is_missed(two_tenants, run):
    """A process that ends before its init does has nothing to be read."""
    judgement = unread(two_tenants, run, run, run=run).judged()
    assert not {"probe-disturbed", "state-timed-out"} & {*codes(judgement)}


def test_a_runtime_without_a_probe_misses_no_walk(two_tenants):
    judgement = unread(two_tenants, "success", "success", runtime="provided.al2023").judged()
    assert judgement.verdict is Verdict.CLEAN


def test_where_the_walk_was_not_played_the_answers_that_match_are_clean(two_tenants):
    run = two_tenants().answered(1, "x").answered(2, "x").alone(2, "x", "x")
    run.add(ProofStopped(played=2, wanted=3, why=say("replays-used-up", replays=2)))
    assert run.judged().verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("walked", "expected"), [(["success", "runtime-exit"], "undetermined"), (["success", "timeout"], "clean")]
)
def test_a_request_that_ends_the_process_only_with_the_probe_is_not_called_clean(two_tenants, walked, expected):
    """What merely took too long beside the probe has not ended it."""
    assert unread(two_tenants, *walked).walked(0).walked(1).judged().verdict == expected


def test_a_walk_that_outlasts_the_proof_is_no_proof_of_a_clean_function(two_tenants):
    run = unread(two_tenants).add(ProofStopped(played=2, wanted=3, why=say("seconds-used-up", seconds=10)))
    judgement = run.judged()
    assert judgement.verdict is Verdict.UNDETERMINED
    assert codes(judgement) == ("answers-match", "state-not-read", "seconds-used-up")


def test_a_walk_that_has_to_sit_through_timeouts_may_be_cut_short(two_tenants):
    run = BuiltRun(*(({"v": n}, f"t{n}") for n in range(4)))
    run.answered(1, "x").answered(2, "x", outcome="timeout").answered(3, "x", outcome="timeout").answered(4, "x")
    run.alone(4, "x", "x").add(ReplayStarted(purpose="xray", indexes=(1, 2, 3, 4), round=1, replay=9))
    run.add(ProofStopped(played=2, wanted=3, why=say("seconds-used-up", seconds=10)))
    assert run.judged().verdict is Verdict.CLEAN


def test_a_walk_of_one_environment_says_nothing_of_another():
    """A request that was tried in two of them is walked where others came before it."""
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b"), ({"v": 3}, "c")).answered(1, "x").answered(2, "x")
    run.answered(2, "x", environment="env-2").answered(3, "x", environment="env-2").alone(2, "x", "x").alone(
        3, "x", "x"
    )
    run.add(ReplayStarted(purpose="xray", indexes=(1, 2), round=1, replay=9))
    for index in (1, 2):
        run.add(ReplayAnswered(purpose="xray", index=index, round=1, replay=9, outcome="success", response='"x"'))
    assert run.walked(0).walked(1).walked(2).judged().verdict is Verdict.CLEAN


@pytest.mark.parametrize(("bytes_max", "expected"), [(6_291_556, "clean"), (6_291_555, "undetermined")])
def test_no_walk_is_due_after_an_answer_that_was_too_large(two_tenants, bytes_max, expected):
    """Python's client ends of the 413 that goes with it: nobody has disturbed the probe."""
    text = f"Response payload size exceeded maximum allowed payload size ({bytes_max} bytes)."
    body = f'{{"errorMessage":"{text}","errorType":"Function.ResponseSizeTooLarge"}}'.encode()
    run = two_tenants().answered(1, "x").answered(2, "y").alone(2, "y", "y").walked(0).walked(2)
    run.add(ReplayStarted(purpose="xray", indexes=(1, 2), round=1, replay=9))
    run.add(
        ReplayAnswered(purpose="xray", index=1, round=1, replay=9, outcome="function-error", response=body.decode())
    )
    assert run.judged().verdict == expected
