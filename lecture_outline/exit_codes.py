"""How a command ends, for programs that start it."""

DONE, FAILED, WRONG_USAGE, DEGRADED, INTERRUPTED = 0, 1, 2, 3, 130
