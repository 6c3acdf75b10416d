"""The addresses of a run's files."""

from __future__ import annotations

from django.urls import path

from playground.exports import views

urlpatterns = [
    path(f"r/<slug:run_id>/export/{kind}", views.export, {"kind": kind}, name=f"export-{kind.replace('.', '-')}")
    for kind in views.FORMATS
]
