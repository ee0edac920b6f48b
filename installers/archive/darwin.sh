check_sums() { shasum -a 256 -c "$1" >/dev/null; }
