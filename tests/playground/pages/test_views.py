"""The pages of experiments and runs."""

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse

from playground.experiments import browser_keys
from playground.experiments.models import Experiment, Revision, Run, Status
from playground.experiments.viewer import Viewer
from playground.runs import execution, submission
from sandbox_runner.results.telling import told
from sandbox_runner.scenario.reader import read_scenario
from tests.builders import invoke, scenario
from tests.playground.stored import a_run
from tests.told import stored as stored_messages

pytestmark = pytest.mark.django_db

FORM = {
    "runtime": "python3.13",
    "handler": "app.handler",
    "memory_mb": "128",
    "timeout_s": "3",
    "environment": "",
    "file_name": ["app.py"],
    "file_text": ["def handler(event, context):\r\n    return 1"],
    "step_kind": ["invoke", "idle"],
    "step_principal": ["tenant-a", ""],
    "step_payload": ['{"a": 1}', ""],
    "step_idle": ["", "2s"],
}


def finished(make_worker, **fields):
    run = a_run(**fields)
    execution.execute(run.id, make_worker())
    run.refresh_from_db()
    return run


# --- home -----------------------------------------------------------------------------------------------------------


def test_the_editor_is_filled_so_that_the_first_run_shows_something(browser):
    state = browser.get("/").context["form_state"]

    assert state.files[0].text
    assert [step.principal for step in state.steps] == ["alice", "bob"]


def test_what_was_typed_becomes_a_run(browser):
    answer = browser.post("/", FORM)

    run = Run.objects.get()
    assert answer.headers["Location"] == run.get_absolute_url()
    assert run.revision.scenario.function.files == {"app.py": "def handler(event, context):\n    return 1"}
    assert run.revision.scenario.steps[1].idle == 2


ALIKE = {
    "step_kind": ["invoke", "invoke"],
    "step_principal": ["tenant-a", "tenant-b"],
    "step_payload": ['{"who": "<same-7Qx>"}', '{"who": "<same-7Qx>"}'],
    "step_idle": ["", ""],
}


def test_callers_that_would_send_the_same_are_told_of_beside_the_steps(browser):
    said = browser.post("/advice", FORM | ALIKE).text
    whole = browser.post("/", FORM | ALIKE | {"action": "add-file"}).text

    assert "Requests 1, 2 send the same `who` (&lt;same-7Qx&gt;)" in said
    assert said.strip() in whole
    assert "Requests 1, 2 send" not in browser.get("/").text


@pytest.mark.parametrize(
    "changed", [{"step_principal": ["a", "a"]}, {"step_payload": ["{oops", "{oops"]}, {"handler": ""}]
)
def test_nothing_is_said_of_one_caller_or_of_a_form_that_has_something_to_mend(browser, changed):
    assert browser.post("/advice", FORM | ALIKE | changed).text.strip() == ""


def test_requests_without_the_event_that_the_code_reads_are_told_of_and_filled_in_together(browser):
    form = FORM | ALIKE | {"file_text": ['def handler(event, context):\n    return event["httpMethod"]']}
    said = browser.post("/advice", form).text
    filled = browser.post("/", form | {"action": "fill-every-request"}).text

    assert "The code reads <code>httpMethod</code>, which 2 requests do not send." in said
    assert "Fill in events of API Gateway, REST API (1.0)" in said
    assert filled.count("&quot;multiValueHeaders&quot;:") == 2
    assert "which 2 requests do not send" not in filled


BOTO3 = 'import os, boto3\ntable = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])\n'


def test_aws_services_that_the_code_calls_are_told_of_and_added_with_what_they_need(browser):
    form = FORM | {"file_text": [BOTO3 + FORM["file_text"][0]], "environment": "STAGE=dev"}
    said = browser.post("/advice", form).text
    added = browser.post("/", form | {"action": "add-aws-services"}).text

    assert "The code calls DynamoDB" in said
    assert "Add AWS services with orders" in said
    assert "- dynamodb.create_table:\n    TableName: orders" in added
    assert "STAGE=dev\nORDERS_TABLE=orders</textarea>" in added
    assert "The code calls DynamoDB" not in added


@pytest.mark.parametrize("payload", ['{"httpMethod": "GET"}', "[]", "{oops"])
def test_nothing_is_said_where_requests_have_the_event_or_are_no_objects(browser, payload):
    form = (
        FORM | ALIKE | {"file_text": ['handler = lambda event, _: event["httpMethod"]'], "step_payload": [payload] * 2}
    )
    assert "The code reads" not in browser.post("/advice", form).text


def test_callers_that_send_the_same_are_run_all_the_same(browser):
    assert browser.post("/", FORM | ALIKE).status_code == 302


def test_a_failed_submission_keeps_what_was_typed_and_stores_nothing(browser):
    answer = browser.post("/", FORM | {"handler": "", "step_payload": ["{oops", ""]})

    state = answer.context["form_state"]
    assert answer.status_code == 422
    assert state.steps[0].payload == "{oops"
    assert set(state.errors) == {"handler", "step-1"}
    assert "The handler is missing" in answer.text
    assert Experiment.objects.count() == 0


def test_what_was_typed_comes_back_as_text_and_not_as_markup(browser):
    hostile = "</textarea><script>alert(1)</script>"

    answer = browser.post("/", FORM | {"handler": "", "file_text": [hostile], "file_name": [hostile]})

    assert "<script>alert(1)" not in answer.text
    assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in answer.text


def test_the_forms_own_buttons_run_nothing(browser):
    answer = browser.post("/", FORM | {"action": "add-invoke"})

    assert len(answer.context["form_state"].steps) == 3
    assert Run.objects.count() == 0


def test_more_than_200_steps_are_refused_with_a_sentence(browser):
    many = {name: FORM[name][:1] * 201 for name in ("step_kind", "step_principal", "step_payload", "step_idle")}

    answer = browser.post("/", FORM | many)

    assert "at most 200" in answer.context["form_state"].errors["steps"]


def test_more_fields_than_any_form_has_are_refused_with_a_page(browser):
    answer = browser.post("/", FORM | {"step_kind": ["recycle"] * 5000})

    assert answer.status_code == 400
    assert "Nothing was stored" in answer.text


@pytest.mark.parametrize("name", ["\x00", "x" * 23, "../x", "ü"])
def test_an_id_that_can_be_none_names_nothing(browser, name):
    assert browser.get("/", {"from": name}).status_code == 404
    assert browser.post("/", FORM | {"parent": name}).status_code == 302


def test_a_payload_of_almost_6_mb_is_taken(browser):
    large = f'"{"x" * (6 * 1024 * 1024 - 2)}"'

    assert browser.post("/", FORM | {"step_payload": [large, ""]}).status_code == 302


def test_too_many_runs_say_so_on_the_page_and_keep_what_was_typed(browser, configure):
    configure(queue_max=1)
    browser.post("/", FORM)

    answer = browser.post("/", FORM)

    assert answer.status_code == 429
    assert "waiting already" in answer.text
    assert answer.context["form_state"].handler == "app.handler"


def test_a_form_from_another_site_is_refused_with_a_page(settings):
    answer = Client(enforce_csrf_checks=True).post("/", FORM)

    assert answer.status_code == 403
    assert "allow cookies" in answer.text


def test_a_copy_of_a_run_begins_as_its_scenario(browser):
    run = a_run(invoke({"m": 1}, "me"))

    by_run = browser.get("/", {"from": run.id}).context["form_state"]
    by_revision = browser.get("/", {"from": run.revision_id}).context["form_state"]

    assert by_run == by_revision
    assert (by_run.parent, by_run.steps[0].principal) == (run.revision_id, "me")


@pytest.mark.parametrize("query", ["from", "incident", "preset"])
def test_a_copy_of_nothing_is_not_found(browser, query):
    assert browser.get("/", {query: "nothing"}).status_code == 404


def test_a_preset_replaces_the_steps_and_nothing_else(browser):
    plain = browser.get("/").context["form_state"]
    shaped = browser.get("/", {"preset": "cold-every-time"}).context["form_state"]

    assert shaped.files == plain.files
    assert "recycle" in [step.kind for step in shaped.steps]


def test_an_incident_opens_in_the_editor(browser):
    state = browser.get("/", {"incident": "python-tmp-file"}).context["form_state"]

    assert "/tmp" in state.files[0].text


# --- a run ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_finished_run_is_the_same_page_for_whoever_has_its_address(browser, make_worker):
    run = finished(make_worker, browser_key="somebody")

    page = browser.get(run.get_absolute_url())

    assert page.status_code == 200
    assert page.context["page"].requests[0].principal == "tenant-a"
    assert page.context["share_url"] == f"http://testserver{run.get_absolute_url()}"


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.PROVING, Status.CANCELLED, Status.FAILED])
def test_a_run_without_a_result_has_a_page(browser, status):
    run = a_run(status=status, failure_reference="0123abcd", failure_messages=stored_messages("the sandbox is gone"))

    page = browser.get(run.get_absolute_url())

    assert page.context["live"].status == status
    assert ("0123abcd" in page.text) is (status == Status.FAILED)


def test_an_address_that_names_nothing_is_not_found(browser):
    page = browser.get(reverse("run", args=["x" * 22]))

    assert page.status_code == 404
    assert "There is nothing at this address" in page.text


def test_asking_again_and_again_goes_on_while_the_run_does(browser):
    assert browser.get(reverse("run-live", args=[a_run().id])).status_code == 200


@pytest.mark.parametrize("status", [Status.FINISHED, Status.CANCELLED, Status.FAILED])
def test_asking_again_and_again_stops_with_the_run(browser, status):
    assert browser.get(reverse("run-live", args=[a_run(status=status).id])).status_code == 286


@pytest.mark.django_db(transaction=True)
def test_the_result_is_downloaded_as_the_command_line_prints_it(browser, make_worker):
    run = finished(make_worker)

    assert browser.get(reverse("run-json", args=[run.id])).json() == told(run.result.to_json(), "en")


def test_a_result_that_is_not_there_yet_is_not_found(browser):
    answer = browser.get(reverse("run-json", args=[a_run().id]))

    assert answer.status_code == 404
    assert "has no result" in answer.text


def test_the_scenario_is_downloaded_as_a_file_that_plays(browser):
    answer = browser.get(reverse("run-scenario", args=[a_run().id]))

    assert read_scenario(answer.text) == scenario()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_run_is_cancelled_by_the_browser_that_started_it(browser):
    browser.post("/", FORM)
    run = Run.objects.get()

    browser.post(reverse("run-cancel", args=[run.id]))

    run.refresh_from_db()
    assert run.status == Status.CANCELLED


def test_a_run_is_not_cancelled_by_whoever_has_its_address(browser):
    browser.post("/", FORM)
    run = Run.objects.get()

    answer = Client().post(reverse("run-cancel", args=[run.id]))

    run.refresh_from_db()
    assert (answer.status_code, run.status) == (403, Status.QUEUED)


def test_only_the_browser_that_started_a_run_is_offered_to_cancel_it(browser):
    browser.post("/", FORM)
    run = Run.objects.get()

    pages = [each.get(reverse("run", args=[run.id])).text for each in (browser, Client())]

    assert [reverse("run-cancel", args=[run.id]) in page for page in pages] == [True, False]


def test_a_proof_is_stopped_by_who_started_the_run_or_may_edit_it_alone(browser):
    browser.post("/", FORM)
    run = Run.objects.get()
    address = reverse("run-stop-proof", args=[run.id])

    assert [address in each.get(reverse("run", args=[run.id])).text for each in (browser, Client())] == [True, False]
    assert Client().post(address).status_code == 403
    assert Run.objects.get().proof_stop_requested_at is None
    assert browser.post(address).headers["Location"] == run.get_absolute_url()
    assert Run.objects.get().proof_stop_requested_at is not None


def test_running_again_is_a_new_run_of_the_same_revision(browser):
    run = a_run(status=Status.FINISHED)

    answer = browser.post(reverse("run-again", args=[run.id]))

    again = Run.objects.exclude(pk=run.pk).get()
    assert again.revision == run.revision
    assert answer.headers["Location"] == again.get_absolute_url()


@pytest.mark.parametrize("name", ["run-cancel", "run-again", "run-stop-proof"])
def test_a_link_alone_changes_nothing(browser, name):
    assert browser.get(reverse(name, args=[a_run().id])).status_code == 405


# --- experiments and one's own runs ---------------------------------------------------------------------------------


def test_a_browser_lists_its_own_runs_and_no_others(browser):
    browser.post("/", FORM)
    a_run(browser_key="somebody else")

    assert [one.run for one in browser.get("/mine").context["mine"].rows] == list(
        Run.objects.exclude(browser_key="somebody else")
    )


def test_a_browser_that_was_nowhere_has_no_runs(browser):
    a_run()

    assert [one.run for one in browser.get("/mine").context["mine"].rows] == []


def test_a_forged_cookie_lists_nothing(browser):
    a_run(browser_key="victim")
    browser.cookies[browser_keys.COOKIE] = "victim:forged"

    assert [one.run for one in browser.get("/mine").context["mine"].rows] == []


def test_an_edited_copy_from_the_same_browser_is_the_next_revision(browser):
    browser.post("/", FORM)
    first = Revision.objects.get()

    browser.post("/", FORM | {"parent": first.id, "handler": "app.other"})

    assert [one.number for one in first.experiment.revisions.order_by("number")] == [1, 2]


def test_an_experiment_shows_its_revisions_and_runs(browser):
    run = a_run(browser_key="me")
    submission.submit(scenario(invoke(1)), by=Viewer(browser_key="me"), parent=run.revision)

    page = browser.get(run.revision.experiment.get_absolute_url())

    assert [row.revision.number for row in page.context["rows"]] == [2, 1]
    assert run.id[:8] in page.text


LISTS = {"mine": (lambda run: "/mine", 1), "experiment": (lambda run: f"/x/{run.revision.experiment_id}", 5)}


@pytest.mark.parametrize(("address", "queries"), LISTS.values(), ids=LISTS.keys())
def test_a_list_asks_the_database_as_often_for_many_as_for_one(browser, address, queries, django_assert_num_queries):
    browser.post("/", FORM)
    run = Run.objects.get()
    for _ in range(5):
        submission.play_again(run.revision, by=Viewer(browser_key=run.browser_key))

    browser.get(address(run))  # the first visit of a day writes down that there was one

    with django_assert_num_queries(queries):
        browser.get(address(run))


def test_a_run_page_asks_the_database_once(browser, django_assert_num_queries):
    run = a_run()
    browser.get(run.get_absolute_url())  # the first visit of a day writes down that there was one

    with django_assert_num_queries(1):
        browser.get(run.get_absolute_url())


# --- every page -----------------------------------------------------------------------------------------------------

PAGES = ["/", "/mine", "/gallery", "/gallery/node-module-variable", "/nothing"]


@pytest.mark.parametrize("address", PAGES)
def test_no_page_lets_anything_run_that_is_not_ours(browser, address):
    page = browser.get(address)

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_an_incident_that_is_none_is_not_found(browser):
    assert browser.get("/gallery/nothing").status_code == 404


def test_a_healthy_process_says_so(browser):
    answer = browser.get("/healthz")

    assert (answer.status_code, answer.json()["database"], answer.json()["broker"]) == (200, True, True)


def test_a_process_without_a_broker_says_which_is_away(browser, broker_away):
    answer = browser.get("/healthz")

    assert (answer.status_code, answer.json()["database"], answer.json()["broker"]) == (503, True, False)


def test_a_run_page_is_there_without_a_broker(browser, broker_away):
    assert browser.get(a_run().get_absolute_url()).status_code == 200


def test_a_browser_from_before_cookies_had_a_prefix_keeps_what_it_made(settings):
    settings.COOKIE_PREFIX = "__Host-"
    browser = Client()
    browser.cookies[browser_keys.COOKIE] = get_cookie_signer(salt=browser_keys.COOKIE).sign("from-before")
    browser.post("/", FORM | {"action": "run"})

    assert Run.objects.get().browser_key == "from-before"
    assert browser_keys.cookie_name() in browser.cookies
