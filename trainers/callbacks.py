"""What watches a training while it runs: a bar on the terminal, and a stop where the loss is no number."""

from math import isfinite
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from transformers import TrainerCallback

from harness.errors import InputError
from harness.trainers.checkpoints import last_checkpoint
from harness.trainers.progress import console, is_main_process


class ProgressBar(TrainerCallback):  # type: ignore[misc]
    """Steps done of all, the last loss, time passed and left."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("training"), BarColumn(), MofNCompleteColumn(), TextColumn("loss {task.fields[loss]}"),
            TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not is_main_process(),
        )  # fmt: skip

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show the bar, at the step a resumed training begins with."""
        self._task = self._bar.add_task("training", total=state.max_steps, completed=state.global_step, loss="-")
        self._bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One step on."""
        self._bar.update(self._task, completed=state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """The loss as it was last written down."""
        if logs and "loss" in logs:
            self._bar.update(self._task, loss=f"{float(logs['loss']):.3f}")

    def close(self) -> None:
        """Leave the terminal as it was, also after an error."""
        self._bar.stop()


class Diverged(TrainerCallback):  # type: ignore[misc]
    """Stops where the loss is no number, before broken weights are stored over good ones."""

    def __init__(self, checkpoints: Path) -> None:
        self._checkpoints = checkpoints

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """Look at the loss."""
        if logs and not isfinite(float(logs.get("loss", 0.0))):
            self._stop(state)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look at the weights before they are stored."""
        self._look(state, control, model)

    def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look at the weights before they are stored."""
        self._look(state, control, model)

    def _look(self, state: Any, control: Any, model: Any) -> None:
        trained = (each for each in model.parameters() if each.requires_grad)
        if control.should_save and not all(bool(each.isfinite().all()) for each in trained):
            self._stop(state)

    def _stop(self, state: Any) -> None:
        kept = last_checkpoint(self._checkpoints)
        raise InputError(
            f"the loss is no number at step {state.global_step} of {state.max_steps}; lower learning_rate or set dtype = "
            f'"float32", then train again. Last good checkpoint: {kept or "none yet"}'
        )
