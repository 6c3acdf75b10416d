"""The addresses of experiments and runs. They are permanent."""

from __future__ import annotations

from django.urls import path

from playground.pages import (
    archive_views,
    editor_views,
    experiment_views,
    live_views,
    naming_views,
    opening_views,
    other_runtime_views,
    package_views,
    proving_views,
    result_views,
    reverify_views,
    run_views,
)

run_urls = [
    path("r/<slug:run_id>.json", run_views.run_json, name="run-json"),
    path("r/<slug:run_id>", run_views.run_page, name="run"),
    path("r/<slug:run_id>/archives/<str:sha256>", archive_views.archive, name="run-archive"),
    path("r/<slug:run_id>/events", run_views.run_events, name="run-events"),
    path("r/<slug:run_id>/live", run_views.run_live, name="run-live"),
    path("r/<slug:run_id>/result", result_views.run_result, name="run-result"),
    path("r/<slug:run_id>/cancel", run_views.run_cancel, name="run-cancel"),
    path("r/<slug:run_id>/stop-proof", proving_views.stop, name="run-stop-proof"),
    path("r/<slug:run_id>/prove", proving_views.prove, name="run-prove"),
    path("r/<slug:run_id>/longer-proof", proving_views.longer_proof, name="run-longer-proof"),
    path("r/<slug:run_id>/update-dependencies", run_views.run_update_dependencies, name="run-update-dependencies"),
    path("r/<slug:run_id>/go-live", live_views.go_live, name="run-go-live"),
    path("r/<slug:run_id>/end-session", live_views.end, name="run-end-session"),
    path("r/<slug:run_id>/extend-session", live_views.extend, name="run-extend-session"),
    path("r/<slug:run_id>/step-session", live_views.step, name="run-step-session"),
    path("r/<slug:run_id>/session-callers", live_views.callers, name="run-session-callers"),
    path("r/<slug:run_id>/again", run_views.run_again, name="run-again"),
    path("r/<slug:run_id>/on", other_runtime_views.run_on, name="run-on"),
    path("r/<slug:run_id>/reverify", reverify_views.reverify, name="run-reverify"),
    path("r/<slug:run_id>/reverifications", reverify_views.reverifications, name="run-reverifications"),
    path("r/<slug:run_id>/scenario.yaml", run_views.run_scenario, name="run-scenario"),
]

experiment_urls = [
    path("x/<slug:experiment_id>", experiment_views.page, name="experiment"),
    path("x/<slug:experiment_id>/edit", experiment_views.edit, name="experiment-edit"),
    path("x/<slug:experiment_id>/name", naming_views.name, name="experiment-name"),
    path("x/<slug:experiment_id>/delete", experiment_views.delete, name="experiment-delete"),
    path("x/<slug:experiment_id>/restore", experiment_views.restore, name="experiment-restore"),
    path("x/<slug:experiment_id>/claim", experiment_views.claim, name="experiment-claim"),
    path("x/<slug:experiment_id>/take/<slug:signature>", experiment_views.take, name="experiment-take"),
    path("x/<slug:experiment_id>/revisions/<int:number>", experiment_views.revision, name="revision"),
    path("x/<slug:experiment_id>/revisions/<int:number>/go-live", live_views.go_live_with, name="revision-go-live"),
]

urlpatterns = [
    path("", run_views.home, name="home"),
    path("step", run_views.step, name="step"),
    path("follow", run_views.follow, name="follow"),
    path("advice", run_views.advice, name="advice"),
    path("event-examples", editor_views.event_examples, name="event-examples"),
    path("format", editor_views.format_python, name="format"),
    path("package-names", package_views.package_names, name="package-names"),
    path("open", opening_views.open_archive, name="open"),
    path("mine", run_views.mine, name="mine"),
    path("mine/claim", experiment_views.claim_all, name="claim"),
    *experiment_urls,
    *run_urls,
]
