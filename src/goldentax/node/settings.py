"""
What Django must know, worked out from the typed settings of the world; nothing here is edited to configure it.

The data of one node lives in one database. Which node this process works for stands in ``GOLDENTAX_NODE``.
"""

import os
import secrets
from pathlib import Path

from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings as read
from goldentax.node.runtime.home import Home, secret
from goldentax.node.runtime.postgres import database_url, django_database
from goldentax.node.static import state_of_files

BASE_DIR = Path(__file__).resolve().parents[3]
_settings = read()
_node = this_node()

_in_tests = "PYTEST_VERSION" in os.environ
SECRET_KEY = secrets.token_urlsafe(40) if _in_tests else secret(Home(_settings.home), "django")
DEBUG = False
ALLOWED_HOSTS = [*_settings.allowed_hosts, *(["testserver"] if _in_tests else [])]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
ROOT_URLCONF = "goldentax.node.urls"
ASGI_APPLICATION = "goldentax.node.asgi.application"
AUTH_USER_MODEL = "identity.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

MODULES = (
    "goldentax.kernel",
    "goldentax.kernel.codes",
    "goldentax.oversight",
    "goldentax.certificates",
    "goldentax.authority",
    "goldentax.identity",
    "goldentax.subjects",
    "goldentax.signon",
    "goldentax.registry",
    "goldentax.invoicing",
    "goldentax.portal",
    "goldentax.node",
)

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "ninja",
    *MODULES,
]

MIDDLEWARE = [
    "goldentax.kernel.security.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "goldentax.kernel.language.LanguageMiddleware",
    "goldentax.node.errors.ErrorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "goldentax.identity.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "goldentax.kernel.access.AccessMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "goldentax.kernel.frame.page_frame",
            ],
            "builtins": ["goldentax.kernel.templatetags.goldentax"],
        },
    }
]

# One pool per process: pages run in threads, and a connection per thread would outlive its request.
_database = django_database(
    _settings.database_url.replace("{node}", _node.code) or database_url(_settings.home, _node.code)
)
_database |= {
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {} if _in_tests else {"pool": {"min_size": 1, "max_size": 10, "timeout": 5}},
}
DATABASES = {"default": _database}

PASSWORD_HASHERS = [
    "goldentax.node.testing.QuickArgon2" if _in_tests else "django.contrib.auth.hashers.Argon2PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Cookies are told apart by port in no browser: each node names its own, so two nodes on one host do not sign each
# other out.
SESSION_COOKIE_NAME = f"goldentax_session_{_node.code}"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"goldentax_csrf_{_node.code}"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "goldentax.node.errors.csrf_failed"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _settings.public_url.startswith("https://")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The address of every static file names the state of them all, so a browser may keep each for ever and never keeps
# an old one. There is nothing to collect: the files are served from where they lie.
_asset_files = _settings.assets / "static"
STATICFILES_DIRS = [str(_asset_files)] if _asset_files.is_dir() else []
STATIC_URL = f"static/{state_of_files(BASE_DIR / 'src', _asset_files)}/"
STATIC_ROOT = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000  # 2,000 lines of an invoice at up to 12 fields each, and the head
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": _settings.log_level.upper()},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}
