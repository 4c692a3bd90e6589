"""An outline held against a reference, and two outlines against each other: figures that anybody can make.

Nothing here needs a model or a network. docs/eval.md defines every measure.
"""
