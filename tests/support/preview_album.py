"""The pictures of ``docs/screens``: which there are, and ``make screens`` that takes them.

What somebody meets first of a page is shown at three widths and once in the dark; its
other states (refused, empty, used up) once, where they are tightest.  A letter is shown
in both schemes; a screen of the console as desks and phones have it.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.support import preview, preview_samples
from tests.support.preview_kit import Sample

ALBUM = preview.ROOT / "docs" / "screens"
PAGE = (("light", 320), ("light", 768), ("light", 1280), ("dark", 768))
STATE = (("light", 320),)
LETTER = (("light", 768), ("dark", 768))
SCREEN = (("light", 375), ("light", 1280))


@dataclass(frozen=True)
class Shot:
    """One picture: of what, in which light, how wide."""

    sample: Sample
    scheme: str
    width: int

    @property
    def name(self) -> str:
        return f"{preview.file_of(self.sample)}.{self.scheme}.{self.width}.png"


def shots() -> Iterator[Shot]:
    """Give every picture that is kept; of a console's screen its first state alone."""
    seen: set[str] = set()
    for sample in preview_samples.samples(preview.catalog("en").gettext):
        is_first = sample.template not in seen
        seen.add(sample.template)
        for scheme, width in _views(sample, is_first=is_first):
            yield Shot(sample, scheme, width)


def _views(sample: Sample, *, is_first: bool) -> tuple[tuple[str, int], ...]:
    if sample.name.startswith("mail/"):
        return LETTER
    if sample.name.startswith("console-"):
        return SCREEN if is_first else ()
    return PAGE if is_first else STATE


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; with none left out, those that are no more are removed."""
    asks = argparse.ArgumentParser(description=__doc__)
    asks.add_argument("--out", type=Path, default=ALBUM)
    asks.add_argument("--only", nargs="+", default=[""], help="start of sample names")
    options = asks.parse_args(arguments)
    kept = list(shots())
    if options.only == [""]:
        names = {shot.name for shot in kept}
        for old in options.out.glob("*.png"):
            if old.name not in names:
                old.unlink()
    wanted = [one for one in kept if one.sample.name.startswith(tuple(options.only))]
    wrong = 0
    with preview.chromium() as browser:
        for (scheme, width), group in groupby(sorted(wanted, key=_view), key=_view):
            wrong += preview.photograph(
                browser,
                [(shot.sample, options.out / shot.name) for shot in group],
                lang="en",
                scheme=scheme,
                width=width,
            )
    return 1 if wrong else 0


def _view(shot: Shot) -> tuple[str, int]:
    return shot.scheme, shot.width


if __name__ == "__main__":
    raise SystemExit(main())
