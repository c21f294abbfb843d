"""Everything before the workspace: sign-in, registration, first run, lock, PINs, manager override."""
