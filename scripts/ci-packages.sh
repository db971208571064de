#!/bin/sh
# Debian packages that tests need beyond Node and npm. Tests name what they miss on machines without them.
set -eu
missing=""
# util-linux: unshare, nsenter and setpriv of the rooted simulation; procps: process lists;
# gcc, libc6-dev, python3-minimal: a native and a Python program through the manager; chromium: what runs in browsers.
# zsh, fish: completion of the command line.
for package in util-linux procps gcc libc6-dev python3-minimal chromium zsh fish; do
  dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
apt-get update -qq
# shellcheck disable=SC2086  # a list of words on purpose
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
