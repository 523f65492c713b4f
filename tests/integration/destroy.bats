# lxs-destroy: what goes, and what must not.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

destroy() {
	run tool destroy -n "$CT" "$@"
}

gone() {
	[ ! -e "$LXCPATH/$CT" ]
}

# bats test_tags=compat
@test "config and root file system go" {
	container_config
	container_rootfs
	destroy
	assert_status 0
	gone
}

# bats test_tags=compat
@test "what does not exist is an error" {
	destroy
	assert_status 1
	assert_says "Container is not defined"
}

# bats test_tags=compat
@test "a running container is refused, and with -f stopped first" {
	container_config "lxc.include = $COMMON"
	container_rootfs
	start_probe
	destroy
	assert_status 1
	assert_says "is running"
	assert_equal "$(state_of)" RUNNING
	destroy -f
	assert_status 0
	gone
}

@test "links out of the tree are removed, not followed" {
	local kept=$LXCPATH/kept
	mkdir "$kept"
	echo mine >"$kept/file"
	container_config
	container_rootfs
	ln -s "$kept" "$ROOTFS/link"
	ln -s "$kept" "$LXCPATH/$CT/link"
	destroy
	assert_status 0
	gone
	assert_equal "$(cat "$kept/file")" mine
}

@test "a mount below is refused with its name, and nothing is removed" {
	needs_lxs
	local kept=$LXCPATH/kept
	mkdir "$kept"
	echo mine >"$kept/file"
	container_config
	container_rootfs
	mount --bind "$kept" "$ROOTFS/mnt"
	destroy
	umount "$ROOTFS/mnt"
	assert_status 1
	assert_says "something is mounted on $ROOTFS/mnt" "umount"
	assert_equal "$(cat "$kept/file")" mine
	[ -x "$ROOTFS/bin/probe" ]
	destroy
	assert_status 0
	gone
}

# bats test_tags=compat
@test "a root file system elsewhere goes too" {
	mkdir "$LXCPATH/elsewhere"
	container_config "lxc.rootfs.path = dir:$LXCPATH/elsewhere"
	destroy
	assert_status 0
	gone
	[ ! -e "$LXCPATH/elsewhere" ]
}

@test "a root file system elsewhere that cannot go leaves the container as it was" {
	needs_lxs
	container_config
	container_rootfs
	mv "$ROOTFS" "$LXCPATH/elsewhere"
	sed -i "s|dir:.*|dir:$LXCPATH/elsewhere|" "$LXCPATH/$CT/config"
	mount -t tmpfs none "$LXCPATH/elsewhere/mnt"
	destroy
	assert_status 1
	assert_says "something is mounted on $LXCPATH/elsewhere/mnt" "umount"
	umount "$LXCPATH/elsewhere/mnt"
	mv "$LXCPATH/elsewhere" "$LXCPATH/moved"
	ln -s moved "$LXCPATH/elsewhere"
	destroy
	assert_status 1
	assert_says "cannot remove $LXCPATH/elsewhere"
	start_probe
	run tool stop -k -n "$CT"
	rm "$LXCPATH/elsewhere"
	mv "$LXCPATH/moved" "$LXCPATH/elsewhere"
	destroy
	assert_status 0
	gone
}

# bats test_tags=compat
@test "lxc.rootfs.managed = 0 leaves all in place" {
	container_config 'lxc.rootfs.managed = 0'
	container_rootfs
	destroy
	assert_status 0
	[ -x "$ROOTFS/bin/probe" ]
}

# bats test_tags=compat
@test "snapshots are refused" {
	container_config
	container_rootfs
	mkdir -p "$LXCPATH/$CT/snaps/snap0"
	destroy
	assert_status 1
	assert_says "has snapshots"
	[ -x "$ROOTFS/bin/probe" ]
}

@test "-s takes the snapshots along" {
	needs_lxs
	container_config
	container_rootfs
	mkdir -p "$LXCPATH/$CT/snaps/snap0/rootfs"
	destroy -s
	assert_status 0
	gone
}

# bats test_tags=compat
@test "clones are refused" {
	container_config
	container_rootfs
	container_named "$CT-2"
	printf '%s\n' "$LXCPATH" "$CT-2" >"$LXCPATH/$CT/lxc_snapshots"
	printf '%s\n' "$LXCPATH" "$CT" >"$LXCPATH/$CT-2/lxc_rdepends"
	destroy
	assert_status 1
	assert_says "clones"
	[ -x "$ROOTFS/bin/probe" ]
}

@test "the destroy hook runs first, with LXC's environment" {
	local hook=$LXCPATH/hook
	printf '%s\n' '#!/bin/sh' "echo \"\$LXC_NAME \$LXC_ROOTFS_PATH \$*\" >'$LXCPATH/said'" \
		'[ -d "${LXC_ROOTFS_PATH#dir:}" ]' >"$hook"
	chmod +x "$hook"
	container_config "lxc.hook.destroy = $hook"
	container_rootfs
	destroy
	assert_status 0
	gone
	assert_equal "$(cat "$LXCPATH/said")" "$CT dir:$ROOTFS $CT lxc destroy"
}

@test "a destroy hook that fails keeps the container and says why" {
	needs_lxs
	printf '%s\n' '#!/bin/sh' 'echo not today' 'exit 3' >"$LXCPATH/hook"
	chmod +x "$LXCPATH/hook"
	container_config "lxc.hook.destroy = $LXCPATH/hook"
	container_rootfs
	destroy
	assert_status 1
	assert_says "exited with 3" "not today" "lxc.hook.destroy"
	[ -x "$ROOTFS/bin/probe" ]
	[ ! -e "$LXCPATH/$CT/partial" ]
}

@test "a config that does not load keeps the container" {
	needs_lxs
	container_config 'lxc.uts.nmae = x'
	container_rootfs
	destroy
	assert_status 1
	assert_says "lxc.uts.nmae"
	[ -x "$ROOTFS/bin/probe" ]
}

@test "a tree too deep for paths and descriptors goes" {
	needs_lxs
	container_config
	container_rootfs
	local part
	part=$(printf 'a-rather-long-name/%.0s' {1..150})
	(cd "$ROOTFS/tmp" && for _ in {1..10}; do
		mkdir -p "$part" && cd -P "$part" || exit 1
	done)
	destroy
	assert_status 0
	gone
}

@test "a container whose directory is a link to another disk goes, and can be made again" {
	needs_lxs
	mkdir "$LXCPATH/disk"
	ln -s "$LXCPATH/disk" "$LXCPATH/$CT"
	for _ in 1 2; do
		run tool create -n "$CT" -t busybox
		assert_status 0
		destroy
		assert_status 0
		assert_equal "$(ls -A "$LXCPATH/disk")" ''
	done
	rm "$LXCPATH/$CT"
}
