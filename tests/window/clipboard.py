"""Holds files on the clipboard, as a file manager does after Copy, or a picture, as a painting program.

Usage: clipboard.py FILE... | clipboard.py --picture FILE | clipboard.py --read
Says "ready" once they are there, and holds them until it is ended. With --read it prints the text that is there.
"""

import pathlib
import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GdkPixbuf, GLib, Gtk  # noqa: E402

if sys.argv[1] == "--read":
    sys.stdout.write(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text() or "")
    sys.exit()

holder = Gtk.Window(type=Gtk.WindowType.POPUP)
holder.realize()
if sys.argv[1] == "--picture":
    picture = GdkPixbuf.Pixbuf.new_from_file(sys.argv[2])
    kind = "image/png"
    holder.connect("selection-get", lambda _w, data, _i, _t: data.set_pixbuf(picture))
else:
    uris = [pathlib.Path(name).absolute().as_uri() for name in sys.argv[1:]]
    kind = "text/uri-list"
    holder.connect("selection-get", lambda _w, data, _i, _t: data.set_uris(uris))
Gtk.selection_add_target(holder, Gdk.SELECTION_CLIPBOARD, Gdk.Atom.intern(kind, False), 0)


def take():
    if not Gtk.selection_owner_set(holder, Gdk.SELECTION_CLIPBOARD, Gdk.CURRENT_TIME):
        sys.exit("the clipboard was not given")
    print("ready", flush=True)
    return False


GLib.idle_add(take)
Gtk.main()
