"""Every address of the product."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from playground.fidelity import views
from playground.gallery import views as gallery
from playground.status import health, metrics

# One door for passwords: the admin's own would count no guesses.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth's manual says

handler400 = "playground.infrastructure.problem_responses.bad_request"
handler404 = "playground.infrastructure.problem_responses.not_found"

urlpatterns = [
    path("", include("playground.pages.urls")),
    path("", include("playground.exports.urls")),
    path("", include("playground.pages.account_urls")),
    path("", include("playground.comparing.urls")),
    path("", include("playground.library.urls")),
    path("", include("playground.moderation.urls")),
    path("admin/", admin.site.urls),
    path("", include("playground.embeds.urls")),
    path("gallery", gallery.index, name="gallery"),
    path("gallery/<slug:slug>", gallery.one, name="incident"),
    path("fidelity", views.page, name="fidelity"),
    path("installed", views.installed, name="installed"),
    path("runtimes", views.runtimes, name="runtimes"),
    path("settings/", include("playground.accounts.token_urls")),
    path("api/v1/", include("playground.api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.page, name="metrics"),
    path("readyz", health.readyz, name="readyz"),
    path("language", set_language, name="set_language"),
]
