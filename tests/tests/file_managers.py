"""Asks the menu in `src-tauri/linux/whittle_menu.py` as Nautilus and Caja do: usage `file_managers.py MENU FILE...`.

Everything but the file manager is real: what the menu starts is what the system's desktop entry says. Prints the
label, or nothing where the menu has no entry for these files, and then chooses it.
"""

import importlib.util
import os
import sys
import types

from gi.repository import Gio


class MenuItem:
    def __init__(self, **properties):
        self.properties = properties

    def connect(self, signal, callback, *data):
        assert signal == "activate"
        self.activate = lambda: callback(self, *data)


class FileInfo:
    def __init__(self, path):
        self.location = Gio.File.new_for_path(path)

    def get_location(self):
        return self.location

    def get_mime_type(self):
        attribute = Gio.FILE_ATTRIBUTE_STANDARD_CONTENT_TYPE
        return self.location.query_info(attribute, Gio.FileQueryInfoFlags.NONE, None).get_content_type()


menu, *paths = sys.argv[1:]
is_caja = "caja" in menu
manager = types.ModuleType("file manager")
manager.MenuItem = MenuItem
manager.MenuProvider = type("MenuProvider", (), {})
sys.modules["gi.repository." + ("Caja" if is_caja else "Nautilus")] = manager

spec = importlib.util.spec_from_file_location("whittle_menu", menu)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

provider = module.WhittleMenu()
files = [FileInfo(os.fsencode(path).decode(errors="surrogateescape")) for path in paths]
window = ["a window"] if is_caja else []
assert provider.get_background_items(*window, files[:1]) == []
assert provider.get_file_items(*window, []) == []
items = provider.get_file_items(*window, files)
for item in items:
    print(item.properties["label"])
    item.activate()
