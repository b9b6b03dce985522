"""The application as these rules look at it: its routes, on a database of no use."""

from pathlib import Path

import pytest
from flask import Flask

from authserver.config import load


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Nothing is asked of its tables, so there are none."""
    from authserver.app import create_app

    home: Path = tmp_path_factory.mktemp("home")
    environ = {
        "APP_ENV": "development",
        "AUTHSERVER_HOME": str(home),
        "DATABASE_URL": "sqlite://",
        # Flask-Limiter's switch is one for all applications of a process.
        "RATE_LIMITS": "off",
    }
    return create_app(load(environ))
