"""An API with Django, in one file.

ISSUER=http://127.0.0.1:8080 RESOURCE=http://127.0.0.1:5003 \
    granian --interface wsgi --port 5003 django_api:app
"""

import secrets

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from guard import make_guard

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY=secrets.token_urlsafe(32),
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    )

from authserver_rs.django import DjangoGuard

protect = DjangoGuard(make_guard())


def notes(request: HttpRequest) -> HttpResponse:
    """Hand each method to its own view."""
    return {"GET": read, "POST": write, "DELETE": delete}[request.method or ""](request)


notes.csrf_exempt = True  # type: ignore[attr-defined] -- a token is no cookie


@protect("notes:read")
def read(request: HttpRequest) -> HttpResponse:
    """Let whoever was granted ``notes:read`` read."""
    access = request.access  # type: ignore[attr-defined]
    return JsonResponse({"owner": access.subject, "notes": ["Buy milk"]})


@protect("notes:write")
def write(request: HttpRequest) -> HttpResponse:
    """Let whoever was granted ``notes:write`` write."""
    access = request.access  # type: ignore[attr-defined]
    return JsonResponse({"owner": access.subject, "client": access.client_id})


@protect("notes:write", acr=("2", "phr"), max_age=300)
def delete(request: HttpRequest) -> HttpResponse:
    """Delete everything: after two factors, and soon (RFC 9470)."""
    access = request.access  # type: ignore[attr-defined]
    return JsonResponse({"owner": access.subject, "deleted": True})


urlpatterns = [protect.metadata_path(), path("notes", notes)]
app = get_wsgi_application()
