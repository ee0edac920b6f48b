#!/bin/sh
# Removes @NAME@; its state and settings stay. With --purge they go too@PURGED@.
set -eu
lib='@LIB@'
#include archive/@PLATFORM@.sh
[ "$(id -u)" = 0 ] || { echo "error: only root can remove this" >&2; exit 1; }
case "${1-}" in
  '' | --purge) ;;
  *) echo "usage: uninstall.sh [--purge]" >&2; exit 1 ;;
esac
take_service
rm -f "/usr/local/bin/@NAME@"
rm -rf "$lib"
if [ "${1-}" = --purge ]; then take_state; fi
