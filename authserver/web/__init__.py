"""The pages: their addresses, and who answers each."""

from flask import Blueprint, Flask, Response, request

from authserver.errors import AuthError
from authserver.http import csrf, language
from authserver.web import account, consent, devmail, errors, mfa, setup, signin, signup

bp = Blueprint("web", __name__)
add = bp.add_url_rule


bp.before_request(language.note)
bp.after_request(language.keep)


@bp.before_request
def refuse_foreign_forms() -> None:
    """Every form of every page carries the token of its browser."""
    if request.method == "POST":
        csrf.check()


add("/", "index", account.index)
add("/signup", "show_signup", signup.show_signup)
add("/signup", "signup", signup.signup, methods=["POST"])
add("/verify", "show_verify", signup.show_verify)
add("/verify", "verify", signup.verify, methods=["POST"])
add("/verify/resend", "resend", signup.resend, methods=["POST"])
add("/verify/link", "show_verify_link", signup.show_verify_link)
add("/verify/link", "verify_link", signup.verify_link, methods=["POST"])
add("/verified", "verified", signup.verified)
add("/signin", "show_signin", signin.show_signin)
add("/signin", "signin", signin.signin, methods=["POST"])
add("/mfa", "show_mfa", mfa.show_mfa)
add("/mfa", "mfa", mfa.mfa, methods=["POST"])
add("/accounts", "show_accounts", signin.show_accounts)
add("/accounts", "choose_account", signin.choose_account, methods=["POST"])
add("/consent", "show_consent", consent.show_consent)
add("/consent", "consent", consent.consent, methods=["POST"])
add("/setup", "show_setup", setup.show_setup)
add("/setup", "setup", setup.setup, methods=["POST"])
add("/account", "account", account.account)
add("/signed-out", "signed_out", account.signed_out)


def render_error(error: AuthError) -> Response:
    """Answer a refusal with a page."""
    return errors.render(error)


def init_app(app: Flask) -> None:
    """Add the pages; the mailbox only where letters are not sent."""
    settings = app.extensions["services"].settings
    app.register_blueprint(bp)
    if settings.app_env == "development":
        mail = Blueprint("devmail", __name__)
        mail.add_url_rule("/dev/mail", "mailbox", devmail.mailbox)
        mail.add_url_rule("/dev/mail/<name>", "letter", devmail.letter)
        mail.add_url_rule("/dev/mail/<name>/html", "letter_html", devmail.letter_html)
        app.register_blueprint(mail)
