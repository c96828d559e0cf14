"""A model card: one page that says what a model is for, what was measured, and where it fails."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.data.display import in_markdown, said_in_markdown
from course_utils.data.half_signs import check_whole
from course_utils.errors import CourseError, DataError
from course_utils.model.readme import HOW_TO_LOAD, REMEMBERS

FIELDS = {
    "name": "Model card",
    "purpose": "What it is for",
    "not_for": "What it is not for",
    "data": "Data",
    "result": "Result, in words",
    "weak_spots": "Known weak spots",
}
"""What a card says in words, in this order: the key of each field, and its heading."""

NOT_SAID = "Whether that was done here is *not said*."

PERSONAL = "personal_data"
"""One more field, of which a card says by itself why it matters."""


@dataclass(frozen=True)
class ModelCard:
    """A card as `model_card` makes it. The last line of a cell shows it as a page.

    `save(name, model, tokenizer, card=card)` puts it beside the model.
    """

    fields: dict
    evaluations: tuple
    header: dict = field(default_factory=dict)
    """What is said for the Hugging Face Hub alone: language, datasets, license."""

    @property
    def open(self) -> list:
        """The fields that are still `...`, or empty."""
        return [key for key in FIELDS if self.fields[key] in (..., "", "...")]

    def markdown(self) -> str:
        """The card as Markdown text, as it lies beside a saved model."""
        return f"{self._repr_markdown_()}\n\n**How to load it.**\n\n{HOW_TO_LOAD}"

    def _repr_markdown_(self) -> str:
        said = {key: "*still open*" if key in self.open else self.fields[key] for key in FIELDS}
        parts = [f"## {FIELDS['name']}: {said_in_markdown(said.pop('name'))}"]
        parts += [f"**{FIELDS[key]}.** {said_in_markdown(text)}" for key, text in said.items()]
        done = said_in_markdown(self.fields.get(PERSONAL) or NOT_SAID)
        parts.append(f"**Personal data.** {REMEMBERS} {done}")
        rows = [_row(evaluation) for evaluation in self.evaluations]
        if rows:
            by = {evaluation.by for evaluation in self.evaluations}
            by = f" by {in_markdown(by.pop())}" if len(by) == 1 and by != {""} else ""
            head = (
                f"| method | test texts | accuracy % (95 % interval{by}) | macro F1 |\n"
                "|---|---|---|---|"
            )
            parts.append("\n".join(["**Measured.**\n", head, *rows]))
        return "\n\n".join(parts)

    def hub_header(self) -> dict:
        """What the Hugging Face Hub shows beside the page: arguments of its `ModelCardData`.

        The numbers are those of the first evaluation, the one of the model.
        """
        said = dict(self.header)
        if not self.evaluations:
            return said
        said |= {"metrics": ["accuracy", "f1"], "eval_results": self._eval_results()}
        return said if "name" in self.open else said | {"model_name": self.fields["name"]}

    def _eval_results(self) -> list:
        from huggingface_hub import EvalResult

        result = self.evaluations[0]
        own = re.sub(r"[^\w.-]+", "-", result.data.name).strip("-.") or "own-texts"
        where = {
            "task_type": "text-classification",
            "task_name": "Text classification",
            "dataset_type": self.header.get("datasets", [own])[0],
            "dataset_name": f"{result.data.name} ({len(result.data):,} texts)",
        }
        macro = {"metric_name": "Macro F1", "metric_args": {"average": "macro"}}
        return [
            EvalResult(
                metric_type="accuracy",
                metric_name="Accuracy",
                metric_value=round(result.accuracy, 4),
                **where,
            ),
            EvalResult(metric_type="f1", metric_value=round(result.macro_f1, 4), **macro, **where),
        ]

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

    def __str__(self):
        return self.markdown()

    def __repr__(self):
        name = self.fields["name"]
        title = "no name yet" if "name" in self.open else name
        return f"Model card: {title} ({', '.join(self.open) or 'nothing'} still open)"


def model_card(
    fields: dict, *evaluations, language=None, datasets=None, license: str = None
) -> ModelCard:
    """Fill in a model card. The numbers come from the evaluations, the words from you.

    Args:
        fields: what you say about the model: name, purpose, not_for, data, result, weak_spots.
            `...` means "still open". One more may be there, personal_data: what you did about it.
        evaluations: of the model, then of the baselines; from `evaluate` or a baseline.
        language: of the texts, for the Hugging Face Hub: a code such as "en", or a list of codes.
        datasets: names on the Hub of the data that the model was trained on, if they are there.
        license: of the model, as the Hub writes it: "mit", "apache-2.0", "other".

    Returns:
        A `ModelCard`. It shows itself; `card.open` lists what is missing, `card.save()` keeps it,
        and `save(name, model, tokenizer, card=card)` puts it beside the model.

    Raises:
        DataError: if there is a field that the card does not have, or no text in one, or what is
            meant for the Hub is not written as it reads it.
    """
    from course_utils.judge.evaluation import Evaluation

    if not isinstance(fields, dict):
        raise DataError(f"fields is a {type(fields).__name__}, expected a dict: {_known()}.")
    for key, text in fields.items():
        if key not in (*FIELDS, PERSONAL):
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
    if fields.get(PERSONAL) not in (None, ..., "..."):
        filled[PERSONAL] = fields[PERSONAL]
    return ModelCard(
        {key: text if text is ... else " ".join(text.split()) for key, text in filled.items()},
        evaluations,
        said_for_the_hub(language=language, datasets=datasets, license=license),
    )


def _known() -> str:
    return ", ".join((*FIELDS, PERSONAL))


HEADER = {
    "language": (r"[a-z]{2,3}|multilingual", 'a code of two or three letters, such as "en"'),
    "datasets": (r"[\w-][\w.-]*(/[\w-][\w.-]*)?", 'names on the Hub, such as "imdb"'),
    "license": (r"[a-z0-9.-]+", 'the name that the Hub has for it, such as "mit" or "other"'),
}
"""How the Hub wants it written. It refuses a page whose header it cannot read."""


def said_for_the_hub(**said) -> dict:
    """What was said for the Hub; languages and data sets as lists, what was not said left out.

    Raises:
        DataError: if something is not written as the Hub reads it.
    """
    found = {}
    for key, value in said.items():
        if value is None:
            continue
        pattern, expected = HEADER[key]
        several = isinstance(value, list | tuple) and key != "license"
        values = list(value) if several else [value]
        if not values or not all(
            isinstance(each, str) and re.fullmatch(pattern, each) for each in values
        ):
            raise DataError(f"{key}={value!r}: expected {expected}.")
        found[key] = values if key != "license" else value
    return found


def _row(result) -> str:
    low, high = result.interval
    return (
        f"| {in_markdown(result.name)} | {len(result.data):,} | {100 * result.accuracy:.1f} "
        f"({100 * low:.1f} to {100 * high:.1f}) | {result.macro_f1:.3f} |"
    )
