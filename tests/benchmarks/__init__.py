"""How fast the program is and how much it takes, beside the raw limit of this machine, measured in the same run."""
