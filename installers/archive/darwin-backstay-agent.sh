#include archive/darwin.sh
#include macos/service.sh
put_settings() { :; }
put_service() {
  install -m 755 "$1/settings/service" "$lib/service"
  cp "$1/settings/org.backstay.agent.plist" $plist
  cp "$1/settings/org.backstay.agent-update.plist" $update_plist
  start_service
}
