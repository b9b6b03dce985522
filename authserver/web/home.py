"""The addresses of one's own account, and who answers each."""

from flask import Blueprint

from authserver.web import (
    account,
    activity,
    apps,
    asked,
    passkeys,
    password,
    privacy,
    profile,
    reauth,
    security,
    sessions,
    step_up,
)

ROUTES = (
    ("GET", "/account", account.account),
    ("GET", "/account/profile", profile.profile),
    ("POST", "/account/profile", profile.change_profile),
    ("POST", "/account/profile/email", profile.change_email),
    ("GET", "/account/profile/code", profile.show_email_code),
    ("POST", "/account/profile/code", profile.email_code),
    ("POST", "/account/profile/resend", profile.resend_email_code),
    ("GET", "/account/password", password.show_password),
    ("POST", "/account/password", password.password),
    ("GET", "/account/security", security.security),
    (
        "POST",
        "/account/security/devices/<uuid:device_id>/remove",
        security.forget_device,
    ),
    ("GET", "/account/security/totp", security.show_totp),
    ("POST", "/account/security/totp", security.totp),
    ("GET", "/account/security/totp/remove", security.show_remove_totp),
    ("POST", "/account/security/totp/remove", security.remove_totp),
    ("GET", "/account/security/backup-codes", security.show_codes),
    ("POST", "/account/security/backup-codes", security.keep_codes),
    ("GET", "/account/security/backup-codes.txt", security.download_codes),
    ("GET", "/account/security/backup-codes/new", security.show_new_codes),
    ("POST", "/account/security/backup-codes/new", security.new_codes),
    ("GET", "/account/security/passkeys/new", passkeys.show_new_passkey),
    ("POST", "/account/security/passkeys/new", passkeys.add_passkey),
    (
        "POST",
        "/account/security/passkeys/<uuid:passkey_id>/remove",
        passkeys.remove_passkey,
    ),
    ("POST", "/signin/passkey", passkeys.passkey_signin),
    ("GET", "/account/sessions", sessions.sessions),
    ("POST", "/account/sessions/<uuid:session_id>/end", sessions.end_session),
    ("POST", "/account/sessions/end-others", sessions.end_others),
    ("GET", "/account/apps", apps.apps),
    ("POST", "/account/apps/<client_id>/remove", apps.remove_app),
    ("GET", "/account/requests", asked.requests),
    ("POST", "/account/requests/<uuid:request_id>", asked.decide),
    ("GET", "/account/activity", activity.activity),
    ("GET", "/account/privacy", privacy.privacy),
    ("GET", "/account/privacy/export", privacy.export),
    ("POST", "/account/privacy/delete", privacy.delete_account),
    ("GET", "/goodbye", privacy.goodbye),
    ("GET", "/step-up", step_up.show_step_up),
    ("POST", "/step-up", step_up.step_up),
    ("GET", "/reauth", reauth.show_reauth),
    ("POST", "/reauth", reauth.reauth),
)


def add_routes(bp: Blueprint) -> None:
    """Add them; each is named after its view."""
    for method, path, view in ROUTES:
        bp.add_url_rule(path, view.__name__, view, methods=[method])
