"""The doors: mail, SMS, sign-in, keyring, printer; each turns its library's errors into Unavailable."""
