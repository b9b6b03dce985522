"""Guard Django views.

protect = DjangoGuard(guard)
urlpatterns = [protect.metadata_path(), path("notes", notes)]

@protect("notes:read")
def notes(request):
return JsonResponse({"owner": request.access.subject})
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

from authserver_rs.errors import Denied, Unreachable
from authserver_rs.guard import Need, Request, ResourceServer

View = Callable[..., HttpResponse]


class DjangoGuard:
    """Decorates views, and serves the metadata of the resource."""

    def __init__(self, guard: ResourceServer) -> None:
        """Take what does the checks."""
        self.guard = guard

    def metadata_path(self) -> URLPattern:
        """Give the address of the RFC 9728 metadata, for ``urlpatterns``."""
        metadata = self.guard.metadata

        def document(_: HttpRequest) -> HttpResponse:
            return JsonResponse(metadata.document())

        return path(metadata.path.lstrip("/"), document)

    def __call__(
        self, *scopes: str, acr: Sequence[str] = (), max_age: int | None = None
    ) -> Callable[[View], View]:
        """Let only requests in that bring what is needed.

        A token is no cookie, so that a guarded view needs no CSRF token.

        Args:
            scopes: All of these.
            acr: One of these classes of authentication (RFC 9470).
            max_age: Seconds since the person last signed in.
        """
        need = Need(scopes, acr, max_age)

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def guarded(
                request: HttpRequest, *args: Any, **kwargs: Any
            ) -> HttpResponse:
                try:
                    request.access = self.guard.check(asked(request), need)
                except Denied as denied:
                    return refuse(denied)
                except Unreachable:
                    return unreachable()
                return view(request, *args, **kwargs)

            guarded.csrf_exempt = True  # type: ignore[attr-defined]
            return guarded

        return decorate


def asked(request: HttpRequest) -> Request:
    """Give a request as the guard looks at it."""
    return Request(
        request.method or "",
        request.build_absolute_uri(),
        list(request.headers.items()),
    )


def refuse(denied: Denied) -> HttpResponse:
    """Answer a refusal; Django holds one value a header, so challenges are joined."""
    response = JsonResponse(denied.body, status=denied.status)
    for name in dict.fromkeys(name for name, _ in denied.headers):
        values = [value for one, value in denied.headers if one == name]
        response.headers[name] = ", ".join(values)
    return response


def unreachable() -> HttpResponse:
    """Answer that nothing can be said of the token now."""
    answer = {"error": "temporarily_unavailable"}
    return JsonResponse(answer, status=503, headers={"Retry-After": "5"})
