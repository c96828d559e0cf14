"""The large letters for a projector. What they look like is seen in a browser."""

import course_utils


def test_on_brings_large_letters_and_says_how_to_take_them_back():
    mode = course_utils.presentation_mode()
    page = mode._repr_html_()
    assert "<style>" in page and "--jp-code-font-size: 22px" in page
    assert "presentation_mode(False)" in page and "presentation_mode(False)" in repr(mode)


def test_off_brings_no_style():
    mode = course_utils.presentation_mode(False)
    assert "<style>" not in mode._repr_html_()
    assert "usual size" in repr(mode)
