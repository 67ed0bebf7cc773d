"""The report as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path

from posture.adapters.export import write_text
from posture.datatypes import Verdict
from posture.locales import text
from posture.report import plots
from posture.report.content import Picture, Report
from posture.report.curve import HEIGHT, WIDTH, Area, Row, Shape, Stroke
from posture.report.plots import Plot

_STYLE = """
:root { color-scheme: light; --ink: #1d2a2e; --quiet: #55646a; --edge: #dcd9cd; --paper: #fbfaf6 }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1.25rem 3rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
p { margin: .4rem 0; max-width: 44rem }
.quiet, figcaption, footer { color: var(--quiet) }
dl { display: flex; flex-wrap: wrap; gap: .2rem 2rem; margin: .9rem 0 0 }
dl div { display: flex; gap: .5rem } dt { color: var(--quiet) } dd { margin: 0; font-weight: 600 }
.short p { font-size: 1.1rem }
.note { border-left: 4px solid #b45309; padding: .2rem .9rem; margin: 1.2rem 0 }
.pictures { display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)) }
figure { margin: 0; max-width: 27rem }
figure img { width: 100%; height: auto; border-radius: 8px; display: block }
figure h3 { font-size: 1rem; margin: 0 0 .4rem }
figcaption { margin-top: .4rem; font-size: .92rem }
svg { width: 100%; height: auto; display: block; margin: .6rem 0; background: #fff;
  border: 1px solid var(--edge); border-radius: 8px }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0;
  border-bottom: 1px solid var(--edge) }
th { color: var(--quiet); font-weight: 600 }
td ul { margin: 0; padding: 0; list-style: none } td li { margin: 0 }
.good { color: #256b4c; font-weight: 600 } .improve { color: #8f4207; font-weight: 600 }
li { margin: .25rem 0; max-width: 44rem }
footer { margin-top: 2.5rem; border-top: 1px solid var(--edge); padding-top: 1rem;
  font-size: .88rem }
@media (max-width: 40rem) {
  .scroll svg { min-width: 36rem }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { display: grid; grid-template-columns: auto 1fr auto; gap: 0 .9rem; padding: .5rem 0;
    border-bottom: 1px solid var(--edge) }
  td { border: 0; padding: .1rem 0 } td:last-child { grid-column: 1 / -1 }
  td:empty { display: none } }
@media print { body { background: #fff; font-size: 10.5pt } main { padding: 0; max-width: none }
  h2 { break-after: avoid } figure, tr, svg { break-inside: avoid } }
"""
_CLASSES = {Verdict.GOOD: "good", Verdict.IMPROVE: "improve", Verdict.CANNOT_JUDGE: "quiet"}


def write_html(report: Report, path: Path) -> None:
    """Write ``report.html``.

    Raises:
        OutputError: The file cannot be written.
    """
    write_text(html_of(report), path)


def html_of(report: Report) -> str:
    """Return the report as one HTML document."""
    lang = report.lang
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        f'<p class="quiet">{escape(text("report.lead", lang))}</p>',
        _facts(report),
        f'<p class="note">{escape(report.corrected)}</p>' if report.corrected else "",
        _section("short", lang, f'<div class="short">{_paragraphs(report.short)}</div>'),
        _pictures(report),
        _section("curve", lang, _curve(report)),
        _section("repetitions", lang, _reps(report)),
        _plots(report),
        _section("faults", lang, _list(report.faults, "no_faults", lang)),
        _section("unread", lang, _list(report.unread, "unread_none", lang)),
        _section("sure", lang, _paragraphs(report.sure)),
        _footer(report),
    ]
    content = "\n".join(part for part in parts if part)
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(report.title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n"
    )


def _section(name: str, lang: str, content: str) -> str:
    heading = escape(text(f"report.{name}", lang))
    return (
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{heading}</h2>\n{content}\n</section>'
    )


def _paragraphs(sentences: tuple[str, ...]) -> str:
    return "\n".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _facts(report: Report) -> str:
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in report.facts
    )
    return f"<dl>{facts}</dl>"


def _pictures(report: Report) -> str:
    lang = report.lang
    if not report.pictures:
        return f'<p class="quiet">{escape(text("report.no_pictures", lang))}</p>'
    figures = "\n".join(_figure(picture, lang) for picture in report.pictures)
    name = "pictures" if len(report.pictures) > 1 else "one_picture"
    return _section(name, lang, f'<div class="pictures">\n{figures}\n</div>')


def _figure(picture: Picture, lang: str) -> str:
    alt = escape(text("report.picture_alt", lang, caption=picture.caption))
    data = b64encode(picture.jpeg).decode()
    return (
        f"<figure><h3>{escape(picture.heading)}</h3>"
        f'<img src="data:image/jpeg;base64,{data}" alt="{alt}" '
        f'width="{picture.width_px}" height="{picture.height_px}">'
        f"<figcaption>{escape(picture.caption)}</figcaption></figure>"
    )


def _curve(report: Report) -> str:
    rows = "\n".join(
        svg(row, report.curve_alt if first else "") for first, row in _firsts(report.rows)
    )
    note = f'<p class="quiet">{escape(report.curve_note)}</p>'
    return f'{note}\n<div class="scroll" tabindex="0">{rows}</div>'


def _plots(report: Report) -> str:
    if not report.plots:
        return ""
    figures = "\n".join(
        f"<figure><h3>{escape(plot.heading)}</h3>{svg(plot, plot.alt)}"
        f"<figcaption>{escape(plot.note)}</figcaption></figure>"
        for plot in report.plots
    )
    return _section(
        plots.heading_key(report.plots), report.lang, f'<div class="pictures">\n{figures}\n</div>'
    )


def _firsts(rows: tuple[Row, ...]) -> list[tuple[bool, Row]]:
    return [(index == 0, row) for index, row in enumerate(rows)]


def svg(drawn: Row | Plot, alt: str) -> str:
    """Return one row of the curve, or a plot, as SVG.

    Args:
        drawn: The row or plot.
        alt: What it shows, in words; empty for a row that only goes on.
    """
    told = f'role="img" aria-label="{escape(alt)}"' if alt else 'aria-hidden="true"'
    shapes = "".join(_shape(shape) for shape in drawn.shapes)
    width, height = (WIDTH, HEIGHT) if isinstance(drawn, Row) else (plots.WIDTH, plots.HEIGHT)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" {told} '
        f'font-family="system-ui, sans-serif">{shapes}</svg>'
    )


def _shape(shape: Shape) -> str:
    if isinstance(shape, Area):
        points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
        return f'<polygon points="{points}" fill="{shape.fill}" fill-opacity="{shape.opacity:g}"/>'
    if isinstance(shape, Stroke):
        points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
        return (
            f'<polyline points="{points}" fill="none" stroke="{shape.colour}" '
            f'stroke-width="{shape.width:g}" stroke-linejoin="round" stroke-linecap="round"/>'
        )
    return (
        f'<text x="{shape.x:g}" y="{shape.y:g}" font-size="{shape.size:g}" fill="{shape.colour}" '
        f'text-anchor="{shape.anchor}">{escape(shape.words)}</text>'
    )


def _reps(report: Report) -> str:
    lang = report.lang
    if not report.reps:
        return f"<p>{escape(text('report.no_repetitions', lang))}</p>"
    head = "".join(f'<th scope="col">{escape(words)}</th>' for words in report.columns.values())
    rows = []
    for rep in report.reps:
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in rep.cues)
        cells = (getattr(rep, name) for name in report.plain_columns)
        rows.append(
            "<tr>"
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + f'<td class="{_CLASSES[rep.verdict]}">{escape(rep.verdict_words)}</td>'
            + f"<td>{f'<ul>{remarks}</ul>' if remarks else ''}</td></tr>"
        )
    body = "\n".join(rows)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _list(items: tuple[str, ...], otherwise: str, lang: str) -> str:
    if not items:
        return f"<p>{escape(text(f'report.{otherwise}', lang))}</p>"
    return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in items) + "\n</ul>"


def _footer(report: Report) -> str:
    said = (text("report.medical", report.lang), text("report.private", report.lang))
    return f"<footer>{_paragraphs((*said, report.made_by))}</footer>"
