# Parts that an earlier try left when it was cut off.
rm -f /usr/bin/@NAME@\;* /usr/libexec/@NAME@/*/*\;* /usr/lib/sysusers.d/@NAME@*\;* /usr/lib/systemd/system/@NAME@*\;* \
  /usr/share/doc/@NAME@/*\;* /etc/backstay*/*\;*
# The version that is in use is a link, put in its place by one rename when all files of the version are on the disk:
# whenever this is cut off, the old version or the new one is whole.
sync /usr/libexec/@NAME@/@VERSION@/* || sync
ln -sfn @VERSION@/@NAME@ /usr/libexec/@NAME@/.@NAME@.new
mv -fT /usr/libexec/@NAME@/.@NAME@.new /usr/libexec/@NAME@/@NAME@
