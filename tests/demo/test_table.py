"""The table of what was seen."""

from settings.demo.table import Check, table


def test_columns_line_up_and_failures_are_counted() -> None:
    checks = [Check.same("messages", 12, 12), Check("waits, seconds", "1 2 4 8", "1.0 2.0", ok=False)]
    assert table(checks).splitlines() == [
        "check           expected  seen     ok",
        "--------------  --------  -------  ------",
        "messages        12        12       ok",
        "waits, seconds  1 2 4 8   1.0 2.0  FAILED",
        "2 checks, 1 failed",
    ]


def test_all_well_says_so() -> None:
    assert table([Check.same("messages", 12, 12)]).endswith("1 checks, all as expected")
