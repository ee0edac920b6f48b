support='/Library/Application Support/Backstay'
plist=/Library/LaunchDaemons/org.backstay.agent.plist

state_folder() { echo "$support/agent"; }

take_service() {
  if [ -e $plist ]; then launchctl bootout system $plist 2>/dev/null || :; fi
  rm -f $plist
}

take_state() { rm -rf "$support" /Library/Logs/Backstay; }

# State and settings for root alone; then the service, in its newest shape.
start_service() {
  mkdir -p "$support/agent" "$support/etc/hooks.d"
  chmod 700 "$support/agent"
  chmod 755 "$support" "$support/etc" "$support/etc/hooks.d"
  echo @VERSION@ >"$support/agent/newest-version"
  chown root:wheel $plist
  chmod 644 $plist
  launchctl bootout system $plist 2>/dev/null || :
  launchctl bootstrap system $plist
  if [ ! -d "$support/agent/identity" ] && [ ! -e "$support/etc/token" ]; then
    echo "backstay-agent waits to be enrolled: put a token of your fleet into \"$support/etc/token\" (root's, mode 0600)"
  fi
}
