"""Refusals beside the battery's: files, encodings, tables and headers that must not come in."""

from __future__ import annotations

from tests.sources.door import NO_GRADES, SE_AGENCY, SE_GRADES, SE_PUPILS, SE_STAFFING, SE_SURVEY, changed
from tests.sources.forms import as_csv, table
from tests.sources.refusals import Refusal, cell, in_every_form, in_text, refused, with_column
from tests.sources.refusals_in_cells import IN_CELLS

HEADER, FIRST, SECOND, *REST = SE_GRADES.strip().split("\n")
ONLY_O = "elevid;skolenhetskod;skola;betyg\n004711;90012345;Söderskolan;A\n004712;90012345;Västerskolan;B\n".replace("ä", "a")

FILES = [
    refused("blank lines", b"\xef\xbb\xbf\r\n \r\n", "EMPTY_FILE"),
    *in_text("only separators", ";;;;\n;;;;\n", "EMPTY_FILE"),
    refused("a picture", b"\x89PNG\r\n\x1a\n" + bytes(200), "NOT_WHAT_IT_SAYS"),
    refused("a document", b"{\\rtf1 " + SE_GRADES.encode(), "NOT_WHAT_IT_SAYS", file="a_document.txt"),
    refused("a JSON nobody publishes", b'{"elever": [{"elevid": "004711"}]}', "UNKNOWN_KIND"),
    refused("a JSON without end", b"[" * 100_000, "UNKNOWN_KIND"),
    refused(
        "an answer of Kolada with a number for a list",
        b'{"values": [{"kpi": "N15505", "period": 2024, "values": 3}]}',
        "UNKNOWN_KIND",
    ),
    refused("cut in the first cell", SE_GRADES + "0047", "TRUNCATED", lines=(6,)),
    refused(
        "cut in the middle of a letter",
        SE_GRADES.encode()[: SE_GRADES.encode().rindex("ö".encode()) + 1],
        "TRUNCATED",
        lines=(5,),
    ),
    refused("UTF-16 cut in the middle of a letter", SE_GRADES.encode("utf-16")[:-1], "TRUNCATED", lines=(5,)),
]
ENCODINGS = [
    refused("as a Mac writes it", SE_GRADES.encode("mac-roman"), "UNKNOWN_ENCODING", lines=(1,)),
    refused("as a Mac writes it with ö alone", ONLY_O.encode("mac-roman"), "UNKNOWN_ENCODING"),
    refused("as DOS wrote it", SE_GRADES.encode("cp850"), "UNKNOWN_ENCODING", lines=(1, 5)),
    refused("as DOS wrote it in Norway", NO_GRADES.encode("cp865"), "UNKNOWN_ENCODING", lines=(1, 4)),
    refused("UTF-16 the other way round without its mark", SE_GRADES.encode("utf-16-be"), "UNKNOWN_ENCODING"),
    refused("UTF-32", SE_GRADES.encode("utf-32"), "UNKNOWN_ENCODING"),
    refused("the mark of UTF-8 before Latin-1", b"\xef\xbb\xbf" + SE_GRADES.encode("latin-1"), "MIXED_ENCODING", lines=(1, 5)),
    *in_every_form("encoded twice by a Mac", SE_GRADES.replace("Söder", "S√∂der"), "MOJIBAKE", lines=(5,)),
    *in_every_form("encoded twice by DOS", SE_GRADES.replace("Söder", "S├Âder"), "MOJIBAKE", lines=(5,)),
    *in_every_form("a dash encoded twice", SE_GRADES.replace("Söderskolan", "Norr â€“ Söder"), "MOJIBAKE", lines=(5,)),
    *in_every_form("a no-break space encoded twice", SE_GRADES.replace("Söder", "SÂ\u00a0öder"), "MOJIBAKE", lines=(5,)),
    *in_every_form("a control character of Latin-1", SE_GRADES.replace("Söder", "S\u0096öder"), "CONTROL_CHARACTERS", lines=(5,)),
    *in_text("a form feed between pages", SE_GRADES.replace("\n004713", "\n\x0c004713"), "CONTROL_CHARACTERS", lines=(5,)),
    *in_every_form("a line end of another world", SE_GRADES.replace("Söder", "Sö\u2028der"), "CONTROL_CHARACTERS", lines=(5,)),
    *in_every_form("question marks for letters", SE_GRADES.replace("läsår", "l?s?r"), "LOST_CHARACTERS", "l?s?r", (1,)),
]
DIALECTS = [
    refused("colons between cells", SE_GRADES.replace(";", ":"), "UNKNOWN_KIND"),
    refused("decimal commas between commas", SE_GRADES.replace(";", ","), "RAGGED_ROW", lines=(2, 3, 4, 5)),
    refused("another separator than the one stated", "sep=,\n" + SE_GRADES, "UNKNOWN_KIND"),
    refused("text after a quotation mark", SE_GRADES.replace("Söderskolan", '"Söder"skolan'), "UNCLOSED_QUOTE", lines=(5,)),
    refused(
        "a quotation mark open at once",
        SE_GRADES.replace("Norrskolan", '"Norrskolan', 1),
        "UNCLOSED_QUOTE",
        lines=(2,),
    ),
    *in_text("a row cut short in the middle", SE_GRADES.replace(";9A;flicka;MA;B;172,5", ""), "RAGGED_ROW", lines=(3,)),
]
TABLES = [
    *in_every_form("two headers that mean the same", SE_GRADES.replace("klass;", "betyg;"), "DUPLICATE_COLUMN", "betyg", (1,)),
    *in_every_form("a column without a header at the end", with_column(SE_GRADES, "", ["a", "", "b", "c"]),
                   "MISSING_HEADER", "(column 11)", (1,)),
    *in_every_form("content without a header", SE_GRADES.replace(";klass;", ";;"), "MISSING_HEADER", "(column 6)", (1,)),
    *in_every_form("the header sorted in among the rows", "\n".join([FIRST, SECOND, HEADER, *REST]) + "\n",
                   "ROWS_ABOVE_HEADER", lines=(1, 2)),
    *in_every_form("the header again in capitals", "\n".join([HEADER, FIRST, HEADER.upper(), SECOND, *REST]) + "\n",
                   "REPEATED_HEADER", lines=(3,)),
    *in_text("a line of page numbers in the middle", "\n".join([HEADER, FIRST, "Sida 2", SECOND, *REST]) + "\n",
             "RAGGED_ROW", lines=(3,)),
    *in_every_form("a sum in another column", f"{SE_GRADES};;Summa;;;;;;;727,5\n", "TOTAL_ROW", "skola", (6,)),
    *in_every_form("a count of pupils", f"{SE_GRADES}Totalt antal elever;3;;;;;;;;\n", "TOTAL_ROW", "elevid", (6,)),
    *in_every_form("a name in the last row", changed(SE_GRADES, 5, "elevid", "Ali Ek"), "DIRECT_IDENTIFIER", "elevid", (5,)),
    *in_every_form("a mean below", f"{NO_GRADES}Gjennomsnitt:;;;;;;;;30,8\n", "TOTAL_ROW", "elevnummer", (5,)),
    *in_every_form("the nation among schools", f"{SE_AGENCY}Riket;;2022/23;100;81,0;220,1\n", "TOTAL_ROW", "skolenhetskod", (4,)),
    *in_every_form("a sum of posts", f"{SE_STAFFING}Summa;;2023/24;grundskola;532;39;30\n", "TOTAL_ROW", "skolenhetskod", (4,)),
    *in_every_form("one pupil in two year groups", SE_PUPILS + changed(SE_PUPILS, 2, "årskurs", "8").split("\n")[1],
                   "CONFLICTING_DUPLICATE", "elevid", (2, 4)),
]  # fmt: skip
PERSONAL_HEADERS = (
    "Personnr.", "PNR", "Födelsenummer", "fnr", "D-nummer", "Samordningsnummer", "SSN", "Namn", "navn", "ElevNamn", "Fullt navn",
    "För- och efternamn", "Etternavn", "fornavn", "Tilltalsnamn", "E-postadress", "Tlf", "Mobil", "Hemadress", "Född",
    "Födelsedatum", "fødselsdato", "Vårdnadshavare 1", "Foresatt", "Lärarens namn",
)  # fmt: skip
PERSONS = [
    *(
        refused(f"a column called {header}", with_column(SE_GRADES, header, ["x"] * 4), "DIRECT_IDENTIFIER", header, (1,))
        for header in PERSONAL_HEADERS
    ),
    refused("first names of staff", with_column(SE_STAFFING, "förnamn", ["Ali", "Bo"]), "DIRECT_IDENTIFIER", "förnamn", (1,)),
    *in_every_form("an identity number in any column", with_column(SE_GRADES, "kolumn1", ["", "900101-2385", "", ""]),
                   "DIRECT_IDENTIFIER", "kolumn1", (3,)),
    *in_every_form("an identity number of staff", with_column(SE_STAFFING, "kolumn1", ["", "01019012480"]),
                   "DIRECT_IDENTIFIER", "kolumn1", (3,)),
    *in_every_form("an e-mail address in any column", with_column(SE_GRADES, "kolumn1", ["", "", "a.ek@skola.se", ""]),
                   "DIRECT_IDENTIFIER", "kolumn1", (4,)),
    *in_every_form("a telephone number in any column", with_column(SE_GRADES, "x", ["", "", "+46 70 123 45 67", ""]),
                   "DIRECT_IDENTIFIER", "x", (4,)),
    *in_every_form("an identity number in free text", SE_SURVEY.replace("Mer idrott", "Jag är 19900101-2385"),
                   "DIRECT_IDENTIFIER", "fritext", (3,)),
    *in_every_form("a Norwegian telephone number in free text", SE_SURVEY.replace("Mer idrott", "Ring 912 34 567"),
                   "DIRECT_IDENTIFIER", "fritext", (3,)),
]  # fmt: skip
IN_QUOTES = refused(
    "a line break in an id", as_csv(table(changed(SE_GRADES, 3, "elevid", '"00\n4711"'))), "INVALID_VALUE", "elevid", (3,)
)
OF_A_SPREADSHEET = changed(SE_GRADES, 3, "meritvärde", "#N/A")
ERRORS = [  # who opens the workbook sees an error there; in a text file it is a word where a number belongs
    *in_every_form("an error of a spreadsheet", OF_A_SPREADSHEET, "INVALID_VALUE", "meritvärde", (3,), ["csv"]),
    *in_every_form("an error of a spreadsheet", OF_A_SPREADSHEET, "ERROR_CELL", "meritvärde", (3,), ["xlsx"]),
]

FURTHER: list[Refusal] = [
    *FILES,
    *ENCODINGS,
    *DIALECTS,
    *TABLES,
    *PERSONS,
    *(one for row in IN_CELLS for one in cell(*row)),
    *ERRORS,
    IN_QUOTES,
]
