"""One file per step, numbered; the newest is named in ``store.upgrade.HEAD``."""
