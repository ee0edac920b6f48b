support='/Library/Application Support/Backstay'
plist=/Library/LaunchDaemons/org.backstay.agent.plist
label=system/org.backstay.agent
update_plist=/Library/LaunchDaemons/org.backstay.agent-update.plist

state_folder() { echo "$support/agent"; }

# It may take as long to end as ExitTimeOut lets it, and launchd starts it no earlier.
stop_service() {
  launchctl bootout $label 2>/dev/null || :
  tries=0
  while [ $tries -lt 75 ] && launchctl print $label >/dev/null 2>&1; do
    tries=$((tries + 1))
    sleep 1
  done
}

take_service() {
  stop_service
  launchctl bootout $label-update 2>/dev/null || :
  rm -f $plist $update_plist
  if command -v pkgutil >/dev/null; then pkgutil --forget org.backstay.agent >/dev/null 2>&1 || :; fi
}

take_state() { rm -rf "$support" /Library/Logs/Backstay; }

# State and settings for root alone; then the service, in its newest shape.
start_service() {
  mkdir -p "$support/agent" "$support/etc/hooks.d"
  chmod 700 "$support/agent"
  chmod 755 "$support" "$support/etc" "$support/etc/hooks.d"
  echo @VERSION@ >"$support/agent/newest-version"
  chown root:wheel $plist $update_plist
  chmod 644 $plist $update_plist
  stop_service
  bootstrap_service
  if [ ! -d "$support/agent/identity" ] && [ ! -e "$support/etc/token" ]; then
    echo "backstay-agent waits to be enrolled: put a token of your fleet into \"$support/etc/token\" (root's, mode 0600)"
  fi
}

# A service that does not start is no failed installation: launchd tries again when the Mac starts.
bootstrap_service() {
  if launchctl print-disabled system 2>/dev/null | grep -Eq '"org\.backstay\.agent" => (disabled|true)'; then
    echo "the service was disabled here and stays so: launchctl enable $label"
    return
  fi
  tries=0
  until launchctl bootstrap system $plist 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -ge 15 ]; then
      echo "warning: launchd does not start the service now; it will when this Mac starts, or by: launchctl bootstrap system $plist" >&2
      return
    fi
    sleep 2
  done
}
