"""Make the files in `data/` again from where they were taken: ``python -m
course_lib.datasets.make NAME``. The only part of the course that needs a network."""
