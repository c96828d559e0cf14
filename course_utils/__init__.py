"""The helper module of the course: transfer learning for text classification with BERT.

Every public name is reachable as ``course_utils.name``. Importing the package is cheap: torch and
transformers load when a function first needs them.
"""

import importlib
import os

# These are read while torch, transformers and huggingface_hub load, so they come first.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
# No bar for loading weights from disk (a second); our own download shows its bar all the same.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

_MODULES = {
    "settings": ["SIZES", "current", "use"],
    "errors": [
        "CheckpointNotFound",
        "CourseError",
        "DamagedFile",
        "DataError",
        "DeviceUnavailable",
        "HubUnreachable",
        "MissingPackage",
        "NotSolved",
        "SettingsError",
    ],
    "device": ["check_machine", "pick_device"],
    "checkpoints": [
        "CHECKPOINTS",
        "checkpoint_folder",
        "describe_checkpoint",
        "load_classifier",
        "load_encoder",
        "load_scratch_twin",
        "load_tokenizer",
    ],
    "datasets": [
        "LabeledTexts",
        "data_report",
        "example_csv",
        "from_csv",
        "load_articles",
        "load_headlines",
        "load_imdb",
        "load_reviews",
        "split",
    ],
    "layers": [
        "blocks",
        "first_position_only",
        "freeze",
        "freeze_word_embeddings",
        "movement",
        "parameter_table",
        "unfreeze",
        "with_block_reset",
    ],
    "features": ["sentence_vectors", "word_vectors"],
    "context": [
        "SENSES",
        "chance_separation",
        "context_vectors",
        "sense_pairs",
        "sense_separation",
        "sense_vectors",
        "similarity",
    ],
    "attention": [
        "Attention",
        "attention_by_step",
        "attention_shares",
        "attention_to",
        "attention_weights",
    ],
    "probes": ["chance_neighbours", "layer_vectors", "probe", "same_label_neighbours"],
    "masked_lm": ["fill_blank", "guess_words", "load_masked_lm", "word_probabilities"],
    "explain": [
        "Attribution",
        "attention_to_words",
        "counterfactual",
        "integrated_gradients",
        "occlusion",
        "show_words",
    ],
    "history": ["History"],
    "training": ["fine_tune"],
    "saving": ["load", "load_or_train", "resume", "save"],
    "evaluation": [
        "Difference",
        "Evaluation",
        "accuracy_interval",
        "evaluate",
        "majority_baseline",
        "paired_bootstrap",
        "predict",
        "tfidf_baseline",
        "vector_baseline",
    ],
    "records": ["load_record"],
    "curves": ["gain_over_draws", "labels_saved", "mean_curve", "seconds_to"],
    "plotting": [
        "Figure",
        "plot_accuracies",
        "plot_articles",
        "plot_attention",
        "plot_attention_lines",
        "plot_batch",
        "plot_blanks",
        "plot_by_layer",
        "plot_calibration",
        "plot_confusion",
        "plot_cost",
        "plot_history",
        "plot_label_efficiency",
        "plot_language_learning",
        "plot_layers",
        "plot_learning_rates",
        "plot_mechanics",
        "plot_movement",
        "plot_probes",
        "plot_readers",
        "plot_seeds",
        "plot_senses",
        "plot_sentence_map",
        "plot_separation",
        "plot_slide_recipe",
        "plot_strategies",
        "plot_time_to_accuracy",
        "plot_token_lengths",
        "plot_two_subjects",
    ],
    "presentation": ["presentation_mode"],
    "widgets": [
        "attention_chooser",
        "batch_builder",
        "class_results",
        "curve_chooser",
        "freeze_slider",
        "live_blank",
        "live_prediction",
        "live_tokens",
        "quiz",
        "threshold_slider",
    ],
    "quizzes": ["grade_quiz"],
    "checks": ["check", "compare_answers", "expect", "record_answers", "require", "show_hint"],
    "cards": ["ModelCard", "model_card"],
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"course_utils has no '{name}'. It offers: {', '.join(__all__)}.")


def __dir__():
    return __all__
