"""`python -m lecture_outline` is the command `lecture-outline`."""

from lecture_outline.cli import main

main()
