"""The command line: parse, call one function, render, exit with a named code. Heavy imports live inside commands."""

import sys
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from harness import __version__
from harness.errors import ExitCode, HarnessError
from harness.suggest import nearest
from harness.text.visible import visible

_COMMANDS = {
    "compare": "harness.cli.compare",
    "gate": "harness.cli.gate",
    "rank": "harness.cli.rank",
    "report": "harness.cli.report",
    "run": "harness.cli.run",
    "runs": "harness.cli.runs",
    "judge": "harness.cli.judge",
    "correct": "harness.cli.correct",
    "candidates": "harness.cli.candidates",
    "import": "harness.cli.importing",
    "suite": "harness.cli.suite",
    "data": "harness.cli.data",
    "review": "harness.cli.review",
    "train": "harness.cli.train",
    "doctor": "harness.cli.doctor",
    "completion": "harness.cli.completion",
}
_SUMMARIES = {
    "compare": "Compare candidates on the suite and say the verdict.",
    "gate": "Decide whether a candidate may be released.",
    "rank": "Rank candidates, with ties where no difference is established.",
    "report": "Report the project's phases on lines of progress.",
    "run": "Answer the suite with candidates; an interrupted run goes on.",
    "runs": "List, show, verify, spot-check and rescore stored runs.",
    "judge": "Ask a model to judge stored answers.",
    "correct": "Have a teacher correct a run's wrong answers, checked.",
    "candidates": "List, show and add candidates.",
    "import": "Make a recorded candidate from anyone's answers.",
    "suite": "Show, verify and lock suites.",
    "data": "Import tickets and documents for review; export rows.",
    "review": "Let people label answers in a browser, blind.",
    "train": "Train a candidate's adapter.",
    "doctor": "Say what is installed and what works here.",
    "completion": "Print the script that completes names in a shell.",
}


class _LazyGroup(click.Group):
    """Imports a command's module when it is called, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command {args[0]!r}{nearest(args[0], _COMMANDS)}")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        named = [CompletionItem(name, help=said) for name, said in _SUMMARIES.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SUMMARIES.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harness")
@click.option("--config", "config_path", type=click.Path(), help="harness.toml to use [default: nearest one upwards].")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def cli(ctx: click.Context, config_path: str | None, debug: bool) -> None:
    """Compare fine-tuned customer-service models on a locked test set, and decide whether one may be released."""
    ctx.obj = {"config": config_path, "debug": debug}


def main() -> None:
    """Entry point: every error a user can act on is one line on standard error and an exit code."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    debug = "--debug" in arguments
    try:
        result: Any = cli.main(arguments, standalone_mode=False)
        return int(result) if isinstance(result, int) else ExitCode.OK
    except HarnessError as error:
        if debug:
            raise
        _complain(str(error))
        return error.exit_code
    except click.exceptions.Abort:
        return _interrupted()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(visible(error.format_message()), err=True)
        return ExitCode.BAD_INPUT
    except click.ClickException as error:
        _complain(error.format_message())
        return ExitCode.BAD_INPUT
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return ExitCode.OK
    except Exception as error:
        if debug:
            raise
        _complain(
            f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:300]}; run with --debug for the traceback"
        )
        return ExitCode.BAD_INPUT


def _interrupted() -> int:
    _complain("interrupted; what was answered is kept, the same command goes on from there")
    return ExitCode.INTERRUPTED


def _complain(message: str) -> None:
    click.echo(visible(f"harness: {' '.join(message.split())}"), err=True)
