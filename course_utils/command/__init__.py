"""The course without a notebook: `python -m course_utils train | evaluate | predict | export`."""
