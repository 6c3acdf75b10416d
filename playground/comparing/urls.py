"""The address of a comparison, which is permanent like the addresses of runs."""

from __future__ import annotations

from django.urls import path

from playground.comparing import views

urlpatterns = [
    path("compare/<slug:first_id>..<slug:second_id>", views.comparison, name="compare"),
]
