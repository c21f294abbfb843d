"""The shift of the till and the close of the day: the card on the dashboard, its dialogs, X and Z reports."""
