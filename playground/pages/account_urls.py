"""The addresses of teams and accounts: of allauth's those that a name and a password, or a provider, need."""

from __future__ import annotations

from allauth.account import views as account
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.urls import urlpatterns as third_party_urls
from django.urls import include, path, re_path

from playground.accounts import provider_views, session_views
from playground.teams import views

account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("signup/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("email/", account.email, name="account_email"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("sessions/", session_views.sessions, name="sessions"),
    path("2fa/", include("playground.accounts.factor_urls")),
    path("3rdparty/", include(third_party_urls)),
    path("oidc/<str:provider_id>/login/", provider_views.answering(oidc.login), name="openid_connect_login"),
    path(
        "oidc/<str:provider_id>/login/callback/",
        provider_views.answering(oidc.callback),
        name="openid_connect_callback",
    ),
]

team_urls = [
    path("join/<slug:secret>", views.join, name="team-join"),
    path("<slug:team_id>", views.page, name="team"),
    path("<slug:team_id>/audit", views.audit_list, name="team-audit"),
    path("<slug:team_id>/rename", views.rename, name="team-rename"),
    path("<slug:team_id>/invite", views.invite, name="team-invite"),
    path("<slug:team_id>/invitations/<int:invitation_id>/withdraw", views.withdraw, name="team-withdraw"),
    path("<slug:team_id>/members/<int:user_id>/role", views.change_role, name="team-role"),
    path("<slug:team_id>/members/<int:user_id>/remove", views.remove, name="team-remove"),
    path("<slug:team_id>/leave", views.leave, name="team-leave"),
    path("<slug:team_id>/delete", views.delete, name="team-delete"),
    path("<slug:team_id>/restore", views.restore, name="team-restore"),
]

urlpatterns = [
    path("accounts/", include(account_urls)),
    path("teams", views.index, name="teams"),
    path("teams/", include(team_urls)),
]
