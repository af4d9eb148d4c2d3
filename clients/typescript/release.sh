#!/usr/bin/env bash
# Publishes the package with provenance. Run it in CI on a tag `client-vX.Y.Z`, with an OIDC token for the registry.
set -euo pipefail
cd "$(dirname "$0")"
version=$(node -p 'require("./package.json").version')
tag=$(git describe --exact-match --tags --match 'client-v*' 2>/dev/null || true)
[ "$tag" = "client-v$version" ] || { echo "tag this commit client-v$version first" >&2; exit 1; }
[ -z "$(git status --porcelain)" ] || { echo "commit everything first" >&2; exit 1; }
[ -n "${CI:-}" ] || { echo "provenance needs CI: a registry accepts it from a build that others can inspect" >&2; exit 1; }
npm run -s build
npm publish --provenance --access public "$@"
