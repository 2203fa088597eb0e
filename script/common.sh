# What script/server and script/test share: Python, the virtual environment, pinned requirements, Debian packages.
# Sourced, never run. Each function says in one sentence what is missing when it cannot go on.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1  # linear algebra threads slow small problems and many workers down
started=$SECONDS

step() { printf '[%4ds] %s\n' "$((SECONDS - started))" "$*" >&2; }
give_up() { printf 'Cannot go on: %s\n' "$*" >&2; exit 1; }

find_python() {
  local name
  for name in python3.11 python3 python; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then
      command -v "$name"
      return
    fi
  done
  give_up "Python 3.11, 3.12 or 3.13 was not found on the PATH; install it (Debian: apt install python3.11 python3.11-venv) and start again."
}

# install_debian PURPOSE PACKAGE...: through apt, as root or with sudo
install_debian() {
  local purpose=$1 as_root=()
  shift
  command -v apt-get >/dev/null 2>&1 || give_up "$purpose is missing and there is no apt-get to fetch it; install $* by hand and start again."
  if [ "$(id -u)" != 0 ]; then
    sudo -n true >/dev/null 2>&1 || give_up "$purpose is missing; run 'sudo apt-get install $*' and start again."
    as_root=(sudo -n)
  fi
  step "Installing $purpose ($*) with apt"
  local log
  log=$(mktemp)
  { "${as_root[@]}" apt-get update -q && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; give_up "apt could not install $* ($purpose); see the lines above."; }
}

make_environment() {
  local python
  python=$(find_python)
  if [ ! -x .venv/bin/python ]; then
    step "Making the virtual environment in .venv with $("$python" --version)"
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
      rm -rf .venv
      install_debian "the venv module of Python" "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
      "$python" -m venv .venv || give_up "'$python -m venv .venv' failed; see the lines above."
    fi
  fi
}

# install_requirements FILE...: only when a file changed since the last time
install_requirements() {
  local file mark
  for file in "$@"; do
    mark=".venv/.installed-$file"
    if ! cmp -s "$file" "$mark"; then
      step "Installing the pinned packages of $file (one to three minutes, more on a slow connection)"
      install_with_pip "$file" || give_up "pip could not install the packages of $file; is the package index reachable?"
      cp "$file" "$mark"
    fi
  done
}

# install_with_pip FILE: a line of progress now and then; what pip says besides is shown where it fails
install_with_pip() {
  local file=$1 total log line fetched=0
  total=$(grep -c '^[a-z0-9].*==' "$file")
  log=$(mktemp)
  .venv/bin/python -m pip install --progress-bar off --disable-pip-version-check --require-hashes -r "$file" 2>&1 | tee "$log" |
    while IFS= read -r line; do
      case $line in
        Collecting\ *) fetched=$((fetched + 1)); [ $((fetched % 10)) != 0 ] || step "  $fetched of $total packages fetched" ;;
        Installing\ collected*) step "  writing $total packages to .venv" ;;
      esac
    done || { tail -n 20 "$log" >&2; rm -f "$log"; return 1; }
  rm -f "$log"
}

# Java 17 or newer, for Spark; true where `java` on the PATH is one
has_java() {
  local version
  command -v java >/dev/null 2>&1 || return 1
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  [ "${version:-0}" -ge 17 ]
}
