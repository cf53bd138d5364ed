#!/bin/sh
# Install the system packages that `make` needs on Debian and Ubuntu, as root or by sudo. Without either, say what to install and go on.
set -u
wanted="python3-venv strace iproute2 libsane1 sane-utils sane-airscan avahi-daemon dbus openssl ca-certificates libnss3-tools ffmpeg gcc libc6-dev gdb valgrind libsane-dev python3-dev"
command -v dpkg-query >/dev/null 2>&1 || {
    echo "This is not Debian or Ubuntu: install SANE's library and scanimage yourself if you want SANE devices." >&2
    exit 0
}
# What the tests in a virtual machine need beside: `system-packages.sh vm`.
[ "${1:-}" = vm ] && wanted="$wanted qemu-system-x86 mmdebstrap e2fsprogs cpio"
# A browser for the tests that need one. On Ubuntu it is a snap, which a container cannot have; those tests are then skipped and say so.
[ "$(. /etc/os-release 2>/dev/null && echo "$ID")" = debian ] && wanted="$wanted chromium"
missing=""
for package in $wanted; do
    # A Python that is not the system's brings its own venv module.
    [ "$package" = python3-venv ] && ${PYTHON:-python3} -c 'import venv, ensurepip' 2>/dev/null && continue
    # The same for the headers that python-sane is compiled with.
    [ "$package" = python3-dev ] && ${PYTHON:-python3} -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null && continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
line="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "Missing system packages:$missing" >&2
    echo "Without them SANE devices are not there and their tests fail, and certificates are not tested against foreign tools. As root: $line" >&2
    exit 0
fi
echo "Installing system packages:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive sh -c "apt-get update -qq && $line -qq" >/dev/null || {
    echo "Could not install$missing; going on without. Try as root: $line" >&2
}
exit 0
