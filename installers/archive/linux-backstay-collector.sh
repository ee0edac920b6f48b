#include archive/linux.sh
#include linux/make-user.sh
#include linux/first-steps.sh

put_settings() {
  mkdir -p /etc/backstay-collector
  settings=/etc/backstay-collector/collector.env
  if [ ! -e $settings ]; then install -m 640 "$1/settings/collector.env" $settings; fi
}

put_service() {
  is_new=no
  if [ ! -e /etc/systemd/system/backstay-collector.service ]; then is_new=yes; fi
  make_user "$1/settings/backstay-collector.sysusers"
  install -d -m 0700 -o backstay -g backstay /var/lib/backstay
  # Not in the data folder: what its user may write, root does not write.
  mkdir -p /var/lib/backstay-collector
  echo @VERSION@ >/var/lib/backstay-collector/newest-version
  command -v systemctl >/dev/null || {
    echo "there is no systemd here: let something run, as backstay: backstay-collector serve --data /var/lib/backstay"
    return
  }
  cp "$1/settings/backstay-collector.service" /etc/systemd/system/backstay-collector.service
  if has_systemd; then
    systemctl daemon-reload
    systemctl try-restart backstay-collector.service || :
  fi
  if [ $is_new = yes ]; then first_steps; fi
}

take_service() {
  if has_systemd; then systemctl stop backstay-collector.service || :; fi
  if command -v systemctl >/dev/null; then systemctl --quiet disable backstay-collector.service || :; fi
  rm -f /etc/systemd/system/backstay-collector.service
  if has_systemd; then systemctl daemon-reload; fi
}

# The backups of the fleet too.
take_state() {
  rm -rf /var/lib/backstay-collector /etc/backstay-collector
  # The folder itself may be where a disk is mounted.
  if [ -d /var/lib/backstay ]; then find /var/lib/backstay -mindepth 1 -delete; fi
  rmdir /var/lib/backstay 2>/dev/null || :
  if getent passwd backstay >/dev/null; then userdel backstay; fi
}
