#!/bin/sh
# systemctl, where no systemd runs: starts and ends what a unit's command line says, as its user, with its environment, state
# folder, credentials and capabilities. What is bound otherwise there (what is read-only, which calls there are), and who starts
# again what fell, is systemd's own and is not seen here. Who is enabled the real program says, which needs no systemd for that.
set -u
state=/run/units
mkdir -p $state /var/log/units
action=
units=
quiet=
property=
for word; do
  case "$word" in
    --property=*) property=${word#*=} ;;
    --now) now=yes ;;
    --quiet) quiet=--quiet ;;
    -*) ;;
    *) if [ -z "$action" ]; then action=$word; else units="$units ${word%.service}"; fi ;;
  esac
done

file_of() {
  for folder in /etc/systemd/system /usr/lib/systemd/system; do
    if [ -e "$folder/$1.service" ]; then echo "$folder/$1.service"; return; fi
  done
  echo "Unit $1.service not found." >&2
  exit 5
}
values() { sed -n "s/^$2=//p" "$1"; }
pid_of() { cat "$state/$1.pid" 2>/dev/null || echo 0; }
is_active() { pid=$(pid_of "$1"); [ "$pid" != 0 ] && kill -0 "$pid" 2>/dev/null; }

# As setpriv takes them: all but these are gone.
bounds_of() {
  names=$(values "$1" CapabilityBoundingSet | tr 'A-Z ' 'a-z,' | tr '\n' ',')
  [ -n "$names" ] || return 0
  echo "-all,$(echo "${names%,}" | tr ',' '\n' | sed 's/^cap_/+/' | paste -s -d ,)"
}

start() {
  if is_active "$1"; then return; fi
  file=$(file_of "$1")
  user=$(values "$file" User)
  set -- "$1" "PATH=$PATH" LC_ALL=C.UTF-8
  for one in $(values "$file" Environment); do set -- "$@" "$one"; done
  for path in $(values "$file" EnvironmentFile); do
    while IFS= read -r line; do
      case "$line" in '#'* | '') ;; *) set -- "$@" "$line" ;; esac
    done <<LINES
$(cat "${path#-}" 2>/dev/null)
LINES
  done
  folder=$(values "$file" StateDirectory)
  if [ -n "$folder" ]; then
    install -d -m "$(values "$file" StateDirectoryMode)" -o "${user:-root}" -g "${user:-root}" "/var/lib/$folder"
  fi
  credential=$(values "$file" LoadCredential)
  rm -rf "/run/credentials/$1.service"
  if [ -n "$credential" ] && [ -e "/etc/credstore/$credential" ]; then
    install -D -m 0400 "/etc/credstore/$credential" "/run/credentials/$1.service/$credential"
    set -- "$@" "CREDENTIALS_DIRECTORY=/run/credentials/$1.service"
  fi
  unit=$1
  shift
  set -- env -i "$@"
  bounds=$(bounds_of "$file")
  set -- setpriv --no-new-privs ${bounds:+--bounding-set=$bounds} ${user:+--reuid=$user --regid=$user --init-groups} "$@"
  if [ "$(values "$file" NoNewPrivileges)" != yes ]; then shift 2; set -- setpriv "$@"; fi
  umask "$(values "$file" UMask | grep . || echo 0022)"
  # The words of a command line in a unit of ours hold no space.
  # shellcheck disable=SC2046
  if [ "$(values "$file" Type)" = oneshot ]; then
    "$@" $(values "$file" ExecStart) >>"/var/log/units/$unit" 2>&1 </dev/null || exit 1
    return
  fi
  # shellcheck disable=SC2046
  setsid "$@" $(values "$file" ExecStart) >>"/var/log/units/$unit" 2>&1 </dev/null &
  echo $! >"$state/$unit.pid"
}

stop() {
  pid=$(pid_of "$1")
  tries=0
  kill -TERM "$pid" 2>/dev/null
  while is_active "$1" && [ $tries -lt 600 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null
  rm -f "$state/$1.pid"
}

case "$action" in
  start) for unit in $units; do case "$unit" in *.timer) ;; *) start "$unit" ;; esac; done ;;
  stop) for unit in $units; do case "$unit" in *.timer) ;; *) if is_active "$unit"; then stop "$unit"; fi ;; esac; done ;;
  restart) for unit in $units; do if is_active "$unit"; then stop "$unit"; fi; start "$unit"; done ;;
  try-restart) for unit in $units; do if is_active "$unit"; then stop "$unit"; start "$unit"; fi; done ;;
  is-active)
    if is_active $units; then said=active; else said=inactive; fi
    [ -n "$quiet" ] || echo $said
    [ $said = active ] || exit 3 ;;
  show)
    case "$property" in
      MainPID) if is_active $units; then pid_of $units; else echo 0; fi ;;
    esac ;;
  daemon-reload) ;;
  *)
    # shellcheck disable=SC2086 # Names of units.
    SYSTEMD_OFFLINE=1 /usr/bin/systemctl.offline $quiet "$action" $units || exit
    if [ "$action" = enable ] && [ "${now-}" = yes ]; then for unit in $units; do start "$unit"; done; fi ;;
esac
