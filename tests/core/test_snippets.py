"""What operators paste: it parses, and nothing that an app registered runs in it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from authserver.core import snippet_parts, snippets
from authserver.core.client_metadata import DEVICE_CODE
from authserver.core.snippet_parts import Values
from authserver.models import Client
from tests.support.nodejs import nodejs

KINDS = {
    "web": ("client_secret_basic", ["authorization_code"], {}),
    "spa": ("none", ["authorization_code"], {}),
    "native": ("none", ["authorization_code"], {"application_type": "native"}),
    "machine": ("client_secret_basic", ["client_credentials"], {}),
    "device": ("none", [DEVICE_CODE], {}),
}
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
HOSTILE = (
    "\"; import os; os.system('touch /tmp/no') #",
    "`touch no`; $(touch no) ${process.exit()} \\\" ' \n touch no\r",
    "@@client_id@@ </script> \u2028 \x00 é ٣",
)


def row(kind: str, profile: str = "oauth21", method: str | None = None) -> Client:
    usual, grants, extra = KINDS[kind]
    return Client(
        client_id="notes",
        name="Notes",
        profile=profile,
        redirect_uris=["https://notes.example/back"] if kind != "machine" else [],
        post_logout_redirect_uris=[],
        grant_types=grants,
        response_types=["code"] if "authorization_code" in grants else [],
        scope="openid email address notes:read",
        token_endpoint_auth_method=method or usual,
        extra=extra,
    )


def texts(
    kind: str, evil: str, method: str, *, is_pushed: bool
) -> list[tuple[str, str]]:
    values = Values(
        evil, evil, f"https://a.example/{evil}", evil, evil, method, is_pushed
    )
    made = [make(values) for make in snippets.MAKERS[kind]]
    return [(one.file, one.text) for one in made]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_three_with_its_own_values(kind):
    found = snippets.snippets_of(row(kind), "https://auth.example")
    assert len({one.library for one in found}) == 3
    for one in found:
        assert "https://auth.example" in one.text, one.library
        assert "notes" in one.text
        assert "@@" not in one.text
        assert ("openid email notes:read" in one.text) is True
        assert one.url.startswith("https://")
    if kind in ("web", "machine"):
        assert any(snippet_parts.SECRET in one.text for one in found)


def test_the_kind_is_read_from_the_registration():
    assert {kind: snippet_parts.kind_of(row(kind)) for kind in KINDS} == {
        kind: kind for kind in KINDS
    }


def test_a_profile_that_demands_it_pushes_and_is_said_to_be_bound():
    strict = row("web", "fapi2", "private_key_jwt")
    node, flask, apache = snippets.snippets_of(strict, "https://auth.example")
    assert "buildAuthorizationUrlWithPAR" in node.text
    assert "OIDCProviderAuthRequestMethod PAR" in apache.text
    assert "PrivateKeyJWT" in flask.text
    assert snippets.is_bound(strict)
    assert not snippets.is_bound(row("web"))
    assert "PAR" not in snippets.snippets_of(row("web"), "https://a.example")[0].text


def every() -> list[tuple[str, str, str]]:
    return [
        (file, text, evil)
        for kind in KINDS
        for method in METHODS
        for evil in HOSTILE
        for file, text in texts(kind, evil, method, is_pushed=method == METHODS[2])
    ]


def test_python_holds_every_value_as_one_string():
    seen = 0
    for file, text, evil in every():
        if file.endswith(".py"):
            tree = ast.parse(text)
            held = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
            assert evil in held
            called = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            assert "system" not in called
            seen += 1
    assert seen == 27


def test_a_shell_gets_every_value_as_one_word(tmp_path: Path):
    """With a program in place of curl that writes down what it was given."""
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nprintf \'%s\\0\' "$@" >> "$OUT"\n')
    fake.chmod(0o700)
    found = {text for file, text, _ in every() if file.endswith(".sh")}
    for number, text in enumerate(sorted(found)):
        out = tmp_path / f"out{number}"
        kept = text.replace("\x00", "")  # no file name and no argument can hold it
        subprocess.run(
            [shutil.which("sh") or "/bin/sh"],
            input=kept.encode(),
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "OUT": str(out)},
            cwd=tmp_path,
            check=True,
        )
        words = out.read_bytes().decode().split("\0")
        evils = [one.replace("\x00", "") for one in HOSTILE]
        assert any(f"scope={evil}" in words for evil in evils), words
    assert not (tmp_path / "no").exists()
    assert {p.name.rstrip("0123456789") for p in tmp_path.iterdir()} == {"curl", "out"}


def test_node_takes_every_module(tmp_path: Path):
    """One run of Node: each text is compiled, and none is executed."""
    modules = [text for file, text, _ in every() if file.endswith(".mjs")]
    names = []
    for number, text in enumerate(modules):
        (tmp_path / f"m{number}.mjs").write_text(text)
        names.append(str(tmp_path / f"m{number}.mjs"))
    check = tmp_path / "check.mjs"
    check.write_text(
        "import vm from 'node:vm'; import fs from 'node:fs';"
        f"for (const name of {json.dumps(names)})"
        " new vm.SourceTextModule(fs.readFileSync(name, 'utf8'));"
        "console.log('fine');"
    )
    done = subprocess.run(
        [nodejs(), "--experimental-vm-modules", "--no-warnings", str(check)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "fine\n", done.stderr[:600]
    assert len(modules) > 20


@pytest.mark.parametrize("evil", HOSTILE)
def test_other_languages_end_no_string_early(evil):
    for quote in (snippet_parts.quoted, snippet_parts.braced, snippet_parts.in_apache):
        written = quote(evil)
        inner = written[1:-1].replace("\\\\", "").replace('\\"', "")
        assert '"' not in inner
        assert "\n" not in written
        assert "${" not in written
        assert "</script" not in snippet_parts.quoted(evil)
