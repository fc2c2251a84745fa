import pytest

from gtvision.domain.disclosure import LONGEST_REASON, new_disclosure
from gtvision.domain.errors import BadInput


def test_every_text_of_a_disclosure_is_one_line() -> None:
    made = new_disclosure(1.0, "key\r\nforged", "GET\t/v1/plates", "  a\x00 \n reason\x1b[31m ", 1)
    assert (made.who, made.what, made.why) == ("key forged", "GET /v1/plates", "a reason [31m")


def test_two_disclosures_are_never_the_same_row() -> None:
    assert new_disclosure(1.0, "local", "GET /", "", 0).id != new_disclosure(1.0, "local", "GET /", "", 0).id


def test_a_question_without_end_is_cut_and_a_reason_without_end_is_refused() -> None:
    assert len(new_disclosure(1.0, "local", "GET /" + "x" * 10_000, "", 0).what) == 2000
    with pytest.raises(BadInput, match=f"{LONGEST_REASON} characters"):
        new_disclosure(1.0, "local", "GET /", "x" * (LONGEST_REASON + 1), 0)
