"""What was typed, kept as typed."""

import pytest
from django.http import QueryDict

from playground.editor.form_state import KINDS, FileRow, FormState, PeerRow, StepRow, edited, read_form, with_errors

STATE = FormState(
    files=(FileRow("a.py", "A"), FileRow("b.py", "B")),
    steps=(StepRow("invoke", "one"), StepRow("idle", idle="2s"), StepRow("recycle")),
)


def posted(text):
    return QueryDict(text)


def test_repeated_fields_become_rows_in_their_order():
    state = read_form(posted("file_name=a.py&file_text=A&file_name=b.py&file_text=B"))

    assert state.files == (FileRow("a.py", "A"), FileRow("b.py", "B"))


def test_a_list_that_is_too_short_is_filled_up():
    state = read_form(posted("step_kind=invoke&step_kind=idle&step_payload=1"))

    assert state.steps == (StepRow("invoke", payload="1"), StepRow("idle"))


def test_a_browsers_line_ends_become_plain_ones():
    state = read_form(posted("file_name=a.py&file_text=one%0D%0Atwo"))

    assert state.files[0].text == "one\ntwo"


def test_an_empty_form_is_a_form():
    assert read_form(posted("")) == FormState(runtime="", memory_mb="", timeout_s="")


EDITS = {
    "another file": ("add-file", ["a.py", "b.py", ""], ["one", "idle", "recycle"]),
    "another request": ("add-invoke", ["a.py", "b.py"], ["one", "idle", "recycle", "invoke"]),
    "another wait": ("add-idle", ["a.py", "b.py"], ["one", "idle", "recycle", "idle"]),
    "no first file": ("remove-file-1", ["b.py"], ["one", "idle", "recycle"]),
    "no second step": ("remove-step-2", ["a.py", "b.py"], ["one", "recycle"]),
    "a step earlier": ("move-step-up-2", ["a.py", "b.py"], ["idle", "one", "recycle"]),
    "a step later": ("move-step-down-1", ["a.py", "b.py"], ["idle", "one", "recycle"]),
    "the first cannot go up": ("move-step-up-1", ["a.py", "b.py"], ["one", "idle", "recycle"]),
    "the last cannot go down": ("move-step-down-3", ["a.py", "b.py"], ["one", "idle", "recycle"]),
    "no such step": ("remove-step-9", ["a.py", "b.py"], ["one", "idle", "recycle"]),
    "a step of number nought": ("remove-step-0", ["a.py", "b.py"], ["one", "idle", "recycle"]),
    "a superscript for a number": ("remove-step-²", ["a.py", "b.py"], ["one", "idle", "recycle"]),
    "nonsense": ("x", ["a.py", "b.py"], ["one", "idle", "recycle"]),
}


@pytest.mark.parametrize(("action", "files", "steps"), EDITS.values(), ids=EDITS.keys())
def test_the_forms_own_buttons_work_without_scripts(action, files, steps):
    state = edited(STATE, action)

    assert [row.name for row in state.files] == files
    assert [row.principal or row.kind for row in state.steps] == steps


def test_a_row_carries_its_own_sentence():
    state = with_errors(STATE, {"step-2": "too long", "file-1": "too large", "handler": "missing"})

    assert [row.error for row in state.steps] == ["", "too long", ""]
    assert [row.error for row in state.files] == ["too large", ""]
    assert state.errors["handler"] == "missing"


# --- more: settings, peers, steps of several rows --------------------------------------------------------------------


def test_a_setting_left_at_its_default_is_not_kept():
    state = read_form(posted("initialization=on-demand&log_format=json&reserved_concurrency=&tmp_mb=1024"))

    assert state.settings == {"log_format": "json", "tmp_mb": "1024"}


def test_peers_are_rows_in_their_order():
    state = read_form(posted("peer_name=backend&peer_name=queue&peer_port=7000&peer_echo=&peer_echo=no"))

    assert state.peers == (PeerRow("backend", "7000"), PeerRow("queue", echo="no"))


@pytest.mark.parametrize(
    ("state", "service", "function"),
    [
        (FormState(), False, False),
        (FormState(settings={"reserved_concurrency": "1"}), True, False),
        (FormState(settings={"cpu": "proportional"}), False, True),
        (FormState(peers=(PeerRow(""),)), True, False),
        (FormState(errors={"init_limit": "too long"}), True, False),
        (FormState(errors={"peers": "too many"}), True, False),
    ],
    ids=["nothing", "a setting of the service", "one of the function", "a peer", "a problem", "a problem of all peers"],
)
def test_more_is_unfolded_where_it_says_something(state, service, function):
    assert (state.says_more_of_the_service, state.says_more_of_the_function) == (service, function)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind])
def test_each_kind_of_step_can_be_added_without_scripts(kind):
    assert edited(STATE, f"add-{kind}").steps[-1].kind == kind


def test_peers_are_added_and_removed_without_scripts():
    two = edited(edited(STATE, "add-peer"), "add-peer")

    assert (len(two.peers), len(edited(two, "remove-peer-2").peers)) == (2, 1)
