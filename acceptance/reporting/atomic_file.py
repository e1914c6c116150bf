"""Writes a file so that its readers see the old content or the new one, and never a part."""

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, content: str, mode: int = 0o600) -> None:
    """Replace the file `path`, which may be missing, and return when its content is on the disk.

    A link in its place is replaced and never followed.

    Args:
        path: The file.
        content: Its new content.
        mode: Its permissions; the umask has no effect.

    Raises:
        OSError: It cannot be written; the old file stays.
    """
    descriptor, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
