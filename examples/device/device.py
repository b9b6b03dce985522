r"""A device without a browser that signs its person in (RFC 8628).

    authserver client create --name "Living room" --public \
        --grant device_code --grant refresh_token --json
    python examples/device/device.py --issuer http://127.0.0.1:3000 --client-id ...

It shows an address and a code, waits until somebody has allowed it there, and then says
who that was.  It needs nothing but Python; with `segno` it shows a QR code as well.
"""

import argparse
import json
import sys
import time
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid profile email offline_access"
SLOWER_BY = 5  # seconds, RFC 8628 §3.5


class Refused(Exception):
    """What the server said instead of giving tokens: a word of RFC 8628 §3.5."""


class Device:
    """One device: a public client, since it cannot keep a secret."""

    def __init__(self, issuer, client_id):
        self.issuer, self.client_id = issuer.rstrip("/"), client_id
        # A loopback issuer is never behind the proxy that the environment names.
        loopback = urlsplit(issuer).hostname in {"127.0.0.1", "::1", "localhost"}
        self._http = build_opener(*([ProxyHandler({})] if loopback else []))
        self.server = self._call(f"{self.issuer}/.well-known/openid-configuration")
        if self.server.get("issuer") != self.issuer:
            raise Refused("the discovery document names another issuer")

    def begin(self, scope=SCOPE):
        """Ask for a code to show (§3.1)."""
        endpoint = self.server["device_authorization_endpoint"]
        return self._call(endpoint, client_id=self.client_id, scope=scope)

    def wait(self, begun):
        """Ask again and again, as slowly as the server wants it (§3.4, §3.5)."""
        interval = begun.get("interval", 5)
        ends = time.monotonic() + begun["expires_in"]
        while time.monotonic() < ends:
            time.sleep(interval)
            try:
                return self._call(
                    self.server["token_endpoint"],
                    grant_type=GRANT,
                    device_code=begun["device_code"],
                    client_id=self.client_id,
                )
            except Refused as refusal:
                if str(refusal) == "slow_down":
                    interval += SLOWER_BY
                elif str(refusal) != "authorization_pending":
                    raise
        raise Refused("expired_token")

    def person(self, tokens):
        """Say who allowed it (OpenID Connect Core §5.3)."""
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        return self._call(self.server["userinfo_endpoint"], headers=bearer)

    def _call(self, url, headers=None, **form):
        body = urlencode(form).encode() if form else None
        request = Request(url, data=body, headers=headers or {})
        try:
            with self._http.open(request, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as fault:
            try:
                said = json.load(fault)
            except ValueError:
                raise Refused(f"{url} answered {fault.code}") from None
            raise Refused(said.get("error", str(fault.code))) from None


def show(begun):
    """Tell the person where to go and what to type; the QR code holds both."""
    print(f"\nOpen {begun['verification_uri']}\nand type   {begun['user_code']}\n")
    try:
        import segno
    except ImportError:
        return
    segno.make(begun["verification_uri_complete"]).terminal(compact=True)
    print(f"After scanning, compare the code: {begun['user_code']}\n")


def main():
    """Run the device once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--scope", default=SCOPE)
    chosen = parser.parse_args()
    try:
        device = Device(chosen.issuer, chosen.client_id)
        begun = device.begin(chosen.scope)
        show(begun)
        sys.stdout.flush()
        tokens = device.wait(begun)
        person = device.person(tokens)
    except Refused as refusal:
        sys.exit(f"Not connected: {refusal}")
    print(f"Connected. Hello {person.get('name') or person['sub']}!")


if __name__ == "__main__":
    main()
