"""The application for a WSGI server: `gunicorn tagserver.wsgi:app`, the workspace from ORIGINTAG_HOME."""

from __future__ import annotations

import atexit
import os

from tagserver.bootstrap import open_app
from tagserver.config import find_home, load_settings

_opened = open_app(load_settings(find_home(os.environ), os.environ))
app, _ = _opened.__enter__()
atexit.register(_opened.__exit__, None, None, None)
