"""Devices of this computer that may be receipt printers: at USB and at serial ports. The network is not searched."""

from __future__ import annotations

from pathlib import Path

from shopdesk.domain.printer import BAUD, Connection, PrinterAddress
from shopdesk.gateways.printer_transports import USB_PRINTER

_DEVICES = Path("/dev/usb")


def found() -> list[PrinterAddress]:
    """Return the devices: those that the system has a file for, serial ports, and without such files those at USB."""
    files = [PrinterAddress(Connection.FILE, str(path)) for path in sorted(_DEVICES.glob("lp*"))]
    return [*files, *_serial_ports(), *([] if files else _at_usb())]


def _serial_ports() -> list[PrinterAddress]:
    from serial.tools.list_ports import comports

    return [PrinterAddress(Connection.SERIAL, port.device, BAUD) for port in sorted(comports())]


def _at_usb() -> list[PrinterAddress]:
    import usb.core

    try:
        devices = usb.core.find(find_all=True, custom_match=_is_printer)
        return [PrinterAddress(Connection.USB, f"{each.idVendor:04x}:{each.idProduct:04x}") for each in devices]
    except (usb.core.NoBackendError, usb.core.USBError):  # without libusb, or without the right to look
        return []


def _is_printer(device: object) -> bool:
    return any(interface.bInterfaceClass == USB_PRINTER for setting in device for interface in setting)  # type: ignore[attr-defined]
