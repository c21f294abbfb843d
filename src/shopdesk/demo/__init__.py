"""The tours of a shop's day, shipped so that they show on any machine, with or without a screen, that all works."""
