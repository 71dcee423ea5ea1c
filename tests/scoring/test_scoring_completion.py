"""Taking completions apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.scoring.completion import STOP, parse


@pytest.mark.parametrize(
    ("text", "well_formed", "reasoning", "answer", "whole"),
    [
        ("<think>a</think><output>b</output>", True, "a", "b", "b"),
        (" <think> a </think>\n\n<output>\nb\nc </output>", True, "a", "b\nc", "b\nc"),
        ("<think>a</think><output>b</output> more <output>c</output>", True, "a", "b", "b"),
        ("<think>a</think><output>b</output></output>", True, "a", "b", "b"),
        # the closing tag typed as an opening one
        ("<think>a<think><output>b</output>", False, None, "b", "b"),
        ("<think>a</think><output>b<output>", False, "a", None, "b<output>"),
        # output missing or unclosed
        ("<think>a</think>", False, "a", None, ""),
        ("<think>a</think>b", False, "a", None, "b"),
        ("<think>a</think><output>b", False, "a", None, "b"),
        ("<think>a", False, None, None, "a"),
        ("b", False, None, None, "b"),
        ("", False, None, None, ""),
        ("</output>", False, None, None, ""),
        # something before, between or instead
        ("<output>b</output>", False, None, "b", "b"),
        ("x<think>a</think><output>b</output>", False, "a", "b", "b"),
        ("<think>a</think>x<output>b</output>", False, "a", "b", "b"),
        ("<output>b</output><think>a</think>", False, None, "b", "b"),
        # nested
        ("<think><think>a</think></think><output>b</output>", False, "<think>a", "b", "b"),
        ("<think>a</think><output><output>b</output></output>", False, "a", "<output>b", "<output>b"),
        ("<think>a</think><output><think>b</think></output>", False, "a", "<think>b</think>", "<think>b</think>"),
        # empty parts
        ("<think></think><output>b</output>", False, "", "b", "b"),
        ("<think> \n</think><output>b</output>", False, "", "b", "b"),
        ("<think>a</think><output></output>", False, "a", "", ""),
        ("<think>a</think><output> \n </output>", False, "a", "", ""),
        # tags are exact
        ("<THINK>a</THINK><OUTPUT>b</OUTPUT>", False, None, None, "<THINK>a</THINK><OUTPUT>b</OUTPUT>"),
        ("<think>a</think><output >b</output>", False, "a", None, "<output >b"),
    ],
)  # fmt: skip
def test_parts(text: str, well_formed: bool, reasoning: str | None, answer: str | None, whole: str) -> None:
    found = parse(text)
    assert (found.well_formed, found.reasoning, found.answer, found.whole) == (well_formed, reasoning, answer, whole)


PIECES = st.sampled_from(["<think>", "</think>", "<output>", "</output>", "a", "Rp16.000", " ", "\n", "<", "</", ">"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text_is_read(text: str) -> None:
    found = parse(text)
    assert text.startswith(found.text)
    assert parse(found.text) == found
    assert found.text.count(STOP) == min(1, text.count(STOP))
    assert found == parse(text + "x") if STOP in text else found.answer is None
    assert not found.well_formed or (found.answer == found.whole and found.answer and found.reasoning)


SAFE = st.text(st.characters(exclude_characters="<>"), min_size=1, max_size=40).filter(str.strip)


@settings(deadline=None)
@given(SAFE, SAFE, st.text(max_size=20))
def test_well_formed_round_trip(think: str, output: str, tail: str) -> None:
    found = parse(f"<think>{think}</think>\n<output>{output}</output>{tail}")
    assert (found.well_formed, found.reasoning, found.answer) == (True, think.strip(), output.strip())
