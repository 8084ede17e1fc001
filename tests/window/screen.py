"""Draws the screen, or so much of it from its upper left corner, into a PNG file.

Usage: screen.py FILE [WIDTH HEIGHT]
"""

import sys

import gi

gi.require_version("Gdk", "3.0")
from gi.repository import Gdk  # noqa: E402

Gdk.init([])
root = Gdk.get_default_root_window()
width, height = map(int, sys.argv[2:4] or (root.get_width(), root.get_height()))
picture = Gdk.pixbuf_get_from_window(root, 0, 0, width, height)
picture.savev(sys.argv[1], "png", [], [])
