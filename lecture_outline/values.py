"""What all our values share: they never change, and they hold nothing that was not asked for."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown field is an error, so an old or foreign file is noticed.

    Errors do not repeat the input: it may be what was said in a lecture.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
