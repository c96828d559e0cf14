"""Sentences for a cell of a notebook, as somebody needs them who types options."""

import re

ARGUMENT = re.compile(
    r"\b(text|label|group|time|epochs|learning_rate|batch_size|max_length|seed|class_weights"
    r"|patience|language|strict|numbers|device|checkpoint)=(\"[^\"]*\"|'[^']*'|[\w.+-]*\w)"
)


def in_options(sentence: str) -> str:
    """A sentence that speaks to a notebook's cell, with options in the place of arguments.

    `max_length=600` becomes `--max-length 600`, and `use(device="cpu")` becomes `--device "cpu"`.
    """
    sentence = sentence.replace("the folder of this notebook", "this folder")
    sentence = re.sub(
        r"If not, say read_texts\(.*?\) or another\.",
        'If not, open it in your spreadsheet and save it as "CSV UTF-8".',
        sentence,
    )
    sentence = re.sub(r', or say encoding="\w+"', "", sentence)
    sentence = ARGUMENT.sub(lambda m: f"--{m[1].replace('_', '-')} {m[2]}", sentence)
    sentence = re.sub("--(strict|numbers) True", r"--\1", sentence)
    return re.sub(r"\buse\((--[^)]*)\)", r"\1", sentence)
