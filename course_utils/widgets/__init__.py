"""Interactive views, each with a form that stays readable when no kernel is running.

One module per subject; each view is reachable as `course_utils.name`.
"""

from course_utils.widgets.models import attention_chooser, freeze_slider
from course_utils.widgets.quiz import quiz
from course_utils.widgets.results import class_results, curve_chooser, threshold_slider
from course_utils.widgets.texts import batch_builder, live_blank, live_prediction, live_tokens

__all__ = [
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
]
