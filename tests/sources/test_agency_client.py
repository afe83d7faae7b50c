"""The agencies are asked politely, patiently and only once; every question here goes over a real connection."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kvalitet_lib.sources.agencies import SKOLVERKET_ACCEPT, Kolada, PlannedEducations, PxWeb
from kvalitet_lib.sources.agency_client import AgencyClient, AgencyError, Manners
from kvalitet_lib.sources.source import Delivery

HASTY = Manners(calls=100, per_seconds=0.01, timeout=5, attempts=3, first_wait=0.01, longest_wait=0.5)


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


@dataclass
class Agency:
    """A server on this machine that answers what it is told, in order, and remembers the questions."""

    address: str = ""
    says: Callable[[str], Answer] = lambda path: Answer({"path": path})
    questions: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def answers(self, *given: Answer) -> None:
        queue = list(given)
        self.says = lambda path: queue.pop(0) if queue else Answer({}, 410)

    def replays(self, recordings: list[dict[str, Any]]) -> None:
        kept = {_path(recording["url"]): recording["json"] for recording in recordings}
        self.says = lambda path: Answer(kept[_path(path)]) if _path(path) in kept else Answer({}, 404)


def _path(url: str) -> str:
    """Path and query of an address; the order of a query's parts means nothing to the agency."""
    parts = urlsplit(url)
    return "?".join([parts.path, *sorted(parts.query.split("&"))])


@pytest.fixture
def agency() -> Iterator[Agency]:
    told = Agency()

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.questions.append(self.path)
            told.headers.append(dict(self.headers))
            told.times.append(time.monotonic())
            answer = told.says(self.path)
            time.sleep(answer.after)
            body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client lost patience, as it should

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    told.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(agency: Agency, tmp_path: Path) -> Iterator[AgencyClient]:
    with AgencyClient(agency.address, tmp_path / "answers", manners=HASTY) as opened:
        yield opened


def test_the_same_question_is_sent_once_and_answered_from_disk_afterwards(agency: Agency, tmp_path: Path) -> None:
    for _ in range(2):
        with AgencyClient(agency.address, tmp_path, manners=HASTY) as client:
            assert client.get("/v4/units", {"page": 0}) == {"path": "/v4/units?page=0"}
    assert agency.questions == ["/v4/units?page=0"]


def test_refresh_asks_again_and_replaces_what_was_kept(agency: Agency, tmp_path: Path) -> None:
    agency.answers(Answer({"merit": "1"}), Answer({"merit": "2"}))
    AgencyClient(agency.address, tmp_path, manners=HASTY).get("/x")
    assert AgencyClient(agency.address, tmp_path, manners=HASTY, refresh=True).get("/x") == {"merit": "2"}
    assert AgencyClient(agency.address, tmp_path, manners=HASTY).get("/x") == {"merit": "2"}
    assert len(list(tmp_path.iterdir())) == 1


def test_an_answer_older_than_allowed_is_asked_for_again_and_a_younger_is_not(agency: Agency, tmp_path: Path) -> None:
    AgencyClient(agency.address, tmp_path, manners=HASTY).get("/x")
    (kept,) = tmp_path.iterdir()
    wrapper = json.loads(kept.read_text(encoding="utf-8"))
    wrapper["generatedAt"] = (datetime.now(UTC) - timedelta(days=8)).isoformat().replace("+00:00", "Z")
    kept.write_text(json.dumps(wrapper), encoding="utf-8")
    AgencyClient(agency.address, tmp_path, manners=HASTY, max_age=timedelta(days=9)).get("/x")
    assert len(agency.questions) == 1
    AgencyClient(agency.address, tmp_path, manners=HASTY, max_age=timedelta(days=7)).get("/x")
    assert len(agency.questions) == 2


def test_half_a_file_in_the_cache_is_not_taken_for_an_answer(agency: Agency, tmp_path: Path) -> None:
    AgencyClient(agency.address, tmp_path, manners=HASTY).get("/x")
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert AgencyClient(agency.address, tmp_path, manners=HASTY).get("/x") == {"path": "/x"}
    assert len(agency.questions) == 2


def test_a_kept_answer_is_a_delivery_in_the_shape_of_a_recording(agency: Agency, tmp_path: Path) -> None:
    AgencyClient(agency.address, tmp_path, accept=SKOLVERKET_ACCEPT, manners=HASTY).get("/v4/x", {"å": "ö"})
    (kept,) = tmp_path.iterdir()
    (document,) = Delivery(kept).documents
    assert list(document) == ["generatedAt", "url", "acceptHeader", "json"]
    assert document["url"] == f"{agency.address}/v4/x?%C3%A5=%C3%B6"
    assert document["acceptHeader"] == SKOLVERKET_ACCEPT
    assert agency.headers[0]["Accept"] == SKOLVERKET_ACCEPT


def test_a_refused_question_leaves_nothing_on_disk(agency: Agency, client: AgencyClient) -> None:
    agency.answers(Answer({}, 404))
    with pytest.raises(AgencyError):
        client.get("/x")
    assert not client.cache.folder.exists()


def test_after_too_many_requests_we_wait_as_long_as_we_are_told(agency: Agency, client: AgencyClient) -> None:
    until = format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)
    agency.answers(Answer({}, 429, {"Retry-After": "0"}), Answer({}, 429, {"Retry-After": until}), Answer({"merit": "230"}))
    assert client.get("/x") == {"merit": "230"}
    assert len(agency.questions) == 3


def test_a_stated_wait_is_kept_to_the_second(agency: Agency, tmp_path: Path) -> None:
    agency.answers(Answer({}, 429, {"Retry-After": "1"}), Answer({}))
    AgencyClient(agency.address, tmp_path, manners=Manners(attempts=2, per_seconds=0, first_wait=0.01, longest_wait=2)).get("/x")
    assert agency.times[1] - agency.times[0] >= 1.0


def test_a_wait_longer_than_ours_ends_at_once_and_says_how_long(agency: Agency, client: AgencyClient) -> None:
    agency.answers(Answer({}, 429, {"Retry-After": "3600"}))
    with pytest.raises(AgencyError, match="asks us to wait 3600 seconds") as refusal:
        client.get("/x")
    assert refusal.value.status == 429
    assert len(agency.questions) == 1


def test_a_failing_server_is_asked_a_bounded_number_of_times(agency: Agency, client: AgencyClient) -> None:
    agency.says = lambda path: Answer({"trace": "secret inside"}, 503)
    with pytest.raises(AgencyError, match="answered 503 in 3 attempts") as refusal:
        client.get("/x")
    assert len(agency.questions) == 3
    assert "secret" not in str(refusal.value)
    assert str(client.cache.folder) in str(refusal.value)


def test_a_server_that_recovers_is_not_an_error(agency: Agency, client: AgencyClient) -> None:
    agency.answers(Answer({}, 500), Answer({}, 502), Answer({"merit": "230"}))
    assert client.get("/x") == {"merit": "230"}


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(agency: Agency, client: AgencyClient, status: int) -> None:
    agency.answers(Answer({}, status, {"Location": "/elsewhere"}))
    with pytest.raises(AgencyError, match=f"/x answered {status}. Check the address") as refusal:
        client.get("/x")
    assert refusal.value.status == status
    assert agency.questions == ["/x"]


def test_what_is_not_json_is_refused_without_showing_it(agency: Agency, client: AgencyClient) -> None:
    agency.answers(Answer(b'{"name": "Ekbackens sk'))
    with pytest.raises(AgencyError, match=r"not JSON\. Open the address") as refusal:
        client.get("/x")
    assert "Ekbacken" not in str(refusal.value)


def test_a_slow_answer_is_given_up_and_the_error_says_how_long_we_waited(agency: Agency, tmp_path: Path) -> None:
    agency.says = lambda path: Answer({}, after=0.5)
    impatient = Manners(per_seconds=0, timeout=0.1, attempts=2, first_wait=0.01, longest_wait=0.05)
    with pytest.raises(AgencyError, match=r"did not answer within 0.1 seconds, in 2 attempts"):
        AgencyClient(agency.address, tmp_path, manners=impatient).get("/x")
    assert len(agency.questions) == 2


def test_nobody_at_the_address_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(AgencyError, match=r"could not be reached in 3 attempts\. Check the network"):
        AgencyClient("http://127.0.0.1:9", tmp_path, manners=HASTY).get("/x")


def test_an_address_that_is_not_encrypted_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgencyError, match="https://"):
        AgencyClient("http://api.example.org", tmp_path)


def test_no_more_calls_are_made_in_a_period_than_allowed(agency: Agency, tmp_path: Path) -> None:
    began = time.monotonic()
    client = AgencyClient(agency.address, tmp_path, manners=Manners(calls=2, per_seconds=0.3))
    for number in range(5):
        client.get(f"/{number}")
    assert time.monotonic() - began >= 0.6
    assert len(agency.questions) == 5


def test_the_log_holds_addresses_and_nothing_that_was_answered(
    agency: Agency, client: AgencyClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agency.answers(Answer({"name": "Ekbackens skola"}, 500), Answer({"name": "Ekbackens skola"}))
    client.get("/x")
    assert f"{agency.address}/x" in caplog.text
    assert "Ekbacken" not in caplog.text


# Skolverket ---------------------------------------------------------------------------------------------------------


def _unit_page(number: int, of: int) -> dict[str, Any]:
    inside_their_network = f"http://localhost:9007/planned-educations/v4/school-units?page={number + 1}"
    links = {"next": {"href": inside_their_network}} if number + 1 < of else {}
    return {"status": "OK", "body": {"_embedded": {"listedSchoolUnits": [{"code": f"9001234{number}"}]}, "_links": links}}


def test_all_pages_are_read_and_links_into_the_agencys_own_network_lead_back_to_its_public_address(
    agency: Agency, tmp_path: Path
) -> None:
    agency.answers(*(Answer(_unit_page(number, 3)) for number in range(3)))
    units = PlannedEducations(f"{agency.address}/planned-educations", tmp_path, pause=0).school_units("0114")
    assert [unit["code"] for unit in units] == ["90012340", "90012341", "90012342"]
    assert agency.questions[0].startswith("/planned-educations/v4/school-units?geographicalAreaCode=0114&typeOfSchooling=gr")
    assert "size=100" in agency.questions[0] and "schoolYears=9" in agency.questions[0]
    assert agency.questions[1:] == [f"/planned-educations/v4/school-units?page={number}" for number in (1, 2)]


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/y", "https://elsewhere.example//elsewhere.example/y", "//elsewhere.example/y"]
)
def test_no_link_leads_to_another_host(agency: Agency, client: AgencyClient, link: str) -> None:
    agency.answers(Answer({"next_url": link}), Answer({}))
    assert len(list(client.pages("/x"))) == 2
    assert [question.endswith("/y") for question in agency.questions] == [False, True]


def test_a_page_that_names_itself_as_the_next_does_not_go_on_for_ever(agency: Agency, client: AgencyClient) -> None:
    agency.says = lambda path: Answer({"_links": {"next": {"href": "/x"}}})
    with pytest.raises(AgencyError, match="names itself as its next page"):
        list(client.pages("/x"))
    assert agency.questions == ["/x"]


def test_a_municipality_without_such_schools_has_an_empty_list(agency: Agency, tmp_path: Path) -> None:
    agency.answers(Answer({"status": "OK", "body": {"page": {"totalElements": 0}}}))
    assert PlannedEducations(agency.address, tmp_path, pause=0).school_units("0114") == []


def test_every_kind_of_figure_has_its_own_address(agency: Agency, tmp_path: Path) -> None:
    skolverket = PlannedEducations(agency.address, tmp_path, pause=0)
    skolverket.statistics("10017830")
    skolverket.statistics("10017830", "gy")
    skolverket.national_values()
    skolverket.salsa()
    skolverket.salsa("10017830")
    skolverket.surveys("10017830")
    assert agency.questions == [
        "/v4/school-units/10017830/statistics/gr",
        "/v4/school-units/10017830/statistics/gy",
        "/v4/statistics/national-values/gr",
        "/v4/statistics/all-schools/salsa",
        "/v4/statistics/all-schools/salsa/10017830",
        "/v4/school-units/10017830/surveys/pupilsgr",
    ]


@pytest.mark.parametrize("code", ["1001783", "../support", "10017830/x"])
def test_what_is_not_a_code_never_reaches_the_address(agency: Agency, tmp_path: Path, code: str) -> None:
    with pytest.raises(AgencyError, match="eight digits"):
        PlannedEducations(agency.address, tmp_path, pause=0).statistics(code)
    with pytest.raises(AgencyError, match="four digits"):
        PlannedEducations(agency.address, tmp_path, pause=0).school_units(code)
    assert agency.questions == []


def _recordings(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_recorded_pages_of_stockholm_give_all_its_155_schools(agency: Agency, tmp_path: Path, shared: Path) -> None:
    recorded = _recordings(shared / "data/agency/skolverket_planned_educations_v4_inspelade/school_units_lista_1.jsonl")
    agency.replays(recorded)
    asked = {"page": 0, "size": 50, "geographicalAreaCode": "0180", "typeOfSchooling": "gr", "schoolYears": 9}
    with AgencyClient(f"{agency.address}/planned-educations", tmp_path, manners=HASTY) as client:
        pages = list(client.pages("/v4/school-units", {**asked, "coordinateSystemType": "WGS84"}))
    units = [unit["code"] for page in pages for unit in page["body"]["_embedded"]["listedSchoolUnits"]]
    assert (len(pages), len(units), len(set(units))) == (4, 155, 155)


def test_recorded_statistics_come_back_as_recorded_and_are_kept_as_recorded(agency: Agency, tmp_path: Path, shared: Path) -> None:
    recorded = _recordings(shared / "data/agency/skolverket_planned_educations_v4_inspelade/statistics_gr_1.jsonl")[:40]
    agency.replays(recorded)
    skolverket = PlannedEducations(f"{agency.address}/planned-educations", tmp_path, pause=0)
    for recording in recorded:
        assert skolverket.statistics(recording["json"]["body"]["schoolUnit"]) == recording["json"]
    kept = [document for path in tmp_path.iterdir() for document in Delivery(path).documents]
    assert {_path(document["url"]): document["json"] for document in kept} == {
        _path(recording["url"]): recording["json"] for recording in recorded
    }


# Kolada and PxWeb ---------------------------------------------------------------------------------------------------


def test_kolada_is_asked_for_at_most_25_ids_at_a_time_and_for_every_combination(agency: Agency, tmp_path: Path) -> None:
    def figures(path: str) -> Answer:
        _, _, _, kpis, _, places, _, years = path.split("/")
        assert max(len(part.split(",")) for part in (kpis, places, years)) <= 25
        asked = [(k, m, y) for k in kpis.split(",") for m in places.split(",") for y in years.split(",")]
        return Answer({"values": [{"kpi": k, "municipality": m, "period": int(y)} for k, m, y in asked], "next_url": None})

    agency.says = figures
    kpis, municipalities = [f"N15{number:03}" for number in range(26)], [f"{number:04}" for number in range(30)]
    rows = Kolada(agency.address, tmp_path, pause=0).data(kpis, municipalities, [2023, 2024])
    assert len(agency.questions) == 4
    assert len({(row["kpi"], row["municipality"], row["period"]) for row in rows}) == len(rows) == 26 * 30 * 2


def test_kolada_pages_are_followed_in_both_of_its_versions(agency: Agency, tmp_path: Path) -> None:
    agency.answers(
        Answer({"values": [{"id": "G1"}], "next_url": "https://api.kolada.se/v3/municipality_groups?page=2"}),
        Answer({"values": [{"id": "G2"}], "next_page": "http://api.kolada.se/v2/municipality_groups?page=3"}),
        Answer({"values": [{"id": "G3"}], "next_url": None}),
    )
    groups = Kolada(agency.address, tmp_path, pause=0).municipality_groups()
    assert [group["id"] for group in groups] == ["G1", "G2", "G3"]
    assert agency.questions == ["/municipality_groups", "/v3/municipality_groups?page=2", "/v2/municipality_groups?page=3"]


def test_kolada_units_have_their_own_path(agency: Agency, tmp_path: Path) -> None:
    agency.answers(Answer({"values": []}))
    assert Kolada(agency.address, tmp_path, pause=0).unit_data(["N15505"], ["V15E144001301"], [2024]) == []
    assert agency.questions == ["/oudata/kpi/N15505/ou/V15E144001301/year/2024"]


def test_a_table_is_asked_for_in_json_stat_with_its_codes(agency: Agency, tmp_path: Path) -> None:
    PxWeb(agency.address, tmp_path).table("12255", {"Tid": ["2023", "2024"], "ContentsCode": ["*"]})
    assert agency.questions == [
        "/tables/12255/data?lang=no&outputFormat=json-stat2&valueCodes%5BTid%5D=2023%2C2024&valueCodes%5BContentsCode%5D=%2A"
    ]
