"""The model of notebook 05, for the notebooks after it."""

from course_utils.data.reviews import load_reviews, own_texts
from course_utils.errors import CheckpointNotFound
from course_utils.model.checkpoints import load_classifier, load_tokenizer
from course_utils.model.layers import freeze_word_embeddings
from course_utils.model.saving import how_to_go_on, load, model_folder, read_about, save
from course_utils.model.training import fine_tune


def load_or_train(name: str = "reviews") -> tuple:
    """Your own model from notebook 05; if there is none yet, train it now with the same recipe.

    Returns:
        model (in `eval()` mode) and tokenizer.
    """
    if name != "reviews":
        raise CheckpointNotFound(f"There is no recipe for '{name}': the course has 'reviews'.")
    if model_folder(name).is_dir():
        print(f"Loading the model that you saved in notebook 05{_what_was_saved(name)}.")
        return load(name)
    train, _, _ = load_reviews(quiet=True)
    kind = "reviews" if own_texts() is None else f"texts of {own_texts().name}"
    print(
        f"No model is saved yet: fine-tuning one on {len(train):,} {kind}, as notebook 05 does. "
        "The bar says how long it takes."
    )
    model, tokenizer = load_classifier(quiet=True), load_tokenizer()
    freeze_word_embeddings(model)
    history = fine_tune(model, tokenizer, train)
    if not history.interrupted:
        save(name, model, tokenizer, history)
    return model, tokenizer


def _what_was_saved(name: str) -> str:
    """The recipe of a saved model, in words; nothing if it was saved without its history."""
    about = read_about(name)
    run, state = about.get("history"), about.get("unfinished")
    if run is None:
        return ""
    rest = f", interrupted: {how_to_go_on(name, state)}" if state else ""
    try:
        return (
            f" ({run['texts']:,} texts, learning rate {run['learning_rate']:g}, "
            f"seed {run['seed']}{rest})"
        )
    except (KeyError, TypeError, ValueError):  # another version of the course noted other things
        return ""
