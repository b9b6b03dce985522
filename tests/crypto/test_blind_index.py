"""CPF numbers: their form, their check digits, their index."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.crypto.blind_index import blind_index, is_valid_cpf, normalise_cpf
from tests.crypto.hostile import any_text

KEY = b"k" * 32


@pytest.mark.parametrize(
    "written", ["529.982.247-25", "52998224725", " 529.982.247-25\t", "529982247-25"]
)
def test_one_number_has_one_form(written):
    assert normalise_cpf(written) == "52998224725"


@pytest.mark.parametrize(
    "number",
    [
        "529.982.247-24",  # second check digit
        "529.982.247-15",  # first check digit
        "529.982.274-25",  # two digits changed places
        *(digit * 11 for digit in "0123456789"),
        "111.111.111-11",
        "5299822472",
        "529982247250",
        "529.982.247-25\n",
        "529 982 247 25",
        "٥٢٩٩٨٢٢٤٧٢٥",  # the same digits, in another script
        "",
        None,
        52998224725,
    ],
)
def test_what_is_no_cpf_is_refused(number):
    assert normalise_cpf(number) is None
    assert not is_valid_cpf(number)


@pytest.mark.parametrize("number", ["111.444.777-35", "123.456.789-09", "00000000191"])
def test_known_good_numbers(number):
    assert is_valid_cpf(number)


@given(st.integers(0, 999_999_999))
def test_exactly_one_pair_of_check_digits_fits(stem):
    fitting = [n for n in range(100) if is_valid_cpf(f"{stem:09d}{n:02d}")]
    assert len(fitting) == (0 if len(set(f"{stem:09d}")) == 1 else 1)


@given(any_text)
def test_no_string_makes_it_raise(text):
    assert normalise_cpf(text) is None or len(normalise_cpf(text)) == 11
    assert len(blind_index(text, key=KEY)) == 64


def test_an_index_depends_on_value_key_and_purpose():
    seen = {
        blind_index("52998224725", key=KEY),
        blind_index("11144477735", key=KEY),
        blind_index("52998224725", key=b"other"),
        blind_index("52998224725", key=KEY, purpose="phone"),
    }
    assert len(seen) == 4
    assert blind_index("52998224725", key=KEY) in seen
    assert all("52998224725" not in index for index in seen)


def test_there_is_no_index_without_a_key():
    with pytest.raises(ValueError, match="without a key"):
        blind_index("52998224725", key=b"")
