#!/bin/bash
# Builds the kernel and the initramfs of the test guest. See README.md beside this file.
set -euo pipefail

usage() {
    cat <<'END'
usage: build-guest.sh [--flavour FLAVOUR] [--force] OUTDIR

Puts vmlinuz, vmlinux (the same kernel, unpacked) and initrd.img into OUTDIR,
from Debian's packages linux-image-FLAVOUR and busybox-static. Does nothing when
they are up to date.

  --flavour FLAVOUR  cloud-amd64 (the default: small and quick) or amd64 (has
                     drivers for e1000, ahci, USB and 9p; a download of 70 MB)
  --force            build even if up to date, and look for newer packages
END
}

fail() {
    printf 'build-guest.sh: %s\n' "$@" >&2
    exit 1
}

flavour=cloud-amd64
force=
outdir=
while [ $# -gt 0 ]; do
    case $1 in
        --flavour) [ $# -ge 2 ] || { usage >&2; exit 2; }; flavour=$2; shift ;;
        --force) force=yes ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *) [ -z "$outdir" ] || { usage >&2; exit 2; }; outdir=$1 ;;
    esac
    shift
done
[ -n "$outdir" ] || { usage >&2; exit 2; }
[ "$(uname -m)" = x86_64 ] ||
    fail "this machine is $(uname -m); build the guest on an x86_64 one and copy OUTDIR."

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$outdir"
outdir=$(cd "$outdir" && pwd)
stamp=$outdir/.stamp

# The inputs are this folder's files and the flavour. A newer kernel in Debian
# is no reason to build anew by itself: tests must not depend on the network.
inputs=$(
    echo "flavour $flavour"
    cd "$here"
    find build-guest.sh modules.txt rootfs -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
)

up_to_date() {
    [ -z "$force" ] && [ -s "$outdir/vmlinuz" ] && [ -s "$outdir/vmlinux" ] &&
        [ -s "$outdir/initrd.img" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ]
}

up_to_date && exit 0
# Of two runs at once, the second waits here and then finds the work done.
exec 9>"$outdir/.lock"
flock 9
up_to_date && exit 0

# Inside OUTDIR, so that the renames at the end stay on one file system. With
# the lock held, any other such folder is what a killed run left.
rm -rf "$outdir"/.build.*
work=$(mktemp -d "$outdir/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$work/apt.log
packages=$outdir/.packages/$flavour
mkdir -p "$packages"

# update_lists: refreshes apt's package lists, once, if the user may do that.
updated=
update_lists() {
    [ -z "$updated" ] && [ "$(id -u)" = 0 ] || return 1
    updated=yes
    for _ in {1..60}; do
        if apt-get -qq update >"$log" 2>&1; then return 0; fi
        # apt-get waits for dpkg's lock when told to, but never for that of the lists.
        grep -q 'Could not get lock' "$log" || return 1
        sleep 5
    done
    return 1
}

# resolve PACKAGE: for a meta package the package behind it, else itself.
resolve() {
    if [ "$1" = "linux-image-$flavour" ]; then
        apt-cache depends --important "$1" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
    else
        echo "$1"
    fi
}

# get PACKAGE FILE: makes sure that FILE holds the package. An earlier download is
# good enough, except with --force; also with it when a new one can't be had.
get() {
    if [ -z "$force" ] && [ -s "$2" ]; then return 0; fi
    local real dir=$work/download
    while command -v apt-get >/dev/null; do
        rm -rf "$dir"
        mkdir "$dir"
        # As root, apt would download as a user of its own, who can't write here.
        if real=$(resolve "$1" 2>>"$log") && [ -n "$real" ] &&
            (cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$real" >>"$log" 2>&1); then
            mv "$dir"/*.deb "$2"
            return 0
        fi
        # Lists that are missing or old know no such package, or one that is gone.
        update_lists || break
    done
    [ -s "$2" ]
}

how_to_get() {
    fail "can't get the package $1." \
        "Run 'apt-get update' as root and try again, or put the package's file at" \
        "$2" "or install the package. What apt said:" "$(cat "$log" 2>/dev/null)"
}

# What is installed serves where nothing can be downloaded.
unpacked=$work/packages
busybox=$unpacked/bin/busybox
if get busybox-static "$packages/busybox-static.deb"; then
    dpkg-deb -x "$packages/busybox-static.deb" "$unpacked"
    # It is in /usr/bin from Debian 13 on.
    [ -x "$busybox" ] || busybox=$unpacked/usr/bin/busybox
elif busybox=$(command -v busybox) && ! ldd "$busybox" >/dev/null 2>&1; then
    # ldd fails on a static program: any other would lack its libraries in the guest.
    echo "build-guest.sh: using the installed $busybox" >&2
else
    how_to_get busybox-static "$packages/busybox-static.deb"
fi

if get "linux-image-$flavour" "$packages/linux-image.deb"; then
    dpkg-deb -x "$packages/linux-image.deb" "$unpacked"
    kernel=$(echo "$unpacked"/boot/vmlinuz-*)
    version=${kernel##*/vmlinuz-}
    # Debian 13 has /lib as a link to usr/lib, and packages use the latter.
    modules=$(find "$unpacked" -path "*lib/modules/$version" -prune)
    "$busybox" depmod -b "${modules%/lib/modules/*}" "$version"
else
    kernel=$(compgen -G "/boot/vmlinuz-[0-9]*-$flavour" | sort -V | tail -n 1) &&
        version=${kernel##*/vmlinuz-} modules=/lib/modules/$version &&
        [ -f "$modules/modules.dep" ] && [ -r "$kernel" ] ||
        how_to_get "linux-image-$flavour" "$packages/linux-image.deb"
    echo "build-guest.sh: using the installed $kernel" >&2
fi

# field OFFSET TYPE BYTES: a value in the kernel file, for what Linux describes in
# Documentation/arch/x86/boot.rst.
field() {
    od -An -j "$1" -t "$2" -N "$3" "$kernel" | tr -d ' '
}

# The packed kernel's last four bytes are its size, which is no part of it.
start=$((($(field $((0x1f1)) u1 1) + 1) * 512 + $(field $((0x248)) u4 4)))
length=$(($(field $((0x24c)) u4 4) - 4))
dd if="$kernel" of="$work/packed" bs=1M iflag=skip_bytes,count_bytes status=none \
    skip="$start" count="$length"

# unpack_with PROGRAM PACKAGE: the program, from the package if it isn't installed.
unpack_with() {
    local program
    if ! program=$(command -v "$1"); then
        get "$2" "$packages/$2.deb" || how_to_get "$2" "$packages/$2.deb"
        dpkg-deb -x "$packages/$2.deb" "$unpacked"
        program=$unpacked/usr/bin/$1
    fi
    "$program" -dc <"$work/packed"
}

magic=$(field "$start" x1 4)
case $magic in
    02214c18) unpack_with lz4 lz4 ;;
    28b52ffd) unpack_with zstd zstd ;;
    fd377a58) unpack_with xz xz-utils ;;
    *) fail "don't know how to unpack $kernel: its content starts with $magic." ;;
esac >"$work/vmlinux"

# wanted_modules: the paths of the modules in modules.txt and all they depend on.
wanted_modules() {
    awk '
        function name(path) {
            sub(/.*\//, "", path)
            sub(/\.ko.*/, "", path)
            gsub(/-/, "_", path)
            return path
        }
        NR == FNR { if ($0 !~ /^#/ && NF) wanted[name($1)] = 1; next }
        name($1) in wanted { sub(/:/, ""); for (i = 1; i <= NF; i++) print $i }
    ' "$here/modules.txt" "$modules/modules.dep" | sort -u
}

root=$work/root
cp -r "$here/rootfs" "$root"
mkdir -p "$root"/{bin,dev,etc,mnt,proc,run,sys,tmp}
cp "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
# Where the kernel looks when it wants a module itself, as in mounting a 9p share.
ln -s ../bin/busybox "$root/sbin/modprobe"
chmod 755 "$root/bin/busybox" "$root/init" "$root"/sbin/*
for path in $(wanted_modules); do
    target=$root/lib/modules/$version/$path
    mkdir -p "${target%/*}"
    # Unpacked here rather than in each guest, where it would take far longer.
    case $path in
        *.xz) "$busybox" unxz -c "$modules/$path" >"${target%.xz}" ;;
        *) cp "$modules/$path" "$target" ;;
    esac
done
"$busybox" depmod -b "$root" "$version"
rm "$root/lib/modules/$version/modules.symbols"

# Uncompressed, as QEMU copies faster than a guest decompresses; and the same
# bytes for the same input.
find "$root" -exec touch -h -d @0 {} +
(
    cd "$root"
    find . -print0 | LC_ALL=C sort -z |
        "$busybox" cpio -0 -o -H newc -R 0:0 --renumber-inodes --ignore-devno 2>/dev/null
) >"$work/initrd.img"
cp "$kernel" "$work/vmlinuz"
echo "$inputs" >"$work/stamp"

rm -f "$stamp"
mv "$work/vmlinuz" "$work/vmlinux" "$work/initrd.img" "$outdir/"
mv "$work/stamp" "$stamp"
echo "build-guest.sh: built Linux $version and its initrd in $outdir" >&2
