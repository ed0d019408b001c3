"""Every rule of the queue has a test that carries its number."""

from pathlib import Path

from tests.structure.marks import RULES, marked

TESTS = Path(__file__).resolve().parent.parent


def test_every_rule_has_a_test() -> None:
    found = marked(TESTS, "rule")

    missing = [number for number in RULES if number not in found]
    unknown = [number for number in found if number not in RULES]
    assert not missing, f"Rules without a test: {missing}"
    assert not unknown, f"Marks of rules that there are not: {unknown}"


def test_marks_are_found_on_functions_and_classes(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule(3, 4)\n"
        "def test_one(): ...\n"
        "@pytest.mark.rule(7)\n"
        "class TestTwo: ...\n"
        "@pytest.mark.fault(9)\n"
        "async def test_three(): ...\n"
    )

    assert marked(tmp_path, "rule") == {
        3: ["test_x.py::test_one"],
        4: ["test_x.py::test_one"],
        7: ["test_x.py::TestTwo"],
    }
    assert marked(tmp_path, "fault") == {9: ["test_x.py::test_three"]}
