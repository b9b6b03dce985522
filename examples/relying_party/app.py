"""A relying party to copy: a site that signs people in with OpenID Connect.

The protocol is in `provider.py`; this file is the pages.  Tokens stay here, on
the server: the browser holds only a random name for them.
"""

import os
import secrets
import time
from collections import OrderedDict
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from provider import Provider, SigninFailed
from werkzeug.serving import WSGIRequestHandler, make_server

COOKIE = "demo_visit"  # cookies know no ports: the name must differ from the issuer's

site = Blueprint("site", __name__)


class Visits(OrderedDict):
    """What we know of each browser, by the random name in its cookie."""

    def open(self, **facts):
        """Begin a visit; the oldest is forgotten when there are too many."""
        name = secrets.token_urlsafe(32)
        self[name] = {"pending": {}, "refreshed": 0, **facts}
        while len(self) > 1000:
            self.popitem(last=False)
        return name


def create_app(environ):
    """Build the site from the settings in `environ`."""
    app = Flask(__name__)
    app.extensions["visits"] = Visits()
    app.extensions["provider"] = Provider(
        issuer=environ["OIDC_ISSUER"],
        client_id=environ["OIDC_CLIENT_ID"],
        client_secret=environ.get("OIDC_CLIENT_SECRET", ""),
        base_url=site_url(environ),
    )
    app.register_blueprint(site)
    return app


def site_url(environ):
    """The address this site is registered under."""
    host, port = environ.get("HOST", "127.0.0.1"), environ.get("PORT", "3001")
    host = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host
    return environ.get("SITE_URL", f"http://{host}:{port}").rstrip("/")


@site.before_app_request
def find_visit():
    """Know the browser again, and meet it under the one registered address."""
    g.provider = current_app.extensions["provider"]
    g.visits = current_app.extensions["visits"]
    if request.host != urlsplit(g.provider.base_url).netloc:
        return redirect(f"{g.provider.base_url}{request.path}", code=307)
    g.visit_name = request.cookies.get(COOKIE, "")
    g.visit = g.visits.get(g.visit_name, {})
    return None


@site.after_app_request
def seal(response):
    """Keep the visit's name, and tell the browser how little this site needs."""
    if g.get("visit_name", "") != request.cookies.get(COOKIE, ""):
        response.set_cookie(
            COOKIE,
            g.visit_name,
            httponly=True,
            samesite="Lax",  # and so no other site can post our forms
            secure=g.provider.base_url.startswith("https://"),
        )
    # No form-action here: signing out posts to us and is redirected to the issuer.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src data:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


@site.app_errorhandler(SigninFailed)
def failed(fault):
    """The provider's fault, or the network's: say it and offer another try."""
    return message("Sign-in did not work", str(fault), status=502)


@site.get("/")
def home():
    """Who you are, or that we do not know."""
    if "signed_in" not in g.visit:
        return render_template("home.html", issuer=g.provider.issuer)
    return render_template(
        "claims.html", issuer=g.provider.issuer, now=time.time(), **g.visit
    )


@site.get("/sign-in")
def sign_in():
    """Remember what we asked, by its state, and send the browser off."""
    if not g.visit:
        g.visit_name = g.visits.open()
    pending = g.visits[g.visit_name]["pending"]
    state = secrets.token_urlsafe(32)
    ask = {"nonce": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(48)}
    pending[state] = ask
    if len(pending) > 8:  # a few tabs are fine, a flood is not
        pending.pop(next(iter(pending)))
    return redirect(g.provider.authorization_url(state=state, **ask), code=303)


@site.get("/callback")
def callback():
    """The answer: to our question (state), from the right server (RFC 9207)."""
    ask = g.visit.get("pending", {}).pop(request.args.get("state", ""), None)
    if ask is None:
        return message("Please start again", "We do not know this sign-in.")
    if not g.provider.speaks_as(request.args.get("iss")):
        return message("Please start again", "Another server answered.")
    if request.args.get("error") == "access_denied":
        said = "Nothing was shared. You can change your mind."
        return message("You said no", said, status=200)
    if "error" in request.args:
        return message("Sign-in did not work", request.args["error"])
    signed_in = g.provider.redeem(request.args.get("code", ""), **ask)
    # A new name for a new standing, so that nobody can plant one (session fixation).
    g.visits.pop(g.visit_name, None)
    g.visit_name = g.visits.open(signed_in=signed_in)
    return redirect(url_for("site.home"), code=303)


@site.post("/refresh")
def refresh():
    """Fetch new tokens; a refusal means that the sign-in is over."""
    signed_in = g.visit.pop("signed_in", None)
    if signed_in and "refresh_token" in signed_in:
        g.visit["signed_in"] = g.provider.refresh(signed_in)
        g.visit["refreshed"] += 1
    return redirect(url_for("site.home"), code=303)


@site.post("/sign-out")
def sign_out():
    """Forget the person here first, then at the provider."""
    signed_in = g.visit.pop("signed_in", None)
    if signed_in is None:
        return redirect(url_for("site.signed_out"), code=303)
    state = secrets.token_urlsafe(16)
    return redirect(g.provider.logout_url(signed_in, state=state), code=303)


@site.get("/signed-out")
def signed_out():
    """Where the provider sends people back to."""
    return message("You are signed out", "See you soon.", status=200)


def message(title, text, *, status=400):
    """One sentence, and the way on."""
    return render_template("message.html", title=title, text=text), status


class QuietHandler(WSGIRequestHandler):
    """Logs no query: the code and the state travel there."""

    def log_request(self, code="-", size="-"):
        """One line: method, path, status."""
        path = urlsplit(self.path).path
        self.log("info", "%s", f"{self.command} {path} {code}")


if __name__ == "__main__":
    make_server(
        os.environ.get("HOST", "127.0.0.1"),
        int(os.environ.get("PORT", "3001")),
        create_app(os.environ),
        threaded=True,
        request_handler=QuietHandler,
    ).serve_forever()
