"""A model card: one page that says what a model is for, what was measured, and where it fails."""

from dataclasses import dataclass
from pathlib import Path

from course_utils.data.display import in_markdown
from course_utils.data.texts import check_whole
from course_utils.errors import CourseError, DataError

FIELDS = {
    "name": "Model card",
    "purpose": "What it is for",
    "not_for": "What it is not for",
    "data": "Data",
    "result": "Result, in words",
    "weak_spots": "Known weak spots",
}
"""What a card says in words, in this order: the key of each field, and its heading."""


@dataclass(frozen=True)
class ModelCard:
    """A card as `model_card` makes it. The last line of a cell shows it as a page."""

    fields: dict
    evaluations: tuple

    @property
    def open(self) -> list:
        """The fields that are still `...`, or empty."""
        return [key for key in FIELDS if self.fields[key] in (..., "", "...")]

    def markdown(self) -> str:
        """The card as Markdown text."""
        said = {key: "*still open*" if key in self.open else self.fields[key] for key in FIELDS}
        parts = [f"## {FIELDS['name']}: {said.pop('name')}"]
        parts += [f"**{FIELDS[key]}.** {text}" for key, text in said.items()]
        rows = [_row(evaluation) for evaluation in self.evaluations]
        if rows:
            head = (
                "| method | test texts | accuracy % (95 % interval) | macro F1 |\n|---|---|---|---|"
            )
            parts.append("\n".join(["**Measured.**\n", head, *rows]))
        return "\n\n".join(parts) + "\n"

    def save(self, path="model_card.md") -> None:
        """Write the card to a file beside your notebook. A file that is there is never replaced.

        Raises:
            CourseError: if there is such a file already, or it cannot be written.
        """
        if not isinstance(path, str | Path):
            raise CourseError(f"Expected the name of a file, found {path!r}: write it in quotes.")
        path = Path(path).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self.markdown())
        except FileExistsError:
            raise CourseError(
                f"'{path}' is there already, and a card never replaces a file: choose another "
                'name, for instance card.save("model_card_2.md").'
            ) from None
        except OSError as problem:
            raise CourseError(
                f"'{path}' cannot be written ({problem.strerror}): choose another folder."
            ) from None
        print(
            f"Saved {path.name}." + (f" Still open: {', '.join(self.open)}." if self.open else "")
        )

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def __repr__(self):
        name = self.fields["name"]
        title = "no name yet" if "name" in self.open else name
        return f"Model card: {title} ({', '.join(self.open) or 'nothing'} still open)"


def model_card(fields: dict, *evaluations) -> ModelCard:
    """Fill in a model card. The numbers come from the evaluations, the words from you.

    Args:
        fields: what you say about the model: name, purpose, not_for, data, result, weak_spots.
            `...` means "still open".
        evaluations: of the model, then of the baselines; from `evaluate` or a baseline.

    Returns:
        A `ModelCard`. It shows itself; `card.open` lists what is missing, `card.save()` keeps it.

    Raises:
        DataError: if there is a field that the card does not have, or no text in one.
    """
    from course_utils.judge.evaluation import Evaluation

    if not isinstance(fields, dict):
        raise DataError(f"fields is a {type(fields).__name__}, expected a dict: {_known()}.")
    for key, text in fields.items():
        if key not in FIELDS:
            raise DataError(f"A model card has no field {key!r}; it has {_known()}.")
        if text is not ... and not isinstance(text, str):
            raise DataError(f"The field '{key}' is {text!r}, expected a text between quotes.")
        check_whole(f"The field '{key}'", "" if text is ... else text)
    for evaluation in evaluations:
        if not isinstance(evaluation, Evaluation):
            raise DataError(
                f"A card takes its numbers from evaluations, found a {type(evaluation).__name__}: "
                "give it what evaluate(...) returned."
            )
    filled = {key: fields.get(key, ...) for key in FIELDS}
    return ModelCard(
        {key: text if text is ... else " ".join(text.split()) for key, text in filled.items()},
        evaluations,
    )


def _known() -> str:
    return ", ".join(FIELDS)


def _row(result) -> str:
    low, high = result.interval
    return (
        f"| {in_markdown(result.name)} | {len(result.data):,} | {100 * result.accuracy:.1f} "
        f"({100 * low:.1f} to {100 * high:.1f}) | {result.macro_f1:.3f} |"
    )
