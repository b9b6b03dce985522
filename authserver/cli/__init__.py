"""The `authserver` command: its groups."""

import sys

import click

from authserver.errors import AuthError, ConfigError


class Program(click.Group):
    """A group that imports a command's module when it is called, so that help is fast."""

    modules = {  # noqa: RUF012 -- a table
        "audit": "audit",
        "client": "clients",
        "config": "config",
        "conformance": "conformance",
        "db": "db",
        "dev": "serve",
        "doctor": "doctor",
        "keys": "keys",
        "mail": "mail",
        "notices": "notices",
        "resource": "resources",
        "serve": "serve",
        "user": "users",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands."""
        del ctx
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one that was asked for."""
        del ctx
        module = self.modules.get(cmd_name)
        if module is None:
            return None
        home = __import__(f"authserver.cli.{module}", fromlist=[cmd_name])
        return getattr(home, cmd_name)  # type: ignore[no-any-return]


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="authserver")
def cli() -> None:
    """OAuth 2 and OpenID Connect authorization server."""


def main() -> None:
    """Run a command; a fault is one line that says the cure, never a traceback."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except click.Abort:
        sys.exit(130)
    except ConfigError as fault:
        click.echo(f"authserver: {fault}", err=True)
        sys.exit(2)
    except AuthError as fault:
        said = [text for texts in fault.fields.values() for text in texts]
        click.echo(f"authserver: {' '.join([fault.public, *said])}", err=True)
        sys.exit(1)
