#include archive/darwin.sh
state_folder() { echo /nonexistent; }
put_settings() { :; }
put_service() { :; }
take_service() { :; }
take_state() { :; }
