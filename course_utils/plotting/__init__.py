"""Every figure of the course: a picture, its alt text, and one sentence that sums it up.

One module per subject; each figure is reachable as `course_utils.plot_...`.
"""

from course_utils.plotting.base import BLUE, GREEN, GREY, ORANGE, RED, Figure, course_style
from course_utils.plotting.context import (
    plot_by_layer,
    plot_layers,
    plot_readers,
    plot_senses,
    plot_separation,
)
from course_utils.plotting.evaluation import plot_accuracies, plot_calibration, plot_confusion
from course_utils.plotting.inside import (
    plot_attention,
    plot_attention_lines,
    plot_probes,
    plot_sentence_map,
)
from course_utils.plotting.language import plot_blanks, plot_language_learning
from course_utils.plotting.mechanics import plot_mechanics, plot_movement, plot_strategies
from course_utils.plotting.tokens import plot_batch, plot_token_lengths
from course_utils.plotting.training import (
    plot_cost,
    plot_history,
    plot_learning_rates,
    plot_seeds,
    plot_slide_recipe,
)
from course_utils.plotting.transfer import (
    plot_articles,
    plot_label_efficiency,
    plot_time_to_accuracy,
    plot_two_subjects,
)

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "RED",
    "Figure",
    "course_style",
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
]
