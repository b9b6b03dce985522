"""An operator who types `authserver config` at a server in this process."""

import json

from click.testing import CliRunner
from sqlalchemy import text

from authserver.cli import config as command

EVENTS = "SELECT event FROM {}security_events ORDER BY id"


class Operator:
    """Types commands at a server in this process."""

    def __init__(self, db, file):
        self.db, self.file = db, file

    def run(self, verb, file_text, *args):
        """Give the status and what is said of a file."""
        self.file.write_text(file_text, encoding="utf-8")
        done = CliRunner().invoke(command.config, [verb, str(self.file), *args])
        assert done.exception is None or isinstance(done.exception, SystemExit), done
        return done.exit_code, done.output

    def json(self, verb, file_text, *args, expect=0):
        """The same, answered in JSON."""
        status, said = self.run(verb, file_text, *args, "--json")
        assert status == expect, said
        return json.loads(said)

    def apply(self, file_text, *args):
        return self.json("apply", file_text, "--yes", *args)

    def export(self):
        done = CliRunner().invoke(command.config, ["export"])
        assert done.exit_code == 0, done.output
        return done.output

    def sql(self, sql):
        """Run SQL, where {} stands for the schema."""
        place = "" if self.db.engine.dialect.name == "sqlite" else "auth."
        done = self.db.session.execute(text(sql.replace("{}", place)))
        found = [tuple(row) for row in done] if done.returns_rows else []
        self.db.session.commit()
        return found
