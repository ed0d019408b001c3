"""Reads the marks `rule(n)` and `fault(n)` out of the tests' source, without running them."""

import ast
from collections.abc import Iterator
from pathlib import Path

#: Rules of the queue, docs/protocol.md.
RULES = range(1, 46)
#: Marks of tests that show nothing.
_IDLE = ("pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail")


def marked(root: Path, mark: str) -> dict[int, list[str]]:
    """Return the tests that carry each number, as `file::test`.

    A mark counts on a test function, on the class around it, or as the module's `pytestmark`; never on a test that is
    skipped or expected to fail, nor where there is no test.
    """
    found: dict[int, list[str]] = {}
    for path in sorted(root.rglob("test_*.py")):
        for name, number in _tests(ast.parse(path.read_text()), mark, ""):
            found.setdefault(number, []).append(f"{path.relative_to(root)}::{name}")
    return found


def _tests(parent: ast.Module | ast.ClassDef, mark: str, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield (test, number) for every test below, with the marks of what is around it."""
    around = [number for node in parent.body for number in _module_marks(node, mark)]
    for node in parent.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [ast.unparse(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list]
            if any(name in _IDLE for name in names):
                continue
            numbers = [*around, *(number for item in node.decorator_list for number in _numbers(item, mark))]
            if isinstance(node, ast.ClassDef):
                inner = {name for name, _ in _tests(node, mark, f"{prefix}{node.name}::")} | _functions(node, prefix)
                yield from ((name, number) for name in sorted(inner) for number in numbers)
                yield from _tests(node, mark, f"{prefix}{node.name}::")
            elif node.name.startswith("test"):
                yield from ((f"{prefix}{node.name}", number) for number in numbers)


def _functions(parent: ast.ClassDef, prefix: str) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{prefix}{parent.name}::{node.name}"
        for node in parent.body
        if isinstance(node, functions) and node.name.startswith("test")
    }


def _module_marks(node: ast.stmt, mark: str) -> Iterator[int]:
    if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["pytestmark"]:
        for item in node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]:
            yield from _numbers(item, mark)


def _numbers(decorator: ast.expr, mark: str) -> Iterator[int]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == f"pytest.mark.{mark}":
        for argument in decorator.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, int):
                yield argument.value
