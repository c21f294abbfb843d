"""A document into bytes: the receipt as PDF, the message as text; pure functions."""
