"""An operator at a terminal: the same commands in a process, or here where that is fast."""

import sys
from contextlib import contextmanager

import pytest

from authserver.cli import config, main
from tests.cli.config_operator import Operator
from tests.support.node import Node


@pytest.fixture
def node(database_kind, make_database, tmp_path):
    """On an empty database."""
    return Node(make_database(database_kind), tmp_path)


@pytest.fixture(scope="module")
def settled(database_kind, make_database, tmp_path_factory):
    """On a database that has been upgraded; tests put back what they change."""
    node = Node(make_database(database_kind), tmp_path_factory.mktemp("home"))
    node.first = node.json("db", "upgrade")
    return node


@pytest.fixture
def here(monkeypatch, capsys):
    """Run a command in this process, if it ends before an application is made.

    `status, out, err = here(node, "db", "status")`
    """

    def run(node, *args):
        for name, value in node.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["authserver", *args])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def operator(services, db, tmp_path, monkeypatch):
    @contextmanager
    def core():
        try:
            yield services
            db.session.commit()
        finally:
            db.session.rollback()

    monkeypatch.setattr(config, "core", core)
    services.clients.cache.clear()
    return Operator(db, tmp_path / "authserver.yaml")
