"""The pages: their addresses, and who answers each."""

from flask import Blueprint, Flask, Response, request

from authserver.errors import AuthError
from authserver.http import csrf, language
from authserver.web import (
    account,
    accounts,
    connections,
    consent,
    device,
    devmail,
    email_change,
    errors,
    home,
    keep_account,
    logos,
    magic_link,
    mfa,
    not_me,
    recovery,
    setup,
    signin,
    signup,
    stay,
)

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
add("/signup/mail", "show_mail_signup", signup.show_mail_signup)
add("/signup/mail", "mail_signup", signup.mail_signup, methods=["POST"])
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
add("/forgot", "show_forgot", recovery.show_forgot)
add("/forgot", "forgot", recovery.forgot, methods=["POST"])
add("/reset", "show_reset", recovery.show_reset)
add("/reset", "reset", recovery.reset, methods=["POST"])
add("/magic-link", "show_magic_link", magic_link.show_magic_link)
add("/magic-link", "magic_link", magic_link.magic_link, methods=["POST"])
add("/magic-link/sent", "show_sent", magic_link.show_sent)
add("/magic-link/sent", "sent", magic_link.sent, methods=["POST"])
add("/magic-link/poll", "poll", magic_link.poll)
add("/magic-link/link", "show_landing", magic_link.show_landing)
add("/magic-link/link", "landing", magic_link.landing, methods=["POST"])
add(
    "/magic-link/resend",
    "resend_magic_link",
    magic_link.resend_magic_link,
    methods=["POST"],
)
add("/oauth/<provider>", "begin_connection", connections.begin_connection)
add("/oauth/<provider>/callback", "connection_back", connections.connection_back)
add("/account/connections/<provider>", "show_connect", connections.show_connect)
add(
    "/account/connections/<provider>/remove",
    "disconnect",
    connections.disconnect,
    methods=["POST"],
)
add("/accounts", "show_accounts", accounts.show_accounts)
add("/accounts", "choose_account", accounts.choose_account, methods=["POST"])
add("/consent", "show_consent", consent.show_consent)
add("/consent", "consent", consent.consent, methods=["POST"])
add("/device", "show_device", device.show_device)
add("/device", "device", device.device, methods=["POST"])
add("/device/confirm", "show_device_confirm", device.show_device_confirm)
add("/device/confirm", "device_confirm", device.device_confirm, methods=["POST"])
add("/device/done", "device_done", device.device_done)
add("/email/confirm", "show_email_confirm", email_change.show_email_confirm)
add("/email/confirm", "email_confirm", email_change.email_confirm, methods=["POST"])
add("/email/confirmed", "email_confirmed", email_change.email_confirmed)
add("/email/undo", "show_email_undo", email_change.show_email_undo)
add("/email/undo", "email_undo", email_change.email_undo, methods=["POST"])
add("/email/undone", "email_undone", email_change.email_undone)
add("/not-me", "show_not_me", not_me.show_not_me)
add("/not-me", "not_me", not_me.not_me, methods=["POST"])
add("/not-me/done", "secured", not_me.secured)
add("/account/keep", "show_keep_account", keep_account.show_keep_account)
add("/account/keep", "keep_account", keep_account.keep_account, methods=["POST"])
add("/account/kept", "account_kept", keep_account.account_kept)
add("/setup", "show_setup", setup.show_setup)
add("/setup", "setup", setup.setup, methods=["POST"])
add("/logos/<digest>.png", "brand_logo", logos.brand_logo)
add("/logos/<uuid:client_id>/<digest>.png", "logo", logos.logo)
add("/stay", "stay", stay.stay, methods=["POST"])
add("/signed-out", "signed_out", account.signed_out)


home.add_routes(bp)


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
