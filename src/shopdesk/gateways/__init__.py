"""The doors to the outside: mail, SMS, sign-in providers, keyring, printer; each turns its library's errors into Unavailable."""
