"""Install the system packages that some tests need, where this machine lets us: Debian, as root.

Elsewhere it says what to install, and the tests that need it say so when they are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {
    "chromium": "chromium",
    "exiftool": "libimage-exiftool-perl",
    "ffmpeg": "ffmpeg",
    "mediainfo": "mediainfo",
    "qpdf": "qpdf",
    "pdftotext": "poppler-utils",
    "jpegtran": "libjpeg-turbo-progs",
    "cwebp": "webp",
    "mogrify": "imagemagick",
}
"""Program → Debian package."""
BESIDE = ("fonts-noto-cjk", "libarchive-zip-perl")
"""Packages without a program: Chinese letters, and what exiftool reads archives with."""


def main() -> int:
    """Install what is missing; never a reason to stop the tests."""
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if not missing:
        return 0
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        print(f"some tests will be skipped; on Debian: apt-get install {' '.join([*missing, *BESIDE])}")
        return 0
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "--no-install-recommends", "--yes", *missing, *BESIDE]
    for arguments in (["update"], install):
        command = [apt, "-qq", *arguments]
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"apt-get {arguments[0]} failed: some tests will be skipped")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
