#!/bin/sh
# Makes backstay-agent-@VERSION@-@TARGET@.pkg; to be run on a Mac, in this folder, with Xcode's command line tools.
#
#   APPLICATION_IDENTITY='Developer ID Application: …' INSTALLER_IDENTITY='Developer ID Installer: …' \
#   NOTARY_PROFILE=name ./build-pkg.sh
#
# Without identities the package is not signed: for tries on a Mac of your own. NOTARY_PROFILE: of `xcrun notarytool
# store-credentials`; without it nothing is sent to Apple.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
package=backstay-agent-@VERSION@-@TARGET@.pkg
version='pkgroot@LIB@/@VERSION@'

if [ -n "${APPLICATION_IDENTITY-}" ]; then
  for file in "$version"/*.node; do
    codesign --force --timestamp --options runtime --sign "$APPLICATION_IDENTITY" "$file"
  done
  codesign --force --timestamp --options runtime --entitlements entitlements.plist \
    --identifier org.backstay.backstay-agent --sign "$APPLICATION_IDENTITY" "$version/backstay-agent"
fi
# Compressed as macOS from 10.10 on reads it: without, the package would be half as large again.
pkgbuild --root pkgroot --scripts scripts --identifier org.backstay.agent --version @VERSION@ \
  --compression latest --min-os-version 13.5 --ownership recommended --install-location / component.pkg
if [ -n "${INSTALLER_IDENTITY-}" ]; then
  productbuild --distribution distribution.xml --package-path . --sign "$INSTALLER_IDENTITY" "$package"
else
  productbuild --distribution distribution.xml --package-path . "$package"
fi
rm component.pkg
if [ -n "${NOTARY_PROFILE-}" ]; then
  xcrun notarytool submit "$package" --keychain-profile "$NOTARY_PROFILE" --wait
  xcrun stapler staple "$package"
fi
echo "$here/$package"
echo "into the signed release, where the release key is: npm run package -- --add $package --key release.key"
