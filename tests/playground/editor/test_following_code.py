"""Runtime, file name and handler follow the code."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.editor.following_code import follow_code, follow_runtime, misfits, refused
from playground.editor.form_state import FileRow, FormState

PYTHON = "import json\n\ndef lambda_handler(event, context):\n    return 1\n"
MODULE = "export const handler = async (event) => 1;\n"
COMMON = "exports.main = async (event) => 1;\n"
TYPED = "export const handler = async (event: Order): Promise<void> => {};\n"
SEED = FormState(runtime="nodejs22.x", handler="app.handler", files=(FileRow("app.mjs", MODULE),))


def code(text, *others, **fields):
    return replace(SEED, files=(FileRow("app.mjs", text), *others), **fields)


CALLBACK = "exports.run = function (event, context, callback) {\n  callback(null, event);\n};\n"
FOLLOWED = {
    "Python in the example": (code(PYTHON), "python3.13", "app.py", "app.lambda_handler"),
    "CommonJS in the example": (code(COMMON), "nodejs22.x", "app.cjs", "app.main"),
    "another handler": (code(MODULE.replace("handler", "main")), "nodejs22.x", "app.mjs", "app.main"),
    "JavaScript where Python was": (
        FormState(runtime="python3.13", handler="app.handler", files=(FileRow("app.py", MODULE),)),
        "nodejs24.x",
        "index.mjs",
        "index.handler",
    ),
    "TypeScript in the example": (code(TYPED), "nodejs22.x", "app.ts", "app.handler"),
    "TypeScript where Python was": (
        FormState(runtime="python3.13", handler="app.handler", files=(FileRow("app.py", TYPED),)),
        "nodejs24.x",
        "index.ts",
        "index.handler",
    ),
    "TypeScript with elements": (code(TYPED + "const a = <p>b</p>;\n"), "nodejs22.x", "app.tsx", "app.handler"),
    "a file without a name": (
        FormState(runtime="python3.13", files=(FileRow("", PYTHON),)),
        "python3.13",
        "app.py",
        "app.lambda_handler",
    ),
    "a file in a folder": (
        FormState(runtime="nodejs24.x", handler="src/app.run", files=(FileRow("src/app.js", COMMON),)),
        "nodejs24.x",
        "src/app.js",
        "src/app.main",
    ),
    "a callback where the runtime takes none": (
        FormState(runtime="nodejs24.x", handler="app.run", files=(FileRow("app.js", CALLBACK),)),
        "nodejs22.x",
        "app.js",
        "app.run",
    ),
    "one file of several": (code(PYTHON, FileRow("data.json", "{}")), "python3.13", "app.py", "app.lambda_handler"),
}


@pytest.mark.parametrize(("state", "runtime", "name", "handler"), FOLLOWED.values(), ids=FOLLOWED)
def test_runtime_file_name_and_handler_follow_together(state, runtime, name, handler):
    found = follow_code(state)

    assert (found.state.runtime, found.state.files[0].name, found.state.handler) == (runtime, name, handler)
    assert found.said.endswith(f" detected: runtime {runtime}, {name}, {handler}.")


STAYS = {
    "what fits": SEED,
    "no code": code("x = 1"),
    "a name that is taken": code(PYTHON, FileRow("app.py", "x")),
    "a handler that is there among others": code(MODULE + "export const main = async () => 2;", handler="app.main"),
}


@pytest.mark.parametrize("state", STAYS.values(), ids=STAYS)
def test_what_fits_or_is_not_understood_stays(state):
    assert follow_code(state) is None


def test_a_helper_changes_nothing():
    assert follow_code(code(MODULE, FileRow("helper.mjs", PYTHON)), 1) is None


def test_what_has_no_types_stays_typescript_by_its_name():
    assert follow_code(replace(SEED, files=(FileRow("app.ts", MODULE),))) is None
    assert misfits(replace(SEED, files=(FileRow("app.ts", MODULE),))) == ()


def test_a_runtime_chosen_by_hand_renames_the_file_and_the_handler():
    found = follow_runtime(replace(code(""), runtime="python3.13", files=(FileRow("app.mjs", " x "),)))

    assert (found.state.files[0].name, found.state.handler) == ("app.py", "app.handler")
    assert found.said == "Runtime python3.13: app.py, app.handler."


def test_a_runtime_that_does_not_fit_the_code_says_so():
    assert follow_runtime(replace(SEED, runtime="python3.13")).said.endswith("still looks like JavaScript.")


def test_a_newer_runtime_of_the_same_language_changes_nothing():
    assert follow_runtime(replace(SEED, runtime="nodejs24.x")) is None


def test_a_program_that_a_function_brings_may_be_in_any_language():
    state = FormState(
        runtime="provided.al2023", handler="x.y", files=(FileRow("bootstrap", f"#!/usr/bin/x\n{PYTHON}"),)
    )
    assert (follow_code(state), follow_runtime(state), misfits(state)) == (None, None, ())


def test_a_runtime_of_ones_own_chosen_by_hand_renames_the_file_and_keeps_the_handler():
    found = follow_runtime(replace(code("exec curl"), runtime="provided.al2023"))
    assert (found.state.files[0].name, found.state.handler) == ("bootstrap", "app.handler")


MISFITS = {
    "Python for Node": (
        code(PYTHON),
        "app.mjs looks like Python, and nodejs22.x plays JavaScript.",
        "Use python3.13, app.py and app.lambda_handler",
    ),
    "a file that the runtime cannot load": (
        code("x = 1", runtime="python3.13"),
        "app.mjs is no file that python3.13 can load: it loads .py.",
        "Use python3.13, app.py and app.handler",
    ),
    "TypeScript under another name": (
        code(TYPED),
        "app.mjs looks like TypeScript, whose files end in .ts, .mts, .cts.",
        "Use nodejs22.x, app.ts and app.handler",
    ),
    "TypeScript for Python": (
        replace(SEED, runtime="python3.13", files=(FileRow("app.ts", TYPED),)),
        "app.ts looks like TypeScript, and python3.13 plays Python.",
        "Use nodejs24.x, app.ts and app.handler",
    ),
}


@pytest.mark.parametrize(("state", "said", "cure"), MISFITS.values(), ids=MISFITS)
def test_what_does_not_fit_is_said_with_its_cure(state, said, cure):
    (found,) = misfits(state)

    assert (found.field, found.said, found.cure) == ("file-1", said, cure)


def test_a_handler_without_a_dot_is_said_at_its_field_with_its_cure():
    (found,) = misfits(replace(SEED, handler="nonsense"))

    assert (found.field, found.said, found.cure) == (
        "handler",
        "The handler nonsense has no dot. Write a file's name and its function, like app.handler.",
        "Use nodejs22.x, app.mjs and app.handler",
    )


def test_what_does_not_fit_is_said_at_every_field_at_once():
    state = replace(code(PYTHON), handler="nonsense")
    assert [found.field for found in misfits(state)] == ["file-1", "handler"]
    assert set(refused(state, {}).errors) == {"file-1", "handler"}


def test_what_fits_is_no_misfit():
    assert misfits(SEED) == ()


@given(
    st.builds(
        FormState, *[st.text(max_size=9)] * 2, files=st.lists(st.builds(FileRow, st.text(), st.text())).map(tuple)
    )
)
def test_whatever_is_typed_follows_or_stays(state):
    for found in (follow_code(state), follow_runtime(state), *misfits(state)):
        assert found is None or found.said


# --- the pages ------------------------------------------------------------------------------------------------------


def posted(state, **more):
    fields = {"runtime": state.runtime, "handler": state.handler, "memory_mb": "128", "timeout_s": "3"}
    rows = {"file_name": [row.name for row in state.files], "file_text": [row.text for row in state.files]}
    return fields | rows | {"step_kind": ["invoke"], "step_payload": ["{}"]} | more


@pytest.mark.django_db
def test_a_page_is_told_what_follows(browser):
    told = browser.post("/follow", posted(code(PYTHON), at="0", by="code")).json()

    assert told == {
        "said": "Python detected: runtime python3.13, app.py, app.lambda_handler.",
        "changes": True,
        "at": 0,
        "runtime": "python3.13",
        "handler": "app.lambda_handler",
        "file_name": "app.py",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["", "1", "-1", "²", "x", "9" * 400])
def test_a_page_that_asks_about_no_file_is_told_nothing(browser, at):
    assert browser.post("/follow", posted(code(PYTHON), at=at)).json() == {}


@pytest.mark.django_db
def test_without_scripts_code_that_does_not_fit_is_said_and_mended_by_a_button(browser):
    refused = browser.post("/", posted(code(PYTHON), memory_mb="12"))

    assert refused.status_code == 422
    assert "app.mjs looks like Python" in refused.text
    assert "memory_mb" in refused.context["form_state"].errors
    assert "Use python3.13, app.py and app.lambda_handler" in refused.text
    mended = browser.post("/", posted(code(PYTHON), action="follow-code")).context["form_state"]
    assert (mended.runtime, mended.files[0].name, mended.handler) == ("python3.13", "app.py", "app.lambda_handler")


@pytest.mark.django_db
def test_who_was_told_may_play_it_as_it_is(browser):
    assert browser.post("/", posted(code(PYTHON), as_written="yes")).status_code == 302
