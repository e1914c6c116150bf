"""Puts the project's folder on the module path, so that a library finds `acceptance` wherever `robot` is started."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:
    sys.path.append(ROOT)
