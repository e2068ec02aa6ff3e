#!/usr/bin/env bash
# Brings a native ImageMagick 7 below .local/magick, without root and without a change to the system, where the
# system has none: Debian 12 and older ship version 6. The packages come from the Debian mirror that this machine is
# configured with; apt itself, on directories of its own, resolves them and verifies signatures and hashes.
# Usage: install.sh [directory]
set -euo pipefail
umask 022
cd "$(dirname "$0")/../../.."
target=${1:-$PWD/.local/magick}
release_wanted=trixie # the first Debian release with ImageMagick 7 (Debian 13)
package=imagemagick-7.q16

give_up() {
  printf 'make magick: %s\n' "$1" >&2
  printf '%s\n' "Without it the stack uses ImageMagick compiled to WebAssembly, which is slower. To use a command of your own: MAGICK_BIN=/path/to/magick" >&2
  exit 1
}

is_version_7() { "$1" -version 2>/dev/null | grep -q '^Version: ImageMagick 7\.'; }

if is_version_7 "$target/bin/magick"; then
  echo "$("$target/bin/magick" -version | head -n 1) is already in $target"
  exit 0
fi
if is_version_7 magick; then
  echo "$(magick -version | head -n 1) is already on this system: $(command -v magick)"
  exit 0
fi

# What this machine is.
# shellcheck source=/dev/null
ID= VERSION_CODENAME= VERSION_ID= && . /etc/os-release 2>/dev/null || true
[ "$ID" = debian ] || give_up "this is not Debian (${PRETTY_NAME:-$(uname -s)}): install ImageMagick 7 with the system's own packages"
for tool in apt-get dpkg dpkg-deb; do
  command -v "$tool" >/dev/null || give_up "$tool is not installed"
done
if [ -z "${VERSION_ID:-}" ] || [ "${VERSION_ID%%.*}" -ge 13 ]; then release_wanted=$VERSION_CODENAME; fi

# Where its Debian packages come from: the sources of its own release, pointed at the one with ImageMagick 7.
sources=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  sort -u | while read -r uri release component; do
    [ "$component" = main ] || continue
    case $release in
      "$VERSION_CODENAME" | stable | oldstable) echo "$uri $release_wanted" ;;
      "$VERSION_CODENAME-updates" | "$VERSION_CODENAME-security") echo "$uri $release_wanted-${release##*-}" ;;
    esac
  done)
[ -n "$sources" ] || give_up "apt has no source for Debian $VERSION_CODENAME main (see /etc/apt/sources.list and sources.list.d)"

mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$(dirname "$target")/magick-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work"/apt/sources.d "$work"/apt/preferences.d "$work"/tree
: >"$work/apt/status"

# Only what Debian's own archive keys have signed is taken, where their package is installed.
options="arch=$(dpkg --print-architecture) target=Packages lang=none"
for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
  if [ -r "$keyring" ]; then options="$options signed-by=$keyring" && break; fi
done
while read -r uri release; do echo "deb [$options] $uri $release main"; done <<<"$sources" >"$work/apt/sources.list"

# apt's configuration of this machine stays in force (proxies, certificates, credentials), its hooks do not.
cat >"$work/apt/apt.conf" <<END
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
Dir::State "$work/apt";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Dir::Cache::archives "$work/apt/cache/archives";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "$work/apt/sources.d";
Dir::Etc::preferences "$work/apt/preferences";
Dir::Etc::preferencesparts "$work/apt/preferences.d";
Dir::Log "$work/apt";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Default-Release "";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
END
private_apt() { apt-get -c "$work/apt/apt.conf" -qq "$@"; }

echo "Fetching ImageMagick 7 from this machine's Debian mirror:"
sed -E 's/^deb \[[^]]*\] /  /; s#//[^/@]*@#//#' "$work/apt/sources.list"
private_apt update || give_up "the mirror cannot be read or does not verify (see above)"
private_apt install --yes --download-only "$package" >/dev/null ||
  give_up "$package cannot be fetched from the mirror (see above)"

for archive in "$work"/apt/cache/archives/*.deb; do dpkg-deb --extract "$archive" "$work/tree"; done

# What runs is kept, and the licences of it.
library=$(cd "$work/tree/usr/lib" && echo *-linux-*)
loader=$(cd "$work/tree" && find usr/lib*/ -name 'ld-linux*.so.*' | head -n 1)
coders=$(cd "$work/tree" && find "usr/lib/$library" -type d -name coders | head -n 1)
[ -n "$loader" ] && [ -n "$coders" ] && [ -x "$work/tree/usr/bin/magick-im7.q16" ] || give_up "the packages of $release_wanted are not laid out as expected"
mkdir -p "$work/magick/usr/bin" "$work/magick/usr/lib" "$work/magick/bin" "$work/magick/configuration" "$work/magick/licences"
cp -a "$work/tree/usr/bin/magick-im7.q16" "$work/magick/usr/bin/"
cp -a "$work/tree/usr/lib/$library" "$work/magick/usr/lib/"
mkdir -p "$work/magick/$(dirname "$loader")" && cp -aL "$work/tree/$loader" "$work/magick/$loader"
cp "$work"/tree/etc/ImageMagick-7/*.xml "$work"/tree/usr/share/ImageMagick-7/*.xml "$work/magick/configuration/"
mkdir "$work/magick/policy" && mv "$work/magick/configuration/policy.xml" "$work/magick/policy/"
for licence in "$work"/tree/usr/share/doc/*/copyright; do
  cp -L "$licence" "$work/magick/licences/$(basename "$(dirname "$licence")")" 2>/dev/null || true # some are links into packages that are not needed
done

# The programs are linked against a newer C library than the system's, so they run under their own loader.
cat >"$work/magick/bin/magick" <<END
#!/bin/sh
# Runs ImageMagick 7 of Debian $release_wanted with its own loader and libraries. Made by make magick.
self=\$0
if [ -L "\$self" ]; then self=\$(readlink -f "\$self"); fi
root=\${self%/*}/..
export MAGICK_CODER_MODULE_PATH="\$root/$coders"
# What the caller configures comes first; the policy of the packages denies nothing and follows only where it has none.
if [ -z "\$MAGICK_CONFIGURE_PATH" ]; then MAGICK_CONFIGURE_PATH=\$root/policy; fi
export MAGICK_CONFIGURE_PATH="\$MAGICK_CONFIGURE_PATH:\$root/configuration"
exec "\$root/$loader" --library-path "\$root/usr/lib/$library" --argv0 magick "\$root/usr/bin/magick-im7.q16" "\$@"
END
chmod +x "$work/magick/bin/magick"
is_version_7 "$work/magick/bin/magick" || give_up "ImageMagick 7 was fetched and does not run here: $("$work/magick/bin/magick" -version 2>&1 | head -n 2)"

rm -rf "$target"
mv "$work/magick" "$target"
echo "$("$target/bin/magick" -version | head -n 1) is in $target"
