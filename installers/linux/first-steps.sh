first_steps() {
  echo "backstay-collector is installed and not started. Next:"
  echo "  1. say in /etc/backstay-collector/collector.env where agents find it (BACKSTAY_URL)"
  echo "  2. systemctl enable --now backstay-collector"
  echo "  3. journalctl -u backstay-collector -o cat   shows the set-up line for: backstay init"
}
