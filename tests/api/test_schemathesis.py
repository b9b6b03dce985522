"""schemathesis against a live server: what the document promises is what comes."""

import re
import subprocess
import sys
from pathlib import Path

import requests

from tests.support.live import LiveServer

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("schemathesis")
PASSWORD = "Quatro-Faróis-47"
OWN_END = "revoke-all|users/me$|signout|logout|/sessions|me/password|me/email"
"""What would end the caller's own session, and with it the trial."""
CASES = 10_000
PATIENCE = 1200
"""Seconds; it takes 60 alone, and thrice that beside the other tests."""
LONG_ENOUGH = {"ACCESS_TTL": str(2 * PATIENCE)}
WORKERS = "1"
"""Several are threads, in which ``ast.parse`` of Python 3.11.2 fails (gh-106905)."""


def test_no_check_fails(make_migrated) -> None:
    database = make_migrated("postgresql")
    with LiveServer(database_url=database, env=LONG_ENOUGH) as server:
        server.cli(
            "user", "create", "--email", "root@example.test", "--password", PASSWORD,
            "--verified", "--role", "super_admin", "--json",
        )  # fmt: skip
        answer = requests.post(
            f"{server.url}/v1/auth/signin",
            json={"email": "root@example.test", "password": PASSWORD},
            timeout=10,
        )
        token = answer.json()["data"]["accessToken"]
        done = subprocess.run(
            [
                PROGRAM, "--config-file", HERE / "schemathesis.toml",
                "run", f"{server.url}/openapi.json", "--checks", "all",
                "-H", f"Authorization: Bearer {token}",
                "--exclude-path-regex", OWN_END, "--max-examples", "40",
                "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
                "--workers", WORKERS, "--seed", "1", "--no-color",
            ],
            capture_output=True, encoding="utf-8", check=False,
            cwd=server.home, timeout=PATIENCE,
        )  # fmt: skip
        faults = re.findall(r'"status": 5\d\d', server.log)
    told = "\n".join(line[:400] for line in done.stdout.splitlines())
    assert done.returncode == 0, told[-6000:]
    generated = re.search(r"(\d+) generated, ", told)
    assert generated and int(generated[1]) >= CASES, told[-1000:]
    assert faults == []
