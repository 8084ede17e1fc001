"""Stands in for what a desktop offers on the message bus: notifications, and a tray.

Usage: services.py FOLDER
Says "ready" once both can be asked. Then FOLDER/notifications has a line for each notification,
FOLDER/tray what the tray's menu says, an entry a line; what is written into FOLDER/choose is chosen
there.
"""

import pathlib
import sys

from gi.repository import Gio, GLib

INTERFACES = """
<node>
  <interface name="org.freedesktop.Notifications">
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="GetCapabilities"><arg type="as" direction="out"/></method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
    </method>
  </interface>
  <interface name="org.kde.StatusNotifierWatcher">
    <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
    <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
    <property name="ProtocolVersion" type="i" access="read"/>
    <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  </interface>
</node>
"""

folder = pathlib.Path(sys.argv[1])
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
notifications, watcher = Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces


def notified(_bus, _sender, _path, _interface, method, arguments, invocation):
    if method == "Notify":
        _app, _id, _icon, title, body, _actions, _hints, _timeout = arguments.unpack()
        with open(folder / "notifications", "a", encoding="utf-8") as file:
            file.write(f"{title}: {body}\n")
        invocation.return_value(GLib.Variant("(u)", (1,)))
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["body"],)))
    else:
        invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))


def registered(_bus, sender, _path, _interface, method, arguments, invocation):
    invocation.return_value(None)
    if method == "RegisterStatusNotifierItem":
        (item,) = arguments.unpack()
        path = item if item.startswith("/") else "/StatusNotifierItem"
        GLib.timeout_add(200, follow, sender, path)


def about_watcher(_bus, _sender, _path, _interface, name):
    return {
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
        "RegisteredStatusNotifierItems": GLib.Variant("as", []),
    }[name]


def ask(name, path, interface, method, arguments):
    return bus.call_sync(name, path, interface, method, arguments, None, 0, 2000, None).unpack()


def follow(name, path):
    """Writes the menu down, and chooses what is to be chosen, until the program is gone."""
    menu_interface = "com.canonical.dbusmenu"
    try:
        about = GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", "Menu"))
        (menu,) = ask(name, path, "org.freedesktop.DBus.Properties", "Get", about)
        everything = GLib.Variant("(iias)", (0, -1, []))
        _revision, (_id, _properties, entries) = ask(
            name, menu, menu_interface, "GetLayout", everything
        )
        labels = {entry[1]["label"]: entry[0] for entry in entries if "label" in entry[1]}
        written = folder / "tray.new"
        written.write_text("".join(label + "\n" for label in labels), encoding="utf-8")
        written.rename(folder / "tray")
        choose = folder / "choose"
        if choose.exists():
            wanted = choose.read_text(encoding="utf-8").strip()
            choose.unlink()
            event = GLib.Variant("(isvu)", (labels[wanted], "clicked", GLib.Variant("s", ""), 0))
            ask(name, menu, menu_interface, "Event", event)
    except GLib.Error:
        return False
    return True


bus.register_object("/org/freedesktop/Notifications", notifications, notified, None, None)
bus.register_object("/StatusNotifierWatcher", watcher, registered, about_watcher, None)
left = {"org.freedesktop.Notifications", "org.kde.StatusNotifierWatcher"}


def owned(_bus, name):
    left.discard(name)
    if not left:
        print("ready", flush=True)


for own in list(left):
    Gio.bus_own_name_on_connection(bus, own, Gio.BusNameOwnerFlags.NONE, owned, None)
GLib.MainLoop().run()
