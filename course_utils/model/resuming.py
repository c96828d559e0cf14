"""Going on with an interrupted run, as if nobody had stopped it."""

from course_utils.errors import CourseError, DamagedFile, DataError
from course_utils.model.history import History
from course_utils.model.run_state import read_state
from course_utils.model.saving import ABOUT, load, model_folder, read_about
from course_utils.model.training import go_on
from course_utils.progress import speaks


def resume(name: str, train, validation=None, device: str = None, after_epoch=None) -> tuple:
    """Go on with an interrupted run that `save` kept, to the end that it would have had.

    The way to go on after ■, at once or on another day: `save` first, then this.
    Order of the batches, optimizer, learning rate and dropout go on where they were. On the CPU the
    weights end where those of an uninterrupted run end.

    Args:
        name: as it was given to `save`.
        train, validation: the same texts as in `fine_tune`.
        device: see `pick_device`.
        after_epoch: see `fine_tune`.

    Returns:
        model, tokenizer and `History`. Nothing is saved: call `save` again.

    Raises:
        CheckpointNotFound: if nothing was saved under that name.
        CourseError: if its run was not interrupted.
        DataError: if the texts are others.
        DamagedFile: if what was saved cannot be read.
    """
    model, tokenizer = load(name)
    about = read_about(name)
    if not about.get("unfinished"):
        raise CourseError(
            f"'{name}' was not saved in the middle of a run, so there is nothing to go on with: "
            f'use it with load("{name}").'
        )
    history = _read_history(name, about)
    for key, weight in model.named_parameters():
        weight.requires_grad = key in history.state["trained"]
    if speaks():
        print(f"Going on after {len(history.losses)} steps.")
    go_on(model, tokenizer, train, validation, history, device, after_epoch)
    return model, tokenizer, history


def _read_history(name: str, about: dict) -> History:
    """The history of an interrupted run, with its state, from the files of its save."""
    try:
        state = read_state(model_folder(name), about["unfinished"])
        return History(**about["history"], state=state)
    except (DataError, KeyError, TypeError, AttributeError, ValueError) as problem:
        raise DamagedFile(
            f"{ABOUT} of '{name}' does not describe a run as this version does ({problem}): its "
            f'run cannot go on, but the model itself may be loaded with load("{name}").'
        ) from None
