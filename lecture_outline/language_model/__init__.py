"""The one door to Ollama: a question and the shape of its answer in, a validated value out."""

from lecture_outline.language_model.asking import FIRST_SEED, REFUSAL, Answer, Asker, Choice, Question, Reply, Usage
from lecture_outline.language_model.schema import checked_schema
from lecture_outline.language_model.server import Description, Installed, LanguageServer, Loaded, PullStep

__all__ = [
    "FIRST_SEED",
    "REFUSAL",
    "Answer",
    "Asker",
    "Choice",
    "Description",
    "Installed",
    "LanguageServer",
    "Loaded",
    "PullStep",
    "Question",
    "Reply",
    "Usage",
    "checked_schema",
]
