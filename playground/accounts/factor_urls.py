"""The addresses of passkeys and second factors: allauth's, of which those that only show something take no form."""

from __future__ import annotations

from allauth.mfa.base import views
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

urlpatterns = [
    path("", require_safe(views.index), name="mfa_index"),
    path("authenticate/", views.authenticate, name="mfa_authenticate"),
    path("reauthenticate/", views.reauthenticate, name="mfa_reauthenticate"),
    path("totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", require_safe(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    # Where a removal leads to; the index lists the keys.
    path("webauthn/", require_safe(RedirectView.as_view(pattern_name="mfa_index")), name="mfa_list_webauthn"),
    path("webauthn/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
