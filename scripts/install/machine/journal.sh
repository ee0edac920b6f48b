#!/bin/sh
# journalctl, beside units.sh: what a unit's program said.
for word; do
  case "$word" in
    --unit=*) unit=${word#*=} ;;
  esac
done
cat "/var/log/units/${unit%.service}"
