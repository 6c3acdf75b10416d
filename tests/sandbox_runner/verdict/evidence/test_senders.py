"""Of several requests that sent the same value, the one that wrote what was kept is named, and no other."""

import pytest

from sandbox_runner.events.records import ReplayStarted
from sandbox_runner.results.pairs import apart
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import sentence

TOKEN = "tok-9f3kQ2"


def saves_what_it_is_told_to():
    kept = {}

    def handler(payload, _):
        if payload["do"] == "save":
            kept["token"] = payload["token"]
        return {"token": kept.get("token")} if payload["do"] == "read" else len(payload["token"])

    return handler


def keeps_the_first():
    kept = {}
    return lambda payload, _: {"owner": kept.setdefault("owner", payload["token"])}


def asks(do, who, token=TOKEN):
    return {"do": do, "token": token}, who


SAVED_AND_CHECKED = (asks("save", "a"), asks("check", "c"), asks("read", "b", "nothing-1"))


def named(judgement):
    each_alone = (each for finding in judgement.findings for each in apart(finding))
    return [(each.writer.invocation, each.reader.invocation, each.confidence) for each in each_alone]


def test_the_newest_that_sent_it_is_not_named_where_it_did_not_write_it():
    judgement, _, _ = proved(saves_what_it_is_told_to, *SAVED_AND_CHECKED)
    assert named(judgement)[0] == (1, 3, "proven")
    assert sentence(judgement).startswith("b received a's `token` (tok-9f3kQ2).")


def test_a_request_of_the_same_principal_that_only_looked_is_not_named_either():
    judgement, _, _ = proved(saves_what_it_is_told_to, asks("save", "a"), asks("check", "a"), SAVED_AND_CHECKED[2])
    assert named(judgement)[0] == (1, 3, "proven")


def test_the_newest_that_wrote_it_once_more_is_named():
    judgement, _, _ = proved(saves_what_it_is_told_to, asks("save", "a"), asks("save", "c"), SAVED_AND_CHECKED[2])
    assert named(judgement)[0] == (2, 3, "proven")


def test_one_that_would_have_written_it_had_nobody_been_there_before_is_not_named():
    """The second of them alone is the first; only the whole story shows that it was not."""
    judgement, _, _ = proved(
        keeps_the_first, asks("", "a"), asks("", "b", "tok-bb81Zx"), asks("", "a2"), asks("", "c", "tok-cc55Rt")
    )
    assert named(judgement) == [(1, 2, "proven"), (1, 4, "proven")]


def walked(*held):
    """Two that sent the same and a reader; ``held`` is what is kept after each, beginning with init."""
    run = BuiltRun(({"v": TOKEN}, "a"), ({"v": TOKEN, "x": 1}, "c"), ({"v": "other-66"}, "b"))
    run.answered(1, "x").answered(2, "x").answered(3, TOKEN).alone(3, "y", "y")
    for index, value in enumerate(held):
        run.walked(index, last=value)
    return run


@pytest.mark.parametrize(
    ("held", "writer"),
    [
        (("None", TOKEN, TOKEN), 1),
        (("None", "None", TOKEN), 2),
        (("None", TOKEN), 2),
        (("None", "None", "None"), 2),
    ],
    ids=["it was there before", "it came with the second", "the second was not walked", "it is seen nowhere"],
)
def test_before_anything_is_replayed_the_one_is_named_with_which_it_came(held, writer):
    (finding,) = walked(*held).judged().findings
    assert (finding.writer.invocation, finding.reader.invocation, finding.confidence) == (writer, 3, "strong")


def test_one_principal_s_newest_request_is_named_as_long_as_nothing_speaks_against_it():
    run = BuiltRun(({"v": TOKEN}, "a"), ({"v": TOKEN}, "a"), ({"v": "other-66"}, "b"))
    run.answered(1, "x").answered(2, "x").answered(3, TOKEN).alone(3, "y", "y")
    (finding,) = run.walked(0, last="None").walked(1, last=TOKEN).walked(2, last=TOKEN).judged().findings
    assert finding.writer.invocation == 2


def test_a_value_that_nobody_else_sent_is_proven_between_two_requests_alone():
    judgement, _, events = proved(keeps_the_first, asks("", "a"), asks("", "b", "tok-bb81Zx"), asks("", "c", "t-55Rtx"))
    played = [each.record for each in events if isinstance(each.record, ReplayStarted)]
    assert named(judgement)[0] == (1, 2, "proven")
    assert {each.indexes for each in played if each.purpose == "interference"} == {(1, 2)}
