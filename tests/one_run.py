"""Everything that a seed decides, once: `python one_run.py CHECKPOINT OUT` prints it as JSON.

The same seed on the same machine with the same versions gives the same line.
"""

import contextlib
import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
from real_model import small_set

import course_utils
from course_utils.command.program import main

ROWS = "text,label\n" + "".join(
    f'"{text}, said number {number}",{"good" if number % 2 else "bad"}\n'
    for number, text in enumerate(small_set().texts * 8)
)


def digest(array) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def files_in(folder: Path) -> dict:
    """The bytes of each file, as a digest; of course.json, all but the day and the seconds."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    about = json.loads(found["course.json"])
    del about["date"], about["history"]["seconds"]
    found["course.json"] = json.dumps(about).encode()
    return {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


def everything(checkpoint: str, out: Path, epochs: int = 2) -> dict:
    """What a notebook computes from its file to its saved model.

    Args:
        checkpoint: a name, or a folder.
        out: a new folder.
    """
    out.mkdir()
    (out / "rows.csv").write_text(ROWS, encoding="utf-8")
    data = course_utils.read_texts(out / "rows.csv", quiet=True)
    parts = train, validation, test = course_utils.split(data)
    tokenizer = course_utils.load_tokenizer(checkpoint)
    model = course_utils.load_classifier(checkpoint, label_names=data.label_names, quiet=True)
    options = {"epochs": epochs, "batch_size": 8, "learning_rate": 1e-3}
    history = course_utils.fine_tune(model, tokenizer, train, validation, **options)
    result = course_utils.evaluate(model, tokenizer, test)
    tfidf = course_utils.tfidf_baseline(train, validation, test)
    card = course_utils.model_card({"name": "mine"}, result, tfidf)
    course_utils.save(str(out / "mine"), model, tokenizer, history, card=card)
    text = test.texts[0]
    words = course_utils.occlusion(model, tokenizer, text).scores
    vectors = course_utils.sentence_vectors(model, tokenizer, test.texts)
    sizes = [w.detach().norm().item() for w in model.parameters()]
    return {
        "numbers": [list(map(float, np.ravel(part))) for part in (result.probabilities, words)]
        + [list(map(float, np.ravel(vectors))), sizes],
        "losses": [loss.hex() for loss in history.losses],
        "validation": [history.validation_accuracies, history.validation_losses],
        "weights": {name: digest(w.detach()) for name, w in model.named_parameters()},
        "probabilities": digest(result.probabilities),
        "alone": digest(course_utils.predict(model, tokenizer, [text])),
        "words": digest(words),
        "vectors": digest(vectors),
        "parts": [part.texts for part in parts],
        "sample": train.sample(8, seed=1).texts,
        "report": [str(data.report), repr(course_utils.data_report(*parts, tokenizer=tokenizer))],
        "tfidf": digest(tfidf.probabilities),
        "interval": repr(course_utils.paired_bootstrap(result, tfidf)),
        "figure": digest(np.frombuffer(course_utils.plot_confusion(result).png, np.uint8)),
        "page": course_utils.plot_confusion(result)._repr_html_(),
        "saved": files_in(out / "mine"),
        "answers": answered(out),
    }


def answered(out: Path) -> dict:
    """The file that `python -m course_utils predict` writes."""
    model, rows, answers = (str(out / name) for name in ("mine", "rows.csv", "answers.csv"))
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(["predict", model, rows, answers, "--text", "text"])
    return {"answers.csv": hashlib.sha256(Path(answers).read_bytes()).hexdigest()}


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        found = everything(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps(found))
