import pytest

from gtvision.domain.spreadsheet import guarded, unguarded

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''@x")
WORDS = ("", "stolen", "'quoted'", "a=b", "ABC1D23", "*23")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_compute_is_written_as_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", WORDS)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert (guarded(text), unguarded(text)) == (text, text)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_guarded_text_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
