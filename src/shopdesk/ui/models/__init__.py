"""Qt item models: lists and tables as the views want them."""
