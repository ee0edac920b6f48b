#!/bin/sh
# Installs @NAME@ @VERSION@ (@TARGET@), for systems without its package. As root, in the unpacked folder:
#
#   ./install.sh [--key release-key.pem]
#
# All files are compared with SHA256SUMS first. --key names the public half of the release key, as you got it by another way
# than this archive: then the signature of SHA256SUMS is checked too, with OpenSSL 3. Whoever could change this archive could
# change this script, so check the archive itself before you unpack it: installers/README.md says how.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
lib='@LIB@'
bin=/usr/local/bin
#include linux/refuse-older.sh
#include archive/@PLATFORM@.sh

fail() {
  echo "error: $1" >&2
  if [ -n "${2-}" ]; then echo "hint: $2" >&2; fi
  exit 1
}

key=
while [ $# -gt 0 ]; do
  case "$1" in
    --key)
      key=${2-}
      if [ -z "$key" ]; then fail "--key names a file"; fi
      shift 2
      ;;
    *) fail "usage: install.sh [--key FILE]" ;;
  esac
done
[ "$(id -u)" = 0 ] || fail "only root can install this" "sudo ./install.sh"
[ "$(uname -s)-$(uname -m)" = "@MACHINE@" ] || fail "this is for @MACHINE@, and here is $(uname -s)-$(uname -m)"

if [ -n "$key" ]; then
  [ -r "$key" ] || fail "\"$key\" cannot be read"
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$here/SHA256SUMS" -sigfile "$here/SHA256SUMS.sig" \
    >/dev/null 2>&1 || fail "the signature of SHA256SUMS is not by that key" \
    "do not install this; with an OpenSSL older than 3 nothing can be checked: openssl version"
fi
cd "$here"
check_sums SHA256SUMS >&2 || fail "these files are not those of the release" "unpack the archive again, or fetch it again"
refuse_older @NAME@ @VERSION@ "$(state_folder)"

# A version has a folder of its own, and is in use from one rename on: whenever this is cut off, the old version or the new
# one is whole. The folder that is in use is never touched: the same version once more goes beside it.
folder=@VERSION@
case "$(readlink "$lib/@NAME@" || :)" in "@VERSION@/"*) folder=@VERSION@.again ;; esac
part=$lib/.@VERSION@.part
rm -rf "$part"
# A full disk is not filled any further by what it had no room for.
trap 'rm -rf "$part"' EXIT
mkdir -p "$part" "$bin"
for file in @FILES@; do cp "$here/program/$file" "$part/$file"; done
chmod 755 "$part/@NAME@"
cp "$here/uninstall.sh" "$part/uninstall.sh"
chmod 755 "$part/uninstall.sh"
sync
rm -rf "${lib:?}/$folder"
mv "$part" "$lib/$folder"
switch() {
  ln -sfn "$1" "$2.new"
  mv -f "$2.new" "$2"
}
switch "$folder/@NAME@" "$lib/@NAME@"
switch "$folder/uninstall.sh" "$lib/uninstall.sh"
switch "$lib/@NAME@" "$bin/@NAME@"
sync
put_settings "$here"
put_service "$here"
for other in "$lib"/[0-9]* "$lib"/.[0-9]*.part; do
  if [ "$other" != "$lib/$folder" ]; then rm -rf "$other"; fi
done
echo "@NAME@ @VERSION@ is installed; to remove it: $lib/uninstall.sh"
