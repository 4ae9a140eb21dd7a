#!/bin/sh
# libvirt_lab.sh FOLDER DOMAIN.xml
# A libvirtd of its own on folders of its own, and the half of the benchmark that works on it. To be run by unshare --mount: what is
# mounted here is seen by nobody else, and a libvirtd of the machine is not touched.
set -eu
lab=$1 scripts=$(dirname "$0")
made=
for folder in etc/libvirt var/lib/libvirt var/cache/libvirt var/log/libvirt run; do
    mkdir -p "$lab/$folder"
    # A host without libvirt's service package lacks some of them.
    if [ ! -d "/$folder" ]; then
        mkdir "/$folder"
        made="$made /$folder"
    fi
    mount --bind "$lab/$folder" "/$folder"
done

# Where libvirt's QEMU user cannot open /dev/kvm, libvirt probes QEMU again at every define, and that would be what is measured.
if [ -c /dev/kvm ]; then
    mknod "$lab/kvm" c 10 232
    chmod 666 "$lab/kvm"
    mount --bind "$lab/kvm" /dev/kvm
fi

cat > "$lab/libvirtd.conf" <<END
log_level = 3
log_outputs = "3:file:$lab/libvirtd.log"
unix_sock_group = "root"
auth_unix_rw = "none"
auth_unix_ro = "none"
END
# libvirt makes control groups for its guests and leaves the one above them.
groups() { find /sys/fs/cgroup -maxdepth 2 -type d -name machine 2>/dev/null || true; }
before=$(groups)
remove_groups() {
    for group in $(groups); do
        case "$before" in
            *"$group"*) ;;
            *) find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true ;;
        esac
    done
}

virtlogd &
logger=$!
libvirtd --config "$lab/libvirtd.conf" &
LIBVIRTD_PID=$!
export LIBVIRTD_PID
remove_folders() {
    for folder in $made; do
        umount "$folder" 2>/dev/null && rmdir "$folder" 2>/dev/null || true
    done
}
trap 'kill $LIBVIRTD_PID $logger 2>/dev/null; wait; remove_groups; remove_folders' EXIT INT TERM
# The distribution's, which has the binding.
/usr/bin/python3 "$scripts/libvirt_side.py" "$2" </dev/stdin
