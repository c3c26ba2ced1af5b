"""What stands behind a method or route: the function that an integration's URI names."""

from __future__ import annotations

import re
from collections.abc import Mapping

URI = re.compile(r"arn:[^:]+:apigateway:[^:]+:lambda:path/+[^/]+/functions/(?P<function>.+)/invocations")
FUNCTION = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?")
VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


def function_arn(uri: str, variables: Mapping[str, str]) -> str | None:
    """The ARN of the function in a URI, a stage's variables put in; None when it names none."""
    filled = VARIABLE.sub(lambda found: variables.get(found[1], ""), uri)
    found = URI.fullmatch(filled)
    arn = found["function"] if found else filled
    return arn if is_function(arn) else None


def is_function(arn: str) -> bool:
    """Whether this has the form of a function's ARN, with or without a qualifier."""
    return FUNCTION.fullmatch(arn) is not None
