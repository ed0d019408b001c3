"""No module imports itself by a detour, imports for types included."""

import grimp


def circles(imports: dict[str, set[str]]) -> list[str]:
    """Modules that lie on a circle: what is left when modules without imports, or importers, are taken away."""
    left = {name: set(to) for name, to in imports.items()}
    while True:
        imported = set().union(*left.values()) if left else set()
        free = {name for name, to in left.items() if not to or name not in imported}
        if not free:
            return sorted(left)
        left = {name: to - free for name, to in left.items() if name not in free}


def test_a_circle_is_found() -> None:
    """Given two modules that import each other, both are named, and those around them are not."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == ["b", "c"]


def test_the_project_has_none() -> None:
    """Given all our packages, when their imports are followed, then none comes back to where it began."""
    graph = grimp.build_graph("queues", "engagement", "monitoring", "settings")
    imports = {name: graph.find_modules_directly_imported_by(name) & graph.modules for name in graph.modules}
    assert circles(imports) == []
