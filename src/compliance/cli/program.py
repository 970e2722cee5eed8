"""The command group: its help, the spellings it takes, and how an error becomes one sentence and an exit status."""

from __future__ import annotations

import os
import traceback
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import click

from compliance.cli.saying import Said, refused

COMMANDS: Final = {
    "serve": "serving",
    "worker": "serving",
    "run": "jobs",
    "demo": "demonstration",
    "db": "database",
    "organization": "organizations",
    "clinic": "clinics",
    "user": "users",
    "import": "roster",
    "export": "roster",
    "person": "persons",
    "check": "checking",
    "report": "reports",
    "reminders": "reminders",
    "outbox": "outbox",
    "renewal": "renewal",
    "education": "education",
    "trail": "trail",
    "backup": "backups",
    "restore": "backups",
    "secrets": "secrets",
    "doctor": "doctor",
}
"""Every command and the file it lives in, in the order in which `--help` lists them."""

ONE_LINE: Final = {
    "serve": "The web service.",
    "worker": "Jobs and mail without the web service.",
    "run": "One job, once.",
    "demo": "Load the demonstration clinics.",
    "db": "Migrations of the database.",
    "organization": "Organizations, set up from scripts.",
    "clinic": "Clinics, set up from scripts.",
    "user": "People who sign in.",
    "import": "Bring a roster in.",
    "export": "Take a roster out.",
    "person": "One person's file: hand it out, or erase it.",
    "check": "May this therapist practice this, here, on that day?",
    "report": "Audit reports: make one, or check one.",
    "reminders": "Go live; what goes out to whom, and why.",
    "outbox": "Messages that wait, are held or were given up.",
    "renewal": "When a credential ends next, and what its renewal asks.",
    "education": "Courses, hours that are missing, and the pack for a board.",
    "trail": "The record of who did what.",
    "backup": "Save database and evidence, while running.",
    "restore": "Put a backup into an empty installation.",
    "secrets": "Another secret key for the installation.",
    "doctor": "Is everything as it must be?",
}


class Program(click.Group):
    """Commands are imported when they are called; every error ends in one sentence and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in the order of a first reading."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command from its file."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"compliance.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As options are: with the name that may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"{error.message}{meant}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(ONE_LINE.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a refusal, a database that is down and a defect each get their status."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            raise click.Abort from None
        except Exception as error:
            if os.environ.get("COMPLIANCE_DEBUG"):
                traceback.print_exc()
            raise refused(error) from None


def spelled(token: str) -> str:
    """British spellings are taken wherever a command, an option or one of its choices is typed."""
    return token.replace("organisation", "organization").replace("licence", "license")


@click.group(
    cls=Program,
    context_settings={"token_normalize_func": spelled, "help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 yes or done, 1 the answer is no, 2 wrong usage or configuration, 3 could not tell. "
    "The environment (COMPLIANCE_DATABASE_URL and others) is described in README.md.",
)
@click.version_option(package_name="compliance", message="%(prog)s %(version)s")
def main() -> None:
    """Certification and compliance of the therapists of a group of clinics.

    \b
    compliance db upgrade                        makes the database
    compliance demo && compliance serve          a look around, on http://127.0.0.1:8000
    compliance check --therapist ana@example.org --modality trigger-point-therapy --clinic Tampa

    REF is an id, an e-mail address or an exact name.
    """


__all__ = ["COMMANDS", "Said", "main"]
