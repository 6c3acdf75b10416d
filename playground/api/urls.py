"""The addresses of version 1 of the API."""

from __future__ import annotations

from django.urls import path

from playground.api import views

urlpatterns = [
    path("runs", views.runs, name="api-runs"),
    path("runs/<slug:run_id>", views.run, name="api-run"),
    path("schemas/<slug:name>", views.schema, name="api-schema"),
]
