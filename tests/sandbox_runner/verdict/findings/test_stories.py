"""What the same carrier held over between several requests is one finding with its pairs."""

from sandbox_runner.results.model import Finding
from sandbox_runner.results.pairs import apart, fingerprints
from sandbox_runner.results.telling import told
from sandbox_runner.verdict.findings.stories import stories
from sandbox_runner.verdict.fingerprints import fingerprinted
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import codes, sentence

TENANTS = [({"user": f"tenant-{number}-{number * 7919:05x}"}, f"tenant-{number}") for number in range(1, 6)]


def keeps_the_first():
    kept = {}
    return lambda payload, _log: {"user": kept.setdefault("user", payload["user"])}


def kept_in(place, *readers):
    """A run of five requests, of which ``readers`` were answered with what the first sent."""
    run = BuiltRun(*TENANTS).walked(0, **{place: "None"}).walked(1, **{place: TENANTS[0][0]["user"]})
    for index in range(1, 6):
        run.answered(index, {"user": TENANTS[0][0]["user"] if index in readers else "fresh"})
        run.alone(index, {"user": "fresh"}, {"user": "fresh"})
    return run


def test_every_reader_of_one_carrier_is_a_pair_of_one_finding_with_evidence_of_its_own():
    (finding,) = kept_in("last", 2, 3, 5).judged().findings
    assert [each.reader.invocation for each in apart(finding)] == [2, 3, 5]
    assert {each.writer.invocation for each in apart(finding)} == {1}
    assert [pair.reader.principal for pair in finding.pairs] == ["tenant-3", "tenant-5"]
    assert all(pair.evidence and pair.confidence == "strong" and pair.fingerprint for pair in finding.pairs)


def test_a_finding_says_in_how_many_requests_the_same_happened_and_a_pair_says_whose_it_was():
    judged = kept_in("last", 2, 3, 5).judged()
    assert sentence(judged).endswith("The same happened in 2 more requests.")
    assert [codes(pair) for pair in judged.findings[0].pairs] == [("value-received",), ("value-received",)]


def test_of_several_that_one_carrier_explains_the_proven_one_stands_for_the_rest():
    judged, _, _ = proved(keeps_the_first, *TENANTS)
    (finding,) = judged.findings
    assert (finding.confidence, finding.reader.invocation, len(finding.pairs)) == ("proven", 2, 3)
    assert {pair.confidence for pair in finding.pairs} == {"strong"}
    assert "Replays proved one of these 4 cases, which stands for the rest." in sentence(judged)


def test_fifty_readers_are_one_finding():
    requests = [({"user": f"tenant-{number}-{number * 7919:05x}"}, None) for number in range(1, 51)]
    judged, _, _ = proved(keeps_the_first, *requests)
    (finding,) = judged.findings
    assert [each.reader.invocation for each in apart(finding)] == list(range(2, 51))


def test_two_carriers_are_two_stories():
    (finding,), (other,) = kept_in("last", 2, 3).judged().findings, kept_in("first", 2, 3).judged().findings
    assert len(stories((finding, other))) == 2
    assert len(stories((*apart(finding), *apart(other)))) == 2


def test_an_answer_and_a_log_are_two_stories_of_one_carrier():
    (finding,) = kept_in("last", 2).judged().findings
    in_log = finding.model_copy(update={"kind": "log-leak"})
    assert [each.kind for each in stories((finding, in_log))] == ["answer-leak", "log-leak"]


def test_two_values_that_one_carrier_brought_are_one_story_that_keeps_both_fingerprints():
    (finding,) = kept_in("last", 2).judged().findings
    assert finding.writer
    mail = fingerprinted(finding.model_copy(update={"writer": finding.writer.model_copy(update={"leaf": "mail"})}))
    (story,) = stories((finding, mail))
    assert fingerprints(story) == (finding.fingerprint, mail.fingerprint)
    assert codes(story)[-1] == "more-values-alike"


def test_the_gravest_of_a_story_is_what_it_weighs():
    (finding,) = kept_in("last", 2, 3).judged().findings
    alone, other = apart(finding)
    (story,) = stories((alone.model_copy(update={"severity": "high"}), other))
    assert story.severity == "critical"


def test_answers_that_depend_on_one_counter_are_one_story():
    run = BuiltRun(*TENANTS).walked(0, count="0").walked(1, count="1")
    for index in range(1, 6):
        run.answered(index, {"n": index}).alone(index, {"n": 1}, {"n": 1})
    (finding,) = run.judged().findings
    assert (finding.kind, len(finding.pairs)) == ("history-dependent", 3)


def test_a_story_survives_json():
    (finding,) = kept_in("last", 2, 3).judged().findings
    assert Finding.model_validate(finding.model_dump(mode="json", by_alias=True)) == finding


def test_a_finding_without_pairs_is_stored_as_before():
    (finding,) = kept_in("last", 2).judged().findings
    assert "pairs" not in finding.model_dump(mode="json")


def test_a_program_reads_every_pair_in_the_list_of_findings_with_the_place_they_share():
    judged = kept_in("last", 2, 3, 5).judged()
    stored = {
        "version": 2,
        "verdict_messages": [each.model_dump(mode="json") for each in judged.messages],
        "findings": [each.model_dump(mode="json") for each in judged.findings],
        "checks": [],
        "events": [],
    }
    first, *others = told(stored, "en")["findings"]
    assert "same_carrier_as" not in first
    assert [(each["writer"]["invocation"], each["reader"]["invocation"]) for each in others] == [(1, 3), (1, 5)]
    assert {each["same_carrier_as"] for each in others} == {first["fingerprint"]}
    assert {each["location"]["path"] for each in others} == {first["location"]["path"]}
    assert all("Carried by `app.last`, written at app.py" in each["sentence"] for each in others)
    assert not any("pairs" in each for each in others)
