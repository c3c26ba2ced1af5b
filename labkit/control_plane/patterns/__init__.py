"""Event patterns: which events a rule or a filter wants. EventBridge's language, compiled into a test of an event.

Errors are in the words of AWS's own compiler and name the column that it names.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from labkit.control_plane.patterns.compiler import compile_pattern
from labkit.control_plane.patterns.reader import PatternError

__all__ = ["PatternError", "compile_pattern"]
