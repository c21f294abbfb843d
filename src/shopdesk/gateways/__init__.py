"""Gateways to mail, sign-in, keyring and signing, local drafts, updates; each raises its errors as Unavailable."""
