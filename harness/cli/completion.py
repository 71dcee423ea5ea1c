"""``harness completion``."""

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, candidates, runs and suites in SHELL.

    \b
    bash, in ~/.bashrc:   eval "$(harness completion bash)"
    zsh, in ~/.zshrc:     eval "$(harness completion zsh)"
    fish:                 harness completion fish > ~/.config/fish/completions/harness.fish
    """
    made = get_completion_class(shell)
    assert made is not None  # click has all three
    click.echo(made(ctx.find_root().command, {}, "harness", "_HARNESS_COMPLETE").source())
