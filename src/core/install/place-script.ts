/**
 * The one privileged command of an installation: takes the uploaded files to their places and starts the daemon.
 * POSIX sh. Every file arrives whole or not at all (temporary name, sync, rename; links are switched by rename),
 * every step may be run again after a cut, and whatever it makes is written into undo.json before it is made.
 * It reports lines `@step ID`, `@id UUID`, `@fail CODE`; the reason for a failure goes to standard error.
 */
import { shellQuote } from './shell-quote.ts';

export interface PlaceInput {
  prefix: string;
  stage: string;
  init: 'systemd' | 'script';
  avahi: boolean;
  loginUser: string;
  runtimeVersion: string;
  /** Of the unpacked binary, pinned in our source. */
  runtimeSha256: string;
  runtimeFile: string;
  daemonVersion: string;
  daemonSha256: string;
  daemonFile: string;
  /** The id given if the device has none yet. */
  identity: string;
  /** The authorized_keys line that will be added, recorded for undoing; '' for none. */
  keyFile: string;
  keyLine: string;
  /** A public signing key (PublicKey as JSON) whose firmware the device is to take; '' for none. */
  signingKey: string;
}

/** The script with its values set in front, each quoted for the shell. */
export function placeScript(input: PlaceInput): string {
  const values = Object.entries(input).map(([name, value]) => {
    const variable = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return `${variable}=${shellQuote(String(value))}`;
  });
  return `${values.join('\n')}\n${BODY}`;
}

const BODY = String.raw`
set -u
umask 022
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH
opt=$prefix/opt/muster
state=$prefix/var/lib/muster
run=$prefix/run/muster
undo=$opt/undo.json
unit=/etc/systemd/system/muster.service
avahi_service=/etc/avahi/services/muster.service

# Commands word a full disk in many ways, so the disk itself is asked.
fail() {
  printf '@fail %s\n' "$1"
  shift
  [ "$(df -Pk "$opt" 2>/dev/null | awk 'NR==2 {print $4}')" -gt 64 ] 2>/dev/null || set -- "$*" '(No space left on device)'
  printf '%s\n' "$*" >&2
  exit 1
}
# Runs a command; its complaint becomes the reason.
try() { reason=$("$@" 2>&1) || fail INSTALL_STEP_FAILED "$*: $reason"; }
step() { printf '@step %s\n' "$1"; }
flush() { sync "$1" 2>/dev/null || sync; }
hash_of() { sha256sum "$1" 2>/dev/null | cut -d' ' -f1; }
json() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

# Runs a command as the daemon's account: what that account may change root does not run.
as_daemon() {
  if [ -z "$prefix" ] && id muster >/dev/null 2>&1 && command -v setpriv >/dev/null 2>&1
  then setpriv --reuid muster --regid muster --init-groups -- "$@"
  else "$@"; fi
}

# Whole or not at all: SOURCE to TARGET with MODE. Made anew (set -C), so that nobody's link is written through.
put() {
  reason=$( { rm -f "$2.new" && set -C && cat "$1" >"$2.new"; } 2>&1) || fail INSTALL_STEP_FAILED "writing $2: $reason"
  [ "$3" = 644 ] || try chmod "$3" "$2.new"
  flush "$2.new"
  try mv -f "$2.new" "$2"
}
# Switches a link in one step; plain ln would leave a moment without one.
point() {
  try ln -sfn "$1" "$2.new"
  mv -T "$2.new" "$2" 2>/dev/null || { rm -f "$2.new"; try ln -sfn "$1" "$2"; }
}
# One entry a line, so that sh can add to it. Recorded before the thing is made.
record() {
  if [ -f "$undo" ] && grep -qF -- "$1" "$undo"; then return; fi
  rm -f "$undo.new"
  set -C
  if [ -f "$undo" ]; then { sed '$d' "$undo"; printf ',%s\n]}\n' "$1"; } >"$undo.new"
  else printf '{"version":1,"entries":[\n%s\n]}\n' "$1" >"$undo.new"; fi || fail INSTALL_STEP_FAILED 'writing undo.json'
  set +C
  flush "$undo.new"
  try mv -f "$undo.new" "$undo"
}
record_path() { record '{"kind":"'"$1"'","path":"'"$(json "$2")"'"}'; }
record_name() { record '{"kind":"'"$1"'","name":"'"$(json "$2")"'"}'; }
# Folders above our own that were missing, e.g. opt in a new folder tree.
missing_above() {
  above=\${1%/*}
  while [ -n "$above" ] && [ ! -d "$above" ]; do printf '%s\n' "$above"; above=\${above%/*}; done
}

# True while that process runs this script: neither dead and not yet reaped, nor another one that got its number
# after a power cut left the lock.
installing() { tr '\000' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q 'place\.sh'; }

main() {
  echo @begin
  step place
  parents=$(missing_above "$opt"; missing_above "$state"; missing_above "$run")
  try mkdir -p "$opt"
  lock=$opt/.installing
  # A cut connection may leave a lock whose holder is gone, or still at its last step: it gets some seconds.
  patience=10
  until mkdir "$lock" 2>/dev/null; do
    holder=$(cat "$lock/pid" 2>/dev/null)
    [ $patience -gt 0 ] || fail DEVICE_BUSY "held by process \${holder:-unknown}"
    patience=$((patience - 1))
    if [ -n "$holder" ] && ! installing "$holder"; then rm -rf "$lock"; else sleep 1; fi
    # A lock that never got its pid: its maker died in between.
    if [ $patience = 5 ] && [ ! -s "$lock/pid" ]; then rm -rf "$lock"; fi
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 1' HUP INT TERM PIPE

  # Deepest first above, so that undoing in reverse order removes the deepest first too.
  for folder in $(printf '%s\n' "$parents" | sort -u); do record_path dir "$folder"; done
  record_path tree "$opt"
  record_path data "$state"
  record_path tree "$run"
  try mkdir -p "$state" "$run" "$opt/runtime" "$opt/slots" "$opt/blobs" "$opt/firmware"
  try chmod 750 "$state"

  place_runtime
  end_trial
  place_daemon
  place_state
  if [ -n "$key_line" ]; then
    record '{"kind":"line","path":"'"$(json "$key_file")"'","text":"'"$(json "$key_line")"'"}'
  fi
  [ -n "$prefix" ] || make_account
  trust_key
  if [ "$avahi" = true ] && [ -z "$prefix" ]; then
    step announce
    record_path file $avahi_service
    try mkdir -p /etc/avahi/services
    sed "s/@ID@/$id/" "$stage/muster-avahi.service" >"$stage/avahi.service" || fail INSTALL_STEP_FAILED 'writing the avahi service'
    put "$stage/avahi.service" $avahi_service 644
  fi
  start_service
  check
  echo "@id $id"
  echo @end
}

place_runtime() {
  folder=$opt/runtime/$runtime_version
  if [ "$(hash_of "$folder/node")" != "$runtime_sha256" ]; then
    try mkdir -p "$folder"
    reason=$( { gzip -dc <"$stage/$runtime_file" >"$folder/node.new"; } 2>&1) || {
      rm -f "$folder/node.new"
      fail INSTALL_STEP_FAILED "unpacking the runtime: $reason"
    }
    if [ "$(hash_of "$folder/node.new")" != "$runtime_sha256" ]; then
      rm -f "$folder/node.new" "$stage/$runtime_file"
      fail INSTALL_STEP_FAILED 'the runtime did not arrive whole'
    fi
    try chmod 755 "$folder/node.new"
    flush "$folder/node.new"
    try mv -f "$folder/node.new" "$folder/node"
  fi
  reason=$(as_daemon "$folder/node" --version 2>&1)
  [ "$reason" = "v$runtime_version" ] || fail SYSTEM_UNSUPPORTED "Node.js does not run here: $reason"
  point "$runtime_version" "$opt/runtime/current"
}

# An installation takes the place of a version on trial, which may be the one that runs.
end_trial() {
  [ -f "$opt/firmware/trial" ] || return 0
  if [ "$init" = systemd ]; then try systemctl stop muster.service
  else MUSTER_PREFIX=$prefix sh "$opt/muster-supervise.sh" stop </dev/null >/dev/null 2>&1; fi
  read -r tried rest <"$opt/firmware/trial"
  printf '%s\n%s\n' "$tried" 'a person installed another version over it' >"$stage/verdict" ||
    fail INSTALL_STEP_FAILED 'writing the verdict'
  put "$stage/verdict" "$opt/firmware/verdict" 644
  try rm -f "$opt/firmware/trial" "$opt/firmware/trial-starts"
  flush "$opt/firmware"
}

# FROM to TO without taking room where the file system can.
share() { ln "$1" "$2" 2>/dev/null || { try cp -p "$1" "$2"; flush "$2"; }; }

# An empty folder of our own; mkdir without -p fails where somebody put something in between.
empty() {
  try rm -rf "$1"
  try mkdir "$1"
}

# A slot that was made in FOLDER takes its place NAME.
settle() {
  flush "$1"
  try rm -rf "$opt/slots/$2"
  try mv "$1" "$opt/slots/$2"
  flush "$opt/slots"
}

place_daemon() {
  fresh=$opt/.slot.new
  # A slot of an older layout has no runtime of its own: it is made anew.
  if [ "$(hash_of "$opt/current/muster-daemon.mjs")" != "$daemon_sha256" ] ||
    [ "$(hash_of "$opt/current/node")" != "$runtime_sha256" ]
  then make_slot; fi
  if [ ! -e "$opt/slots/factory" ]; then
    empty "$fresh"
    for file in node muster-daemon.mjs manifest.json; do share "$opt/current/$file" "$fresh/$file"; done
    if [ -d "$opt/current/addons" ]; then
      try mkdir "$fresh/addons"
      for file in "$opt"/current/addons/*; do share "$file" "$fresh/addons/\${file##*/}"; done
    fi
    settle "$fresh" factory
  fi
  # What is here already need not be sent with the next firmware.
  [ -e "$opt/blobs/$runtime_sha256" ] || ln "$opt/current/node" "$opt/blobs/$runtime_sha256" 2>/dev/null
  [ -e "$opt/blobs/$daemon_sha256" ] || ln "$opt/current/muster-daemon.mjs" "$opt/blobs/$daemon_sha256" 2>/dev/null
}

make_slot() {
  # Never the slot that runs.
  case $(readlink "$opt/current" 2>/dev/null) in slots/a) slot=b ;; *) slot=a ;; esac
  empty "$fresh"
  source=$stage/$daemon_file
  [ -f "$source" ] || source=$opt/current/muster-daemon.mjs
  try cp "$source" "$fresh/muster-daemon.mjs"
  if [ "$(hash_of "$fresh/muster-daemon.mjs")" != "$daemon_sha256" ]; then
    rm -rf "$fresh" "$stage/$daemon_file"
    fail INSTALL_STEP_FAILED 'the daemon did not arrive whole'
  fi
  share "$opt/runtime/$runtime_version/node" "$fresh/node"
  printf '{"version":"%s","sha256":"%s","runtime":"%s"}\n' "$(json "$daemon_version")" "$daemon_sha256" "$runtime_version" >"$fresh/manifest.json" ||
    fail INSTALL_STEP_FAILED 'writing manifest.json'
  try chmod 644 "$fresh/muster-daemon.mjs" "$fresh/manifest.json"
  flush "$fresh/muster-daemon.mjs"
  flush "$fresh/manifest.json"
  # Another addon comes with another daemon: the daemon's file names the hashes of its own.
  try mkdir "$fresh/addons"
  for file in "$stage"/*.node; do
    try cp "$file" "$fresh/addons/"
    try chmod 644 "$fresh/addons/\${file##*/}"
    flush "$fresh/addons/\${file##*/}"
  done
  settle "$fresh" "$slot"
  point "slots/$slot" "$opt/current"
}

place_state() {
  if ! grep -q '"id"' "$state/identity.json" 2>/dev/null; then
    printf '{"id":"%s"}\n' "$identity" >"$stage/identity.json" || fail INSTALL_STEP_FAILED 'writing identity.json'
    put "$stage/identity.json" "$state/identity.json" 644
  fi
  id=$(sed -n 's/.*"id" *: *"\([^"]*\)".*/\1/p' "$state/identity.json" | head -n 1)
  [ -e "$state/config.yaml" ] || put "$stage/config.yaml" "$state/config.yaml" 644
}

make_account() {
  step account
  record_name group muster
  record_name user muster
  if ! grep -q '^muster:' /etc/group; then try groupadd --system muster; fi
  if ! id muster >/dev/null 2>&1; then
    try useradd --system --gid muster --home-dir /var/lib/muster --no-create-home --shell /usr/sbin/nologin muster
  fi
  for group in i2c spi gpio dialout; do
    if grep -q "^$group:" /etc/group; then try usermod -a -G $group muster; fi
  done
  if [ "$login_user" != root ] && ! id -Gn "$login_user" | grep -qw muster; then
    record '{"kind":"member","name":"'"$(json "$login_user")"'","group":"muster"}'
    try usermod -a -G muster "$login_user"
  fi
  try chown -R muster:muster "$state"
  try chown muster:muster "$run"
  # Firmware is the daemon's to change, the guard and the undo list are not: in a folder with the sticky bit only
  # their owner removes them.
  try chown -R muster:muster "$opt/slots" "$opt/blobs" "$opt/firmware"
  try chown -h muster:muster "$opt/current"
  try chgrp muster "$opt"
  try chmod 1775 "$opt"
  # The socket takes the folder's group, so that the login user may connect.
  try chmod 2750 "$run"
}

# Lets the device take firmware of this laptop, unless the key was withdrawn there.
trust_key() {
  [ -n "$signing_key" ] || return 0
  reason=$(as_daemon "$opt/current/node" -e '
    const fs = require("fs");
    const [path, text] = process.argv.slice(1);
    const key = JSON.parse(text);
    let trust = { keys: [], revoked: [] };
    try {
      trust = JSON.parse(fs.readFileSync(path, "utf8"));
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    if (trust.revoked.includes(key.id) || trust.keys.some(({ id }) => id === key.id)) process.exit(0);
    trust.keys.push(key);
    fs.rmSync(path + ".new", { force: true });
    const file = fs.openSync(path + ".new", "wx", 0o644);
    fs.writeSync(file, JSON.stringify(trust) + "\n");
    fs.fsyncSync(file);
    fs.renameSync(path + ".new", path);
  ' "$state/trust.json" "$signing_key" 2>&1) || fail INSTALL_STEP_FAILED "writing trust.json: $reason"
}

start_service() {
  step service
  put "$stage/muster-guard.sh" "$opt/muster-guard.sh" 755
  if [ "$init" = systemd ]; then
    record_name service muster.service
    record_path file $unit
    put "$stage/muster.service" $unit 644
    try systemctl daemon-reload
    try systemctl enable muster.service
    try systemctl restart muster.service
  else
    record_path process "$opt/muster-supervise.sh"
    put "$stage/muster-supervise.sh" "$opt/muster-supervise.sh" 755
    MUSTER_PREFIX=$prefix sh "$opt/muster-supervise.sh" restart </dev/null >/dev/null 2>&1 ||
      fail DAEMON_NOT_STARTED 'the supervising script did not start'
  fi
}

check() {
  step check
  if as_daemon "$opt/current/node" -e '
    const end = performance.now() + 30000;
    (function attempt() {
      require("net").connect(process.argv[1]).on("connect", () => process.exit(0)).on("error", () => {
        if (performance.now() > end) process.exit(1);
        setTimeout(attempt, 200);
      });
    })();' "$run/muster.sock"
  then return; fi
  if [ "$init" = systemd ]; then journalctl -u muster -n 20 --no-pager -o cat >&2
  else tail -n 20 "$state/daemon.log" >&2; fi
  printf '@fail DAEMON_NOT_STARTED\n'
  exit 1
}

main </dev/null
`.replaceAll(String.raw`\${`, '${');
