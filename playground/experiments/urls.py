"""The addresses of experiments and runs. They are permanent."""

from __future__ import annotations

from django.urls import path

from playground.experiments import views

run_urls = [
    path("r/<slug:run_id>.json", views.run_json, name="run-json"),
    path("r/<slug:run_id>", views.run_page, name="run"),
    path("r/<slug:run_id>/events", views.run_events, name="run-events"),
    path("r/<slug:run_id>/live", views.run_live, name="run-live"),
    path("r/<slug:run_id>/cancel", views.run_cancel, name="run-cancel"),
    path("r/<slug:run_id>/again", views.run_again, name="run-again"),
    path("r/<slug:run_id>/scenario.yaml", views.run_scenario, name="run-scenario"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("mine", views.mine, name="mine"),
    path("x/<slug:experiment_id>", views.experiment, name="experiment"),
    *run_urls,
]
