"""What the page of a run says, from its result or from its first events."""

from __future__ import annotations

import re

import pytest

from playground.run_page.presenter import live_page, run_page
from playground.run_page.requests import LINES_MAX, MARKUP_MAX
from playground.run_page.state_table import CELLS_MAX, COLUMNS_MAX
from playground.text import labels, payloads
from playground.text.display_text import plain
from sandbox_runner.events.records import (
    Event,
    PlatformStart,
    ProofJudged,
    ProofStarted,
    ReplayAnswered,
    ReplayStarted,
    RequestArrived,
    RequestAssigned,
    StepStarted,
)
from sandbox_runner.messages import render, say
from sandbox_runner.results.model import (
    AsynchronousResult,
    Evidence,
    Location,
    Observation,
    Reader,
    SourceLine,
    Verdict,
    Writer,
)
from sandbox_runner.results.parts import Invoice, ProofResult, Truncated
from sandbox_runner.run.engine import Engine
from sandbox_runner.scenario.parts import Peer
from tests import builders
from tests.fakes.backend import FakeBackend, FakeFunction
from tests.playground.happenings import RETRIED_ROWS, late, peer
from tests.playground.run_results import (
    CODE,
    captured,
    environment,
    finding,
    invocation,
    leak,
    log_entry,
    pair,
    scenario,
)
from tests.told import observed


def event(record, seq=1, **fields):
    return Event(seq=seq, at_us=seq * 1000, service_at_us=seq * 1000, record=record, **fields)


def arrived(index=1):
    principal = "tenant-a" if index == 1 else "tenant-b"
    record = RequestArrived(index=index, principal=principal, payload="{}", payload_bytes=2)
    return event(record, seq=index, request_id=invocation(index).request_id)


# --- the verdict ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "word", "tone"),
    [
        ("leak", "LEAK", "leak"),
        ("history-dependent", "HISTORY-DEPENDENT", "history"),
        ("retained", "RETAINED", "retained"),
        ("clean", "CLEAN", "clean"),
        ("undetermined", "UNDETERMINED", "undetermined"),
        ("nothing-to-compare", "NOTHING TO COMPARE", "undetermined"),
    ],
)
def test_a_verdict_is_a_word_and_an_icon_beside_its_colour(verdict, word, tone):
    view = run_page(leak(verdict=verdict)).verdict
    assert (view.word, view.tone) == (word, tone)
    assert view.icon


def test_a_finding_names_writer_carrier_reader_and_lines():
    view = run_page(leak()).findings[0]
    assert (view.ends.writer, view.ends.writer_anchor) == ("request 1 (tenant-a)", "request-1")
    assert (view.ends.reader, view.ends.reader_anchor) == ("request 2 (tenant-b)", "request-2")
    assert plain(view.carrier) == "app.handler.[[module]].someGlobalValue"
    assert [place.words for place in view.places] == ["written at app.mjs:8", "read at app.mjs:6"]


def test_the_answer_is_shown_beside_the_fresh_one_with_the_foreign_value_marked():
    first, fresh = run_page(leak()).findings[0].evidence[0].conditions
    assert [p.text for p in first.text if p.classes == "differs"] == ["hoge"]
    assert (plain(fresh.condition), plain(fresh.text)) == ("on a cold start", "coldstart")


def interfered(sent, got, sent_instead, got_instead):
    """How the two answers of an interference are shown: what is marked of each condition and of each text."""
    both = ((sent, got), (sent_instead, got_instead))
    seen = Evidence(
        oracle="interference",
        output_path="body",
        observations=tuple(
            Observation(condition=say("request-sent", request=1, value=value), text=text) for value, text in both
        ),
        repeats=8,
    )
    view = run_page(leak(findings=(finding(evidence=(seen,)),))).findings[0].evidence[0]
    marks = [[p.text for p in c.text if "differs" in p.classes] for c in view.conditions]
    return view.heading, marks


def test_the_changed_leaf_and_what_followed_it_are_marked_on_both_sides():
    heading, marks = interfered("hoge", "warm, hoge!", "x9q", "warm, x9q!")
    assert heading == "body, 8 of 8 replays agree"
    assert marks == [["hoge"], ["x9q"]]


def test_what_followed_in_another_form_is_marked_by_what_differs():
    assert interfered("hoge", "length 4.", "x9", "length 2.")[1] == [["4"], ["2"]]
    assert interfered("hoge", "an alpha", "x9", "a beta")[1][0] == ["an alpha"]
    assert interfered("hoge", "abc", "x9", "xyz")[1] == [["abc"], ["xyz"]]


def test_the_budget_that_was_used_is_said():
    used = ProofResult(replays=12, replays_max=60, seconds=1.4, seconds_max=10)
    assert run_page(leak(proof=used)).budget == "12 of 60 replays, 1.4 s of 10 s"
    stopped = used.model_copy(update={"stopped": say("replays-used-up", replays=60)})
    assert run_page(leak(proof=stopped)).budget.endswith("1.4 s of 10 s. The limit of 60 replays was reached.")
    assert run_page(leak()).budget == ""


def test_every_cell_of_the_state_has_an_address_that_no_other_run_changes():
    cells = [cell.anchor for row in run_page(leak()).xray[0].rows for cell in row.cells]
    again = [cell.anchor for row in run_page(leak(findings=())).xray[0].rows for cell in row.cells]
    assert len(set(cells)) == 6
    assert sorted(cells) == sorted(again)
    assert all(re.fullmatch(r"state-env-1-[0-9a-f]{10}-[012]", anchor) for anchor in cells)


def test_a_value_that_came_out_in_another_form_is_marked_by_what_differs():
    seen = Evidence(oracle="history", form="upper-case", observations=observed(after="m=HOGE", cold="m=NONE"))
    shown = run_page(leak(findings=(finding(evidence=(seen,)),))).findings[0].evidence[0]
    assert [[p.text for p in c.text if p.classes] for c in shown.conditions] == [["HOGE"], ["NONE"]]
    assert shown.heading == " (in upper case)"


def test_a_finding_without_reader_or_carrier_says_nothing_of_them():
    view = run_page(leak(findings=(finding(reader=None, location=None, sources=()),))).findings[0]
    assert (view.ends.reader, view.carrier, view.places) == ("", (), ())


# --- requests --------------------------------------------------------------------------------------------------------


def test_a_request_row_has_the_figures_of_its_report():
    row = run_page(leak()).requests[0]
    assert (row.start, row.outcome, row.duration_ms, row.billed_ms, row.init_ms, row.memory_mb) == (
        "cold",
        "success",
        "3.12",
        "45",
        "41.20",
        "61",
    )


def test_a_figure_that_there_is_none_of_is_a_dash():
    assert run_page(leak()).requests[1].init_ms == labels.NOTHING


def test_the_request_that_was_answered_with_foreign_data_points_at_the_finding():
    assert [row.finding_anchor for row in run_page(leak()).requests] == ["", "finding-1"]


def test_a_finding_lists_its_pairs_with_the_evidence_of_each():
    (view,) = run_page(leak(findings=(finding(confidence="proven", pairs=(pair(2, 3), pair(1, 4))),))).findings
    assert view.confidence == "proven"
    assert [(each.ends.reader, each.ends.writer, each.confidence) for each in view.pairs] == [
        ("request 3 (tenant-3)", "request 2 (tenant-2)", "strong evidence"),
        ("request 4 (tenant-4)", "request 1 (tenant-1)", "strong evidence"),
    ]
    assert all(each.evidence for each in view.pairs)


def test_every_request_of_a_finding_points_at_it():
    rows = run_page(
        leak(findings=(finding(pairs=(pair(2, 3),)),), invocations=tuple(map(invocation, (1, 2, 3))))
    ).requests
    assert [row.finding_anchor for row in rows] == ["", "finding-1", "finding-1"]


def test_what_was_cut_is_counted():
    cut = invocation(1, truncated=Truncated(log_lines=12, log_bytes=3 * 1024 * 1024, response_bytes=10))
    assert run_page(leak(invocations=(cut,))).requests[0].cuts == (
        "12 log lines (3.0 MB) were cut at the source: over the caps of a phase.",
        "10 bytes of the answer were left out of the result.",
    )


def test_an_answer_in_a_cell_is_one_line_and_bounded():
    shown = plain(payloads.short('{"a":\n  "' + "x" * 500 + '"}'))
    assert "\n" not in shown
    assert len(shown) == payloads.SHORT_CHARACTERS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"b":1,"a":"日"}', '{\n  "b": 1,\n  "a": "日"\n}'),
        ("not json", "not json"),
        ("[" * 100_000, "[" * 20_000 + " … 80,000 characters more"),
    ],
    ids=["JSON is laid out", "other text is left", "deep nesting is left and cut"],
)
def test_an_answer_is_laid_out_where_it_is_json(text, shown):
    assert plain(payloads.pretty(text)) == shown


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b[1]", "x"),
        ("a.n", "7"),
        ("['a.b']", "dotted"),
        ("missing", ""),
        ("a.b[9]", ""),
        ("", '{"a": {"b": ["y", "x"], "n": 7}, "a.b": "dotted"}'),
    ],
)
def test_a_leaf_is_found_by_its_path(path, value):
    assert payloads.leaf('{"a": {"b": ["y", "x"], "n": 7}, "a.b": "dotted"}', path) == value


# --- attempts, throttles, what was late, the invoice ------------------------------------------------------------------


def whole(**fields):
    base = {"index": 1, "principal": "tenant-a", "request_id": invocation(1).request_id, "attempts": 2}
    return AsynchronousResult(**(base | fields))


def test_attempts_have_rows_of_their_own_and_the_last_says_what_became_of_the_request():
    given = whole(condition="RetriesExhausted", throttles=1, destination={"a": 1}, dead_letter={"body": "{}"})
    first, last = run_page(leak(invocations=RETRIED_ROWS, asynchronous=(given,))).requests
    assert [(row.anchor, row.asynchronous) for row in (first, last)] == [
        ("request-1", True),
        ("request-1-attempt-2", True),
    ]
    assert (first.ended, first.records) == ("", ())
    assert last.ended == (
        "The caller got status 202 and an empty body at once. 2 attempts, throttled 1 time; "
        "given up: every attempt failed."
    )
    assert [title for title, _ in last.records] == ["On-failure destination's record", "Dead-letter queue's message"]


def test_a_delivered_request_shows_the_record_of_success():
    given = whole(condition="Success", attempts=1, destination={"a": 1})
    rows = run_page(leak(invocations=RETRIED_ROWS[:1], asynchronous=(given,))).requests
    assert [title for title, _ in rows[0].records] == ["On-success destination's record"]


def test_a_throttled_request_shows_its_reason_and_its_body():
    body = '{"Reason":"X","Type":"User","message":"Rate Exceeded."}'
    one = invocation(2, outcome="throttled", status_code=429, error_type="X", response=body, environment=None)
    row = run_page(leak(invocations=(one,))).requests[0]
    assert (row.outcome, plain(row.error_type), plain(row.answer), row.failed) == ("throttled", "X", body, True)


def test_late_work_is_told_at_both_requests():
    rows = run_page(leak(events=(late(1, 2),))).requests
    shown = "A replay with the probe showed a thread started in request 1."
    assert [row.late for row in rows] == [
        (f"A thread that request 1 started came out in request 2: “late line” ({shown})",)
    ] * 2


def test_rows_share_the_room_for_lines_of_the_log():
    lines = tuple(f"line {number}" for number in range(600))
    many = run_page(leak(invocations=[invocation(index, log=lines) for index in range(1, 21)])).requests
    assert {(len(row.log), row.log_left_out) for row in many} == {(LINES_MAX // 20, 550)}

    heavy = tuple("x" * 1_000 for _ in range(50))
    rows = run_page(leak(invocations=[invocation(index, log=heavy) for index in range(1, 21)])).requests
    assert sum(len(plain(line)) for row in rows for line in row.log) <= MARKUP_MAX
    assert [(len(row.log), row.log_left_out) for row in (rows[0], rows[-1])] == [(50, 0), (0, 50)]


def test_the_tail_of_a_log_is_shown_where_it_is_not_all_of_it():
    long = invocation(1, log=("x" * 3_000, "y" * 3_000))
    short, cut = run_page(leak(invocations=(invocation(1, log=("x",)), long))).requests
    assert short.tail == ()
    assert len(plain(cut.tail)) <= 4096


def test_the_invoice_is_a_sentence():
    bill = Invoice(requests=2, billed_ms=1_500, gb_seconds=0.1875)
    assert run_page(leak(invoice=bill)).invoice == "2 requests, 1,500 ms billed at 128 MB = 0.187500 GB-seconds"
    assert run_page(leak()).invoice == ""


def test_the_peers_own_log_is_a_table():
    known = scenario().model_copy(update={"peers": (Peer(name="backend", max_clients=1),)})
    page = run_page(leak(scenario=known, events=(peer(1, "connected"), peer(2, "refused", 2))))
    assert page.peers.peers == ("backend:7000",)
    assert [(row.what, row.bad) for row in page.peers.rows] == [("connected", False), ("refused", True)]


def test_settings_that_are_not_the_default_stand_with_the_function():
    set_up = scenario(log_format="json", tmp_mb=1024).model_copy(update={"reserved_concurrency": 1, "init_limit": 0.5})
    page = run_page(leak(scenario=set_up))
    assert {("log format", "JSON"), ("reserved concurrency", "1"), ("files below /tmp", "1,024 MB")} <= set(
        page.function
    )
    assert any("lowered to 500 ms" in note for note in page.notes)


# --- state, log, code ---------------------------------------------------------------------------------------------


def test_the_state_table_has_a_column_for_each_moment_and_the_change_in_its_cell():
    table = run_page(leak()).xray[0]
    assert [column.label for column in table.columns] == ["after init", "after #1 tenant-a", "after #2 tenant-b"]
    assert [(plain(c.value), c.changed) for c in table.rows[0].cells] == [
        ("null", False),
        ("hoge", True),
        ("hoge", False),
    ]


def test_what_a_client_of_an_sdk_holds_is_folded_and_data_of_others_is_not():
    walk = captured(1, "hoge")
    (first, *_) = walk.record.leaves
    many = tuple(
        first.model_copy(update={"carrier": "client", "path": f"client.part[{number}]"}) for number in range(400)
    )
    events = (walk.model_copy(update={"record": walk.record.model_copy(update={"leaves": (*many, first)})}),)

    few = run_page(leak(events=events)).xray[0]
    all_foreign = [
        finding(evidence=(Evidence(oracle="xray", output_path=each.path, observations=()),)) for each in many
    ]
    crowded = run_page(leak(events=events, findings=all_foreign[:40])).xray[0]

    assert (len(few.rows), len(few.folded), few.rows_left_out, few.places) == (20, 280, 101, 401)
    assert few.rows[0].foreign
    assert (len(crowded.rows), all(row.foreign for row in crowded.rows)) == (40, True)


def walked(index: int, values: dict[str, str], environment_id: str = "env-1"):
    """What a look found after a request, by the name of the place."""
    look = captured(index, "", environment_id)
    (first, *_) = look.record.leaves
    leaves = tuple(
        first.model_copy(update={"carrier": name, "path": name, "kind": "string", "value": value})
        for name, value in values.items()
    )
    return look.model_copy(update={"record": look.record.model_copy(update={"leaves": leaves})})


def test_of_many_moments_the_state_table_shows_those_at_which_most_changed():
    values = [{"kept": "hoge" if at >= 150 else "", "count": str(at // 60)} for at in range(201)]
    asked = [invocation(at) for at in range(1, 201)]
    (table,) = run_page(leak(events=[walked(*each) for each in enumerate(values)], invocations=asked)).xray

    assert (len(table.columns), table.columns_left_out, table.moments) == (COLUMNS_MAX, 201 - COLUMNS_MAX, 201)
    shown = {column.anchor for column in table.columns}
    assert {"", "request-60", "request-120", "request-150", "request-180", "request-200"} <= shown
    assert [len(row.cells) for row in table.rows] == [COLUMNS_MAX] * 2


def test_the_tables_of_a_page_share_its_room():
    values = {f"place_{number}": str(number) for number in range(400)}
    looks = [walked(at, values, f"env-{number}") for number in range(20) for at in (0, number + 1)]
    asked = [invocation(number + 1, environment=f"env-{number}") for number in range(20)]
    tables = run_page(leak(events=looks, invocations=asked)).xray

    assert sum(len(row.cells) for table in tables for row in (*table.rows, *table.folded)) == CELLS_MAX
    assert {(len(table.rows) + len(table.folded), table.rows_left_out) for table in tables} == {(30, 370)}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("\ufffd" * 200, "200 characters that are no text"), ("\ufffdPNG", "\ufffdPNG")],
)
def test_bytes_that_are_no_text_are_counted_instead(value, shown):
    table = run_page(leak(events=(captured(0, value),))).xray[0]
    assert plain(table.rows[0].cells[0].value) == shown


def test_evidence_that_is_no_text_is_counted_too():
    held = Evidence(oracle="xray", observations=observed(held="\ufffd" * 2000))
    (condition,) = run_page(leak(findings=(finding(evidence=(held,)),))).findings[0].evidence[0].conditions
    assert plain(condition.text) == "2,000 characters that are no text"


def test_a_place_holds_foreign_data_from_its_writer_on():
    kept, other = run_page(leak()).xray[0].rows
    assert [cell.foreign for cell in kept.cells] == ["", "request 1 (tenant-a)", "request 1 (tenant-a)"]
    assert not other.foreign


@pytest.mark.parametrize(
    ("then", "foreign"), [("fuga", ""), ("hoge, fuga", "request 1 (tenant-a)"), ("hoge", "request 1 (tenant-a)")]
)
def test_what_another_request_put_into_a_place_is_not_its_first_writer_s(then, foreign):
    events = (captured(0, ""), captured(1, "hoge"), captured(2, then))
    (table,) = run_page(leak(events=events)).xray
    assert [cell.foreign for cell in table.rows[0].cells] == ["", "request 1 (tenant-a)", foreign]


def test_each_environment_holds_the_data_of_its_own_requests():
    """The same place of another environment holds another request's."""
    both = (
        finding(),
        finding(
            writer=Writer(invocation=3, principal="tenant-c", leaf="message"),
            reader=Reader(invocation=4, principal="tenant-d", output_path="body"),
        ),
    )
    events = (captured(0, ""), captured(1, "hoge"), captured(0, "", "env-2"), captured(3, "fuga", "env-2"))
    asked = (
        invocation(1),
        invocation(2),
        *(invocation(n, principal=f"tenant-{n}", environment="env-2") for n in (3, 4)),
    )
    tables = run_page(leak(findings=both, events=events, invocations=asked)).xray
    assert [[cell.foreign for cell in table.rows[0].cells] for table in tables] == [
        ["", "request 1 (tenant-a)"],
        ["", "request 3 (tenant-c)"],
    ]


def test_a_place_is_said_to_belong_to_the_finding_of_its_number_in_each_environment():
    other = finding(writer=Writer(invocation=3, principal="tenant-c", leaf="message"))
    asked = (invocation(1), invocation(2), invocation(3, environment="env-2"))
    events = (captured(0, "", "env-2"), captured(3, "fuga", "env-2"))
    (table,) = run_page(leak(findings=(finding(), other), events=events, invocations=asked)).xray
    assert table.rows[0].anchor == "finding-2"


def test_a_place_holds_the_data_of_each_writer_of_a_finding_in_turn():
    events = (captured(0, ""), captured(1, "hoge"), captured(2, "fuga"))
    (table,) = run_page(leak(findings=(finding(pairs=(pair(2, 3),)),), events=events)).xray
    assert [cell.foreign for cell in table.rows[0].cells] == ["", "request 1 (tenant-a)", "request 2 (tenant-2)"]


def test_places_below_the_carrier_count_as_its_own():
    held = finding(location=Location(root="node-module", path="app.handler.[[module]].config"))
    rows = run_page(leak(findings=(held,))).xray[0].rows
    assert plain(rows[0].path) == "app.handler.[[module]].config.stage"
    assert rows[0].foreign


def test_each_environment_has_a_state_table_of_its_own():
    events = (captured(0, ""), captured(0, "", "env-2"))
    assert [table.environment for table in run_page(leak(events=events)).xray] == ["env-1", "env-2"]


def test_the_lines_of_one_request_are_folded_together():
    groups = run_page(leak()).log
    assert [group.heading for group in groups] == [
        "No request: init or shutdown, 1 line",
        "Request 1 (tenant-a), 3 lines",
        "Request 2 (tenant-b), 2 lines",
    ]


def test_a_log_line_has_an_anchor_and_its_colours():
    line = run_page(leak()).log[1].lines[1]
    assert line.anchor == "log-line-3"
    assert [piece.text for piece in line.text if piece.classes == "ansi-fg-2"] == ["first"]


def test_the_lines_that_wrote_and_read_are_marked_in_the_code():
    lines = run_page(leak()).files[0].lines
    assert [(line.number, line.marks[0].role) for line in lines if line.marks] == [(6, "read"), (8, "written")]
    assert len(lines) == CODE.count("\n")


def test_line_numbers_count_only_line_feeds():
    odd = finding(sources=(SourceLine(file="app.mjs", line=2),))
    lines = run_page(leak(scenario=scenario(files={"app.mjs": "a\x0cb\u2028c\r\nd\n"}), findings=(odd,))).files[0].lines
    assert [plain(line.text) for line in lines] == ["a␌bU+2028c", "d"]
    assert lines[1].marks


# --- where it ran ---------------------------------------------------------------------------------------------------


def test_an_environment_row_counts_its_requests_and_its_frozen_time():
    row = run_page(leak()).environments[0]
    assert (row.requests, row.frozen, row.ended_by) == (2, "5.01 s", "ended with the run")


def test_the_namespace_sandbox_says_what_it_is_for():
    backend = leak().backend.model_copy(update={"name": "namespace"})
    view = run_page(leak(backend=backend)).backend
    assert view.title == "Namespace sandbox: for your own code on your own machine"


def test_compressed_time_and_a_run_cut_short_are_said():
    left = say("time-ran-out-at-the-end", seconds=300.0)
    notes = run_page(leak(service_time_compressed=True, ended="out-of-time", left=left)).notes
    assert len(notes) == 2
    assert notes[0] == render(left)


def test_an_older_result_that_was_cut_short_says_it_as_well():
    assert "time limit was reached" in run_page(leak(ended="out-of-time")).notes[0]


# --- live -----------------------------------------------------------------------------------------------------------


def test_every_request_has_its_row_from_the_start():
    page = live_page(scenario(), (), "queued")
    assert [(row.index, row.outcome) for row in page.requests] == [(1, "waiting"), (2, "waiting")]
    assert page.now == "Waiting for a worker."
    assert page.timeline.lanes == ()


def test_a_request_that_has_arrived_is_running():
    assert [row.outcome for row in live_page(scenario(), (arrived(),), "running").requests] == ["running", "waiting"]


def test_a_run_that_ended_early_says_what_was_not_played():
    assert [row.outcome for row in live_page(scenario(), (arrived(),), "failed").requests] == ["not played"] * 2


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (StepStarted(index=1, what=say("step-wait", seconds=5.0)), "Step 2: wait 5 s."),
        (PlatformStart(request_id="x", version="$LATEST"), "Request 1 (tenant-a) is running."),
        (
            ReplayStarted(purpose="history", indexes=(2,), round=1),
            "Proving: 0 of 1 replay (on a cold start; request 2). 0 s of at most 0 s, at most 1 replay.",
        ),
        (
            ReplayStarted(purpose="xray", indexes=(1, 2), round=1),
            "Proving: 0 of 1 replay (with the probe; requests 1, 2). 0 s of at most 0 s, at most 1 replay.",
        ),
        (ProofStarted(seconds=10, replays=60), "Proving: at most 60 replays."),
    ],
    ids=["a step", "a request", "a replay alone", "a replay with the probe", "a proof"],
)
def test_a_sentence_says_what_happens_now(record, sentence):
    latest = event(record, seq=2, environment="env-1", request_id=invocation(1).request_id)
    assert live_page(scenario(), (arrived(), latest), "running").now == sentence


def test_a_proof_says_what_it_has_used_of_its_budget():
    replay = ReplayStarted(purpose="history", indexes=(2,), round=1, replay=1, wanted=9)
    over = ReplayAnswered(purpose="history", index=2, round=1, replay=1, outcome="success", response="1")
    begun = event(ProofStarted(seconds=10, replays=60), seq=2)
    second = replay.model_copy(update={"replay": 2})
    events = (begun, event(replay, seq=3), event(second, seq=4), event(over, seq=1_402))
    assert live_page(scenario(), events, "proving").now == (
        "Proving: 1 of 9 replays (on a cold start; request 2). 1.4 s of at most 10 s, at most 60 replays."
    )


def test_what_is_known_of_a_leak_is_said_before_how_far_its_proof_is():
    judged = [
        event(ProofJudged(grade="leak", confidence=each), seq=seq) for seq, each in ((2, "strong"), (3, "proven"))
    ]
    replay = event(ReplayStarted(purpose="history", indexes=(2,), round=1, replay=1, wanted=9), seq=4)
    said = live_page(scenario(), (*judged, replay), "proving").now
    assert said.startswith("So far: leak (proven). Proving: 0 of 9 replays")


@pytest.fixture(scope="module")
def leaky_events():
    """The event log of a run whose second request is answered with the first one's payload, proof included."""
    backend = FakeBackend(FakeFunction(lambda event, runtime: runtime.globals.setdefault("first", event)))
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        return engine.run(builders.scenario()).events


def test_a_leak_is_said_while_it_is_being_proven(leaky_events):
    alone = next(at for at, each in enumerate(leaky_events) if each.record.type == "replay.answered")
    page = live_page(builders.scenario(), leaky_events[: alone + 1], "proving")
    assert (page.so_far.word, page.so_far.confidence) == ("LEAK", "strong evidence")
    assert [(arrow.grade, arrow.label) for lane in page.timeline.lanes for arrow in lane.arrows] == [
        ("leak", "tenant-a → tenant-b: carrier not known yet")
    ]
    assert live_page(builders.scenario(), leaky_events, "proving").so_far.confidence == "proven"


def test_while_it_is_being_proven_nothing_says_that_its_carrier_was_not_found(leaky_events):
    alone = next(at for at, each in enumerate(leaky_events) if each.record.type == "replay.answered")
    page = live_page(builders.scenario(), leaky_events[: alone + 1], "proving")

    assert "not known" not in page.so_far.text
    assert "Still looking for how it got there." in page.so_far.text


BROKEN_OFF = "The proof broke off because of an internal error. Re-verify to run it again."
RECEIVED = (finding().messages[0], say("carrier-unknown"))
FAILED = say("replay-failed", failure=say("sandbox-lost", detail="the sandbox went away"))


def of_a_proof(stopped, *findings, **fields):
    """The page of a result whose proof stopped for that reason."""
    proof = ProofResult(replays=3, replays_max=60, seconds=1.0, seconds_max=10.0, stopped=stopped)
    return run_page(leak(findings=tuple(findings), proof=proof, **fields))


@pytest.mark.parametrize("more", [(), ("and another",)], ids=["one finding", "several"])
def test_a_proof_that_broke_off_is_said_in_the_headline_and_not_that_the_carrier_is_not_known(more):
    findings = [finding(messages=RECEIVED, location=None) for _ in ("one", *more)]
    page = of_a_proof(FAILED, *findings, verdict="leak", verdict_messages=RECEIVED)

    said = render(RECEIVED[0]).replace("`", "")
    assert page.verdict.text == f"{said} {BROKEN_OFF}"
    assert {plain(each.sentence) for each in page.findings} == {said}


def test_a_proof_that_broke_off_is_said_where_nothing_was_found():
    page = of_a_proof(FAILED, verdict="clean", verdict_messages=(say("answers-match", answers=1),))

    assert page.verdict.text.endswith(BROKEN_OFF)


def test_a_proof_whose_budget_was_used_up_did_not_break_off():
    page = of_a_proof(say("seconds-used-up", seconds=10.0), verdict="leak", verdict_messages=RECEIVED)

    assert page.verdict.text.endswith("How it got there is not known.")


def test_what_is_milder_than_a_leak_waits_for_its_proof():
    backend = FakeBackend(
        FakeFunction(
            lambda _, runtime: runtime.globals.setdefault("served", [0]).append(1) or str(runtime.globals["served"])
        )
    )
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        result = engine.run(builders.scenario())
    assert result.verdict == "history-dependent"
    assert live_page(builders.scenario(), result.events, "proving").so_far is None


def test_an_event_without_words_of_its_own_leaves_the_last_sentence():
    step = event(StepStarted(index=0, what=say("step-recycle-all", function="")), seq=2)
    quiet = event(RequestAssigned(index=1, attempt=1, start="cold"), seq=3, request_id=invocation(1).request_id)
    assert live_page(scenario(), (arrived(), step, quiet), "running").now == "Step 1: shut down every environment."


@pytest.mark.parametrize(
    ("length", "text"),
    [(0, "0 µs"), (850, "850 µs"), (3_120, "3.1 ms"), (41_200, "41 ms"), (5_000_000, "5 s"), (600_000_000, "10 min")],
)
def test_a_length_of_time_has_the_unit_a_person_would_choose(length, text):
    assert labels.span(length) == text


def test_nothing_is_shown_of_a_log_that_is_empty():
    assert run_page(leak(log=())).log == ()
    assert run_page(leak(log=(log_entry("x"),))).log[0].lines


def test_a_run_without_findings_has_environments_all_the_same():
    assert len(run_page(leak(findings=(), environments=(environment(),))).environments) == 1


def test_the_name_of_a_type_is_shown_as_what_it_is():
    hidden = "x\u202ey\ud800"
    state = captured(1, "hoge")
    leaves = tuple(leaf.model_copy(update={"kind": hidden}) for leaf in state.record.leaves)
    state = state.model_copy(update={"record": state.record.model_copy(update={"leaves": leaves})})
    place = Location(root="python-module", path="app.kept", type=hidden)

    page = run_page(leak(events=(state,), findings=(finding(location=place),)))

    assert page.findings[0].carrier_type == "module variable (xU+202EyU+D800)"
    assert {cell.kind for row in page.xray[0].rows for cell in row.cells} == {"xU+202EyU+D800"}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ((say("answers-match", answers=1), say("all-failed", error="KeyError: 'user'")), "EVERY REQUEST FAILED"),
        ((say("all-timed-out"), say("timeout-to-raise", seconds=3)), "TIMED OUT"),
        ((say("package-without-wheel", package="docopt"),), "NOT RUN"),
        ((say("answers-match", answers=1),), "CLEAN"),
    ],
)
def test_a_run_of_which_nothing_was_tried_is_headed_by_that(said, word):
    page = run_page(leak(verdict=Verdict.CLEAN, verdict_messages=said, findings=()))
    assert page.verdict.word == word
    assert (page.verdict.tone == "failed") is (word != "CLEAN")
