"""The addresses for reporting pages."""

from __future__ import annotations

from django.urls import path

from playground.moderation import views

urlpatterns = [path("x/<slug:experiment_id>/report", views.report, name="report")]
