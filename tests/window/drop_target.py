"""A small window that files can be dropped on: another program, for the tests.

Usage: drop_target.py X Y LOG
Says "ready" once it is on the screen, and appends the address of each file that is dropped.
"""

import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk  # noqa: E402

x, y, log = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def received(_window, context, _x, _y, data, _info, time):
    with open(log, "a", encoding="utf-8") as file:
        file.writelines(uri + "\n" for uri in data.get_uris())
    Gtk.drag_finish(context, True, False, time)


window = Gtk.Window(title="Another program")
window.set_decorated(False)
window.set_default_size(140, 140)
window.move(x, y)
window.drag_dest_set(Gtk.DestDefaults.ALL, [], Gdk.DragAction.COPY)
window.drag_dest_add_uri_targets()
window.connect("drag-data-received", received)
window.connect("map-event", lambda *_: GLib.timeout_add(100, print, "ready") and False)
window.show_all()
sys.stdout.reconfigure(line_buffering=True)
Gtk.main()
