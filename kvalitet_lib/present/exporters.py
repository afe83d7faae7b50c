"""nbconvert exporters: an executed notebook becomes a page or a PDF; only our own blocks are drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jinja2 import Environment
from nbconvert.exporters import Exporter, TemplateExporter
from nbformat import NotebookNode
from traitlets import Instance, default

from kvalitet_lib.errors import ReportError
from kvalitet_lib.present.blocks import BLOCKS_MIME, Blocks, together
from kvalitet_lib.present.html import TEMPLATES, equip
from kvalitet_lib.present.page import Page
from kvalitet_lib.present.pdf import pdf


def blocks_in(notebook: NotebookNode) -> Blocks:
    """The blocks a notebook showed, in order. Code, prints, warnings and foreign HTML are left out.

    Raises
    ------
    ReportError
        A cell failed, or no cell showed any blocks.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    failed = [output for output in outputs if output.output_type == "error"]
    if failed:
        raise ReportError(f"A cell of the notebook failed with {failed[0].ename}; no page is made of a notebook that failed.")
    found = together(Blocks.from_json(output.data[BLOCKS_MIME]) for output in outputs if BLOCKS_MIME in output.get("data", {}))
    if not found:
        raise ReportError(
            "The notebook showed nothing that can stand on a page. Run it first; its last line in a cell must be blocks."
        )
    return found


class KvalitetHTMLExporter(TemplateExporter):
    """An executed notebook as one self-contained page."""

    export_from_notebook = "Kvalitet page"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "kvalitet"

    @default("extra_template_basedirs")
    def _default_extra_template_basedirs(self) -> list[str]:
        return [str(TEMPLATES)]

    @default("extra_template_paths")
    def _default_extra_template_paths(self) -> list[str]:
        return [str(TEMPLATES)]

    def _create_environment(self) -> Environment:
        return equip(super()._create_environment())

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **words: Any) -> tuple[Any, dict[str, Any]]:
        """The page and nbconvert's resources."""
        return super().from_notebook_node(nb, {**(resources or {}), "page": Page.of(blocks_in(nb))}, **words)


class KvalitetPDFExporter(Exporter):
    """An executed notebook as PDF/UA-1.

    ``made`` is the moment written into the file; with the same moment the same notebook gives the same bytes.
    """

    export_from_notebook = "Kvalitet PDF"
    output_mimetype = "application/pdf"
    made = Instance(datetime, allow_none=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **words: Any) -> tuple[Any, dict[str, Any]]:
        """The file's bytes and nbconvert's resources."""
        resources = self._init_resources(resources)
        resources["output_extension"] = self.file_extension
        return pdf(blocks_in(nb), self.made), resources
