"""What belongs to single lessons: exercises, quizzes, ranges. One folder each; content is data."""
