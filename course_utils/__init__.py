"""The helper module of the course: transfer learning for text classification with BERT.

Every public name is reachable as ``course_utils.name``. Importing the package is cheap: torch and
transformers load when a function first needs them, and an interrupt waits until they are there.
"""

import os

import lazy_loader

from course_utils.imports import import_whole

# These are read while torch, transformers and huggingface_hub load, so they come first.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
# No bar for loading weights from disk (a second); our own download shows its bar all the same.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
# Threads that have nothing to do sleep. Else each of them keeps a core busy while it waits, and two
# programs side by side spend their time on that. OpenMP reads it once, while torch loads: in a
# program that imports torch first, nothing changes.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import_whole()

_NAMES = {
    "settings": ["SIZES", "current", "use"],
    "errors": [
        "CheckpointNotFound",
        "CourseError",
        "DamagedFile",
        "DataError",
        "DeviceUnavailable",
        "HubUnreachable",
        "MissingPackage",
        "ModelBusy",
        "NotSolved",
        "ProcessLost",
        "SettingsError",
    ],
    "data.news": ["load_articles", "load_headlines"],
    "data.reports": ["data_report"],
    "data.reviews": ["load_imdb", "load_reviews"],
    "data.exports": ["messy_export", "new_export"],
    "data.splits": ["split"],
    "data.texts": ["LabeledTexts"],
    "data.findings": ["ReadReport"],
    "data.read": ["example_csv", "from_csv", "read_texts"],
    "model.adapter": ["describe_sentiment_model", "load_sentiment_model"],
    "model.checkpoints": [
        "checkpoint_folder",
        "load_classifier",
        "load_encoder",
        "load_scratch_twin",
        "load_tokenizer",
    ],
    "model.device": ["pick_device"],
    "model.history": ["History"],
    "model.known": ["CHECKPOINTS", "describe_checkpoint"],
    "model.layers": [
        "blocks",
        "freeze",
        "freeze_word_embeddings",
        "movement",
        "parameter_table",
        "unfreeze",
        "with_block_reset",
    ],
    "model.machine": ["check_machine"],
    "model.masked_lm": ["fill_blank", "load_masked_lm", "word_probabilities"],
    "model.onnx_file": ["export_onnx"],
    "model.prediction": ["predict"],
    "model.resuming": ["resume"],
    "model.saving": ["load", "model_folder", "save"],
    "model.speed": ["first_position_only"],
    "model.training": ["fine_tune"],
    "model.cost": ["measure_speed", "training_cost"],
    "model.vectors": ["pooler_and_mean", "sentence_vectors", "word_vectors"],
    "judge.baselines": [
        "linear_baseline",
        "majority_baseline",
        "tfidf_baseline",
        "vector_baseline",
    ],
    "judge.card": ["ModelCard", "model_card"],
    "judge.curves": [
        "gain_over_draws",
        "labels_saved",
        "mean_curve",
        "seconds_to",
    ],
    "judge.draws": ["one_draw", "read_once"],
    "judge.evaluation": ["Evaluation", "evaluate"],
    "judge.intervals": ["Difference", "accuracy_interval", "paired_bootstrap"],
    "judge.races": ["race", "recipe_gains"],
    "judge.records": ["gain_of", "load_record", "right_answers"],
    "judge.related": ["source_gains"],
    "look.attention": [
        "Attention",
        "attention_shares",
        "attention_weights",
    ],
    "look.context": [
        "chance_separation",
        "context_vectors",
        "sense_separation",
        "similarity",
    ],
    "look.explain": [
        "Attribution",
        "attention_to_words",
        "counterfactual",
        "integrated_gradients",
        "occlusion",
        "show_words",
        "vector_shifts",
    ],
    "look.figures.base": ["Figure"],
    "look.figures.chance": ["plot_fair_race", "plot_two_chances", "plot_two_parts"],
    "look.figures.context": [
        "plot_by_layer",
        "plot_layers",
        "plot_separation",
        "plot_weighted_mean",
    ],
    "look.figures.cost": ["plot_cost"],
    "look.figures.cost_of_transfer": ["plot_articles", "plot_time_to_accuracy"],
    "look.figures.evaluation": ["plot_accuracies", "plot_calibration", "plot_confusion"],
    "look.figures.inside": [
        "plot_agreements",
        "plot_attention",
        "plot_probes",
    ],
    "look.figures.label_efficiency": ["plot_labels_saved"],
    "look.figures.language": ["plot_blanks", "plot_language_learning"],
    "look.figures.maps": ["plot_sentence_map"],
    "look.figures.mechanics": ["plot_mechanics"],
    "look.figures.related_task": ["plot_related_task"],
    "look.figures.strategies": [
        "plot_far_or_good",
        "plot_movement",
        "plot_put_back",
        "plot_strategies",
    ],
    "look.figures.tokens": ["plot_batch", "plot_padding", "plot_token_lengths"],
    "look.figures.training": [
        "plot_epochs",
        "plot_history",
        "plot_learning_rates",
        "plot_seeds",
        "plot_slide_recipe",
    ],
    "look.presentation": ["presentation_mode"],
    "look.probes": [
        "chance_neighbours",
        "layer_vectors",
        "probe",
        "probe_gain",
        "same_label_neighbours",
    ],
    "look.views.models": ["attention_chooser"],
    "look.views.results": ["class_results", "threshold_slider"],
    "look.views.texts": ["batch_builder", "live_blank", "live_prediction", "live_tokens"],
    "lessons.checks": ["check", "require"],
    "lessons.exercises": ["show_hint"],
    "lessons.lesson_03.senses": ["SENSES", "sense_separations", "sense_vectors"],
    "lessons.lesson_04.vocabulary": ["learn_vocabulary"],
    "lessons.lesson_09.packages": ["check_scale_packages"],
    "lessons.questions": ["compare_answers", "record_answers"],
    "lessons.quiz_view": ["quiz"],
    "lessons.quizzes": ["grade_quiz"],
    "lessons.ranges": ["expect"],
    "lessons.your_model": ["load_or_train"],
}
"""The public names, floor by floor: each module of this table may use those above it."""

_load, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs=_NAMES)


def __getattr__(name):
    if name in __all__:
        return _load(name)
    from course_utils.errors import did_you_mean

    raise AttributeError(
        f"course_utils has no '{name}'.{did_you_mean(name, __all__)} "
        "dir(course_utils) lists what it has."
    )
