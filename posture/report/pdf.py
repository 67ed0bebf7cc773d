"""The report as a PDF, on paper of size A4, with its own letters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from posture.adapters.export import write_whole
from posture.datatypes import Verdict
from posture.locales import text
from posture.report import plots
from posture.report.content import Picture, Report
from posture.report.curve import HEIGHT, WIDTH, Area, Shape, Stroke

_MARGIN = 18 * mm
_PAPER_WIDTH = A4[0] - 2 * _MARGIN - 12  # the frame's own padding
_PICTURE_HEIGHT = 78 * mm
_GAP = 6 * mm
# A list of so many lines is never broken across pages.
_SHORT_LIST = 4
INK, QUIET, EDGE = (colors.HexColor(c) for c in ("#1d2a2e", "#55646a", "#dcd9cd"))
_VERDICTS = {Verdict.GOOD: "#256b4c", Verdict.IMPROVE: "#8f4207", Verdict.CANNOT_JUDGE: "#55646a"}
REGULAR, BOLD = "Vera", "VeraBd"
# How wide the columns of the repetitions are; the last one takes what the others leave.
_SHARES = {
    "number": 0.12,
    "kind": 0.13,
    "when": 0.15,
    "size": 0.13,
    "verdict": 0.14,
    "remarks": 0.0,
}


def write_pdf(report: Report, path: Path) -> None:
    """Write ``report.pdf``; the same report gives the same bytes.

    Raises:
        OutputError: The file cannot be written.
    """
    write_whole(path, pdf_of(report))


def pdf_of(report: Report) -> bytes:
    """Return the report as a PDF document."""
    _letters()
    document = BytesIO()
    template = SimpleDocTemplate(
        document,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=report.title,
        author="posture",
        lang=report.lang,
        invariant=1,
    )
    template.build(_story(report), canvasmaker=_numbering(report.lang))
    return document.getvalue()


@cache
def _letters() -> None:
    """Make the letters known that come with the PDF library."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD)


def _style(size: float, *, bold: bool = False, colour: colors.Color = INK, **more: Any) -> Any:  # noqa: ANN401 - the library's own
    return ParagraphStyle(
        "",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=1.45 * size,
        textColor=colour,
        **more,
    )


TITLE = _style(17, bold=True, spaceAfter=3)
HEADING = _style(11.5, bold=True, spaceBefore=13, spaceAfter=4)
LARGE = _style(10.5, spaceAfter=3)
BODY = _style(9, spaceAfter=3)
SMALL = _style(8, colour=QUIET, spaceAfter=2)
CELL = _style(8)
HEAD = _style(8, bold=True, colour=QUIET)
BULLET = _style(9, spaceAfter=3, leftIndent=10, bulletIndent=0)


def _story(report: Report) -> list[Flowable]:
    lang = report.lang
    story: list[Flowable] = [
        _words(report.title, TITLE),
        _words(text("report.lead", lang), SMALL),
        _words("   ·   ".join(f"{name}: {value}" for name, value in report.facts), SMALL),
    ]
    if report.corrected:
        story.append(_words(report.corrected, BODY))
    story += _section("short", lang, [_words(said, LARGE) for said in report.short])
    story += _pictures(report)
    rows: list[Flowable] = [
        _Drawing(row.shapes, (WIDTH, HEIGHT), _PAPER_WIDTH) for row in report.rows
    ]
    story += _section("curve", lang, [_words(report.curve_note, SMALL), *rows])
    story += _section("repetitions", lang, _reps(report))
    story += _plots(report)
    story += _section("faults", lang, _list(report.faults, "no_faults", lang))
    story += _section("unread", lang, _list(report.unread, "unread_none", lang))
    story += _section("sure", lang, [_words(said, BODY) for said in report.sure])
    last = (text("report.medical", lang), text("report.private", lang), report.made_by)
    return [*story, Spacer(0, 10), KeepTogether([_words(said, SMALL) for said in last])]


def _words(said: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(said, quote=False), style)


def _section(name: str, lang: str, content: Sequence[Flowable]) -> list[Flowable]:
    """A heading that stays with what comes first under it."""
    heading = _words(text(f"report.{name}", lang), HEADING)
    first, *rest = content
    if isinstance(first, Table):  # which may be long, and breaks by itself
        return [CondPageBreak(32 * mm), heading, first, *rest]
    together = len(content) if len(content) <= _SHORT_LIST else 2
    return [KeepTogether([heading, *content[:together]]), *content[together:]]


def _pictures(report: Report) -> list[Flowable]:
    lang = report.lang
    if not report.pictures:
        return [_words(text("report.no_pictures", lang), SMALL)]
    count = max(2, len(report.pictures))
    width = (_PAPER_WIDTH - (count - 1) * _GAP) / count
    cells = [_picture(picture, width) for picture in report.pictures]
    name = "pictures" if len(cells) > 1 else "one_picture"
    heading = _words(text(f"report.{name}", lang), HEADING)
    return [KeepTogether([heading, _beside(cells, width)])]


def _plots(report: Report) -> list[Flowable]:
    if not report.plots:
        return []
    width = (_PAPER_WIDTH - _GAP) / 2
    cells = [
        [
            _words(plot.heading, HEAD),
            _Drawing(plot.shapes, (plots.WIDTH, plots.HEIGHT), width),
            Spacer(0, 3),
            _words(plot.note, SMALL),
        ]
        for plot in report.plots
    ]
    heading = _words(text(f"report.{plots.heading_key(report.plots)}", report.lang), HEADING)
    return [KeepTogether([heading, _beside(cells, width)])]


def _beside(cells: Sequence[list[Flowable]], width: float) -> Table:
    """Put things of one width beside each other."""
    gaps = [width] + [width + _GAP] * (len(cells) - 1)
    table = Table([list(cells)], colWidths=gaps, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (0, 0), 0),
                ("LEFTPADDING", (1, 0), (-1, -1), _GAP),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _picture(picture: Picture, width: float) -> list[Flowable]:
    scale = min(width / picture.width_px, _PICTURE_HEIGHT / picture.height_px)
    image = Image(
        BytesIO(picture.jpeg), scale * picture.width_px, scale * picture.height_px, hAlign="LEFT"
    )
    return [_words(picture.heading, HEAD), image, Spacer(0, 3), _words(picture.caption, SMALL)]


def _reps(report: Report) -> list[Flowable]:
    lang = report.lang
    if not report.reps:
        return [_words(text("report.no_repetitions", lang), BODY)]
    rows: list[list[Any]] = [[_words(heading, HEAD) for heading in report.columns.values()]]
    for rep in report.reps:
        cells = [_words(getattr(rep, name), CELL) for name in report.plain_columns]
        colour = _VERDICTS[rep.verdict]
        verdict = Paragraph(
            f'<font color="{colour}"><b>{escape(rep.verdict_words)}</b></font>', CELL
        )
        remarks = [_words(remark, CELL) for remark in rep.cues]
        rows.append([*cells, verdict, remarks or ""])
    shares = [_SHARES[name] for name in report.columns]
    shares[-1] = 1 - sum(shares[:-1])
    table = Table(
        rows, colWidths=[_PAPER_WIDTH * share for share in shares], repeatRows=1, hAlign="LEFT"
    )
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, EDGE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return [table]


def _list(items: Sequence[str], otherwise: str, lang: str) -> list[Flowable]:
    if not items:
        return [_words(text(f"report.{otherwise}", lang), BODY)]
    return [Paragraph(escape(item, quote=False), BULLET, bulletText="•") for item in items]


class _Drawing(Flowable):
    """Shapes in a frame: one row of the curve, or a plot."""

    def __init__(
        self, shapes: Sequence[Shape], size: tuple[float, float], paper_width: float
    ) -> None:
        super().__init__()
        self._shapes, self._size = shapes, size
        self._scale = paper_width / size[0]
        self.width = paper_width
        self.height = self._scale * size[1] + 4

    def draw(self) -> None:
        """Draw the shapes; they count downwards, paper counts upwards."""
        width, height = self._size
        canvas = self.canv
        canvas.saveState()
        canvas.scale(self._scale, self._scale)
        for shape in self._shapes:
            _draw(canvas, shape, height)
        canvas.setStrokeColor(EDGE)
        canvas.setLineWidth(0.7)
        canvas.roundRect(0, 0, width, height, 5)
        canvas.restoreState()


def _draw(canvas: Canvas, shape: Shape, height: float) -> None:
    if isinstance(shape, Area | Stroke):
        path = canvas.beginPath()
        (x, y), *rest = shape.points
        path.moveTo(x, height - y)
        for x, y in rest:
            path.lineTo(x, height - y)
        if isinstance(shape, Area):
            path.close()
            canvas.setFillColor(colors.HexColor(shape.fill), alpha=shape.opacity)
            canvas.drawPath(path, stroke=0, fill=1)
        else:
            canvas.setStrokeColor(colors.HexColor(shape.colour))
            canvas.setLineWidth(shape.width)
            canvas.setLineJoin(1)
            canvas.drawPath(path, stroke=1, fill=0)
        return
    canvas.setFillColor(colors.HexColor(shape.colour), alpha=1)
    canvas.setFont(REGULAR, shape.size)
    draw = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }
    draw[shape.anchor](shape.x, height - shape.y, shape.words)


def _numbering(lang: str) -> type[Canvas]:
    """A canvas that writes "page 1 of 3" once it knows how many there are."""

    class Numbered(Canvas):
        def __init__(self, *words: Any, **named: Any) -> None:  # noqa: ANN401 - the library's own
            super().__init__(*words, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's own name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined] # not in its stubs

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                words = text("report.page", lang, number=number, count=len(self._pages))
                self.setFont(REGULAR, 7.5)
                self.setFillColor(QUIET)
                self.drawRightString(A4[0] - _MARGIN, _MARGIN - 3 * mm, words)
                super().showPage()
            super().save()

    return Numbered
