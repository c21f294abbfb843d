"""The doors: mail, sign-in, keyring, this machine's shelf, new versions; each turns its errors into Unavailable."""
