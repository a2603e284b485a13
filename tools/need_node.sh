#!/bin/sh
# Makes sure that node and npm are there: installs Debian's where it may, else says what to do.
set -eu

have() { command -v "$1" >/dev/null 2>&1; }

if have node && have npm; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && have apt-get; then
    echo "Installing nodejs and npm with apt-get." >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends nodejs npm >&2
fi
if ! have node || ! have npm; then
    echo "This target needs node and npm. Install Node.js 20 or newer, then run it again." >&2
    exit 1
fi
