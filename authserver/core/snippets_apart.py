"""How apps without a page of their own are set up: on phones, on servers, on devices."""

import shlex
from collections.abc import Callable

from authserver.core.client_metadata import DEVICE_CODE
from authserver.core.snippet_parts import (
    KEY_FILE,
    SECRET,
    Snippet,
    Values,
    braced,
    filled,
    names_of,
    quoted,
)
from authserver.core.snippets_web import node_device, node_machine

ANDROID = "https://github.com/openid/AppAuth-Android"
IOS = "https://github.com/openid/AppAuth-iOS"
FLUTTER = "https://pub.dev/packages/flutter_appauth"
AUTHLIB = "https://docs.authlib.org/en/latest/client/oauth2.html"
CURL = "https://curl.se/docs/manpage.html"


def android(values: Values) -> Snippet:
    """AppAuth, for Android."""
    text = """AuthorizationServiceConfiguration.fetchFromIssuer(
  Uri.parse(@@issuer@@)
) { config, fault ->
  if (config == null) throw fault!!
  val request = AuthorizationRequest.Builder(
    config,
    @@client_id@@,
    ResponseTypeValues.CODE,
    Uri.parse(@@redirect_uri@@)
  ).setScope(@@scope@@).build()
  val service = AuthorizationService(this)
  startActivityForResult(service.getAuthorizationRequestIntent(request), 1)
}
"""
    return Snippet(
        "AppAuth (Android, Kotlin)",
        'implementation("net.openid:appauth:0.11.1")',
        "SignIn.kt",
        filled(text, quoted, names_of(values)),
        ANDROID,
    )


def ios(values: Values) -> Snippet:
    """AppAuth, for iOS."""
    text = """let issuer = URL(string: @@issuer@@)!
OIDAuthorizationService.discoverConfiguration(forIssuer: issuer) { config, fault in
  guard let config = config else { return print(fault!) }
  let request = OIDAuthorizationRequest(
    configuration: config,
    clientId: @@client_id@@,
    scopes: @@scope@@.components(separatedBy: " "),
    redirectURL: URL(string: @@redirect_uri@@)!,
    responseType: OIDResponseTypeCode,
    additionalParameters: nil
  )
  self.flow = OIDAuthState.authState(byPresenting: request, presenting: self) {
    state, fault in self.state = state
  }
}
"""
    return Snippet(
        "AppAuth (iOS, Swift)",
        "pod 'AppAuth'",
        "SignIn.swift",
        filled(text, braced, names_of(values)),
        IOS,
    )


def flutter(values: Values) -> Snippet:
    """flutter_appauth, for both."""
    text = """final tokens = await const FlutterAppAuth().authorizeAndExchangeCode(
  AuthorizationTokenRequest(
    @@client_id@@,
    @@redirect_uri@@,
    issuer: @@issuer@@,
    scopes: @@scope@@.split(" "),
  ),
);
"""
    return Snippet(
        "flutter_appauth (Flutter)",
        "flutter pub add flutter_appauth",
        "sign_in.dart",
        filled(text, braced, names_of(values)),
        FLUTTER,
    )


def curl_machine(values: Values) -> Snippet:
    """A shell, to see it work."""
    proof = f'--user "$CLIENT_ID:${SECRET}"'
    if values.method == "client_secret_post":
        proof = f'-d client_id="$CLIENT_ID" --data-urlencode client_secret="${SECRET}"'
    elif values.method in ("private_key_jwt", "client_secret_jwt"):
        proof = (
            "-d client_assertion_type="
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer \\\n"
            '  -d client_assertion="$SIGNED_ASSERTION"'
        )
    text = f"""CLIENT_ID=@@client_id@@
curl @@token@@ {proof} \\
  -d grant_type=client_credentials \\
  --data-urlencode scope=@@scope@@
"""
    return Snippet(
        "curl", "", "token.sh", filled(text, shlex.quote, names_of(values)), CURL
    )


def python_machine(values: Values) -> Snippet:
    """Authlib, for any program."""
    secret, extra = f'os.environ["{SECRET}"]', ""
    more = ""
    if values.method == "private_key_jwt":
        secret = f'Path("{KEY_FILE}").read_text()'
        more = "from authlib.oauth2.rfc7523 import PrivateKeyJWT\n"
        extra = "session.register_client_auth_method(PrivateKeyJWT(@@token@@))\n"
    text = f"""import os
from pathlib import Path

from authlib.integrations.requests_client import OAuth2Session
{more}
session = OAuth2Session(
    @@client_id@@,
    {secret},
    scope=@@scope@@,
    token_endpoint_auth_method=@@method@@,
)
{extra}session.fetch_token(@@token@@, grant_type="client_credentials")
print(session.get("https://api.example/").json())
"""
    return Snippet(
        "Authlib (Python)",
        "pip install Authlib requests",
        "service.py",
        filled(text, quoted, names_of(values)),
        AUTHLIB,
    )


def curl_device(values: Values) -> Snippet:
    """A shell, to see it work."""
    text = f"""curl @@device@@ --data-urlencode client_id=@@client_id@@ \\
  --data-urlencode scope=@@scope@@
# Open verification_uri_complete of the answer, and allow it. Then:
curl @@token@@ --data-urlencode client_id=@@client_id@@ \\
  -d grant_type={DEVICE_CODE} \\
  -d device_code="$DEVICE_CODE"
"""
    device = f"{values.issuer}/device_authorization"
    return Snippet(
        "curl",
        "",
        "device.sh",
        filled(text, shlex.quote, names_of(values, device=device)),
        CURL,
    )


def python_device(values: Values) -> Snippet:
    """requests, for a device that runs Python."""
    text = f"""import time

import requests

form = {{"client_id": @@client_id@@, "scope": @@scope@@}}
asked = requests.post(@@device@@, data=form, timeout=10).json()
print("Open", asked["verification_uri_complete"])
form |= {{"grant_type": "{DEVICE_CODE}"}}
form |= {{"device_code": asked["device_code"]}}
wait = asked["interval"]
while True:
    time.sleep(wait)
    answer = requests.post(@@token@@, data=form, timeout=10)
    error = answer.json().get("error")
    if error == "slow_down":
        wait += 5
    elif error != "authorization_pending":
        break
answer.raise_for_status()
print(answer.json()["expires_in"])
"""
    device = f"{values.issuer}/device_authorization"
    return Snippet(
        "requests (Python)",
        "pip install requests",
        "device.py",
        filled(text, quoted, names_of(values, device=device)),
        "https://requests.readthedocs.io",
    )


MAKERS: dict[str, tuple[Callable[[Values], Snippet], ...]] = {
    "native": (android, ios, flutter),
    "machine": (curl_machine, python_machine, node_machine),
    "device": (curl_device, python_device, node_device),
}
"""Three for each kind of app."""
