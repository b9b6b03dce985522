"""`make run` beside other programs, and where not only this machine can reach it."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from authserver.cli.playground import demo_url, may_have_demo
from authserver.config import load
from tests.journeys.demo import Demo


@pytest.mark.live
def test_everybody_may_be_let_in():
    """In a container, where the loopback address is nobody's way in."""
    with Demo(HOST="0.0.0.0") as demo:
        asked = requests.get(f"{demo.site}/sign-in", timeout=10, allow_redirects=False)
        page = requests.get(asked.headers["Location"], timeout=10)
    assert (asked.status_code, page.status_code) == (303, 200)
    assert demo.url == f"http://127.0.0.1:{demo.port}"


@pytest.mark.live
def test_a_port_that_is_taken_is_not_called_the_demo_app():
    demo = Demo()
    with socket.create_server(("127.0.0.1", demo.port + 1)), demo:
        assert f"No demo app:       port {demo.port + 1} is taken" in demo.log
        assert demo.site not in demo.log
        page = requests.get(f"{demo.url}/signin", timeout=10)
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("host", "here"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]")],
)
def test_the_demo_app_is_where_its_browser_is(host: str, here: str, tmp_path: Path):
    settings = load(development(tmp_path, HOST=host))
    assert settings.issuer == f"http://{here}:4100"
    assert demo_url(settings) == f"http://{here}:4101"
    assert may_have_demo(settings)


def test_it_knows_no_tls_and_so_serves_this_machine_alone(tmp_path: Path):
    there = {"HOST": "192.0.2.7", "APP_URL": "https://id.example"}
    settings = load(development(tmp_path, **there))
    assert urlsplit(demo_url(settings)).hostname == "192.0.2.7"
    assert not may_have_demo(settings)


def development(home: Path, **settings: str) -> dict[str, str]:
    ours = {"APP_ENV": "development", "AUTHSERVER_HOME": str(home), "PORT": "4100"}
    return ours | settings
