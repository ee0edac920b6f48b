check_sums() { sha256sum --check --quiet --strict "$1"; }

has_systemd() { [ -d /run/systemd/system ]; }

state_folder() { echo /var/lib/@NAME@; }
