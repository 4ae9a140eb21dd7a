#!/bin/bash
# Boots a Debian 12 of its own in a container and lets installed.py install, restart, upgrade and remove the package in it.
set -euo pipefail

usage() {
    cat <<'END'
usage: install-test.sh OLD.deb NEW.deb

Wants root, the packages mmdebstrap and systemd-container, and Debian's mirror.
The root file system is made once, in the folder VIRT_INSTALL_ROOT (default:
/var/cache/virt-install-test), and copied for each run.
END
}

fail() {
    printf 'install-test.sh: %s\n' "$@" >&2
    exit 1
}

[ $# -ge 2 ] || { usage >&2; exit 2; }
old=$(readlink -e "$1") || fail "there is no $1"
new=$(readlink -e "$2") || fail "there is no $2"
shift 2
[ "$(id -u)" = 0 ] || fail "it boots a container and so has to be root."
for program in mmdebstrap systemd-nspawn nsenter; do
    command -v "$program" >/dev/null || fail "$program is missing: apt-get install mmdebstrap systemd-container util-linux"
done

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${VIRT_INSTALL_ROOT:-/var/cache/virt-install-test}
include=systemd,systemd-sysv,dbus,udev,init,iproute2,procps,util-linux,init-system-helpers,python3-minimal,python3-msgpack
include+=,libssl3,qemu-system-x86,qemu-utils
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ "$(cat "$cache/stamp" 2>/dev/null)" != "$include" ]; then
    echo "==> Debian 12 into $cache"
    mmdebstrap --quiet --variant=apt --include="$include" --aptopt='APT::Install-Recommends "false"' bookworm "$cache/base.tar"
    echo "$include" >"$cache/stamp"
fi

root=$(mktemp -d "$cache/run.XXXXXX")
container=
# finish: the container ends with its first process; nothing of it stays.
finish() {
    if [ -n "$container" ]; then
        kill -TERM "$container" 2>/dev/null || true
        wait "$container" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$root"
}
trap finish EXIT
trap 'exit 130' INT TERM
tar -xf "$cache/base.tar" -C "$root"
install -m 644 "$old" "$root/srv/old.deb"
install -m 644 "$new" "$root/srv/new.deb"
install -m 644 "$here"/*.py "$root/srv/"

# The test is the machine's last service: when it has ended, so does the machine.
cat >"$root/etc/systemd/system/install-test.service" <<END
[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
WorkingDirectory=/srv
Environment=LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1
ExecStart=/bin/sh -c 'python3 installed.py /srv/old.deb /srv/new.deb $* >/srv/result 2>&1; echo \$? >/srv/exit'
ExecStopPost=/bin/sh -c 'journalctl -u virtd.service --no-pager >/srv/journal'
ExecStopPost=systemctl --no-block poweroff
TimeoutStartSec=infinity
[Install]
WantedBy=multi-user.target
END
ln -s ../install-test.service "$root/etc/systemd/system/multi-user.target.wants/"

# With cgroup v1 on the host, the container's systemd has to know.
[ -e /sys/fs/cgroup/cgroup.controllers ] || export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0
echo "==> booting it"
systemd-nspawn --quiet --directory="$root" --boot --register=no --keep-unit --private-network --console=pipe \
    --machine="virt-$$" </dev/null >"$root.console" 2>&1 &
container=$!
wait "$container" || true
container=
mv "$root.console" "$root/srv/console"
cat "$root/srv/result" 2>/dev/null || { tail -n 40 "$root/srv/console"; fail "the container did not get as far as the test."; }
status=$(cat "$root/srv/exit")
[ "$status" = 0 ] || { echo "--- virtd's journal"; grep -v ' Client ' "$root/srv/journal" | tail -n 60; }
exit "$status"
