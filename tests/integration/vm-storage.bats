# Storage on block devices of a kernel that has device mapper and network block
# devices: lvm and nbd as they are, beside the recorded commands of
# tests/unit/test-storage.c.
load lib

setup_file() {
	needs_lxs
	needs "device mapper" modprobe dm-thin-pool
	needs "network block devices" modprobe nbd
	GROUP=lxs$$
	export GROUP
	truncate -s 600M "$BATS_FILE_TMPDIR/disk"
	losetup -f --show "$BATS_FILE_TMPDIR/disk" >"$BATS_FILE_TMPDIR/device"
	vgcreate -qy "$GROUP" "$(cat "$BATS_FILE_TMPDIR/device")"
	lvcreate -qy -L 200M -T "$GROUP/pool"
}

teardown_file() {
	vgremove -qfy "$GROUP" || :
	losetup -d "$(cat "$BATS_FILE_TMPDIR/device")" || :
}

# volumes: names of all but the pool.
volumes() {
	lvs --noheadings -o lv_name "$GROUP" | tr -d ' ' | grep -vx pool | sort | paste -sd' '
}

inside() {
	run tool execute -n "$1" -- /bin/sh -c "$2"
	assert_status 0
}

@test "lvm: a thin volume is made, started, cloned, snapshotted, restored and removed" {
	run tool create -n "$CT" -f /dev/null -t busybox -B lvm --vgname "$GROUP" --thinpool pool --fssize 64M
	assert_status 0
	run grep rootfs.path "$LXCPATH/$CT/config"
	assert_has "lxc.rootfs.path = lvm:/dev/$GROUP/$CT"
	run lvs --noheadings -o pool_lv,lv_size --units m "$GROUP/$CT"
	assert_says pool 64.00m
	run tool start -n "$CT"
	assert_status 0
	run tool attach -n "$CT" -- /bin/sh -c 'echo one >/root/word; grep " / " /proc/mounts'
	assert_says ext4
	run tool stop -n "$CT" -k
	run tool copy -n "$CT" -N "$CT-2" -s
	assert_status 0
	run lvs --noheadings -o origin "$GROUP/$CT-2"
	assert_says "$CT"
	run tool snapshot -n "$CT"
	assert_status 0
	inside "$CT" 'echo two >/root/word'
	inside "$CT-2" 'cat /root/word; hostname'
	assert_output "one
$CT-2"
	run tool snapshot -n "$CT" -r snap0
	assert_status 0
	inside "$CT" 'cat /root/word'
	assert_output one
	# A thin snapshot does not depend on what it was made of.
	run tool destroy -n "$CT" -s
	assert_status 0
	assert_equal "$(volumes)" "$CT-2"
	inside "$CT-2" 'cat /root/word'
	assert_output one
	run tool destroy -n "$CT-2"
	assert_status 0
	assert_equal "$(volumes)" ''
	[ ! -e "$LXCPATH/$CT" ] && [ ! -e "$LXCPATH/$CT-2" ]
}

@test "lvm: a plain volume's snapshot keeps it; one that is not active is activated; failures leave none" {
	run tool create -n "$CT" -f /dev/null -t busybox -B lvm --vgname "$GROUP" --thinpool none --lvname data --fssize 32M
	assert_status 0
	inside "$CT" 'echo one >/root/word'
	lvchange -an "$GROUP/data"
	[ ! -e "/dev/$GROUP/data" ]
	inside "$CT" 'cat /root/word'
	assert_output one
	run tool copy -n "$CT" -N "$CT-2" -s
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 1
	assert_says "it has clones that use its root file system: $CT-2"
	# Another group's worth of data, in a copy of its own.
	run tool copy -n "$CT" -N "$CT-3"
	assert_status 0
	run lvs --noheadings -o origin,lv_size --units m "$GROUP/$CT-3"
	assert_says 32.00m
	assert_silent_about data
	inside "$CT-3" 'cat /root/word'
	assert_output one
	for name in "$CT-3" "$CT-2" "$CT"; do
		run tool destroy -n "$name"
		assert_status 0
	done
	assert_equal "$(volumes)" ''
	run tool create -n "$CT" -t busybox -B lvm --vgname "$GROUP" --fssize 32M -- --busybox-path /nowhere
	assert_status 1
	run tool create -n "$CT" -t busybox -B lvm --vgname "$GROUP" --thinpool none --fssize 9G
	assert_status 1
	assert_says "insufficient free space"
	run tool create -n "$CT" -t busybox -B lvm --vgname nosuch
	assert_status 1
	assert_says "nosuch" "hint: --vgname or lxc.bdev.lvm.vg"
	assert_equal "$(volumes)" ''
	[ ! -e "$LXCPATH/$CT" ]
}

@test "lvm: what a killed create has left is its own volume alone" {
	run tool create -n "$CT" -t busybox -B lvm --vgname "$GROUP" --thinpool pool --fssize 32M
	assert_status 0
	tag=$(lvs --noheadings -o lv_tags "$GROUP/$CT" | tr -d ' ')
	[[ $tag = lxs:*"/$CT#"* ]]
	run tool copy -n "$CT" -N "$CT-2" -s
	assert_status 0
	# The tag of the origin is not its snapshot's.
	[ "$(lvs --noheadings -o lv_tags "$GROUP/$CT-2" | tr -d ' ')" != "$tag" ]
	printf 'claimed\nwhole\nrootfs lvm:/dev/%s\ntag %s\n' "$GROUP/$CT-2" "$tag" >"$LXCPATH/$CT-2/partial"
	run tool destroy -n "$CT-2"
	assert_status 0
	assert_equal "$(volumes)" "$CT $CT-2"
	lvremove -qy "$GROUP/$CT-2"
	printf 'claimed\nwhole\nrootfs lvm:/dev/%s\ntag %s\n' "$GROUP/$CT" "$tag" >"$LXCPATH/$CT/partial"
	run tool destroy -n "$CT"
	assert_status 0
	assert_equal "$(volumes)" ''
}

@test "lvm: a destroy that ended behind its volume does not remove another of that name; one in use stays a container" {
	run tool create -n "$CT" -f /dev/null -t busybox -B lvm --vgname "$GROUP" --thinpool pool --fssize 32M
	assert_status 0
	mkdir "$LXCPATH/mounted"
	mount "/dev/$GROUP/$CT" "$LXCPATH/mounted"
	run tool destroy -n "$CT"
	assert_status 1
	assert_says "cannot remove /dev/$GROUP/$CT: lvremove:"
	umount "$LXCPATH/mounted"
	rmdir "$LXCPATH/mounted"
	inside "$CT" 'echo it works'
	assert_output "it works"
	touch "$LXCPATH/$CT/kept"
	chattr +i "$LXCPATH/$CT/kept"
	run tool destroy -n "$CT"
	chattr -i "$LXCPATH/$CT/kept"
	assert_status 1
	assert_says "$LXCPATH/$CT/kept: Operation not permitted"
	assert_equal "$(volumes)" ''
	run tool create -n "$CT-2" -f /dev/null -t busybox -B lvm --vgname "$GROUP" --thinpool pool --lvname "$CT" --fssize 32M
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	assert_equal "$(volumes)" "$CT"
	[ ! -e "$LXCPATH/$CT" ]
	inside "$CT-2" 'echo it works'
	run tool destroy -n "$CT-2"
	assert_status 0
	assert_equal "$(volumes)" ''
}

# disk_image FILE: a disk of one partition with a root file system, in qemu's own format.
disk_image() {
	local tree=$LXCPATH/tree directory
	for directory in bin sbin proc sys dev tmp etc run root; do
		mkdir -p "$tree/$directory"
	done
	cp "$LXS_PROBE" "$tree/bin/probe"
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	ln -s busybox "$tree/bin/cat"
	truncate -s 32M "$LXCPATH/part"
	mkfs.ext4 -q -d "$tree" "$LXCPATH/part"
	# One entry of the table: Linux, 65536 sectors from 2048 on.
	truncate -s 1M "$LXCPATH/raw"
	printf '\0\0\0\0\203\0\0\0\0\10\0\0\0\0\1\0' | dd of="$LXCPATH/raw" bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of="$LXCPATH/raw" bs=1 seek=510 conv=notrunc status=none
	cat "$LXCPATH/part" >>"$LXCPATH/raw"
	qemu-img convert -O qcow2 "$LXCPATH/raw" "$1"
	rm -r "$tree" "$LXCPATH/part" "$LXCPATH/raw"
}

nothing_connected() {
	! compgen -G '/sys/block/nbd*/pid' >/dev/null && ! pgrep -x qemu-nbd >/dev/null
}

# The system's own device manager looks at each new disk, and holds it meanwhile.
wait_until_gone() {
	wait_for 120 "device and server are gone" nothing_connected && return
	grep -H . /sys/block/nbd*/pid
	ps -ww -C qemu-nbd -o pid,ppid,stat,args
	return 1
}

@test "nbd: a partition of a disk image is the root; all of it goes with the container" {
	disk_image "$LXCPATH/disk.qcow2"
	container_config "lxc.rootfs.path = nbd:$LXCPATH/disk.qcow2:1" "lxc.init.cmd = /bin/probe serve" \
		"lxc.mount.auto = proc:mixed" "lxc.console.logfile = $LXCPATH/$CT/console.log"
	start_probe
	run tool attach -n "$CT" -- /bin/sh -c 'echo kept >/root/word; cat /proc/mounts'
	assert_says "/dev/nbd0p1 / ext4"
	run tool stop -n "$CT" -k
	assert_status 0
	wait_until_gone
	inside "$CT" 'cat /root/word'
	assert_output kept
	start_probe
	kill -9 "$(init_pid)"
	wait_until_gone
	run tool copy -n "$CT" -N "$CT-2"
	assert_status 1
	assert_says "new storage of type nbd cannot be made" "hint: -B chooses"
	run tool copy -n "$CT" -N "$CT-2" -B dir
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/root/word")" kept
	wait_until_gone
	run tool destroy -n "$CT"
	assert_status 0
	[ -e "$LXCPATH/disk.qcow2" ]
}

@test "nbd: with an id map, and what is wrong with an image is said" {
	disk_image "$LXCPATH/disk.qcow2"
	container_config "lxc.rootfs.path = nbd:$LXCPATH/disk.qcow2:1" "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536" \
		"lxc.mount.auto = proc:mixed"
	inside "$CT" 'cat /proc/self/uid_map; echo x >/root/made'
	assert_says "100000"
	wait_until_gone
	container_config "lxc.rootfs.path = nbd:$LXCPATH/disk.qcow2:2"
	run tool execute -n "$CT" -- /bin/sh -c :
	assert_status 1
	assert_says "disk.qcow2: it has no partition 2" "config:1"
	container_config "lxc.rootfs.path = nbd:$LXCPATH/disk.qcow2"
	run tool execute -n "$CT" -- /bin/sh -c :
	assert_status 1
	assert_says "it holds no file system that is known" "config:1"
	container_config "lxc.rootfs.path = nbd:$LXCPATH/nosuch"
	run tool execute -n "$CT" -- /bin/sh -c :
	assert_status 1
	assert_says "cannot use the disk image $LXCPATH/nosuch: No such file or directory" "config:1"
	echo 'QFI and nothing behind it' >"$LXCPATH/broken.qcow2"
	printf 'QFI\373\0\0\0\3' | dd of="$LXCPATH/broken.qcow2" conv=notrunc status=none
	container_config "lxc.rootfs.path = nbd:$LXCPATH/broken.qcow2"
	run tool execute -n "$CT" -- /bin/sh -c :
	assert_status 1
	assert_says "qemu-nbd: " "config:1"
	wait_until_gone
}
