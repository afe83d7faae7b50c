"""How the tests of local deliveries hand a file in, and small files they start from."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from kvalitet_lib.errors import DeliveryError, Fault
from kvalitet_lib.municipality import Municipality
from kvalitet_lib.sources.local import LOCAL_SOURCES
from kvalitet_lib.sources.published_table import PUBLISHED_SOURCES
from kvalitet_lib.sources.source import Circumstances, Delivery, Filled, Source

SOURCES = (*LOCAL_SOURCES, *PUBLISHED_SOURCES)
PROJECT = Path(__file__).parents[2]


def circumstances() -> Circumstances:
    return Circumstances(Municipality.read(PROJECT / "params" / "municipality.yml"), lambda text: f"p_{text}")


def deliver(content: str | bytes, name: str = "delivery.csv", sources: tuple[Source, ...] = SOURCES) -> Filled:
    """Hand a file in at the door; the one source that recognises it reads it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        delivery = Delivery(path)
        fitting = [source for source in sources if source.recognises(delivery)]
        assert len(fitting) == 1, [source.name for source in fitting]
        (filled,) = fitting[0].read(delivery, circumstances())
        return filled


def refusal(content: str | bytes, name: str = "delivery.csv") -> DeliveryError:
    """The error with which a file is refused."""
    try:
        deliver(content, name)
    except DeliveryError as error:
        return error
    raise AssertionError("the delivery was accepted")


def faults(content: str | bytes, name: str = "delivery.csv") -> list[Fault]:
    return list(refusal(content, name).faults)


def told(content: str | bytes, name: str = "delivery.csv") -> list[tuple[str, str, tuple[int, ...]]]:
    """(column, code, lines) of every fault."""
    return [(fault.column, fault.code, fault.lines) for fault in faults(content, name)]


def changed(text: str, line: int, column: str, cell: str) -> str:
    """A semicolon file with one cell changed; ``line`` as an editor counts."""
    rows = [row.split(";") for row in text.strip().split("\n")]
    rows[line - 1][rows[0].index(column)] = cell
    return "\n".join(";".join(row) for row in rows) + "\n"


def without(text: str, column: str) -> str:
    """A semicolon file without one of its columns."""
    rows = [row.split(";") for row in text.strip().split("\n")]
    place = rows[0].index(column)
    return "\n".join(";".join(row[:place] + row[place + 1 :]) for row in rows) + "\n"


def workbook(*sheets: list[list[object]], extra: dict[str, bytes] | None = None) -> bytes:
    """An XLSX with the given rows; text is written as text, numbers as numbers, bytes as they are (a whole cell's XML)."""
    names = [f"Blad{number}" for number, _ in enumerate(sheets, start=1)]
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{relation}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(names, start=1)
    )
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    start = f'<Relationship Id="rId1" Type="{relation}/officeDocument" Target="xl/workbook.xml"/>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{listed}</sheets></workbook>')
        archive.writestr("_rels/.rels", relations.format(start))
        archive.writestr("xl/_rels/workbook.xml.rels", relations.format(related))
        for number, rows in enumerate(sheets, start=1):
            body = "".join(
                f'<row r="{r}">{"".join(_cell(c, r, cell) for c, cell in enumerate(row))}</row>' for r, row in enumerate(rows, 1)
            )
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml", f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
            )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return packed.getvalue()


def _cell(column: int, row: int, cell: object) -> str:
    where = f"{chr(ord('A') + column)}{row}"
    if isinstance(cell, bytes):
        return cell.decode()
    if isinstance(cell, str):
        return f'<c r="{where}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{where}"><v>{cell}</v></c>'


SE_GRADES = """\
elevid;skolenhetskod;skola;läsår;årskurs;klass;kön;ämne;betyg;meritvärde
004711;90012345;Norrskolan;2023/24;9;9A;flicka;SV;A;172,5
004711;90012345;Norrskolan;2023/24;9;9A;flicka;MA;B;172,5
004712;90012345;Norrskolan;2023/24;9;9A;pojke;SV;-;182,5
004713;90012346;Söderskolan;2023/24;9;9B;flicka;SV;E;192,5
"""
NO_GRADES = """\
elevnummer;organisasjonsnummer;skolenavn;skoleår;trinn;kjønn;fagkode;standpunktkarakter;skolepoeng
017165;312345005;Granlia skole;2023-24;10;jente;NOR1259;1;30,5
017165;312345005;Granlia skole;2023-24;10;jente;MAT1015;IV;30,5
086522;312345374;Bjørkåsen skole;2023-24;10;gutt;NOR1259;6;31,5
"""
SE_TEST = """\
elevid;skolenhetskod;läsår;årskurs;ämne;delprov;poäng;provbetyg
050012;90012345;2023/24;9;MA;B;10,5;A
079390;90012346;2023/24;9;MA;B;11,5;B
"""
NO_TEST = """\
elevnummer;organisasjonsnummer;skoleår;trinn;prøve;status;skalapoeng;mestringsnivå;prøvedato
082297;312345005;2023-24;5;lesing;deltatt;38;1;2023-09-11
064310;312345374;2023-24;8;lesing;deltatt;60;5;2023-09-12
064311;312345374;2023-24;8;lesing;fritatt;;;
"""
SE_SURVEY = """\
svarsid;skolenhetskod;skola;läsår;årskurs;trygghet;studiero;stöd;fritext
S1000;90012345;Norrskolan;2023/24;8;1;4;;
S1001;90012346;Söderskolan;2023/24;8;2;3;4;Mer idrott
"""
NO_SURVEY = """\
svarnummer;organisasjonsnummer;skolenavn;skoleår;trinn;trivsel;mobbing;støtte_fra_lærer
R2000;312345005;Granlia skole;2023-24;7;5;1;4
R2001;312345374;Bjørkåsen skole;2023-24;7;2;;3
"""
SE_ABSENCE = """\
elevid;skolenhetskod;läsår;månad;schemalagd_tid;ogiltig_frånvaro;giltig_frånvaro
066118;90012345;2023/24;2023-10;88;2;6
021788;90012346;2023/24;2024-01;88;0;1,5
"""
NO_ABSENCE = """\
elevnummer;organisasjonsnummer;skoleår;fraværsdager;fraværstimer
078378;312345005;2023-24;0;12
004527;312345374;2023-24;11;4
"""
SE_UPPER = """\
elevid;skolenhetskod;läsår;studievägskod;klass;betygspoäng;examen;år_sedan_start
079517;90012345;2023/24;NA;NA21A;12,0;ja;3
017625;90012346;2023/24;EK;EK21B;13,1;nej;4
"""
SE_PUPILS = """\
elevid;skolenhetskod;skola;läsår;årskurs;klass;kön;föräldrars_utbildning;nyinvandrad;svenska_som_andraspråk
004711;90012345;Norrskolan;2023/24;9;9A;flicka;eftergymnasial;nej;nej
004712;90012345;Norrskolan;2023/24;F;FA;pojke;förgymnasial;ja;ja
"""
NO_PUPILS = """\
elevnummer;organisasjonsnummer;skolenavn;skoleår;trinn;klasse;kjønn;foreldres_utdanning;nyankommet;særskilt_norsk
017165;312345005;Granlia skole;2023-24;10;10A;jente;høyere;nei;nei
017166;312345005;Granlia skole;2023-24;1;1A;gutt;videregående;ja;ja
"""
SE_STAFFING = """\
skolenhetskod;skola;läsår;verksamhet;antal_barn_elever;heltidstjänster;heltidstjänster_med_behörighet
90012345;Norrskolan;2023/24;grundskola;412;33,5;28,0
90012345;Norrskolan;2023/24;fritidshem;120;6;2,5
"""
NO_STAFFING = """\
organisasjonsnummer;skolenavn;skoleår;virksomhet;trinngruppe;antall_barn_elever;årsverk;årsverk_med_godkjent_utdanning;elevtimer;lærertimer
312345005;Granlia skole;2023-24;grunnskole;1-4;180;14,5;13;120 000;9 500
312345005;Granlia skole;2023-24;sfo;alle;90;5;;;
"""
SE_SCHOOLS = """\
skolenhetskod;skola;kommunkod;kommun;huvudman;årskurser;giltig_från;giltig_till;ersätts_av
90012345;Norrskolan;0114;Exempelby;kommunal;F-9;2015/16;;
90012346;Söderskolan;0114;Exempelby;enskild;7-9;2015/16;2021/22;90012345
"""
NO_SCHOOLS = """\
organisasjonsnummer;skolenavn;kommunenummer;kommune;eierform;trinn;gyldig_fra;gyldig_til;erstattes_av
312345005;Granlia skole;0301;Eksempelby;offentlig;1-10;2015-16;;
"""
SE_AGENCY = """\
skolenhetskod;skola;läsår;antal_elever;andel_behöriga;genomsnittligt_meritvärde
90012345;Norrskolan;2022/23;60;82,0;221,4
90012346;Söderskolan;2022/23;40;~100;..
"""
NO_AGENCY = """\
organisasjonsnummer;skolenavn;skoleår;antall_elever;grunnskolepoeng;andel_mobbet
312345005;Granlia skole;2022-23;25;41,2;5,3
312345374;Bjørkåsen skole;2022-23;*;*;.
"""
PUBLISHED_SE = """\
nivå;enhet;enhetsnamn;indikator;läsår;grupp;värde;antal
skola;90012345;Norrskolan;meritvarde;2023/24;alla;221,4;60
kommun;0114;Exempelby;behorighet_yrkesprogram;2023/24;flickor;~100;40
riket;riket;Riket;behorighet_yrkesprogram;2023/24;;84,6;
"""
PUBLISHED_NO = """\
nivå;enhet;enhetsnavn;indikator;skoleår;gruppe;verdi;antall
kommune;0301;Eksempelby;mobbing_pa_skolen;2023-24;alle;5,3;1 250
nasjonalt;NO;Norge;grunnskolepoeng;2023-24;jenter;*;
"""
CLEAN = {
    "se_grades": SE_GRADES, "no_grades": NO_GRADES, "se_test": SE_TEST, "no_test": NO_TEST, "se_survey": SE_SURVEY,
    "no_survey": NO_SURVEY, "se_absence": SE_ABSENCE, "no_absence": NO_ABSENCE, "se_upper": SE_UPPER, "se_pupils": SE_PUPILS,
    "no_pupils": NO_PUPILS, "se_staffing": SE_STAFFING, "no_staffing": NO_STAFFING, "se_schools": SE_SCHOOLS,
    "no_schools": NO_SCHOOLS, "se_agency": SE_AGENCY, "no_agency": NO_AGENCY, "published_se": PUBLISHED_SE,
    "published_no": PUBLISHED_NO,
}  # fmt: skip
