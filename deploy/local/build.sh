#!/usr/bin/env bash
# Compiles to dist/ and copies beside it the files that the code reads at run time.
set -euo pipefail
cd "$(dirname "$0")/../.."
tsc -p tsconfig.build.json
find services deploy -type f \( -name '*.sql' -o -name '*.eta' -o -name '*.html' -o -name '*.xml' -o -path '*/assets/*' \) -not -path '*/node_modules/*' -print0 |
  while IFS= read -r -d '' file; do
    mkdir -p "dist/$(dirname "$file")"
    cp -u "$file" "dist/$file"
  done
# A migration that was renamed would be run under both of its names.
find dist -name '*.sql' -print0 |
  while IFS= read -r -d '' copy; do
    [ -e "${copy#dist/}" ] || rm "$copy"
  done
mkdir -p dist/openapi dist/docs/runbooks
cp -u openapi/*.yaml dist/openapi/
cp -u docs/runbooks/*.md dist/docs/runbooks/
# What runs says what it was built from.
version=$(node --print 'require("./package.json").version')
revision=${MCSV_REVISION:-$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)}
printf '{ "version": "%s", "revision": "%s" }\n' "$version" "$revision" >dist/build-info.json
