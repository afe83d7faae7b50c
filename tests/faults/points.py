"""The named points at which a run is killed, in the order in which a run comes by them."""

from __future__ import annotations

from tests.faults.killing import MOMENTS, Kill, Point

LOCK = "filelock:BaseFileLock.acquire"
STORE = "kvalitet_lib.store:"
SAFE = "kvalitet_lib.safe_files:"
PAGE = "90012302"  # the second of two

FIRST_KEY = (
    Point("the key is written", "kvalitet_lib.sources.pseudonyms:settle", "*pseudonyms.key.*"),
    Point("the key gets its name", "os:link", "*pseudonyms.key"),
)
IN_LOAD = (
    Point("the store is locked", LOCK),
    Point("the owner is noted", "pathlib:Path.write_text", "*.owner"),
    Point("a draft folder is made", "tempfile:mkdtemp"),
    Point("the old store is copied", "shutil:copyfile"),
    Point("the copy is opened", STORE + "create"),
    Point("a delivery is read", "kvalitet_lib.cli.taking:read_delivery", nth=2),
    Point("rows go in", STORE + "Writer._fill", nth=2),
    Point("the first of two deliveries is committed", "sql:COMMIT"),
    Point("the copy is checkpointed", "sql:CHECKPOINT"),
    Point("the copy reaches the disk", SAFE + "settle", "*store.duckdb"),
    Point("the new store takes its place", "os:replace", "*store.duckdb"),
    Point("the outcome is told", "kvalitet_lib.cli.load:_tell"),
)
IN_RELEASE = (
    Point("releases are locked", LOCK),
    Point("everything is measured", "kvalitet_lib.cli.release:measure_all"),
    Point("a draft folder is made", "tempfile:mkdtemp"),
    Point("the figures are written", "pandas:DataFrame.to_csv", nth=4),
    Point("the release gets its name", "os:replace", "*/public/20*"),
    Point("the pointer takes its place", "os:replace", "*/public/current"),
    Point("the next audience's pointer takes its place", "os:replace", "*/internal/current"),
)
IN_REPORT = (
    Point("the pages are locked", LOCK),
    Point("the due pages are noted as begun", "os:replace", "*manifest.json"),
    Point("a page's process starts", "kvalitet_lib.execution.batch:_start", nth=2),
    Point("a page's notebook runs", "papermill:execute_notebook", nth=1),
    Point("a page is written", "pathlib:Path.write_bytes", f"*{PAGE}.html"),
    Point("a page takes its place", "os:replace", f"*{PAGE}.html"),
    Point("a page is noted", "kvalitet_lib.execution.manifest:Manifest.note", nth=2),
    Point("the record takes its place", "os:replace", "*manifest.json", nth=2),
    Point("the journal is dropped", "pathlib:Path.unlink", "*.manifest.jsonl", nth=2),
    Point("the index takes its place", "os:replace", "*index.html"),
)
IN_PDF = (
    Point("a PDF's parts are laid out", "pathlib:Path.write_text", "*content.json"),
    Point("a PDF is set", "typst:compile"),
    Point("a PDF is written", "pathlib:Path.write_bytes", f"*{PAGE}.pdf"),
    Point("the older PDF makes room", "pathlib:Path.unlink", f"*{PAGE}.pdf"),
    Point("a PDF takes its place", "os:replace", f"*{PAGE}.pdf"),
)


def kills(points: tuple[Point, ...]) -> list[Kill]:
    """Each point at each of its moments."""
    return [Kill(point, moment) for point in points for moment in MOMENTS]
