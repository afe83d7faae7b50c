"""Whatever a school, a municipality or a rule is called: on a page it is words, and in a PDF too."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pikepdf
import pytest

from kvalitet_lib.disclosure.release import Release
from kvalitet_lib.present.html import content_policy
from tests.browser import browser as browser
from tests.journey.sinks import ATTACKS, SECRET, SINKS, drawn, marker, pages, planted

FIGURES = {"sinks": 18, "ways out": 2, "attacks": 6, "combinations": 216}
PAGES = sorted({sink.on for sink in SINKS.values()})
ACTIVE = {
    "/JavaScript", "/JS", "/OpenAction", "/AA", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/Filespec", "/URI", "/SubmitForm",
    "/ImportData", "/GoToR", "/GoToE", "/RichMedia", "/AcroForm", "/XFA", "/Rendition", "/FileAttachment", "/Screen", "/Movie",
}  # fmt: skip
STRANGE = """
[...document.querySelectorAll('*')].flatMap(e => [
    ...(/^(script|iframe|frame|object|embed|base|form|input|link|video)$/i.test(e.tagName) ? [e.tagName] : []),
    ...[...e.attributes].map(a => a.name).filter(name => /^on|^style$|^srcdoc$|^formaction$/i.test(name)),
    ...(e.tagName === 'A' && !/^(#|[\\w-]+\\.(html|pdf)$)/.test(e.getAttribute('href')) ? [e.outerHTML] : []),
    ...(e.tagName === 'META' && /refresh/i.test(e.httpEquiv) ? ['refresh'] : []),
    ...(e.tagName === 'IMG' && !e.src.startsWith('data:image/png;base64,') ? [e.outerHTML] : []),
])
"""


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A file of this machine that no page may hold."""
    file = tmp_path_factory.mktemp("machine") / "secret.txt"
    file.write_text(SECRET, encoding="utf-8")
    return file


@dataclass(frozen=True)
class Seen:
    """What a browser made of one page, and what the PDF of the same page is."""

    ran: list[str]
    asked: list[str]
    strange: list[str]
    said: dict[str, str]
    html: str
    printed: str
    pdf: bytes
    pdf_words: str


@pytest.fixture(scope="module", params=ATTACKS)
def attack(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def seen(attack, small_home, secret, browser, tmp_path_factory) -> dict[str, Seen]:
    """Every page with the attack in every field."""
    folder = tmp_path_factory.mktemp("release")
    hostile = planted(Release.open(small_home.released / "public"), folder / "2026-01-01-hostile", attack, secret)
    return {name: looked_at(browser, folder, name, *drawn(blocks)) for name, blocks in pages(hostile).items()}


def looked_at(browser, folder, name: str, html: str, pdf: bytes) -> Seen:
    """Open the page with its own policy and, for the test's sake, without; print it from the browser too."""
    ran, asked, strange, said, printed = [], [], [], {}, ""
    for guarded in (True, False):
        with opened(browser, folder, html, guarded) as tab:
            strange += tab.evaluate(STRANGE)
            said |= {place: tab.evaluate(sink.inside) for place, sink in SINKS.items() if sink.on == name and sink.inside}
            printed += text_of(tab.pdf(), folder) if not guarded else ""
            ran += tab.ran
            asked += [url for url in tab.asked if not url.startswith("data:") and url != (folder / "page.html").as_uri()]
    return Seen(ran, asked, strange, said, html, printed, pdf, words_in(pdf, folder))


@contextmanager
def opened(browser, folder, html: str, guarded: bool) -> Iterator:
    """The page from a file, as one opens it."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    tab = browser.new_page(bypass_csp=not guarded)
    tab.ran, tab.asked = [], []
    tab.expose_function("hit", lambda what: tab.ran.append(what))
    tab.on("dialog", lambda dialog: (tab.ran.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.goto(path.as_uri())
    tab.wait_for_timeout(50)
    yield tab
    tab.close()


def text_of(content: bytes, folder) -> str:
    program = shutil.which("pdftotext") or pytest.skip("pdftotext (poppler-utils) is not installed")
    (folder / "page.pdf").write_bytes(content)
    return subprocess.run([program, "-raw", folder / "page.pdf", "-"], check=True, capture_output=True, text=True).stdout


def words_in(content: bytes, folder) -> str:
    """All a PDF says: on its pages, of itself, and for those who do not see its pictures."""
    with pikepdf.open(io.BytesIO(content)) as document:
        told = [str(value) for value in document.docinfo.values()]
        told += [str(one.Alt) for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    return text_of(content, folder) + "\n".join(told)


def everything_in(document: pikepdf.Pdf) -> set[str]:
    """Every name in a PDF: what its parts are and what they have."""
    names: set[str] = set()
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            names |= set(one.keys()) | {str(value) for value in dict(one.items()).values() if isinstance(value, pikepdf.Name)}
    return names


@pytest.mark.parametrize("page", PAGES)
def test_nothing_runs_is_asked_for_or_read_even_without_the_pages_policy(seen, page):
    found = seen[page]
    assert (found.ran, found.asked, found.strange) == ([], [], [])
    assert SECRET not in found.html + found.printed


@pytest.mark.parametrize("page", PAGES)
def test_no_pdf_does_anything_or_holds_a_file(seen, page):
    with pikepdf.open(io.BytesIO(seen[page].pdf)) as document:
        assert everything_in(document) & ACTIVE == set()
        assert not document.attachments
    assert SECRET.encode() not in seen[page].pdf
    assert SECRET not in seen[page].pdf_words


@pytest.mark.parametrize("place", SINKS)
def test_every_attack_stands_on_the_page_and_in_the_pdf_as_words(seen, attack, place, secret):
    sink = SINKS[place]
    if not sink.inside:  # letters in a picture: they were drawn, and the picture's words are looked at elsewhere
        assert seen[sink.on].said
        return
    begins = ATTACKS[attack](f"hit(`{marker(sink.field)}`)", str(secret))[:60]
    assert f"{marker(sink.field)} {begins}" in seen[sink.on].said[place]
    assert marker(sink.field) in seen[sink.on].pdf_words


def test_there_are_as_many_combinations_as_is_promised():
    counted = {"sinks": len(SINKS), "ways out": 2, "attacks": len(ATTACKS), "combinations": len(SINKS) * 2 * len(ATTACKS)}
    assert counted == FIGURES


@pytest.mark.parametrize("attack", ["script", "handler", "file"])
def test_the_same_words_unescaped_would_run_and_the_policy_alone_would_stop_them(browser, tmp_path, secret, attack):
    """The watch sees what it is to see; and a page whose escaping broke would still be guarded."""
    words = ATTACKS[attack]("hit(`seen`)", str(secret))
    policy = f'<meta http-equiv="Content-Security-Policy" content="{content_policy("")}">'
    bare = f"<!doctype html><title>x</title><body>{re.sub('^[^<]*', '', words)}"
    seen = []
    for html in (bare, bare.replace("<title>", f"{policy}<title>")):
        with opened(browser, tmp_path, html, guarded=True) as tab:
            seen.append((len(tab.ran), SECRET in text_of(tab.pdf(), tmp_path)))
    assert seen[0][0] > 0 or seen[0][1]
    assert seen[1] == (0, False)
