"""The address of a comparison. It is permanent, as those of its runs are."""

from __future__ import annotations

from django.urls import path

from playground.comparing import views

urlpatterns = [
    path("compare/<slug:first_id>..<slug:second_id>", views.comparison, name="compare"),
]
