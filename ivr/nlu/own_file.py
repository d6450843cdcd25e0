"""Files that only we can have written: what others could have changed is not read back as ours."""

import os
import stat
from io import BufferedReader
from pathlib import Path


def opened(path: Path) -> BufferedReader:
    """A regular file of this user that nobody else may write, open for reading.

    Raises:
        FileNotFoundError: it is not there.
        PermissionError: somebody else could have written it.
        OSError: it cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    about = os.fstat(handle)
    others_write = about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or others_write:
        os.close(handle)
        raise PermissionError("others could have written it")
    return os.fdopen(handle, "rb")
