"""Every figure of the course: a picture, its alt text, and one sentence that sums it up.

One module per subject; each figure is reachable as `course_utils.plot_...`.
"""

from course_utils.plotting.base import BLUE, GREEN, GREY, ORANGE, RED, Figure, course_style
from course_utils.plotting.evaluation import plot_accuracies, plot_calibration, plot_confusion
from course_utils.plotting.tokens import plot_batch, plot_token_lengths
from course_utils.plotting.training import (
    plot_history,
    plot_learning_rates,
    plot_seeds,
    plot_slide_recipe,
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
    "plot_batch",
    "plot_calibration",
    "plot_confusion",
    "plot_history",
    "plot_learning_rates",
    "plot_seeds",
    "plot_slide_recipe",
    "plot_token_lengths",
]
