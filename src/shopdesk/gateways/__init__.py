"""Gateways to mail, sign-in providers, the keyring, local drafts and updates; each raises its errors as Unavailable."""
