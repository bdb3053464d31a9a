"""A window of WebKitGTK with nothing but the page, for WebKitWebDriver: Debian's MiniBrowser cannot be as narrow as a
phone, and does not print by itself. Started by the driver, as its browser.

A test asks for more than WebDriver has by `webkit.messageHandlers.window.postMessage('{"dark": true}')`: `script` (a
page's own; the driver's runs all the same), `dark`, `still` (less motion), `text` (its size, 1 as it is), and `print`,
the file to print to."""

import json
import os

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

settings = WebKit2.Settings(zoom_text_only=True)
context = WebKit2.WebContext.new_ephemeral()
context.set_automation_allowed(True)


def show(session):
    information = WebKit2.ApplicationInfo()
    information.set_name("nrg-enroll-tests")
    session.set_application_info(information)
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True, settings=settings)
    manager = view.get_user_content_manager()
    manager.connect("script-message-received::window", lambda _, message: told(view, json.loads(message.get_js_value().to_string())))
    manager.register_script_message_handler("window")
    view.connect("close", lambda _: Gtk.main_quit())
    window = Gtk.Window(default_width=390, default_height=844)
    window.add(view)
    window.show_all()
    return view


def told(view, wanted):
    gtk = Gtk.Settings.get_default()
    acts = {
        "script": settings.set_enable_javascript_markup,
        "dark": lambda on: gtk.set_property("gtk-application-prefer-dark-theme", on),
        "still": lambda on: gtk.set_property("gtk-enable-animations", not on),
        "text": view.set_zoom_level,
        "print": lambda path: print_to(view, path),
    }
    for name, value in wanted.items():
        acts[name](value)


def print_to(view, path):
    printing = Gtk.PrintSettings()
    printing.set_printer("Print to File")
    printing.set(Gtk.PRINT_SETTINGS_OUTPUT_URI, f"file://{path}.part")
    printing.set(Gtk.PRINT_SETTINGS_OUTPUT_FILE_FORMAT, "pdf")
    operation = WebKit2.PrintOperation(web_view=view, print_settings=printing)
    # Under its name only once it is whole.
    operation.connect("finished", lambda _: os.rename(f"{path}.part", path))
    operation.print_()


context.connect("automation-started", lambda _, session: session.connect("create-web-view", lambda session: show(session)))
Gtk.main()
