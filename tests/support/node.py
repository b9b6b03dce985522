"""A node that is set up and not running: its settings, and what its operator types."""

import json
import sqlite3

import psycopg2

from tests.support.live import authserver


class Node:
    """A node's settings, and what its operator types."""

    def __init__(self, url, home, **more):
        self.url = url
        self.env = {
            "APP_ENV": "production",
            "APP_URL": "https://auth.example.test",
            "AUTHSERVER_HOME": str(home),
            "DATABASE_URL": url,
            "ARGON2_MEMORY_KIB": "1024",
            **more,
        }

    def run(self, *args):
        """Run a command in a process of its own."""
        return authserver(*args, env=self.env, check=False)

    def json(self, *args, expect=0):
        """The same, answered in JSON."""
        done = self.run(*args, "--json")
        assert done.returncode == expect, done.stderr
        return json.loads(done.stdout)

    def sql(self, *statements):
        """Run SQL, where {} stands for the schema; give the rows of the last."""
        if self.url.startswith("sqlite"):
            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"))
            place = ""
        else:
            connection, place = psycopg2.connect(self.url), "auth."
        try:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement.replace("{}", place))
            rows = cursor.fetchall() if cursor.description else None
            connection.commit()
            return rows
        finally:
            connection.close()
