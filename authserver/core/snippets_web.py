"""How an app with a server of its own is set up; and Node.js, for whatever it does."""

from authserver.core.snippet_parts import (
    KEY_FILE,
    SECRET,
    Snippet,
    Values,
    filled,
    in_apache,
    names_of,
    quoted,
)


def _node_auth(values: Values) -> str:
    return {
        "none": "client.None()",
        "client_secret_basic": f"client.ClientSecretBasic(process.env.{SECRET})",
        "client_secret_post": f"client.ClientSecretPost(process.env.{SECRET})",
        "client_secret_jwt": f"client.ClientSecretJwt(process.env.{SECRET})",
        "private_key_jwt": "client.PrivateKeyJwt(privateKey)",
    }.get(values.method, "client.TlsClientAuth()")


def _node(values: Values, body: str) -> Snippet:
    key = ""
    if values.method == "private_key_jwt":
        key = (
            "// Your private key, as a CryptoKey; its public half is registered here.\n"
        )
        key += 'import { privateKey } from "./client-key.js";\n'
    head = f"""import * as client from "openid-client";
{key}
const config = await client.discovery(
  new URL(@@issuer@@),
  @@client_id@@,
  undefined,
  {_node_auth(values)},
);
"""
    return Snippet(
        "openid-client (Node.js)",
        "npm install openid-client",
        "oidc.mjs",
        filled(head + body, quoted, names_of(values)),
        "https://github.com/panva/openid-client",
    )


def node_web(values: Values) -> Snippet:
    """openid-client, for people who sign in."""
    build = (
        "buildAuthorizationUrlWithPAR" if values.is_pushed else "buildAuthorizationUrl"
    )
    wait = "await " if values.is_pushed else ""
    return _node(
        values,
        f"""
// Where people go. Keep verifier and state in their session.
export async function begin(session) {{
  session.verifier = client.randomPKCECodeVerifier();
  session.state = client.randomState();
  return {wait}client.{build}(config, {{
    redirect_uri: @@redirect_uri@@,
    scope: @@scope@@,
    code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
    code_challenge_method: "S256",
    state: session.state,
  }});
}}

// Where they come back: the whole URL of that request.
export async function finish(session, url) {{
  const tokens = await client.authorizationCodeGrant(config, new URL(url), {{
    pkceCodeVerifier: session.verifier,
    expectedState: session.state,
  }});
  return tokens.claims();
}}
""",
    )


def node_machine(values: Values) -> Snippet:
    """openid-client, for a service without people."""
    return _node(
        values,
        """
const tokens = await client.clientCredentialsGrant(config, { scope: @@scope@@ });
console.log(tokens.expires_in);
""",
    )


def node_device(values: Values) -> Snippet:
    """openid-client, for a device without a keyboard."""
    return _node(
        values,
        """
const asked = await client.initiateDeviceAuthorization(config, { scope: @@scope@@ });
console.log("Open", asked.verification_uri, "and enter", asked.user_code);
const tokens = await client.pollDeviceAuthorizationGrant(config, asked);
console.log(tokens.claims());
""",
    )


def flask_web(values: Values) -> Snippet:
    """Authlib, for Flask."""
    secret = f'os.environ["{SECRET}"]'
    more, extra = "", ""
    if values.method == "private_key_jwt":
        secret = f'Path("{KEY_FILE}").read_text()'
        more = "from authlib.oauth2.rfc7523 import PrivateKeyJWT\n"
        extra = "\n    client_auth_methods=[PrivateKeyJWT(@@token@@)],"
    text = f"""import os
from pathlib import Path

from authlib.integrations.flask_client import OAuth
{more}from flask import Flask, redirect, session

app = Flask(__name__)
app.secret_key = os.environ["SESSION_KEY"]
oauth = OAuth(app)
oauth.register(
    "authserver",
    client_id=@@client_id@@,
    client_secret={secret},
    server_metadata_url=@@metadata@@,{extra}
    client_kwargs={{
        "scope": @@scope@@,
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": @@method@@,
    }},
)


@app.get("/login")
def login():
    return oauth.authserver.authorize_redirect(@@redirect_uri@@)


@app.get(@@path@@)
def callback():
    token = oauth.authserver.authorize_access_token()
    session["user"] = dict(token["userinfo"])
    return redirect("/")
"""
    return Snippet(
        "Authlib (Python, Flask)",
        "pip install Authlib Flask requests",
        "app.py",
        filled(text, quoted, names_of(values)),
        "https://docs.authlib.org/en/latest/client/flask.html",
    )


def apache_web(values: Values) -> Snippet:
    """mod_auth_openidc, for whatever stands behind Apache."""
    secret = 'OIDCClientSecret "the secret of the app"'
    if values.method == "private_key_jwt":
        secret = f'OIDCPrivateKeyFiles "/etc/apache2/{KEY_FILE}"'
    pushed = "\nOIDCProviderAuthRequestMethod PAR" if values.is_pushed else ""
    text = f"""OIDCProviderMetadataURL @@metadata@@
OIDCClientID @@client_id@@
{secret}
OIDCProviderTokenEndpointAuth @@method@@
OIDCRedirectURI @@redirect_uri@@
OIDCScope @@scope@@
OIDCPKCEMethod S256{pushed}
OIDCCryptoPassphrase "32 random letters of your own"

<Location "/">
  AuthType openid-connect
  Require valid-user
</Location>
"""
    return Snippet(
        "mod_auth_openidc (Apache)",
        "apt install libapache2-mod-auth-openidc",
        "oidc.conf",
        filled(text, in_apache, names_of(values)),
        "https://github.com/OpenIDC/mod_auth_openidc",
    )
