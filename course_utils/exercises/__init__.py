"""The checks of the exercises, one module per lesson. `course_utils.check` finds them."""
