"""The errors of the course: each is one sentence that says what was wrong and how to mend it."""

import difflib


class CourseError(Exception):
    """Base class. In a notebook it shows its sentence alone, without a traceback."""

    def __str__(self):
        # Half an emoji cannot be printed, and the sentence may quote what was given.
        return super().__str__().encode("utf-8", "backslashreplace").decode()

    def _render_traceback_(self):
        # IPython asks an exception for this method before it formats a traceback of its own.
        return [f"{type(self).__name__}: {self}"]


def did_you_mean(word: str, names, cutoff: float = 0.75) -> str:
    """The question whether the nearest of some names was meant, in capitals or not.

    Nothing if none is near.
    """
    spelled = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(word.casefold(), spelled, n=1, cutoff=cutoff)
    return f" Did you mean '{spelled[close[0]]}'?" if close else ""


_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory")


def no_memory(problem: Exception) -> bool:
    """Whether the system gave no more memory: torch says so in words, of a tensor, file or GPU."""
    said = str(problem).lower()
    return isinstance(problem, MemoryError) or any(words in said for words in _NO_MEMORY)


class SettingsError(CourseError):
    """A switch was given a value that does not exist."""


class DeviceUnavailable(CourseError):
    """The device that was asked for is not in this computer."""


class CheckpointNotFound(CourseError):
    """No checkpoint of that name: not known, not a folder, not on the Hub."""


class HubUnreachable(CourseError):
    """The checkpoint is not on this computer, and the Hugging Face Hub does not give it now."""


class MissingPackage(CourseError):
    """A Python package that carries weights or data is not installed."""


class DamagedFile(CourseError):
    """A file is missing, truncated, or not the one that the course was tested with."""


class DataError(CourseError):
    """Texts, labels or answers that do not fit together."""


class ModelBusy(CourseError):
    """Another thread trains the model: a view asks it while a cell fine-tunes it."""


class ProcessLost(CourseError):
    """Of several processes that train together, another one is gone."""


class NotSolved(CourseError):
    """An exercise that a grader requires is not solved."""
