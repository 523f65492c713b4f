# Storage backends: what lxc.rootfs.path means at start, what -B makes, what destroy removes.
load lib

teardown() {
	! mountpoint -q "$LXCPATH/b" || umount -R "$LXCPATH/b"
	lib_teardown
}

# overlay_container LOWERS...: $CT on an overlay of a lower tree with the probe in it.
lower_tree() {
	local name=$1 directory
	LOWER=$LXCPATH/$name
	for directory in bin sbin proc sys dev tmp etc run var mnt; do
		mkdir -p "$LOWER/$directory"
	done
	cp "$LXS_PROBE" "$LOWER/bin/probe"
}

overlay_config() {
	lower_tree lower
	mkdir -p "$LXCPATH/$CT/overlay/delta" "$LXCPATH/$CT/overlay/work"
	UPPER=$LXCPATH/$CT/overlay/delta
	container_config "lxc.rootfs.path = overlay:${LOWERS:-$LOWER}:$UPPER" "lxc.init.cmd = /bin/probe serve" \
		"lxc.console.logfile = $LXCPATH/$CT/console.log" "$@"
}

# inside SCRIPT: what busybox's shell does in the running container.
inside() {
	run tool attach -n "$CT" -- /bin/sh -c "$1"
	assert_status 0
}

busybox_in() {
	local word
	cp "$(command -v busybox)" "$1/bin/busybox"
	for word in sh cat ls rm mkdir stat chown; do
		ln -s busybox "$1/bin/$word"
	done
}

@test "overlay: the lower tree is read, the upper one written" {
	overlay_config
	busybox_in "$LOWER"
	echo old >"$LOWER/etc/word"
	mkdir "$LOWER/etc/emptied"
	echo x >"$LOWER/etc/emptied/file"
	start_probe
	inside 'cat /etc/word; echo new >/etc/word; rm -r /etc/emptied; mkdir /etc/emptied; ls /etc/emptied'
	assert_output old
	assert_equal "$(cat "$LOWER/etc/word")" old
	assert_equal "$(cat "$UPPER/etc/word")" new
	[ -e "$LOWER/etc/emptied/file" ]
	run tool stop -n "$CT" -k
	start_probe
	inside 'cat /etc/word; ls /etc/emptied'
	assert_output new
}

@test "overlay: several lower trees, the first on top" {
	needs_lxs
	lower_tree middle
	echo middle >"$LOWER/etc/word"
	lower_tree lower
	busybox_in "$LOWER"
	echo lowest >"$LOWER/etc/word"
	echo deep >"$LOWER/etc/deep"
	LOWERS=$LXCPATH/middle:$LXCPATH/lower overlay_config
	start_probe
	inside 'cat /etc/word /etc/deep'
	assert_output $'middle\ndeep'
}

@test "overlay: with an id map files of root's tree are those of the container's root, and stay root's on the disk" {
	needs_lxs
	overlay_config "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	busybox_in "$LOWER"
	echo old >"$LOWER/etc/word"
	start_probe
	inside 'stat -c "%u %g" /etc/word; echo new >/etc/word; chown 7:8 /etc/word; rm /bin/nosuch /etc/word2 2>/dev/null; echo x >/etc/x'
	assert_output "0 0"
	assert_equal "$(stat -c '%u %g' "$UPPER/etc/word")" "7 8"
	assert_equal "$(stat -c '%u %g' "$UPPER/etc/x")" "0 0"
	assert_equal "$(cat "$LOWER/etc/word")" old
}

@test "overlay in memory: changes are gone at the end, those before are there" {
	needs_lxs
	overlay_config "lxs.rootfs.tmpfs = 1"
	busybox_in "$LOWER"
	mkdir "$UPPER/etc"
	echo before >"$UPPER/etc/word"
	start_probe
	inside 'cat /etc/word; echo new >/etc/word'
	assert_output before
	run tool stop -n "$CT" -k
	assert_equal "$(cat "$UPPER/etc/word")" before
	start_probe
	inside 'cat /etc/word'
	assert_output before
}

@test "-B overlay: the template fills the lower tree, the container writes above it, destroy takes both" {
	needs_lxs
	run tool create -n "$CT" -B overlay -t busybox
	assert_status 0
	run grep '^lxc.rootfs.path' "$LXCPATH/$CT/config"
	assert_output "lxc.rootfs.path = overlay:$LXCPATH/$CT/rootfs:$LXCPATH/$CT/overlay/delta"
	[ -x "$LXCPATH/$CT/rootfs/sbin/init" ]
	run tool start -n "$CT"
	assert_status 0
	inside 'echo x >/etc/made'
	run tool stop -n "$CT" -k
	[ -e "$LXCPATH/$CT/overlay/delta/etc/made" ]
	[ ! -e "$LXCPATH/$CT/rootfs/etc/made" ]
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
}

@test "destroy of an overlay leaves the trees it shares" {
	needs_lxs
	overlay_config
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
	[ -x "$LOWER/bin/probe" ]
}

@test "overlay: a layer that is missing is named" {
	needs_lxs
	overlay_config
	rm -r "$LOWER"
	run tool start -n "$CT"
	assert_status 1
	assert_says "$LOWER" "No such file or directory" "config:1"
}

needs_ranges() {
	needs "newuidmap" test -u /usr/bin/newuidmap
	needs "a range of ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
}

# bats test_tags=user
@test "an overlay of an ordinary user, in the user namespace" {
	needs_lxs
	needs_ranges
	run tool create -n "$CT" -B overlay -t busybox
	assert_status 0
	chmod 700 "$LXCPATH"
	run tool start -n "$CT"
	assert_status 0
	inside 'echo x >/etc/made; rm -r /etc/init.d; mkdir /etc/init.d; ls /etc/init.d; stat -c %u /etc/made'
	assert_output 0
	run tool stop -n "$CT" -k
	[ ! -e "$LXCPATH/$CT/rootfs/etc/made" ]
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
}

# bats test_tags=user
@test "storage that only root can mount is refused to an ordinary user" {
	needs_lxs
	needs_ranges
	container_config "lxc.rootfs.path = loop:$LXCPATH/image" "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1"
	run tool start -n "$CT"
	assert_status 1
	assert_says "only root can mount storage of type loop" "config:1"
}

# ---- loop ----

loop_devices() {
	losetup -l -n -O BACK-FILE | grep -F "$LXCPATH" || :
}

@test "loop: an image is made, filled, started, copied and removed" {
	needs_lxs
	needs "mkfs.ext4" test -x /usr/sbin/mkfs.ext4
	run tool create -n "$CT" -t busybox -B loop --fstype ext4 --fssize 64M
	assert_status 0
	run grep rootfs.path "$LXCPATH/$CT/config"
	assert_has "lxc.rootfs.path = loop:$LXCPATH/$CT/rootdev"
	assert_equal "$(stat -c %s "$LXCPATH/$CT/rootdev")" $((64 << 20))
	run tool start -n "$CT"
	assert_status 0
	inside 'echo kept >/root/word; grep " / " /proc/mounts'
	assert_says ext4
	run tool stop -n "$CT" -k
	wait_for 10 "the loop device is let go" prints_nothing loop_devices
	run tool copy -n "$CT" -N "$CT-2"
	assert_status 0
	[ -f "$LXCPATH/$CT-2/rootdev" ]
	run tool execute -n "$CT-2" -- /bin/cat /root/word
	assert_has kept
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ] && [ ! -e "$LXCPATH/$CT-2" ]
	assert_equal "$(loop_devices)" ''
}

@test "loop: an unknown file system, and a template that fails, leave nothing" {
	needs_lxs
	run tool create -n "$CT" -t busybox -B loop --fstype fat
	assert_status 1
	assert_says "'fat' cannot be made" "hint: --fstype knows ext2"
	[ ! -e "$LXCPATH/$CT" ]
	run tool create -n "$CT" -t busybox -B loop --fssize 64M -- --busybox-path /nowhere
	assert_status 1
	[ ! -e "$LXCPATH/$CT" ]
	assert_equal "$(loop_devices)" ''
}

@test "loop: a squashfs image is a root file system that is only read" {
	needs_lxs
	needs "squashfs" command -v mksquashfs
	lower_tree tree
	busybox_in "$LOWER"
	echo packed >"$LOWER/etc/word"
	mksquashfs "$LOWER" "$LXCPATH/image" -quiet -no-progress >/dev/null
	container_config "lxc.rootfs.path = loop:$LXCPATH/image" "lxc.init.cmd = /bin/probe serve" \
		"lxc.console.logfile = $LXCPATH/$CT/console.log"
	start_probe
	inside 'cat /etc/word'
	assert_output packed
	run tool attach -n "$CT" -- /bin/sh -c 'echo x >/etc/word'
	assert_says "Read-only file system"
	run tool stop -n "$CT" -k
	# A copy can be written: it is what was in there, in a directory.
	run tool copy -n "$CT" -N "$CT-2" -B dir
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/word")" packed
}

# ---- btrfs ----

# A file system of its own for this test, as $LXCPATH/b.
btrfs_begin() {
	needs "btrfs in the kernel" sh -c 'grep -qw btrfs /proc/filesystems || modprobe btrfs'
	needs "mkfs.btrfs" command -v mkfs.btrfs
	truncate -s 256M "$LXCPATH/disk"
	mkfs.btrfs -q "$LXCPATH/disk"
	mkdir "$LXCPATH/b"
	mount -o loop "$LXCPATH/disk" "$LXCPATH/b"
}

btrfs_end() {
	umount "$LXCPATH/b"
}

on_btrfs() {
	local command=$1
	shift
	run "$TOOL_BIN/lxs-$command" -P "$LXCPATH/b" "$@"
}

@test "btrfs: subvolumes, snapshots that share their data, and best finds it" {
	needs_lxs
	btrfs_begin
	on_btrfs create -n "$CT" -t busybox -B best
	assert_status 0
	run grep rootfs.path "$LXCPATH/b/$CT/config"
	assert_has "lxc.rootfs.path = btrfs:$LXCPATH/b/$CT/rootfs"
	# The root of a subvolume has this number.
	assert_equal "$(stat -c %i "$LXCPATH/b/$CT/rootfs")" 256
	echo one >"$LXCPATH/b/$CT/rootfs/root/word"
	on_btrfs copy -n "$CT" -N "$CT-2" -s
	assert_status 0
	assert_equal "$(stat -c %i "$LXCPATH/b/$CT-2/rootfs")" 256
	echo two >"$LXCPATH/b/$CT-2/rootfs/root/word"
	assert_equal "$(cat "$LXCPATH/b/$CT/rootfs/root/word")" one
	on_btrfs execute -n "$CT-2" -- /bin/cat /root/word
	assert_has two
	# A snapshot does not depend on what it was made of.
	on_btrfs destroy -n "$CT"
	assert_status 0
	on_btrfs execute -n "$CT-2" -- /bin/cat /root/word
	assert_has two
	run bash -c '"$1/lxs-export" -P "$2" "$3-2" | "$1/lxs-import" -P "$2" -B btrfs "$3"' bash "$TOOL_BIN" "$LXCPATH/b" "$CT"
	assert_status 0
	assert_equal "$(stat -c %i "$LXCPATH/b/$CT/rootfs")" 256
	assert_equal "$(cat "$LXCPATH/b/$CT/rootfs/root/word")" two
	on_btrfs destroy -n "$CT"
	on_btrfs destroy -n "$CT-2"
	assert_status 0
	[ ! -e "$LXCPATH/b/$CT" ] && [ ! -e "$LXCPATH/b/$CT-2" ]
	btrfs_end
}

# used DIRECTORY: bytes of its file system that are taken.
used() {
	sync -f "$1"
	df --output=used -B1 "$1" | tail -1
}

@test "a full copy of a directory takes no room where the file system shares data" {
	needs_lxs
	btrfs_begin
	on_btrfs create -n "$CT" -t busybox
	assert_status 0
	head -c 48M /dev/urandom >"$LXCPATH/b/$CT/rootfs/root/noise"
	local before
	before=$(used "$LXCPATH/b")
	on_btrfs copy -n "$CT" -N "$CT-2"
	assert_status 0
	[ $(($(used "$LXCPATH/b") - before)) -lt $((8 << 20)) ]
	run filefrag -v "$LXCPATH/b/$CT-2/rootfs/root/noise"
	assert_says shared
	echo changed >>"$LXCPATH/b/$CT-2/rootfs/root/noise"
	[ "$(stat -c %s "$LXCPATH/b/$CT/rootfs/root/noise")" = $((48 << 20)) ]
	btrfs_end
}

@test "btrfs: elsewhere it is refused, with what to do" {
	needs_lxs
	run tool create -n "$CT" -t busybox -B btrfs
	assert_status 1
	assert_says "its file system is not btrfs" "hint:" "use dir or overlay"
	[ ! -e "$LXCPATH/$CT" ]
}
