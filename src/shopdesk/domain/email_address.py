"""Parts of an e-mail address: its domain as DNS knows it, and the form in which two addresses are compared."""

from __future__ import annotations


def ascii_domain(domain: str) -> str:
    """Return the domain in ASCII by IDNA 2008 (RFC 5891, prepared by UTS 46); one in ASCII comes back unchanged.

    Not by Python's own codec: it knows IDNA 2003 only, which makes “ss” of “ß”, another owner's domain.
    Raises UnicodeError when no domain can be written so.
    """
    if domain.isascii():
        return domain
    import idna  # imported late: its tables are needed for few addresses

    return idna.encode(domain, uts46=True).decode("ascii")


def comparable(address: str) -> str:
    """Return the form in which addresses are compared: in small letters, with the domain as DNS knows it.

    Not casefolded: “ß” and “ss” are two domains. A text that is no address comes back in small letters.
    """
    local, at, domain = address.rpartition("@")
    if domain.isascii() or not at:
        return address.lower()
    try:
        return f"{local.lower()}@{ascii_domain(domain)}"
    except UnicodeError:
        return address.lower()
