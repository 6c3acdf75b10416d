"""What an account held and what changed in it, on pages and in exports: whose, how much is cut, and no markup."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.exports.single_file import run_file
from playground.run_page.account_state import CHANGES_MAX, changes_of, state_view
from playground.text.display_text import plain
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.events.records import AccountChange, HeldEntry, HeldThing, HeldValue, ServedAttempt
from sandbox_runner.results.model import RunResult
from sandbox_runner.results.parts import AccountChanges, AccountResult
from tests.playground.hostile_results import EVERYTHING
from tests.playground.run_results import environment, invocation, leak

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")
MARKUP = ("<script>alert", "<img src=x", "\x1b", "\u202e", "\0")


def value(text='{"id": {"S": "1"}, "count": {"N": "7"}}', **fields):
    return HeldValue(text=text, bytes=len(text), **fields)


def change(key="id=1", name="users", **fields):
    return AccountChange(service="dynamodb", thing="table", name=name, key=key, **fields)


def thing(*entries, name="users", count=None, **fields):
    said = {"service": "dynamodb", "thing": "table", "entries": entries, **fields}
    return HeldThing(name=name, count=len(entries) if count is None else count, **said)


def looked(*changes, during=((1, 1),), left_out=0):
    served = tuple(ServedAttempt(index=index, attempt=attempt) for index, attempt in during)
    return AccountChanges(at_us=1, during=served, changes=changes, left_out=left_out)


def account(*things, changes=(), **fields):
    return AccountResult(**{"things": things, "things_in_all": len(things), "changes": changes, **fields})


ITEM = HeldEntry(key="id=1", value=value())


def test_an_item_is_shown_without_the_names_of_its_types():
    (shown,) = state_view(account(thing(ITEM))).things

    assert (shown.kind, shown.name, shown.count) == ("DynamoDB, table", "users", "1")
    assert plain(shown.entries[0].value) == '{"id": "1", "count": 7}'


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ((), ""),
        ((looked(change(after=value())),), "new"),
        ((looked(change(before=value(), after=value("{}"))),), "changed"),
        ((looked(change(after=value())), looked(change(before=value(), after=value("{}")))), "new"),
    ],
    ids=["was there", "new", "changed", "new and changed"],
)
def test_an_entry_says_what_became_of_it_since_the_start(looks, said):
    ((entry,),) = (each.entries for each in state_view(account(thing(ITEM), changes=looks)).things)

    assert entry.changed == said


def test_what_is_not_shown_is_counted():
    view = state_view(account(thing(ITEM, count=51), things_in_all=4, lost=True))

    assert view.things[0].more == "50 more are not shown."
    assert view.notes[1] == "3 more resources are not shown."
    assert "gone" in view.notes[0]


def test_a_change_is_told_at_the_attempt_that_was_served_with_before_and_after():
    told = account(changes=(looked(change(before=value("old"), after=value("new")), during=((1, 2),)),))

    (row,) = changes_of(told, invocation(1, attempt=2)).rows
    assert (row.what, plain(row.before), plain(row.after)) == ("changed", "old", "new")
    assert changes_of(told, invocation(1)).rows == ()
    assert changes_of(told, invocation(2)).rows == ()


def test_others_that_were_served_at_that_time_are_named():
    told = account(changes=(looked(change(after=value()), during=((1, 1), (2, 1), (3, 1))),))

    assert changes_of(told, invocation(1)).beside.startswith("Requests 2, 3 were served at the same time")


def test_more_changes_than_a_page_has_room_for_are_counted():
    many = (change(str(number), after=value()) for number in range(CHANGES_MAX + 2))

    assert changes_of(account(changes=(looked(*many, left_out=5),)), invocation(1)).more == (
        "7 more changes are not shown."
    )


def test_a_message_says_whether_it_can_be_received():
    told = looked(change(before=value("job", state="visible"), after=value("job", state="in-flight")))

    (row,) = changes_of(account(changes=(told,)), invocation(1)).rows
    assert (plain(row.before), plain(row.after)) == ("job (can be received)", "job (in flight)")


def result(text=None):
    one = value() if text is None else value(text, state=text)
    name = text or "users"
    held = thing(HeldEntry(key=text or "id=1", value=one), name=name, thing=text or "table", service=text or "dynamodb")
    told = account(held, changes=(looked(change(text or "id=1", name, after=one)),))
    return leak(account=told, environments=(environment(),))


def test_nothing_of_an_account_becomes_markup():
    told = result(EVERYTHING).account
    pages = [
        render_to_string("experiments/_account.html", {"account": state_view(told)}),
        render_to_string("experiments/_account_changes.html", {"changes": changes_of(told, invocation(1))}),
    ]

    assert all("alert(1)" in page for page in pages)
    assert not [each for page in pages for each in MARKUP if each in page]


def test_the_single_file_the_issue_and_the_command_line_have_it():
    page, issue, shown = run_file(result(), ORIGIN), issue_markdown(result(), ORIGIN), render(result(), Paint(on=False))

    assert 'id="account"' in page
    assert "What changed in the account meanwhile" in page
    assert "| 1 | `dynamodb table users` | `id=1` |  |" in issue
    assert "| `dynamodb table users` | 1 |" in issue
    assert "dynamodb table users: 1" in shown


def test_an_issue_and_a_terminal_show_hostile_accounts_as_text():
    shown = render(result("\x1b[2J\n"), Paint(on=False)).splitlines()

    assert r"  \x1b[2J\x0a \x1b[2J\x0a \x1b[2J\x0a: 1" in shown
    rows = issue_markdown(result(EVERYTHING), ORIGIN).partition("### Account")[2].partition("### Log")[0].split("\n")
    assert [row.count("|") for row in rows if row.startswith("|")] == [6, 6, 6, 3, 3, 3]


def test_a_result_keeps_it_and_one_without_an_account_says_nothing_of_it():
    stored = result().to_json()

    assert RunResult.read(stored) == result()
    assert "account" not in leak().to_json()
    assert 'id="account"' not in run_file(leak(), ORIGIN)
