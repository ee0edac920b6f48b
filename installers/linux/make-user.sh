# The collector's user, by sysusers.d where systemd is, else in the old way.
# make_user FILE
make_user() {
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers "$1"
  elif ! getent passwd backstay >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/backstay --shell /usr/sbin/nologin \
      --comment "Backstay collector" backstay
  fi
}
