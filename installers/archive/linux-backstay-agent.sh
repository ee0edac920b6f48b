#include archive/linux.sh

put_settings() {
  mkdir -p /etc/backstay/hooks.d
  if [ ! -e /etc/backstay/agent.env ]; then cp "$1/settings/agent.env" /etc/backstay/agent.env; fi
}

# At an upgrade the service stays as it was: what somebody stopped or disabled is not started.
put_service() {
  is_new=no
  if [ ! -e /etc/systemd/system/backstay-agent.service ]; then is_new=yes; fi
  install -d -m 0700 /var/lib/backstay-agent
  echo @VERSION@ >/var/lib/backstay-agent/newest-version
  command -v systemctl >/dev/null || {
    echo "there is no systemd here: let something run: backstay-agent run"
    return
  }
  cp "$1/settings/backstay-agent.service" /etc/systemd/system/backstay-agent.service
  if has_systemd; then systemctl daemon-reload; fi
  if [ $is_new = yes ]; then systemctl --quiet enable backstay-agent.service || :; fi
  if has_systemd; then
    if [ $is_new = yes ]; then action=start; else action=try-restart; fi
    systemctl $action backstay-agent.service || :
  fi
  if [ ! -d /var/lib/backstay-agent/identity ] && [ ! -e /etc/backstay/token ]; then
    echo "backstay-agent waits to be enrolled: put a token of your fleet into /etc/backstay/token (root's, mode 0600)"
  fi
}

take_service() {
  if has_systemd; then systemctl stop backstay-agent.service || :; fi
  if command -v systemctl >/dev/null; then systemctl --quiet disable backstay-agent.service || :; fi
  rm -f /etc/systemd/system/backstay-agent.service
  if has_systemd; then systemctl daemon-reload; fi
}

take_state() { rm -rf /var/lib/backstay-agent /etc/backstay; }
