"""Reads the marks `rule(n)` and `fault(n)` out of the tests' source, without running them."""

import ast
from collections.abc import Iterator
from pathlib import Path

#: Rules of the queue, docs/protocol.md.
RULES = range(1, 46)


def marked(root: Path, mark: str) -> dict[int, list[str]]:
    """Return the tests that carry each number, as `file::test`.

    A mark counts on a test function or on the class around it.
    """
    found: dict[int, list[str]] = {}
    for path in sorted(root.rglob("test_*.py")):
        for name, number in _marks(ast.parse(path.read_text()), mark):
            found.setdefault(number, []).append(f"{path.relative_to(root)}::{name}")
    return found


def _marks(tree: ast.Module, mark: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
                    for argument in decorator.args:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
                            yield node.name, argument.value
