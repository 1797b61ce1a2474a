"""The command line. Commands are loaded when they are called: ``--help`` stays quick."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from types import FrameType, TracebackType

import click

from countermark import __version__

COMMANDS = {
    "init": "Write a commented countermark.yaml for this folder.",
    "plan": "Say what an audit will read, send and skip.",
    "audit": "Collect evidence, judge it, report.",
    "judge": "Judge stored evidence again: another day, other rulebooks.",
    "report": "Render a stored run in another format.",
    "runs": "List the stored runs.",
    "rules": "Look at the rulebooks: list, show, diff, as-of.",
    "explain": "One rule in plain words: text, source, check, repair, example.",
    "schema": "Print a JSON Schema: of countermark.yaml, or of the report.",
    "inventory": "Find every AI model in use: in code, configuration, images, logs, clusters.",
    "register": "What is filed, by whom, under which number: import, list, check, draft.",
    "reconcile": "What runs against what is filed, both ways: duty, day, next step.",
    "weights": "Compare model files: the same, quantised, fine-tuned, merged, unrelated?",
    "label": "Write, verify, update and trace the AIGC label of files.",
    "completion": "Print the completion script for your shell.",
}
CLEAN, FINDINGS, USAGE, INCOMPLETE, UNVERIFIED, INTERRUPTED = 0, 1, 2, 3, 4, 130
EPILOG = """\b
Exit codes:
  0    nothing at or above --fail-on
  1    violations at or above it
  2    usage or configuration
  3    incomplete: something that should have been assessed could not be
  4    evidence does not verify
  130  interrupted

Nothing is downloaded, and nothing is sent but to the endpoints that countermark.yaml names.
"""


class Commands(click.Group):
    """The commands of a table, each imported on its first use."""

    table = COMMANDS
    package = "countermark.cli"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which one needs them."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        if cmd_name not in self.table:
            return None
        command = importlib.import_module(f"{self.package}.{cmd_name}_command").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the command that was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            close = difflib.get_close_matches(args[0], self.table, n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from None


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="countermark")
def cli() -> None:
    """Audit an AI deployment: establish facts, judge them against dated rules, leave evidence.

    \b
      countermark init     # describe this folder
      countermark audit    # what is wrong, under which rule, how to repair it
    """


def main() -> None:
    """Run the command line; an interruption ends in exit code 130, whatever asked for it."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.excepthook = _crash
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # reports are Chinese too, whatever the terminal speaks
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = getattr(error, "code", error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        code = CLEAN
    sys.exit(code if isinstance(code, int) else CLEAN)


def _crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug of ours must not look like a finding: exit code 1 means violations."""
    sys.__excepthook__(kind, error, trace)
    click.echo("this is a bug in countermark: please report it with the lines above", err=True)
    sys.stdout.flush()
    os._exit(INCOMPLETE)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
