"""Guard a FastAPI or Starlette application.

    protect = AsgiGuard(guard)
    protect.init_app(app)

    @app.get("/notes")
    async def notes(access: Annotated[Access, Depends(protect("notes:read"))]):
        return {"owner": access.subject}

The checks run in a thread: they may have to ask the authorization server.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from authserver_rs.errors import Denied, Unreachable
from authserver_rs.guard import Access, Need, Request, ResourceServer

Dependency = Callable[[HttpRequest], Awaitable[Access]]


class AsgiGuard:
    """Makes dependencies, and serves the metadata of the resource."""

    def __init__(self, guard: ResourceServer) -> None:
        """Take what does the checks."""
        self.guard = guard

    def init_app(self, app: Starlette) -> None:
        """Serve RFC 9728 metadata, and answer refusals."""
        metadata = self.guard.metadata

        async def document(_: HttpRequest) -> Response:
            return JSONResponse(metadata.document())

        app.add_route(metadata.path, document, methods=["GET"])
        app.add_exception_handler(Denied, refuse)
        app.add_exception_handler(Unreachable, unreachable)

    def __call__(
        self, *scopes: str, acr: Sequence[str] = (), max_age: int | None = None
    ) -> Dependency:
        """Give a dependency that lets only requests in that bring what is needed.

        Args:
            scopes: All of these.
            acr: One of these classes of authentication (RFC 9470).
            max_age: Seconds since the person last signed in.
        """
        need = Need(scopes, acr, max_age)

        async def check(request: HttpRequest) -> Access:
            return await run_in_threadpool(self.guard.check, asked(request), need)

        return check


def asked(request: HttpRequest) -> Request:
    """Give a request as the guard looks at it."""
    headers = [
        (k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers.raw
    ]
    return Request(request.method, str(request.url), headers)


async def refuse(_: HttpRequest, denied: Exception) -> Response:
    """Answer a refusal with its challenge."""
    if not isinstance(denied, Denied):
        raise denied
    response = JSONResponse(denied.body, status_code=denied.status)
    for name, value in denied.headers:
        response.headers.append(name, value)
    return response


async def unreachable(_: HttpRequest, __: Exception) -> Response:
    """Answer that nothing can be said of the token now."""
    return JSONResponse(
        {"error": "temporarily_unavailable"},
        status_code=503,
        headers={"Retry-After": "5"},
    )
