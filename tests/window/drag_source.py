"""A small window that files can be dragged out of: what a file manager is for the tests.

Usage: drag_source.py X Y FILE...
Says "ready" once the window is on the screen.
"""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

x, y = int(sys.argv[1]), int(sys.argv[2])
uris = [pathlib.Path(name).absolute().as_uri() for name in sys.argv[3:]]

window = Gtk.Window(title="Files")
window.set_decorated(False)
window.set_default_size(120, 80)
window.move(x, y)

handle = Gtk.EventBox()
handle.add(Gtk.Label(label=f"{len(uris)} to drag"))
handle.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
handle.drag_source_add_uri_targets()
handle.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(uris))
window.add(handle)


def ready():
    print("ready", flush=True)
    return False


window.connect("map-event", lambda *_: GLib.timeout_add(100, ready) and False)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
