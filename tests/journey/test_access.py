"""Who gets what from a dashboard's server: a table of visitors and requests, every cell asked for real."""

from __future__ import annotations

import pytest

from tests.journey.servers import served
from tests.journey.visitors import Visitor, forger, guesser, nobody, reader, with_the_token

FIGURES = {"cells of the access matrix": 126}
VISITORS = ("nobody", "guesser", "forger", "token", "other", "own")
# guesser: a wrong token. forger: the reader's own name, signed by an earlier server. token: the address, in another browser.
# other: another reader with a page of their own. own: the reader whose page and kernel are asked for.
EXPECTED = """
                                        nobody  guesser  forger  token  other  own
the page                                   403      403     403    200    200  200
the page under a foreign name              403      403     403    403    403  403
another notebook                           403      403     403    404    404  404
a script of the page's                     403      403     403    200    200  200
a script under a foreign name              403      403     403    403    403  403
the page's kernel                          403      403     403    403    403  200
the list of kernels                        403      403     403    404    404  404
to start a kernel                          403      403     403    405    405  405
to interrupt the page's kernel             403      403     403    405    405  405
the page's channel                         403      403     403    403    403  101
the page's channel in the old protocol     403      403     403    403    403  400
the page's channel from a foreign site     403      403     403    403    403  403
the page's channel under a foreign name    403      403     403    403    403  403
the list of files                          403      403     403    404    404  404
the tree of notebooks                      403      403     403    404    404  404
a terminal                                 403      403     403    405    405  405
the notebook's file                        403      403     403    404    404  404
a picture beside the notebook              403      403     403    404    404  404
a file above the scripts                   403      403     403    403    403  403
the form of login                          403      403     403    404    404  404
to end the page's kernel                   403      403     403    403    403  204
"""
SCRIPT = "/voila/static/voila.js"


def request(what: str, visitor: Visitor, kernel: str) -> int:
    asked = {
        "the page": lambda: visitor.asks("GET", "/"),
        "the page under a foreign name": lambda: visitor.asks("GET", "/", Host="evil.example"),
        "another notebook": lambda: visitor.asks("GET", "/first_look.ipynb"),
        "a script of the page's": lambda: visitor.asks("GET", SCRIPT),
        "a script under a foreign name": lambda: visitor.asks("GET", SCRIPT, Host="evil.example"),
        "the page's kernel": lambda: visitor.asks("GET", f"/api/kernels/{kernel}"),
        "the list of kernels": lambda: visitor.asks("GET", "/api/kernels"),
        "to start a kernel": lambda: visitor.asks("POST", "/api/kernels"),
        "to interrupt the page's kernel": lambda: visitor.asks("POST", f"/api/kernels/{kernel}/interrupt"),
        "the page's channel": lambda: visitor.reaches(kernel),
        "the page's channel in the old protocol": lambda: visitor.reaches(kernel, protocol=""),
        "the page's channel from a foreign site": lambda: visitor.reaches(kernel, Origin="http://evil.example"),
        "the page's channel under a foreign name": lambda: visitor.reaches(
            kernel, name="evil.example", Origin="http://evil.example"
        ),
        "the list of files": lambda: visitor.asks("GET", "/voila/api/contents"),
        "the tree of notebooks": lambda: visitor.asks("GET", "/voila/tree"),
        "a terminal": lambda: visitor.asks("POST", "/api/terminals"),
        "the notebook's file": lambda: visitor.asks("GET", "/voila/files/municipality.ipynb"),
        "a picture beside the notebook": lambda: visitor.asks("GET", "/voila/files/picture.png"),
        "a file above the scripts": lambda: visitor.asks("GET", "/voila/static/..%2f..%2f..%2f..%2f..%2f..%2fetc/hostname"),
        "the form of login": lambda: visitor.asks("GET", "/login"),
        "to end the page's kernel": lambda: visitor.asks("POST", f"/voila/api/shutdown/{kernel}"),
    }
    return asked[what]()


def table() -> dict[str, tuple[int, ...]]:
    rows = [line.rsplit(maxsplit=len(VISITORS)) for line in EXPECTED.strip("\n").splitlines()[1:]]
    return {name.strip(): tuple(int(status) for status in statuses) for name, *statuses in rows}


@pytest.fixture(scope="module")
def visitors(small_home) -> dict[str, Visitor]:
    with served("dashboard", home=small_home.folder) as server:
        own, other = reader(server), reader(server)
        yield {
            "nobody": nobody(server),
            "guesser": guesser(server),
            "forger": forger(server, own),
            "token": with_the_token(server),
            "other": other,
            "own": own,
        }


@pytest.mark.parametrize("what", table())
def test_everyone_gets_what_the_table_says_and_nothing_else(visitors, what):
    kernel = visitors["own"].kernel
    assert {name: request(what, visitors[name], kernel) for name in VISITORS} == dict(zip(VISITORS, table()[what], strict=True))


def test_the_table_has_as_many_cells_as_is_promised():
    assert len(table()) * len(VISITORS) == FIGURES["cells of the access matrix"]
