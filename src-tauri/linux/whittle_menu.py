"""“Make smaller with Whittle” in the menus of Nautilus (GNOME's Files) and Caja."""

import importlib
from pathlib import Path

from gi.repository import Gio, GLib, GObject

# One file for both: each of them looks for it in a folder of its own.
IS_CAJA = Path(__file__).parent.parent.name == "caja-python"
FileManager = importlib.import_module("gi.repository." + ("Caja" if IS_CAJA else "Nautilus"))

ENTRY = "org.whittle.Whittle.desktop"
LABELS = {"en": "Make smaller with Whittle", "de": "Mit Whittle verkleinern"}


class WhittleMenu(GObject.GObject, FileManager.MenuProvider):
    def get_file_items(self, *args):
        # Caja, and Nautilus until version 42, name their window first.
        files = args[-1]
        try:
            whittle = Gio.DesktopAppInfo.new(ENTRY)
        except TypeError:
            # It was removed since.
            return []
        kinds = whittle.get_string_list("MimeType")
        if not files or not all(is_taken(file, kinds) for file in files):
            return []
        item = FileManager.MenuItem(
            name="WhittleMenu::optimize",
            label=next(LABELS[name] for name in [*GLib.get_language_names(), "en"] if name in LABELS),
            tip="",
            icon="org.whittle.Whittle",
        )
        item.connect("activate", start, whittle, [file.get_location() for file in files])
        return [item]

    def get_background_items(self, *args):
        return []


def is_taken(file, kinds):
    """Whether it is an image or a folder, and lies where a program can read it by its path."""
    return file.get_mime_type() in kinds and file.get_location().get_path() is not None


def start(_item, whittle, locations):
    # As from the menu of applications: each path is an argument, and no shell reads them.
    whittle.launch(locations, None)
