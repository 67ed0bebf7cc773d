"""Camera feedback for pelvis exercises: pelvic tilt and stance from one webcam."""

__version__ = "0.1.0"
