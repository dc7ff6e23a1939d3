"""A Django site whose people log in by mozilla-django-oidc, set up by the snippet's own lines; one page that says who is there."""

import json
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_words: object) -> None:
        """Nothing."""


def set_up(snippet: str) -> None:
    """The settings: Django's own, and the snippet's lines as they stand."""
    from django.conf import settings

    known: dict[str, Any] = {
        "INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "mozilla_django_oidc.middleware.SessionRefresh",
        ],
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        "ROOT_URLCONF": __name__,
        "SECRET_KEY": "of this one run",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "LOGIN_REDIRECT_URL": "/",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS": 1,
    }
    exec(snippet, known)  # The snippet is what the settings of a site would hold.
    settings.configure(**{name: value for name, value in known.items() if name.isupper()})


def main() -> None:
    """Serve until the end of the program."""
    told = json.loads(sys.stdin.readline())
    set_up(told["snippet"])
    import django

    django.setup()
    from django.contrib.auth.decorators import login_required
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import include, path

    def show(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"email": request.user.email})

    globals()["urlpatterns"] = [path("oidc/", include("mozilla_django_oidc.urls")), path("", login_required(show))]
    call_command("migrate", verbosity=0)
    server = make_server("127.0.0.1", told["port"], get_wsgi_application(), handler_class=Quiet)
    print(json.dumps({"serves": told["port"]}), flush=True)
    server.serve_forever()


main()
