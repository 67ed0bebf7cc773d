"""Rendered people whose true pelvic tilt is known (see README.md in this folder)."""
