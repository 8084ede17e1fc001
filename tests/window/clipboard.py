"""Holds files on the clipboard, as a file manager does after Copy.

Usage: clipboard.py FILE...
Says "ready" once they are there, and holds them until it is ended.
"""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

uris = [pathlib.Path(name).absolute().as_uri() for name in sys.argv[1:]]

holder = Gtk.Window(type=Gtk.WindowType.POPUP)
holder.realize()
target = Gdk.Atom.intern("text/uri-list", False)
Gtk.selection_add_target(holder, Gdk.SELECTION_CLIPBOARD, target, 0)
holder.connect("selection-get", lambda _w, data, _i, _t: data.set_uris(uris))


def take():
    if not Gtk.selection_owner_set(holder, Gdk.SELECTION_CLIPBOARD, Gdk.CURRENT_TIME):
        sys.exit("the clipboard was not given")
    print("ready", flush=True)
    return False


GLib.idle_add(take)
Gtk.main()
