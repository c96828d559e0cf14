"""Every figure of the course: a picture, its alt text, and one sentence that sums it up."""
