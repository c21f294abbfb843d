"""A document into bytes: the receipt as PDF, the message as text, a list as a file; pure functions."""
