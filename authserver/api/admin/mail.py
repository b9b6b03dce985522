"""Admin: what letters look like, and whether they arrive."""

from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_mail as schemas
from authserver.errors import TooManyTries
from authserver.http import language as languages
from authserver.http.context import services


def _preview(letter: str, language: str | None, form: str) -> dict[str, Any]:
    seen = services().specimens.show(letter, language or languages.chosen())
    body = seen.html if form == "html" else seen.text
    return {
        "letter": seen.letter,
        "language": seen.language,
        "form": form,
        "subject": seen.subject,
        "body": body,
    }


@endpoint(
    query=schemas.PreviewRequest, gives=schemas.PreviewResponse, who="mail:preview"
)
def preview(letter: str, language: str | None, form: str) -> dict[str, Any]:
    """Show a letter with made-up facts.

    Brand, logo and support address are those of the settings. Codes and links open
    nothing. Nothing is sent.
    """
    return _preview(letter, language, form)


@endpoint(
    takes=schemas.PreviewRequest, gives=schemas.PreviewResponse, who="mail:preview"
)
def preview_posted(letter: str, language: str | None, form: str) -> dict[str, Any]:
    """Show a letter with made-up facts, asked for in the body.

    The same as by GET.
    """
    return _preview(letter, language, form)


@endpoint(
    takes=schemas.TrialRequest,
    gives=schemas.TrialResponse,
    who="mail:send",
    status=202,
    once=True,
    refuses=(TooManyTries,),
)
def send_test(letter: str, language: str | None, email: str) -> dict[str, Any]:
    """Send a letter with made-up facts to an address.

    It goes the way of all letters, through the outbox, within seconds; the subject
    begins with `[Test]`. It counts among the letters that one address may get. What
    became of it shows in `GET /admin/outbox` and in the log.
    """
    chosen = language or languages.chosen()
    actor = actors.current().id
    address = services().specimens.send(letter, chosen, email=email, actor_id=actor)
    return {"letter": letter, "language": chosen, "email": address, "queued": True}


ROUTES = (
    ("GET", "/admin/mail/preview", preview),
    ("POST", "/admin/mail/preview", preview_posted),
    ("POST", "/admin/mail/test", send_test),
)
