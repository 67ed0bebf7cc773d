import re
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pypdfium2
import pytest

from posture.corrections import Corrections
from posture.datatypes import Event, EventKind, Reason, Rep, RepKind, TimeWindow, Verdict
from posture.errors import OutputError
from posture.exercises import exercise_ids, get_exercise
from posture.locales import text
from posture.report import report_of, write_html, write_pdf
from posture.report.content import best_and_worst
from posture.report.curve import HEIGHT, MOST_ROWS, WIDTH, Area, Stroke, Words, curve_rows
from posture.report.page import html_of, svg
from posture.report.pdf import pdf_of
from tests.unit.ui.recordings import recording, rep, result, wave

LANGUAGES = ("en", "nl")


@pytest.fixture
def practice(make_video):
    """A person who tilts both ways for eight seconds, once leaning, once unseen; with its video."""
    grey = np.full((480, 640, 3), 120, np.uint8)
    video = make_video("my <b>video.mp4", [grey] * 80, times_ms=[100 * i for i in range(80)])
    results = wave(80)
    results[50:60] = [result(i, reason=Reason.BACK_COVERED) for i in range(50, 60)]
    reps = (
        rep(1, RepKind.FORWARD, 1.0, 9.0),
        rep(2, RepKind.BACKWARD, 3.0, 8.0, faults=("trunk_leaning",)),
        rep(3, RepKind.FORWARD, 6.9, 11.0),
    )
    fault = Event(3.2, EventKind.FAULT, "trunk_leaning")
    return replace(recording(results, reps, events=(fault,)), path=video)


class Reader(HTMLParser):
    """The text of a page, and whether every element is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag != "div"
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def pdf_text(content):
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join("\n".join(pages).split())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_html_and_pdf_say_the_same(practice, lang):
    report = report_of(practice, lang, practised=date(2026, 11, 22))
    page = " ".join(" ".join(read(html_of(report)).text).split())
    paper = pdf_text(pdf_of(report))
    said = [
        report.title, *report.short, *report.faults, *report.unread, *report.sure,
        *(picture.caption for picture in report.pictures),
        *(remark for line in report.reps for remark in line.remarks),
    ]  # fmt: skip
    for sentence in said:
        assert " ".join(sentence.split()) in page
        assert re.sub(r"\s", "", sentence) in re.sub(r"\s", "", paper)


def test_the_teacher_reads_what_happened_in_plain_words(practice):
    report = report_of(practice, "nl", practised=date(2026, 11, 22))
    assert ("Geoefend op", "22 november 2026") in report.facts
    assert "3 herhalingen" in report.short[0]
    assert [picture.heading for picture in report.pictures] == [
        "Beste herhaling", "Hier valt het meest te winnen",
    ]  # fmt: skip
    caption = report.pictures[0].caption.replace("\N{NO-BREAK SPACE}", " ")
    assert caption == "Herhaling 3 (voorover) op 0:07: 11° ± 2°, goed."
    (fault,) = report.faults
    assert fault.startswith("Op 0:02: Je bovenlichaam leunde mee. Laat je borst waar hij is")
    assert len(report.unread) == 1
    assert "1,0 s" in report.unread[0]
    assert any("minder dan 6°" in sentence for sentence in report.sure)


def test_the_page_needs_nothing_from_outside_and_hides_nothing_in_names(practice, tmp_path):
    write_html(report_of(practice, "en"), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>video" not in html
    assert "my <b>video.mp4" in " ".join(read(html).text)
    assert "default-src 'none'" in html
    for name, value in read(html).attributes:
        if name in {"src", "href", "action"}:
            assert value.startswith("data:image/jpeg;base64,")
    assert not re.search(r"<script|https?://|url\(|@import", html)


def test_pictures_are_left_out_where_the_video_is_gone(practice):
    practice.path.unlink()
    report = report_of(practice, "en")
    assert report.pictures == ()
    assert "no pictures" in html_of(report)
    assert "no pictures" in pdf_text(pdf_of(report))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("field", fields(Corrections), ids=lambda field: field.name)
def test_every_correction_has_its_words(field, lang):
    assert text(f"report.correction.{field.name}", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_live_practice_has_no_video_and_its_own_neutral(practice, lang):
    live = replace(practice, path=Path(), calibration=None, model_sha256="", estimator="")
    report = report_of(live, lang)
    assert report.sure[0] == text("report.neutral_live", lang)
    assert [name for name, _ in report.facts] == [text("report.length", lang)]
    assert report.made_by.endswith(("in front of the camera", "voor de camera"))


def test_what_was_corrected_is_marked(practice):
    assert report_of(practice, "en").corrected == ""
    corrections = Corrections(neutral=TimeWindow(1, 2), added=(TimeWindow(3, 4),))
    marked = report_of(replace(practice, corrections=corrections), "en")
    assert "another neutral and repetitions added" in marked.corrected
    assert marked.corrected in " ".join(read(html_of(marked)).text)
    assert "put right by hand" in pdf_text(pdf_of(marked))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_at_all_is_still_a_report(lang, tmp_path):
    empty = [result(index, reason=Reason.NOBODY) for index in range(30)]
    report = report_of(recording(empty, neutral=""), lang)
    write_pdf(report, tmp_path / "report.pdf")
    read(html_of(report))
    assert report.pictures == ()


@pytest.mark.parametrize("exercise", exercise_ids())
def test_every_exercise_has_its_report(exercise, tmp_path):
    chosen = get_exercise(exercise)
    reps = tuple(
        replace(rep(n, kind, 1.0 + n, 0.5, chosen.unit, chosen.rep_fault_ids[:1]), index=n)
        for n, kind in enumerate(chosen.kinds.values(), start=1)
    )
    report = report_of(recording(wave(80), reps, exercise=exercise), "nl")
    read(html_of(report))
    write_pdf(report, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_same_report_gives_the_same_bytes(practice):
    one, two = (report_of(practice, "en") for _ in range(2))
    assert html_of(one) == html_of(two)
    assert pdf_of(one) == pdf_of(two)


def test_a_long_report_numbers_its_pages_and_repeats_the_tables_head():
    reps = tuple(rep(n, RepKind.FORWARD, 2.0 * n, 9.0, faults=("jerky",)) for n in range(1, 90))
    document = pypdfium2.PdfDocument(pdf_of(report_of(recording(wave(1800), reps), "en")))
    pages = [page.get_textpage().get_text_bounded() for page in document]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    assert sum("Direction" in page for page in pages) > 1


def test_a_folder_that_is_gone_is_one_sentence(practice, tmp_path):
    for write in (write_html, write_pdf):
        with pytest.raises(OutputError, match="choose another folder"):
            write(report_of(practice, "en"), tmp_path / "nowhere" / "report")


def test_the_best_has_fewest_faults_and_the_worst_most():
    reps = (
        rep(1, amplitude=12.0, faults=("jerky",)),
        rep(2, amplitude=8.0),
        rep(3, amplitude=11.0),
        rep(4, amplitude=3.0, faults=("jerky", "too_quick")),
        replace(rep(5, amplitude=40.0), verdict=Verdict.CANNOT_JUDGE),
    )
    best, worst = best_and_worst(recording(wave(50), reps))
    assert (best.index, worst.index) == (3, 4)
    assert best_and_worst(recording(wave(50), reps[:1])) == (reps[0], None)
    assert best_and_worst(recording(wave(50), reps[4:])) == (None, None)


def strokes(row):
    return [shape for shape in row.shapes if isinstance(shape, Stroke) and shape.width > 1]


def test_the_curve_breaks_where_there_is_no_reading(practice):
    (row,) = curve_rows(practice, "en")
    before, after = strokes(row)
    gap = [s for s in row.shapes if isinstance(s, Area) and s.opacity == 0.28]
    assert len(gap) == 1
    assert before.points[-1][0] <= gap[0].points[0][0] + 9
    assert after.points[0][0] == pytest.approx(gap[0].points[1][0], abs=0.1)


def test_forward_is_up_and_everything_lies_on_the_paper(practice):
    (row,) = curve_rows(practice, "en")
    points = strokes(row)[0].points
    assert points[10][1] < points[0][1] < points[30][1]
    for shape in row.shapes:
        places = [(shape.x, shape.y)] if isinstance(shape, Words) else shape.points
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_a_long_recording_has_rows_that_together_show_all_of_it():
    rows = curve_rows(recording(wave(1300)), "en")
    assert [row.window.start_s for row in rows[1:]] == [row.window.end_s for row in rows[:-1]]
    assert rows[-1].window.end_s == pytest.approx(130.0)
    assert len(rows) == 2
    assert len(curve_rows(recording(wave(18_000)), "en")) == MOST_ROWS


def test_peaks_survive_thinning():
    results = wave(7300, reach_deg=5.0)
    results[3333] = result(3333, 30.0)
    heights = [y for row in curve_rows(recording(results), "en") for s in strokes(row)
               for _, y in s.points]  # fmt: skip
    assert min(heights) < sorted(heights)[1] - 50


def test_svg_is_well_formed_and_described(practice):
    (row,) = curve_rows(practice, "en")
    root = ET.fromstring(svg(row, 'a "curve" <here>'))  # noqa: S314 - our own
    assert root.get("aria-label") == 'a "curve" <here>'
    assert ET.fromstring(svg(row, "")).get("aria-hidden") == "true"  # noqa: S314


def test_repetitions_that_are_strange_do_no_harm():
    tiny = Rep(1, RepKind.FORWARD, 1.0, 1.0, 1.0, 0.0, "deg", Verdict.GOOD)
    report = report_of(recording(wave(20), (tiny,)), "en")
    assert pdf_of(report).startswith(b"%PDF")
