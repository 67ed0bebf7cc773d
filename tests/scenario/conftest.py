"""Scenarios share one small language, ``timeline.py``, beside this file."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
