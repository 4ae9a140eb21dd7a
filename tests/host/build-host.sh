#!/bin/bash
# Builds the disk of the test host, boots it once and saves it. See README.md beside this file.
set -euo pipefail

usage() {
    cat <<'END'
usage: build-host.sh OUTDIR

Puts the disk, the saved memory and the keys of the test host into OUTDIR. Does
nothing when they are up to date. Wants root, and Debian 12 from the mirror that
apt is configured with.
END
}

fail() {
    printf 'build-host.sh: %s\n' "$@" >&2
    exit 1
}

[ $# -eq 1 ] && [ "${1#-}" = "$1" ] || { usage >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] || fail "this machine is $(uname -m); the test host is an x86_64 one."
[ "$(id -u)" = 0 ] || fail "it makes a root file system and so has to be root."
for program in mmdebstrap mkfs.ext4 qemu-system-x86_64 ssh-keygen; do
    command -v "$program" >/dev/null || fail "$program is missing: apt-get install mmdebstrap e2fsprogs qemu-system-x86 openssh-client"
done

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
outdir=$(cd "$1" && pwd)
stamp=$outdir/.stamp

# A newer package in Debian is no reason to build anew by itself: tests must not depend on the network. A newer QEMU is one, as it
# is what has to understand the saved memory.
packages=$(sed 's/#.*//' "$here/packages.txt" | tr -s ' \n' ',' | sed 's/^,//;s/,$//')
inputs=$(
    qemu-system-x86_64 --version
    cd "$here"
    find build-host.sh machine.txt packages.txt rootfs -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
)

up_to_date() {
    [ -s "$outdir/disk.img" ] && [ -s "$outdir/memory" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ]
}

up_to_date && exit 0
# Of two runs at once, the second waits here and then finds the work done.
exec 9>"$outdir/.lock"
flock 9
up_to_date && exit 0

rm -rf --one-file-system "$outdir"/.build.*
rm -f "$stamp"
work=$(mktemp -d "$outdir/.build.XXXXXX")
machine=
finish() {
    if [ -n "$machine" ]; then
        kill -KILL "$machine" 2>/dev/null || true
        wait "$machine" 2>/dev/null || true
    fi
    rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The packages, unpacked and configured, are kept: it is they that take time.
base=$outdir/.base
mkdir -p "$base"
if [ ! -s "$base/root.tar" ] || [ "$(cat "$base/packages" 2>/dev/null)" != "$packages" ]; then
    rm -f "$base/packages"
    # The initrd has what the disk needs and no more.
    mmdebstrap --quiet --variant=apt --include="$packages" --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"' \
        --essential-hook='printf "MODULES=list\nCOMPRESS=lz4\n" >"$1/etc/initramfs-tools/conf.d/test-host"' \
        --essential-hook='printf "virtio_pci\nvirtio_blk\next4\n" >"$1/usr/share/initramfs-tools/modules.d/test-host"' \
        bookworm "$base/root.tar.new" --format=tar || fail "Debian 12 could not be fetched; mmdebstrap's output above says why."
    mv "$base/root.tar.new" "$base/root.tar"
    echo "$packages" >"$base/packages"
fi

root=$work/root
mkdir "$root"
tar -xf "$base/root.tar" -C "$root" --exclude='./dev/*' --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*'
cp -r "$here/rootfs/." "$root/"
rm -f "$root"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C test-host -f "$root/etc/ssh/ssh_host_ed25519_key"
ssh-keygen -q -t ed25519 -N '' -C test-host -f "$work/key"
install -D -m 600 "$work/key.pub" "$root/root/.ssh/authorized_keys"
sed "s/^/test-host /" "$root/etc/ssh/ssh_host_ed25519_key.pub" >"$work/known-hosts"

# enable UNIT TARGET, mask UNIT: as systemctl does.
enable() {
    mkdir -p "$root/etc/systemd/system/$2.wants"
    ln -sf "$3/$1" "$root/etc/systemd/system/$2.wants/$1"
}
mask() {
    ln -sf /dev/null "$root/etc/systemd/system/$1"
}
enable test-host-ready.service multi-user.target /etc/systemd/system
enable systemd-networkd.service multi-user.target /lib/systemd/system
# What works by the clock would disturb a test; what serves storage is started by the test that wants it.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
    logrotate.timer getty@tty1.service serial-getty@ttyS0.service; do
    mask "$unit"
done
find "$root/etc/systemd/system" -path '*.wants/*' \
    \( -name 'iscsi*' -o -name 'open-iscsi*' -o -name 'tgt*' -o -name 'nfs-*' -o -name 'rpcbind*' \) -delete

cp -L "$root"/vmlinuz "$work/vmlinuz"
cp -L "$root"/initrd.img "$work/initrd.img"
truncate -s 6G "$work/disk.img"
mkfs.ext4 -q -F -E lazy_itable_init=1,nodiscard -d "$root" "$work/disk.img"
rm -rf --one-file-system "$root"

# Boots it, waits until it says that it has started, and saves its memory.
mapfile -t arguments < <(sed -n "s|@FILES@|$work|; s/^\(-[a-z-]*\)\$/\1/p; s/^\(-[a-z-]*\) \(.*\)/\1\n\2/p" "$here/machine.txt")
mkfifo "$work/monitor.in" "$work/monitor.out" "$work/console"
exec 7<>"$work/console" 8<>"$work/monitor.out"
qemu-system-x86_64 "${arguments[@]}" -blockdev "driver=file,node-name=file,filename=$work/disk.img,cache.no-flush=on" \
    -blockdev driver=raw,node-name=disk,file=file -chardev "pipe,id=monitor,path=$work/monitor" -mon chardev=monitor \
    -chardev "file,id=console,path=$work/console" </dev/null 9>&- &
machine=$!
# wait_for FD TEXT: reads until a line has the text; the machine's end closes nothing, so its life is looked at too.
wait_for() {
    local line seen=
    while IFS= read -r -t 300 -u "$1" line; do
        seen+=$line$'\n'
        case $line in *"$2"*) return 0 ;; esac
    done
    fail "the test host never said '$2':" "$seen"
}
wait_for 7 'TEST-HOST READY'
echo "migrate_set_parameter max-bandwidth 100G" >"$work/monitor.in"
echo "migrate \"exec:cat >'$work/memory'\"" >"$work/monitor.in"
echo "info migrate" >"$work/monitor.in"
wait_for 8 'Migration status: completed'
echo quit >"$work/monitor.in"
wait "$machine"
machine=

mv "$work"/{disk.img,memory,vmlinuz,initrd.img,key,known-hosts} "$outdir/"
echo "$inputs" >"$work/stamp"
mv "$work/stamp" "$stamp"
echo "build-host.sh: built the test host in $outdir" >&2
