"""The patches fit the code as it is; whether the tests notice them, `make sabotage` shows."""

from pathlib import Path

import pytest

from tests.sabotage.patches import DoesNotApply, Patch, all_patches
from tests.structure.marks import RULES, marked

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("patch", all_patches(), ids=lambda patch: f"{patch.rule}-{patch.name}")
def test_patch_still_fits(patch: Patch) -> None:
    text = (ROOT / patch.file).read_text()

    assert text.count(patch.old) == 1, "the text it replaces is not there once"
    assert patch.new != patch.old
    for test in patch.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text() if name else True, test


def test_every_rule_is_sabotaged_and_by_a_test_of_its_own() -> None:
    patches = all_patches()
    rules = marked(ROOT / "tests", "rule")

    assert {patch.rule for patch in patches} == set(RULES)
    for patch in patches:
        files = {test.partition("::")[0] for test in rules[patch.rule]}
        assert any(test.partition("::")[0].removeprefix("tests/") in files for test in patch.tests), patch


def test_a_patch_changes_its_one_place_or_says_that_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("a = 1\nb = 1\nc = 2\n")

    assert Patch(1, "c is three", "engine.py", "c = 2", "c = 3", ()).apply(tmp_path) == "a = 1\nb = 1\nc = 2\n"
    assert (tmp_path / "engine.py").read_text() == "a = 1\nb = 1\nc = 3\n"
    for gone in ("d = 4", "= 1"):
        with pytest.raises(DoesNotApply):
            Patch(1, "", "engine.py", gone, "", ()).apply(tmp_path)
