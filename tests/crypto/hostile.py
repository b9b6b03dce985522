"""Every string Python knows, lone surrogates too: JSON can bring them in."""

from hypothesis import strategies as st

any_text = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.text(st.characters(categories=["Cs"]), min_size=1),
)
