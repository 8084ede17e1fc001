"""Stands in for the file manager: writes down the files that it is asked to show.

Usage: file_manager.py LOG
Says "ready" once it can be asked, and appends one address a line.
"""

import sys

from gi.repository import Gio, GLib

INTERFACE = """
<node>
  <interface name="org.freedesktop.FileManager1">
    <method name="ShowItems">
      <arg type="as" direction="in"/>
      <arg type="s" direction="in"/>
    </method>
  </interface>
</node>
"""

log = sys.argv[1]


def asked(_connection, _sender, _path, _interface, _method, arguments, invocation):
    addresses, _startup_id = arguments.unpack()
    with open(log, "a", encoding="utf-8") as file:
        file.writelines(address + "\n" for address in addresses)
    invocation.return_value(None)


def connected(connection, _name):
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection.register_object("/org/freedesktop/FileManager1", interface, asked, None, None)


Gio.bus_own_name(
    Gio.BusType.SESSION,
    "org.freedesktop.FileManager1",
    Gio.BusNameOwnerFlags.NONE,
    connected,
    lambda _connection, _name: print("ready", flush=True),
    lambda _connection, _name: sys.exit("there is another file manager"),
)
GLib.MainLoop().run()
