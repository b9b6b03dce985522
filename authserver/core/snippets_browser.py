"""How an app in the browser alone is set up."""

from authserver.core.snippet_parts import (
    Snippet,
    Values,
    filled,
    names_of,
    quoted,
)


def browser_spa(values: Values) -> Snippet:
    """oidc-client-ts, for any page."""
    text = """import { UserManager } from "oidc-client-ts";

export const users = new UserManager({
  authority: @@issuer@@,
  client_id: @@client_id@@,
  redirect_uri: @@redirect_uri@@,
  post_logout_redirect_uri: @@after_logout@@,
  scope: @@scope@@,
});

// On a button: await users.signinRedirect();
// At the redirect URI: const user = await users.signinCallback();
"""
    return Snippet(
        "oidc-client-ts",
        "npm install oidc-client-ts",
        "auth.mjs",
        filled(text, quoted, names_of(values)),
        "https://github.com/authts/oidc-client-ts",
    )


def react_spa(values: Values) -> Snippet:
    """react-oidc-context, for React."""
    text = """import { createElement } from "react";
import { AuthProvider } from "react-oidc-context";

const settings = {
  authority: @@issuer@@,
  client_id: @@client_id@@,
  redirect_uri: @@redirect_uri@@,
  scope: @@scope@@,
  onSigninCallback: () => history.replaceState({}, "", location.pathname),
};

// Within it: const auth = useAuth(); auth.signinRedirect(); auth.user?.profile
export const SignedIn = ({ children }) =>
  createElement(AuthProvider, settings, children);
"""
    return Snippet(
        "react-oidc-context (React)",
        "npm install react-oidc-context oidc-client-ts",
        "SignedIn.mjs",
        filled(text, quoted, names_of(values)),
        "https://github.com/authts/react-oidc-context",
    )


def angular_spa(values: Values) -> Snippet:
    """angular-auth-oidc-client, for Angular."""
    text = """import { provideAuth } from "angular-auth-oidc-client";

export const auth = provideAuth({
  config: {
    authority: @@issuer@@,
    clientId: @@client_id@@,
    redirectUrl: @@redirect_uri@@,
    postLogoutRedirectUri: @@after_logout@@,
    scope: @@scope@@,
    responseType: "code",
    silentRenew: true,
    useRefreshToken: true,
  },
});
"""
    return Snippet(
        "angular-auth-oidc-client (Angular)",
        "npm install angular-auth-oidc-client",
        "auth.mjs",
        filled(text, quoted, names_of(values)),
        "https://angular-auth-oidc-client.com",
    )
