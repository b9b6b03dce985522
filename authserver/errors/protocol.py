"""Refusals in the words of the protocol.

RFC 6749 §5.2, RFC 6750 §3.1, OIDC Core §3.1.2.6.
"""

from uuid import UUID

from authserver.errors.base import AuthError


class InvalidClient(AuthError):
    """Client authentication failed (RFC 6749 §5.2)."""

    status, code, number, oauth = 401, "invalid_client", "AUTH_201", "invalid_client"
    message = "Client authentication failed."


class InvalidGrant(AuthError):
    """The code or refresh token is wrong, spent, expired, or another's."""

    status, code, number, oauth = 400, "invalid_grant", "AUTH_202", "invalid_grant"
    message = "The grant is not valid."
    grant_id: UUID | None = None
    """Which it was, where it is one of ours: for the flow inspector."""


class GrantReplayed(InvalidGrant):
    """Something single-use came twice: its family has been revoked (RFC 9700 §4)."""

    recorded = True

    def __init__(
        self,
        detail: str = "",
        *,
        user_id: UUID | None = None,
        session_id: UUID | None = None,
    ) -> None:
        """Say in whose sign-in it happened, where that is known."""
        super().__init__(detail)
        self.user_id = user_id
        self.session_id = session_id


class InvalidScope(AuthError):
    """A scope that does not exist or that this client may not ask for."""

    code, number, oauth = "invalid_scope", "AUTH_203", "invalid_scope"
    message = "The scope is not valid."


class UnauthorizedClient(AuthError):
    """The client may not use this grant."""

    code, number, oauth = "unauthorized_client", "AUTH_204", "unauthorized_client"
    message = "This client may not do that."


class UnsupportedGrant(AuthError):
    """No such grant type here."""

    code, number = "unsupported_grant_type", "AUTH_205"
    oauth = "unsupported_grant_type"
    message = "The grant type is not supported."


class InvalidRedirect(AuthError):
    """Client or redirect URI cannot be trusted: a page, never a redirect."""

    code, number = "invalid_redirect", "AUTH_206"
    message = "The app asked for a return address that is not registered."


class AppSwitchedOff(AuthError):
    """An operator has switched the app off: a page, never a redirect."""

    status, code, number = 403, "app_switched_off", "AUTH_236"
    oauth = "unauthorized_client"
    message = "This app is switched off for now. Nobody can sign in to it."


class LoginRequired(AuthError):
    """``prompt=none``, and nobody is signed in (OIDC Core §3.1.2.6)."""

    code, number, oauth = "login_required", "AUTH_207", "login_required"
    message = "The person must sign in."


class ConsentRequired(AuthError):
    """``prompt=none``, and consent is missing (OIDC Core §3.1.2.6)."""

    code, number, oauth = "consent_required", "AUTH_208", "consent_required"
    message = "The person must give consent."


class InteractionRequired(AuthError):
    """``prompt=none``, and a page must be shown (OIDC Core §3.1.2.6)."""

    code, number, oauth = "interaction_required", "AUTH_209", "interaction_required"
    message = "The person must act."


class AccountSelectionRequired(InteractionRequired):
    """``prompt=none``, and an account must be chosen (OIDC Core §3.1.2.6)."""

    code, number = "account_selection_required", "AUTH_210"
    oauth = "account_selection_required"


class AccessDenied(AuthError):
    """The person said no (RFC 6749 §4.1.2.1)."""

    status, code, number, oauth = 403, "access_denied", "AUTH_211", "access_denied"
    message = "The request was denied."


class InvalidToken(AuthError):
    """The access token is expired, revoked, malformed or not for us (RFC 6750 §3.1)."""

    status, code, number, oauth = 401, "invalid_token", "AUTH_212", "invalid_token"
    message = "The access token is not valid."


class InsufficientScope(AuthError):
    """The token is good, but not for this (RFC 6750 §3.1)."""

    status, code, number = 403, "insufficient_scope", "AUTH_213"
    oauth = "insufficient_scope"
    message = "The access token does not reach that far."


class UnmetAuthentication(AuthError):
    """The asked ``acr`` cannot be reached (OIDC Core §5.5.1.1, RFC 9470 §5)."""

    code, number = "unmet_authentication_requirements", "AUTH_214"
    oauth = "unmet_authentication_requirements"
    message = "The asked way of authentication is not available."


class RequestNotSupported(AuthError):
    """Request objects by value are not taken (OIDC Core §6.1)."""

    code, number = "request_not_supported", "AUTH_215"
    oauth = "request_not_supported"
    message = "Request objects are not supported."


class RequestUriNotSupported(AuthError):
    """Request objects by reference are not taken (OIDC Core §6.2)."""

    code, number = "request_uri_not_supported", "AUTH_216"
    oauth = "request_uri_not_supported"
    message = "Request URIs are not supported."


class UnsupportedResponseType(AuthError):
    """No such response type here (RFC 6749 §4.1.2.1)."""

    code, number = "unsupported_response_type", "AUTH_217"
    oauth = "unsupported_response_type"
    message = "The response type is not supported."


class InvalidTarget(AuthError):
    """The resource is unknown, malformed, or not for this client (RFC 8707 §2)."""

    code, number, oauth = "invalid_target", "AUTH_240", "invalid_target"
    message = "The requested resource is not valid."


class InvalidDetails(AuthError):
    """A type is unknown here, or an object is not as its type has it (RFC 9396 §5)."""

    code, number = "invalid_authorization_details", "AUTH_241"
    oauth = "invalid_authorization_details"
    message = "The authorization details are not valid."


class UnsupportedTokenType(AuthError):
    """This kind of token cannot be revoked here (RFC 7009 §2.2.1)."""

    code, number = "unsupported_token_type", "AUTH_218"
    oauth = "unsupported_token_type"
    message = "That kind of token cannot be revoked here."


class InvalidRequestUri(AuthError):
    """A ``request_uri`` that is unknown, spent, expired or another's (RFC 9101 §7)."""

    code, number, oauth = "invalid_request_uri", "AUTH_219", "invalid_request_uri"
    message = "The request URI is not valid."


class InvalidRequestObject(AuthError):
    """A request object that proves nothing or demands the impossible (RFC 9101 §7)."""

    code, number = "invalid_request_object", "AUTH_220"
    oauth = "invalid_request_object"
    message = "The request object is not valid."


class InvalidProof(AuthError):
    """A DPoP proof that proves nothing, or none where one is due (RFC 9449 §5)."""

    code, number, oauth = "invalid_dpop_proof", "AUTH_248", "invalid_dpop_proof"
    message = "The DPoP proof is not valid."


class NonceWanted(InvalidProof):
    """The proof must carry the nonce that comes with the answer (RFC 9449 §8)."""

    code, number, oauth = "use_dpop_nonce", "AUTH_249", "use_dpop_nonce"
    message = "Use the nonce of the DPoP-Nonce header in the DPoP proof."


class InvalidClientMetadata(AuthError):
    """A member of a registration cannot be taken (RFC 7591 §3.2.2)."""

    code, number = "invalid_client_metadata", "AUTH_251"
    oauth = "invalid_client_metadata"
    message = "The client metadata is not valid."


class InvalidRedirectUri(InvalidClientMetadata):
    """A redirect URI of a registration cannot be taken (RFC 7591 §3.2.2)."""

    code, number = "invalid_redirect_uri", "AUTH_250"
    oauth = "invalid_redirect_uri"
    message = "A redirect URI is not valid."


class InvalidSoftwareStatement(AuthError):
    """A software statement is not signed as it should be (RFC 7591 §3.2.2)."""

    code, number = "invalid_software_statement", "AUTH_252"
    oauth = "invalid_software_statement"
    message = "The software statement is not valid."


class UnapprovedSoftwareStatement(AuthError):
    """A software statement of somebody we do not believe (RFC 7591 §3.2.2)."""

    code, number = "unapproved_software_statement", "AUTH_253"
    oauth = "unapproved_software_statement"
    message = "The software statement is not approved here."


class AuthorizationPending(AuthError):
    """The person has not decided yet (RFC 8628 §3.5, CIBA §11); the poll is noted."""

    code, number = "authorization_pending", "AUTH_231"
    oauth = "authorization_pending"
    message = "The person has not decided yet."
    recorded = True


class SlowDown(AuthError):
    """Still pending, and asked too soon: five seconds more from now on (RFC 8628)."""

    code, number, oauth = "slow_down", "AUTH_232", "slow_down"
    message = "Wait longer between two requests."
    recorded = True


class ExpiredToken(AuthError):
    """Nobody decided in time; the client may begin anew (RFC 8628 §3.5)."""

    code, number, oauth = "expired_token", "AUTH_233", "expired_token"
    message = "Nobody answered in time."


class GrantDenied(AccessDenied):
    """The person said no, told at the token endpoint (RFC 8628 §3.5, CIBA §11)."""

    status = 400


class UnknownUser(AuthError):
    """The hint names nobody who may sign in; said to known clients (CIBA §13)."""

    code, number, oauth = "unknown_user_id", "AUTH_234", "unknown_user_id"
    message = "The hint names nobody."


class InvalidBindingMessage(AuthError):
    """A binding message that cannot be shown (CIBA §13)."""

    code, number = "invalid_binding_message", "AUTH_235"
    oauth = "invalid_binding_message"
    message = "The binding message cannot be shown."
