"""`python -m course_utils`: train, evaluate, predict and export outside a notebook."""

import sys

from course_utils.command.program import main

if __name__ == "__main__":
    sys.exit(main())
