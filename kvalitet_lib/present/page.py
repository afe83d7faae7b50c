"""A whole page: blocks in order, with the one head they must have."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kvalitet_lib.errors import ReportError
from kvalitet_lib.present.blocks import Banner, Block, Blocks, FigureGrid, Heading, PageHead


@dataclass(frozen=True)
class Page:
    """What HTML and PDF both draw.

    Attributes
    ----------
    head : PageHead
        Title, language, publisher, words.
    banner : Banner
        The first-level heading and what stands under it.
    body : Blocks
        Everything else; no two headings share an anchor.
    """

    head: PageHead
    banner: Banner
    body: Blocks

    @classmethod
    def of(cls, blocks: Blocks) -> Page:
        """Put a page together.

        Raises
        ------
        ReportError
            There is not exactly one PageHead, there is more than one Banner, or a heading skips a level.
        """
        heads = [block for block in blocks if isinstance(block, PageHead)]
        banners = [block for block in blocks if isinstance(block, Banner)]
        if len(heads) != 1 or len(banners) > 1:
            raise ReportError(
                f"A page needs one PageHead and at most one Banner; this one has {len(heads)} and {len(banners)}.\n"
                "Let the notebook show its opening once, in one cell."
            )
        body = Blocks(block for block in blocks if not isinstance(block, PageHead | Banner))
        _climb_step_by_step(body)
        return cls(heads[0], banners[0] if banners else Banner(heads[0].title), _with_own_anchors(body))

    @property
    def contents(self) -> tuple[Heading, ...]:
        """The headings of the second level."""
        return tuple(block for block in self.body if isinstance(block, Heading) and block.level == 2)


def _climb_step_by_step(body: Blocks) -> None:
    """Refuse a heading two levels below the one before it: screen readers and PDF/UA count on whole steps."""
    before = 1
    for block in body:
        if isinstance(block, Heading) or (isinstance(block, FigureGrid) and block.panels):
            if block.level > before + 1:
                what = repr(block.text) if isinstance(block, Heading) else "of a grid's panels"
                raise ReportError(f"The heading {what} is of level {block.level}, but the one before it is of level {before}.")
            before = block.level


def _with_own_anchors(body: Blocks) -> Blocks:
    """The same blocks; a heading whose anchor is taken gets a number."""
    taken = {"main", "contents"}
    numbered: list[Block] = []
    for block in body:
        if isinstance(block, Heading):
            anchor, number = block.anchor, 2
            while anchor in taken:
                anchor, number = f"{block.anchor}-{number}", number + 1
            taken.add(anchor)
            block = replace(block, id=anchor)
        numbered.append(block)
    return Blocks(numbered)
