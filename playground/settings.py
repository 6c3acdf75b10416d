"""All of Django's settings; what depends on the installation comes from :mod:`playground.config.environment`."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from playground.config.environment import CHECKOUT, SITE, celery_url, read
from playground.config.sign_in import mail, origins
from playground.infrastructure import logging_config, redis_timeouts
from sandbox_runner.limits import MB

HOLDOVER: Final = read(os.environ)

DEBUG = False
SECRET_KEY = HOLDOVER.secret_key
ALLOWED_HOSTS = list(HOLDOVER.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(HOLDOVER.trusted_origins)
ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "playground.accounts",
    "playground.experiments",
    "playground.archives",
    "playground.library",
    "playground.local_stack",
    "playground.moderation",
    "playground.backups",
    "playground.api",
]

MIDDLEWARE = [
    "playground.infrastructure.timing_middleware.TimingMiddleware",
    # Outside of it: whoever waits for a turn does not wait for the compression of another's page.
    "playground.infrastructure.compression.PageCompression",
    "playground.infrastructure.early_release.letting_go",
    "playground.infrastructure.response_headers.response_headers",
    "django.middleware.security.SecurityMiddleware",
    # Ahead of whatever may refuse a request, so that refusals have its header too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "playground.infrastructure.writing_limits.WritingLimits",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "playground.infrastructure.database_away.DatabaseAway",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "playground.accounts.context.mail",
                "playground.infrastructure.site_address.site",
            ],
        },
    }
]

DATABASES: dict[str, Any] = {"default": dj_database_url.parse(HOLDOVER.database_url)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Concurrent readers beside one writer; a transaction that will write takes the lock at its start, so that two of
    # them wait for each other instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A server machine that vanished is noticed within half a minute; the default takes a quarter of an hour or more.
    # Settings in the address take precedence.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 3,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }

# --- people -------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "playground.accounts.passwords.NotOfThisSite"}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "mine"
# Behind TLS a browser takes a cookie of such a name from this host alone, not from others of its domain, nor without
# TLS: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
COOKIE_PREFIX: Final = "__Host-" if HOLDOVER.behind_https else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HOLDOVER.behind_https
MESSAGE_STORAGE = "playground.infrastructure.message_storage.Messages"
CACHES = {"default": {"BACKEND": "playground.infrastructure.cache.BrokerCache", "KEY_PREFIX": "holdover"}}

# allauth: a name and a password are enough; an address is asked for if this installation can send e-mail.
ACCOUNT_ADAPTER = "playground.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", *(["email*"] if HOLDOVER.email_url else []), "password1*"]
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HOLDOVER.email_url else "none"
# Sign-up answers the same whether an e-mail address has an account or not; of two accounts with one, the one whose
# person reads the e-mail becomes verified.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_FORMS = {"signup": "playground.accounts.forms.Signup"}
SOCIALACCOUNT_FORMS = {"signup": "playground.accounts.forms.ProviderSignup"}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = bool(HOLDOVER.email_url)
# An address or a second factor is changed by whoever gives the password again, not by whoever finds the browser.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Holdover] "
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HOLDOVER.behind_https else "http"
# Beside allauth's defaults, of which 10 failed attempts a minute from one address and 20 new accounts a minute: wrong
# passwords by one client at one name, and by all clients at one name.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login_failed_by_name": "100/h/key"}
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": list(HOLDOVER.oidc_providers)}}
SOCIALACCOUNT_STORE_TOKENS = False
# Passkeys sign in alone; a security key, or the codes of an app, beside the password.
MFA_ADAPTER = "playground.accounts.second_factors.MfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "playground.accounts.forms.AddKey"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Holdover"
# Browsers take passkeys at a site with TLS, and at localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HOLDOVER.behind_https

MAIL: Final = mail(HOLDOVER.email_url)
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS = MAIL.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = HOLDOVER.email_from

# --- languages and time -------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LOCALE_PATHS = [SITE / "locale"]
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HOLDOVER.behind_https

# --- static files -------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = HOLDOVER.data / "static"
STATICFILES_DIRS = [CHECKOUT / "playground" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "archives": HOLDOVER.archives_storage,
    "staticfiles": {"BACKEND": "playground.infrastructure.static_files.StaticFiles"},
}

# --- what a request may be ----------------------------------------------------------------------------------------
# One payload of 6 MB in a form, with its quotes and braces percent-encoded, and the files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * MB
# 200 steps of six fields, 50 files and 1,000 attached ones of two, and enough to report that there are too many.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# --- what a browser may do with our pages -------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A form may redirect to a provider's site only if the policy names that site.
        "form-action": [SELF, *origins(HOLDOVER.oidc_providers)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# A run's address is its key: it must not leak to other sites.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "playground.infrastructure.problem_responses.csrf_failed"
CSRF_COOKIE_SECURE = HOLDOVER.behind_https
if HOLDOVER.behind_https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_SSL_REDIRECT = True
# Asked by programs beside the proxy. The API refuses instead: a program that is redirected sends its token without TLS
# each time, and nobody notices.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/(?!v1/docs)"]
# HSTS for other names of the domain (W005), and in browsers' own lists (W021), is for whoever runs the domain to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- Celery: names without the prefix are its own -----------------------------------------------------------------
CELERY_BROKER_URL = celery_url(HOLDOVER.redis_url)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "holdover"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = HOLDOVER.worker_threads
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that refuses because it is full is waited for like one that is away; Celery's default ends the worker.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Far longer than the longest run: our own sweep, which reads the database, recovers what a dead worker held.
    "visibility_timeout": 3600,
    "socket_connect_timeout": redis_timeouts.CONNECT_S,
    "socket_timeout": redis_timeouts.CELERY_ANSWER_S,
}
# A broker that is away does not delay a page: the run is stored, and the sweep queues it again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}

LOGGING = logging_config.logging_configuration(as_json=HOLDOVER.production, colours=sys.stderr.isatty())
