# The collector's user, by sysusers.d where systemd is, else in the old way.
make_user() {
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers @SYSUSERS@
  elif ! getent passwd backstay >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/backstay --shell /usr/sbin/nologin \
      --comment "Backstay collector" backstay
  fi
}
