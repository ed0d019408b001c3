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


def test_marks_are_found_on_functions_classes_and_modules(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule(3, 4)\n"
        "def test_one(): ...\n"
        "@pytest.mark.rule(7)\n"
        "class TestTwo:\n"
        "    def test_inside(self): ...\n"
        "@pytest.mark.fault(9)\n"
        "async def test_three(): ...\n"
    )
    (tmp_path / "test_y.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.rule(3)]\n"
        "def test_four(): ...\n"
    )  # fmt: skip

    assert marked(tmp_path, "rule") == {
        3: ["test_x.py::test_one", "test_y.py::test_four"],
        4: ["test_x.py::test_one"],
        7: ["test_x.py::TestTwo::test_inside"],
    }
    assert marked(tmp_path, "fault") == {9: ["test_x.py::test_three"]}


def test_a_mark_without_a_test_that_runs_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n"
        "pytestmark = pytest.mark.rule(1)\n"
        "@pytest.mark.rule(2)\n"
        "@pytest.mark.skip(reason='later')\n"
        "def test_one(): ...\n"
        "@pytest.mark.rule(3)\n"
        "class TestNothing: ...\n"
        "@pytest.mark.rule(4)\n"
        "def helper(): ...\n"
    )

    assert marked(tmp_path, "rule") == {}
