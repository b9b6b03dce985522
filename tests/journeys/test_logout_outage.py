"""An app that is away, and a server killed meanwhile: the app is told in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser
from tests.support.enrolment import enrol_client, enrol_person
from tests.support.listener import Listener, Reply
from tests.support.live import LiveServer, until

pytestmark = pytest.mark.live

HERE = "/out"


@pytest.fixture
def server(database_kind, make_migrated) -> Iterator[LiveServer]:
    env = {"OUTBOUND_ALLOW": "127.0.0.1"}
    with LiveServer(database_url=make_migrated(database_kind), env=env) as server:
        yield server


def test_a_notice_outlives_kill_nine(server, tmp_path):
    person = enrol_person(server, tmp_path, claims={})
    with Listener() as shop, Browser(server.url) as browser:
        shop.answers[HERE] = Reply(503)
        told = ("--backchannel-logout-uri", f"{shop.url}{HERE}")
        rp = enrol_client(server, tmp_path, more=told)
        flow = rp.sign_in(browser, person)
        browser.open(rp.logout_url(id_token_hint=flow.tokens["id_token"]))
        for worker in server.workers():
            worker.kill()
        server.process.kill()
        server.stop(keep_home=True)

        (waiting,) = server.cli("notices", "list")
        assert (waiting["status"], waiting["session_id"]) == (
            "waiting",
            flow.claims["sid"],
        )
        tried = len(shop.heard(HERE))
        assert tried >= 1
        shop.answers[HERE] = Reply(200)
        server.start(migrate=False)
        until(lambda: len(shop.heard(HERE)) > tried, "the app to be told")
        until(lambda: server.cli("notices", "list")[0]["status"] == "sent", "the mark")
        assert server.cli("notices", "list", "--failed") == []
        assert "Traceback" not in server.log


def test_a_server_without_its_threads_tells_by_command(server, tmp_path):
    """Behind another WSGI server, `authserver notices deliver` runs from cron."""
    person = enrol_person(server, tmp_path, claims={})
    with Listener() as shop, Browser(server.url) as browser:
        shop.answers[HERE] = Reply(503)
        told = ("--backchannel-logout-uri", f"{shop.url}{HERE}")
        rp = enrol_client(server, tmp_path, more=told)
        flow = rp.sign_in(browser, person)
        browser.open(rp.logout_url(id_token_hint=flow.tokens["id_token"]))
        server.stop(keep_home=True)
        shop.answers[HERE] = Reply(200)

        def deliver() -> bool:
            return server.cli("notices", "deliver")["tried"] == 1

        tried = len(shop.heard(HERE))
        until(deliver, "the pause to be over", patience=90)
        assert len(shop.heard(HERE)) == tried + 1


def test_the_figures_and_the_doctor_tell_of_an_app_that_is_not_reached(
    server, tmp_path
):
    person = enrol_person(server, tmp_path, claims={})
    with Listener() as shop, Browser(server.url) as browser:
        shop.answers[HERE] = Reply(400)
        told = ("--backchannel-logout-uri", f"{shop.url}{HERE}")
        rp = enrol_client(server, tmp_path, more=told)
        flow = rp.sign_in(browser, person)
        browser.open(rp.logout_url(id_token_hint=flow.tokens["id_token"]))
        figures = rp.http.get(f"{server.url}/metrics").text
    line = 'authserver_notices_total{kind="logout",outcome="refused"} 1.0'
    assert line in figures
    examined = server.run("doctor", "--json", check=False).stdout
    assert "Notices of the last day that were given up: 1." in examined


def test_an_address_inside_the_network_is_not_called(
    database_kind, make_migrated, tmp_path
):
    """A client's metadata is no door into this network."""
    with LiveServer(database_url=make_migrated(database_kind)) as server:
        person = enrol_person(server, tmp_path, claims={})
        with Listener() as inside, Browser(server.url) as browser:
            told = ("--backchannel-logout-uri", f"{inside.url}{HERE}")
            rp = enrol_client(server, tmp_path, more=told)
            flow = rp.sign_in(browser, person)
            browser.open(rp.logout_url(id_token_hint=flow.tokens["id_token"]))
            (noted,) = server.cli("notices", "list")
        assert inside.requests == []
        assert "not public" in noted["last_error"]
