"""A report for the teacher: one HTML file or a PDF, in plain words, with pictures and curve.

analysis -> content.py (words, numbers, pictures) + curve.py, plots.py (shapes) -> page.py or pdf.py
"""

from posture.report.content import Report, report_of
from posture.report.page import write_html
from posture.report.pdf import write_pdf

__all__ = ["Report", "report_of", "write_html", "write_pdf"]
