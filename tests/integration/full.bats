# File systems that are full: what the verbs on containers say of it, what they leave, and what goes on working.
load lib

setup() {
	lib_setup
	needs_lxs
	SMALL=$LXCPATH/small
	mkdir "$SMALL"
}

teardown() {
	! mountpoint -q "$LXCPATH/on-disk" || umount "$LXCPATH/on-disk"
	! mountpoint -q "$SMALL" || umount "$SMALL"
	lib_teardown
}

small() {
	mount -t tmpfs -o "size=$1" none "$SMALL"
}

# verb COMMAND ARGS...: lxs-COMMAND on containers in the small file system.
verb() {
	local command=$1
	shift
	run "$TOOL_BIN/lxs-$command" -P "$SMALL" "$@"
}

# small_container BYTES: $CT with a file of that size in its root file system.
small_container() {
	mkdir -p "$SMALL/$CT/rootfs/etc"
	printf '%s\n' "lxc.rootfs.path = dir:$SMALL/$CT/rootfs" "lxc.uts.name = $CT" >"$SMALL/$CT/config"
	head -c "$1" /dev/urandom >"$SMALL/$CT/rootfs/big"
	echo old >"$SMALL/$CT/rootfs/etc/word"
}

# fill [PAGES]: not more than that many are left.
fill() {
	dd if=/dev/zero of="$SMALL/filler" bs=4k status=none 2>/dev/null || :
	truncate -s "-$((${1:-0} * 4096))" "$SMALL/filler"
}

nothing_but() {
	assert_equal "$(ls -A "$SMALL")" "$1"
}

@test "create" {
	small 400k
	verb create -n "$CT" -t busybox
	assert_status 1
	assert_says "No space left on device" "hint: the file system that holds $SMALL/$CT/rootfs is full"
	nothing_but ''
}

@test "copy, snapshot and import" {
	small 3M
	small_container 1900000
	local place
	for place in "$CT-2" "$CT/snaps/snap0"; do
		if [ "$place" = "$CT-2" ]; then verb copy -n "$CT" -N "$CT-2"; else verb snapshot -n "$CT"; fi
		assert_status 1
		assert_says "cannot copy big: No space left on device" "hint: the file system that holds $SMALL/$place/rootfs is full"
		nothing_but "$CT"
	done
	[ -z "$(ls -A "$SMALL/$CT/snaps" 2>/dev/null)" ]
	"$TOOL_BIN/lxs-export" -P "$SMALL" -n "$CT" >"$LXCPATH/archive"
	run "$TOOL_BIN/lxs-import" -P "$SMALL" -n "$CT-2" --trust <"$LXCPATH/archive"
	assert_status 1
	assert_says "No space left on device" "hint: the file system that holds $SMALL/$CT-2/rootfs is full"
	nothing_but "$CT"
}

@test "copy to an image that is too small" {
	small 16M
	small_container 1900000
	verb copy -n "$CT" -N "$CT-2" -B loop --fssize 1M
	assert_status 1
	assert_says "cannot copy big: No space left on device" "hint: the new file system is too small: --fssize makes a larger one"
	nothing_but "$CT"
}

# The image is sparse, and the page cache takes what the disk does not.
@test "create, copy and import into an image that the disk has no room for" {
	small 2M
	small_container 1500000
	"$TOOL_BIN/lxs-export" -P "$SMALL" -n "$CT" >"$LXCPATH/archive"
	verb copy -n "$CT" -N "$CT-2" -B loop --fssize 7M
	assert_status 1
	assert_says "cannot write all to $SMALL/$CT-2/rootdev: " "hint: the file system that holds $SMALL/$CT-2/rootdev is full"
	nothing_but "$CT"
	run "$TOOL_BIN/lxs-import" -P "$SMALL" -n "$CT-2" -B loop --fssize 7M --trust <"$LXCPATH/archive"
	assert_status 1
	assert_says "$SMALL/$CT-2/rootdev: " "hint: the file system that holds $SMALL/$CT-2/rootdev is full"
	nothing_but "$CT"
	mount -o remount,size=16M "$SMALL"
	verb copy -n "$CT" -N "$CT-2" -B loop --fssize 7M
	assert_status 0
	rm -r "${SMALL:?}"/*
	mount -o remount,size=1M "$SMALL"
	verb create -n "$CT" -t busybox -B loop --fssize 7M
	assert_status 1
	assert_says "cannot write all to $SMALL/$CT/rootdev: " "hint: the file system that holds $SMALL/$CT/rootdev is full"
	nothing_but ''
}

@test "snapshot and restore, with no room for one more" {
	small 3M
	small_container 1200000
	verb snapshot -n "$CT"
	assert_status 0
	verb snapshot -n "$CT"
	assert_status 1
	assert_says "No space left on device"
	assert_equal "$(ls "$SMALL/$CT/snaps")" snap0
	echo new >"$SMALL/$CT/rootfs/etc/word"
	verb snapshot -n "$CT" -r snap0
	assert_status 1
	assert_says "No space left on device"
	assert_equal "$(ls "$SMALL/$CT/snaps")" snap0
	assert_equal "$(cat "$SMALL/$CT/rootfs/etc/word")" new
	[ ! -e "$SMALL/$CT/partial" ]
	mount -o remount,size=8M "$SMALL"
	verb snapshot -n "$CT" -r snap0
	assert_status 0
	assert_equal "$(cat "$SMALL/$CT/rootfs/etc/word")" old
}

@test "export: each compressor's word of it is one line" {
	small_container 100000
	local type
	for type in none gzip zstd; do
		run bash -c '"$1" -P "$2" -n "$3" --compress "$4" >/dev/full' bash "$TOOL_BIN/lxs-export" "$SMALL" "$CT" "$type"
		assert_status 1
		assert_says "No space left on device"
		[ "${#lines[@]}" = 1 ]
	done
}

# The page cache takes what the disk does not.
@test "export: an archive that does not reach the disk is an error" {
	small_container 4000000
	mv "$SMALL/$CT" "$LXCPATH"
	sed -i "s|$SMALL/|$LXCPATH/|" "$LXCPATH/$CT/config"
	small 3M
	truncate -s 16M "$SMALL/disk"
	mkfs.ext4 -q -O ^has_journal "$SMALL/disk"
	mkdir "$LXCPATH/on-disk"
	mount -o loop "$SMALL/disk" "$LXCPATH/on-disk"
	run bash -c '"$1" -P "$2" -n "$3" --compress none >"$4"' bash "$TOOL_BIN/lxs-export" "$LXCPATH" "$CT" \
		"$LXCPATH/on-disk/archive"
	umount "$LXCPATH/on-disk"
	assert_status 1
	assert_says "cannot write the archive: "
}

@test "config: the old one stays, and a change of name that stops half way is ended" {
	small 1M
	small_container 1000
	fill
	verb config -n "$CT" set lxc.uts.name other
	assert_status 1
	assert_says "cannot write $SMALL/$CT/config: No space left on device"
	grep -qx "lxc.uts.name = $CT" "$SMALL/$CT/config"
	# Room for the marker, and none for the config.
	fill 1
	verb copy -n "$CT" -R -N "$CT-2"
	assert_status 1
	assert_says "$CT-2/config: No space left on device" "hint: once that is mended, the same command ends it"
	rm "$SMALL/filler"
	verb copy -n "$CT" -R -N "$CT-2"
	assert_status 0
	grep -qx "lxc.uts.name = $CT-2" "$SMALL/$CT-2/config"
}

# Whoever destroys may do it because there is no room.
@test "destroy of containers, clones and snapshots works without room" {
	small 2M
	small_container 1000
	local word
	for word in '' -s -s; do
		verb copy -n "$CT" -N "$CT-$((++number))" ${word:+"$word"}
		assert_status 0
	done
	verb snapshot -n "$CT"
	assert_status 0
	fill
	verb snapshot -n "$CT" -d snap0
	assert_status 0
	fill
	for word in 2 3 1; do
		verb destroy -n "$CT-$word"
		assert_status 0
		fill
	done
	verb destroy -n "$CT"
	assert_status 0
	nothing_but filler
}
