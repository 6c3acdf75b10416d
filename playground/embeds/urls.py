"""The addresses for other sites."""

from __future__ import annotations

from django.urls import path

from playground.embeds import views

urlpatterns = [
    path("r/<slug:run_id>/embed", views.embed, name="run-embed"),
    path("r/<slug:run_id>/preview.png", views.preview, name="run-preview"),
    path("oembed", views.oembed, name="oembed"),
]
