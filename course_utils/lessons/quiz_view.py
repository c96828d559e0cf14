"""The quiz at the end of a notebook."""

import html

from course_utils.lessons.quizzes import LETTERS, quiz_of
from course_utils.look.views.base import sentence, with_fallback


def quiz(lesson: str):
    """Three questions; each choice gets a reply at once.

    Tab goes to the next choice, Space takes it. `grade_quiz` does the same in text.

    Args:
        lesson: the number of the notebook, such as "05".

    Returns:
        The view; leave it as the last line of a cell.

    Raises:
        CourseError: if there is no such quiz.
    """
    import ipywidgets

    questions = quiz_of(lesson)
    buttons, replies, rows = [], [], []
    for number, question in enumerate(questions, start=1):
        choices = zip(LETTERS, question.choices, strict=True)
        buttons.append(
            ipywidgets.RadioButtons(
                options=[(f"({letter}) {choice}", letter) for letter, choice in choices],
                value=None,
                description=f"Question {number}",
                tooltip=question.text,
                style={"description_width": "initial"},
                layout=ipywidgets.Layout(width="auto"),
            )
        )
        replies.append(ipywidgets.HTML(value=sentence("")))
        rows += [ipywidgets.HTML(value=_title(number, question)), buttons[-1], replies[-1]]
    score = ipywidgets.HTML(value=sentence(""))

    def update(_):
        for question, button, reply in zip(questions, buttons, replies, strict=True):
            reply.value = sentence(question.reply(button.value) if button.value else "")
        pairs = zip(questions, buttons, strict=True)
        right = sum(question.right == button.value for question, button in pairs)
        score.value = sentence(f"Right: {right} of {len(questions)}.")

    for button in buttons:
        button.observe(update, names="value")
    view = ipywidgets.VBox([*rows, score])
    return with_fallback(view, _stored(lesson, questions), _plain(lesson, questions))


def _title(number: int, question) -> str:
    return f"<b>{number}. {html.escape(question.text)}</b>"


def _stored(lesson: str, questions) -> str:
    """The questions, with the replies behind a fold that opens without a kernel."""
    blocks = []
    for number, question in enumerate(questions, start=1):
        replies = map(question.reply, LETTERS)
        blocks.append(
            f"<p>{_title(number, question)}<br>{_lines(question.choices)}</p>"
            f"<details><summary>Replies</summary><p>{_lines(replies)}</p></details>"
        )
    return "".join(blocks) + f"<p>{html.escape(_how(lesson))}</p>"


def _lines(texts) -> str:
    """One line for each letter. (Some pages number a list with 1, 2, 3, whatever it says.)"""
    return "<br>".join(f"({a}) {html.escape(text)}" for a, text in zip(LETTERS, texts, strict=True))


def _plain(lesson: str, questions) -> str:
    lines = []
    for number, question in enumerate(questions, start=1):
        lines.append(f"{number}. {question.text}")
        lines += [f"   ({a}) {choice}" for a, choice in zip(LETTERS, question.choices, strict=True)]
    return "\n".join([*lines, _how(lesson)])


def _how(lesson: str) -> str:
    return f'In text: course_utils.grade_quiz("{lesson}", "???"), with your letters.'
