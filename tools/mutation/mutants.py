"""Mutants of the reference backend: one small change each, by Cosmic Ray's operators and three additional ones.

Of Cosmic Ray's operators, a sufficient set is used (Offutt et al., 1996): mutants of the others are killed with these,
or stop at the first type error. The code that starts and stops the process is not mutated: no call of the API depends
on it.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "reference_backend"
NOT_MUTATED = ("__main__.py", "server.py")
CORE = (
    *("AddNot", "ReplaceUnaryOperator_Delete_Not", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("NumberReplacer", "RemoveDecorator", "ZeroIterationForLoop"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_Div"),
    *("ReplaceBinaryOperator_Pow_Mul", "ReplaceBinaryOperator_BitAnd_BitOr"),
    *("ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq"),
    *("ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"),
    *("ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_Lt_GtE"),
    *("ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_LtE_Gt"),
    *("ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_Gt_LtE"),
    *("ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_GtE_Lt"),
)
TEXT_PREFIXES = "'\"bBrR"


class EmptyString(Operator):  # type: ignore[misc]
    """Empties a string that is no docstring and no f-string."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield the position of a string."""
        is_text = node.type == "string" and node.value.strip(TEXT_PREFIXES)
        if is_text and node.parent.type not in ("simple_stmt", "file_input"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the empty string."""
        text = node.value.rstrip("'\"").partition(node.value[-1])[0] + 2 * node.value[-1]
        return parso.python.tree.String(text, node.start_pos, node.prefix)

    @classmethod
    def examples(cls) -> Iterable[Example]:
        """Return an example."""
        return (Example("x = 'one'", 'x = ""'),)


class RemoveCall(Operator):  # type: ignore[misc]
    """Removes a statement that is a call, or awaits one, and whose result is not used."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield the position of such a statement."""
        if node.type in ("atom_expr", "power", "await_expr") and node.parent.type == "simple_stmt":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return `pass`."""
        return parso.python.tree.Keyword("pass", node.start_pos, node.get_first_leaf().prefix)

    @classmethod
    def examples(cls) -> Iterable[Example]:
        """Return an example."""
        return (Example("save()", "pass"),)


class EmptyExceptionHandler(Operator):  # type: ignore[misc]
    """Makes an exception handler catch nothing."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield the position of the exceptions of a handler."""
        if node.type == "except_clause":
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the handler with an empty tuple of exceptions."""
        node.children[1] = parso.python.tree.Name(" ()", node.children[1].start_pos)
        return node

    @classmethod
    def examples(cls) -> Iterable[Example]:
        """Return an example."""
        return (
            Example("try: pass\nexcept (OSError, ValueError) as error: pass", "try: pass\nexcept () as error: pass"),
        )


@dataclass(frozen=True)
class Mutant:
    """A module of the backend with one change.

    Attributes:
        module: Its path from the project's root.
        place: The innermost function or class of the change, or `module`.
        lines: The indexes of the changed lines.
        before: The lines before the change.
        after: The lines after it.
    """

    module: str
    place: str
    lines: range
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def change(self) -> str:
        """The change as `module, function: before → after`, which is independent of line numbers."""
        before, after = (" ".join(" ".join(lines).split()) for lines in (self.before, self.after))
        return f"{self.module.removeprefix(f'{PACKAGE}/')}, {self.place}: {before} → {after or '(nothing)'}"


def mutants() -> list[Mutant]:
    """Return all mutants of the backend, in the order of modules and lines."""
    operators = [
        *(get_operator(f"core/{name}")() for name in CORE),
        EmptyString(),
        RemoveCall(),
        EmptyExceptionHandler(),
    ]
    found: dict[Mutant, None] = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if path.name not in NOT_MUTATED:
            changed = {one for operator in operators for one in _variants(source, operator)} - {source}
            made = [_mutant(path.relative_to(ROOT).as_posix(), source, one) for one in changed if _compiles(one)]
            found |= dict.fromkeys(sorted(made, key=lambda one: (one.lines.start, one.after)))
    return list(found)


def apply(changes: Iterable[Mutant], source: str) -> str:
    """Return the module `source` with all `changes`, which must not overlap."""
    lines = source.split("\n")
    for mutant in sorted(changes, key=lambda one: -one.lines.start):
        lines[mutant.lines.start : mutant.lines.stop] = mutant.after
    return "\n".join(lines)


def batches(found: Sequence[Mutant], size: int) -> list[list[Mutant]]:
    """Return batches of at most `size` mutants that do not overlap."""
    made: list[list[Mutant]] = []
    for mutant in found:
        fitting = (batch for batch in made if len(batch) < size and not any(_overlap(mutant, one) for one in batch))
        batch = next(fitting, None)
        if batch is None:
            made.append(batch := [])
        batch.append(mutant)
    return made


def _overlap(one: Mutant, other: Mutant) -> bool:
    return one.module == other.module and one.lines.start <= other.lines.stop and other.lines.start <= one.lines.stop


def _variants(source: str, operator: Any) -> Iterator[str]:
    return takewhile(lambda code: code is not None, (mutate_code(source, operator, index) for index in count()))


def _compiles(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _mutant(module: str, source: str, mutated: str) -> Mutant:
    before, after = source.split("\n"), mutated.split("\n")
    blocks = SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    differing = [block for block in blocks if block[0] != "equal"]
    lines = range(differing[0][1], differing[-1][2])
    replaced = tuple(after[differing[0][3] : differing[-1][4]])
    return Mutant(module, _place(source, lines.start + 1), lines, tuple(before[lines.start : lines.stop]), replaced)


def _place(source: str, line: int) -> str:
    name = "module"
    for node in ast.walk(ast.parse(source)):  # outer ones first
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= line <= (node.end_lineno or first):
                name = node.name
    return name
