"""Arithmetic in the bank's texts: `rate * duration / 1000`, read as a syntax tree and never run as a program.

A text names values in braces and may format them as Python does: `{rate}`, `{cost:.2f}`, `{rate * 60:,}`.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping

from labkit.facts import PRICES, QUOTAS, close_matches

Value = float | int | str
Values = Mapping[str, Value]

OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.USub: operator.neg,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min, "max": max, "ceil": math.ceil, "floor": math.floor, "round": round,
    "quota": lambda name: QUOTAS[name].maximum, "price": lambda name: PRICES[name].cost(1),
}  # fmt: skip
IN_BRACES = re.compile(r"\{([^{}:]+)(:[^{}]*)?\}")
LONGEST = 200  # characters


class FormulaError(ValueError):
    """A formula can't be worked out; the message says which part."""


def value_of(formula: str, values: Values) -> float:
    """The value of a formula over named values; `FormulaError` says what can't be worked out.

    It may use + - * / // %, brackets, min, max, ceil, floor, round, and `quota("timeout")` or `price("requests")`
    for the numbers of `labkit.facts`.
    """
    result = _evaluated(formula, values)
    if isinstance(result, str):
        raise FormulaError(f"{formula!r} is text where a number belongs")
    return result


def filled(text: str, values: Values) -> str:
    """The text with each `{formula}` replaced by its value; a whole number is shown as one."""
    return IN_BRACES.sub(lambda found: _shown(_evaluated(found[1], values), (found[2] or "")[1:]), text)


def _evaluated(formula: str, values: Values) -> Value:
    if len(formula) > LONGEST:
        raise FormulaError(f"a formula of {len(formula)} characters is too long; {LONGEST} are allowed")
    try:
        return _value(ast.parse(formula.strip(), mode="eval").body, values)
    except FormulaError:
        raise
    except SyntaxError:
        raise FormulaError(f"{formula!r} is neither a number nor a formula") from None
    except (ArithmeticError, TypeError, KeyError, ValueError) as error:
        raise FormulaError(f"{formula!r} can't be worked out: {error}") from None


def _value(node: ast.expr, values: Values) -> Value:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return _named(name, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_number(left, values), _number(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return OPERATORS[ast.USub](_number(operand, values))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(argument, values) for argument in arguments))
    raise FormulaError(f"{ast.unparse(node)!r} is not allowed; use numbers, names, + - * / and {', '.join(FUNCTIONS)}")


def _number(node: ast.expr, values: Values) -> float:
    value = _value(node, values)
    if isinstance(value, str):
        raise FormulaError(f"{ast.unparse(node)!r} is text where a number belongs")
    return value


def _named(name: str, values: Values) -> Value:
    if name in values:
        return values[name]
    close = close_matches(name, values)
    advice = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(values) or 'none'}"
    raise FormulaError(f"there is no parameter {name!r}; {advice}")


def _shown(value: Value, form: str) -> str:
    if isinstance(value, str):
        return value
    exact = round(value, 9)
    return format(int(exact) if exact == int(exact) and not form.endswith("f") else exact, form)
