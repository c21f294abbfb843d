"""The data folder that version 0.2.0 left, packed."""

import tarfile
from pathlib import Path

_PACKED = Path(__file__).parents[1] / "fixtures" / "data-folder-0.2.0.tar.xz"


def unpack(folder: Path) -> None:
    """Unpack the data folder of 0.2.0 into another one."""
    with tarfile.open(_PACKED) as packed:
        if hasattr(tarfile, "data_filter"):  # not in 3.11.2, which Debian 12 has; without one 3.12 warns
            packed.extraction_filter = tarfile.data_filter
        packed.extractall(folder)  # noqa: S202 - our own file
