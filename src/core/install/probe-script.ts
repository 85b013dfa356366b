/**
 * The one command that looks at a device. POSIX sh: dash, busybox ash, bash. It changes nothing and prints
 * `name=value` lines, values stripped of control characters. facts.ts makes sense of them.
 */

/**
 * Arguments: the base64 part of our public key (to see whether it is let in already), or ''; the id of our signing key
 * (to see whether its firmware is taken already), or ''.
 */
export const PROBE_SCRIPT = String.raw`
LC_ALL=C; export LC_ALL
say() { printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\000-\037\177' | cut -c1-300)"; }
has() { command -v "$1" >/dev/null 2>&1; }
# A virtual device is a folder tree: what describes the machine may lie below its prefix.
machine_file() {
  for file in "$env_prefix/$1" "/$1"; do
    if [ -r "$file" ]; then tr -d '\000' <"$file" 2>/dev/null; return; fi
  done
}
json_field() { sed -n 's/.*"'"$1"'" *: *"\([^"]*\)".*/\1/p' "$2" 2>/dev/null | head -n 1; }
# The nearest folder that exists, since df knows no others.
existing() { path=$1; while [ ! -d "$path" ] && [ -n "$path" ]; do path=\${path%/*}; done; printf '%s' "\${path:-/}"; }
free_of() { df -Pk "$1" 2>/dev/null | awk 'NR==2 {print $4 " " $6}'; }

main() {
  env_prefix=\${MUSTER_PREFIX-}
  env_prefix=\${env_prefix%/}
  say probe 1
  say kernel_name "$(uname -s)"
  say kernel "$(uname -r)"
  say machine "$(uname -m)"
  say long_bit "$(getconf LONG_BIT 2>/dev/null)"
  say dpkg_arch "$(dpkg --print-architecture 2>/dev/null)"
  # Class, and low byte of the machine, of an ELF header: what programs here really are.
  say elf "$(od -An -tu1 -j4 -N1 /bin/sh 2>/dev/null | tr -d ' ') $(od -An -tu1 -j18 -N1 /bin/sh 2>/dev/null | tr -d ' ')"
  if [ -e /lib/ld-linux-aarch64.so.1 ] || [ -e /lib64/ld-linux-x86-64.so.2 ]; then say glibc yes; else say glibc no; fi
  say glibc_version "$(getconf GNU_LIBC_VERSION 2>/dev/null)"
  hostname=$(machine_file etc/hostname | head -n 1)
  say hostname "\${hostname:-$(uname -n)}"
  model=$(machine_file proc/device-tree/model)
  [ -n "$model" ] || model=$(cat /sys/class/dmi/id/product_name 2>/dev/null)
  say model "$model"
  serial=$(machine_file proc/device-tree/serial-number)
  say serial "\${serial:-$(machine_file etc/machine-id)}"
  say system "$(machine_file etc/os-release | sed -n 's/^PRETTY_NAME=//p' | tr -d '"' | head -n 1)"
  uid=$(id -u)
  say uid "$uid"
  say user "$(id -un 2>/dev/null || echo "$uid")"
  say groups "$(id -Gn 2>/dev/null)"
  say home "\${HOME-}"
  say env_prefix "$env_prefix"
  say ssh_connection "\${SSH_CONNECTION-}"

  privileged=none
  if [ "$uid" = 0 ]; then privileged=root
  elif has sudo; then
    if sudo -n true 2>/dev/null; then privileged=sudo
    else
      case " $(id -Gn 2>/dev/null) " in *' sudo '* | *' wheel '* | *' admin '*) privileged=sudo-password ;; esac
    fi
  fi
  say privileged "$privileged"
  if [ -d /run/systemd/system ] && has systemctl; then say systemd yes; else say systemd no; fi
  if has avahi-daemon || [ -x /usr/sbin/avahi-daemon ]; then say avahi yes; else say avahi no; fi
  i2c=no; for bus in /dev/i2c-*; do [ -e "$bus" ] && i2c=yes; done; say i2c $i2c
  missing=; for tool in gzip sha256sum sed awk df; do has $tool || missing="$missing $tool"; done
  say missing "$missing"

  if [ -n "$env_prefix" ]; then prefix=$env_prefix
  elif [ $privileged = none ]; then prefix=\${HOME%/}/.muster
  else prefix=; fi
  if [ -n "\${HOME-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ]; then stage=\${HOME%/}/.muster-stage
  else stage=/var/tmp/muster-stage-$uid; fi
  say stage "$stage"
  say free_target "$(free_of "$(existing "$prefix/opt/muster")")"
  say free_stage "$(free_of "$(existing "$stage")")"

  opt=$prefix/opt/muster
  if [ -e "$opt/current/muster-daemon.mjs" ]; then
    say installed_version "$(json_field version "$opt/current/manifest.json")"
    say installed_sha256 "$(sha256sum "$opt/current/muster-daemon.mjs" 2>/dev/null | cut -d' ' -f1)"
    say installed_runtime "$(readlink "$opt/runtime/current")"
    say identity "$(json_field id "$prefix/var/lib/muster/identity.json")"
    if [ -e "$opt/muster-guard.sh" ] && [ -e "$opt/current/node" ] && [ -e "$opt/slots/factory" ]
    then say slots yes; else say slots no; fi
    # Not being let in counts as no answer: this user has to join the group, which installing again does.
    if "$opt/runtime/current/node" -e '
      setTimeout(() => process.exit(1), 5000);
      require("net").connect(process.argv[1]).on("connect", () => process.exit(0))
        .on("error", () => process.exit(1));' "$prefix/run/muster/muster.sock" 2>/dev/null
    then say answers yes; else say answers no; fi
  fi
  # What this user may not read is not known to be missing.
  trust=$prefix/var/lib/muster/trust.json
  if [ -n "$2" ] && [ -r "$prefix/var/lib/muster/identity.json" ] && ! grep -qF "$2" "$trust" 2>/dev/null
  then say signer_missing yes; else say signer_missing no; fi
  if [ -n "$1" ] && grep -qF "$1" "\${HOME-}/.ssh/authorized_keys" 2>/dev/null; then say key_known yes; else say key_known no; fi
  say end 1
}
main "$1" "$2" </dev/null
`.replaceAll(String.raw`\${`, '${');
