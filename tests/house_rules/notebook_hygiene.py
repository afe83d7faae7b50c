"""What must be true of every notebook: thin, without outputs, in step with its text twin, reading only what it may."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).parent.parent.parent
MOST_LINES = 12
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.Lambda)
# Pages and dashboards are made from a release: they may draw, and nothing else.
PUBLIC_IMPORTS = ("kvalitet_lib.present", "kvalitet_lib.disclosure.release")


def faults(notebook: Path) -> list[str]:
    """Everything wrong with one notebook, in words; empty when nothing is."""
    read = nbformat.read(notebook, as_version=4)
    code = [cell for cell in read.cells if cell.cell_type == "code"]
    found = []
    if any(cell.outputs or cell.execution_count for cell in code):
        found.append("has outputs: strip them")
    if not code or "parameters" not in code[0].metadata.get("tags", []):
        found.append("its first code cell is not tagged 'parameters'")
    for cell in code:
        found += _cell_faults(cell.source, public=notebook.parent.name in ("report", "dashboard"))
    if notebook.parent.name in ("report", "dashboard") and any(cell.cell_type == "markdown" for cell in read.cells):
        found.append("holds prose of its own: a sentence has a language and belongs in texts/")
    return found + _twin_faults(notebook, read)


def _cell_faults(source: str, public: bool) -> list[str]:
    first = source.strip().splitlines()[0] if source.strip() else "(empty)"
    found = []
    if len(source.strip().splitlines()) > MOST_LINES:
        found.append(f"a cell has more than {MOST_LINES} lines: {first}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, FORBIDDEN):
            found.append(f"a cell holds a {type(node).__name__}: {first}")
        if public and isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            found += [
                f"imports {name}: a page reads a release and draws" for name in names if not name.startswith(PUBLIC_IMPORTS)
            ]
    return found


def _twin_faults(notebook: Path, read: nbformat.NotebookNode) -> list[str]:
    twin = notebook.with_suffix(".py")
    if not twin.is_file():
        return [f"has no text twin: jupytext --to py:percent {notebook.name}"]
    told = jupytext.read(twin)
    same = [(cell.cell_type, cell.source) for cell in told.cells] == [(cell.cell_type, cell.source) for cell in read.cells]
    return [] if same else [f"differs from its text twin: jupytext --sync {notebook.name}"]


def all_notebooks() -> list[Path]:
    return sorted(path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


if __name__ == "__main__":
    told = [f"{path.relative_to(ROOT)}: {fault}" for path in all_notebooks() for fault in faults(path)]
    print("\n".join(told) or f"{len(all_notebooks())} notebooks are as they should be")
    sys.exit(bool(told))
