# lxs-copy and lxs-snapshot: what a copy shares, what is its own, and what stays right.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

# source_container LINES...: $CT with a rootfs that has an identity; copies are $CT-N.
source_container() {
	container_config "lxc.uts.name = $CT" "$@"
	container_rootfs
	echo "$CT" >"$ROOTFS/etc/hostname"
	echo 0123456789abcdef0123456789abcdef >"$ROOTFS/etc/machine-id"
}

copy() {
	run tool copy -n "$CT" "$@"
}

config_of() {
	grep -v '^#\|^$' "$LXCPATH/$1/config"
}

# What is there of a tree: owners, modes, sizes, links, devices, attributes.
listing() {
	(cd "$1" && find . -mindepth 1 -printf '%p %y %m %U %G %n %l %T@\n' | grep -v '/etc/\(hostname\|machine-id\) \|\./etc d' | sort &&
		getfattr -R -h -d -m - . 2>/dev/null | sort)
}

# bats test_tags=compat
@test "a copy is a container of its own with its own name" {
	source_container
	copy -N "$CT-2"
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = dir:$LXCPATH/$CT-2/rootfs" "lxc.uts.name = $CT-2"
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/hostname")" "$CT-2"
	echo changed >"$LXCPATH/$CT-2/rootfs/etc/hostname"
	assert_equal "$(cat "$ROOTFS/etc/hostname")" "$CT"
}

@test "a copy has all that its source has: links, holes, devices, capabilities, times" {
	source_container
	mkdir -p "$ROOTFS/a/b" "$ROOTFS/sticky"
	chmod 1777 "$ROOTFS/sticky"
	echo one >"$ROOTFS/a/one"
	ln "$ROOTFS/a/one" "$ROOTFS/a/b/two"
	ln -s /nowhere "$ROOTFS/a/link"
	mknod "$ROOTFS/a/null" c 1 3
	mkfifo "$ROOTFS/a/fifo"
	truncate -s 100M "$ROOTFS/a/hole"
	echo end >>"$ROOTFS/a/hole"
	cp "$LXS_PROBE" "$ROOTFS/a/suid"
	chown 1000:33 "$ROOTFS/a/suid" && chmod 6755 "$ROOTFS/a/suid"
	setcap cap_net_raw+ep "$ROOTFS/bin/probe"
	setfattr -n user.note -v kept "$ROOTFS/a"
	touch -d '2001-02-03 04:05:06.7' "$ROOTFS/a/b" "$ROOTFS/a/one" && touch -h -d '2002-02-03' "$ROOTFS/a/link"
	copy -N "$CT-2"
	assert_status 0
	assert_equal "$(listing "$LXCPATH/$CT-2/rootfs")" "$(listing "$ROOTFS")"
	assert_equal "$(getcap "$LXCPATH/$CT-2/rootfs/bin/probe" | cut -d' ' -f2)" "cap_net_raw=ep"
	[ "$(stat -c %b "$LXCPATH/$CT-2/rootfs/a/hole")" -lt 1000 ]
	cmp "$ROOTFS/a/hole" "$LXCPATH/$CT-2/rootfs/a/hole"
}

@test "machine-id, ssh keys and hardware addresses are new; --identical, -K and -M keep them" {
	needs_lxs
	needs ssh-keygen test -x /usr/bin/ssh-keygen
	source_container "lxc.net.0.type = empty" "lxc.net.0.hwaddr = 00:16:3e:01:02:03"
	mkdir -p "$ROOTFS/etc/ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$ROOTFS/etc/ssh/ssh_host_ed25519_key"
	copy -N "$CT-2"
	assert_status 0
	local made=$LXCPATH/$CT-2/rootfs/etc
	[ ! -s "$made/machine-id" ]
	! cmp -s "$ROOTFS/etc/ssh/ssh_host_ed25519_key" "$made/ssh/ssh_host_ed25519_key"
	assert_equal "$(ssh-keygen -y -f "$made/ssh/ssh_host_ed25519_key" | cut -d' ' -f1,2)" \
		"$(cut -d' ' -f1,2 "$made/ssh/ssh_host_ed25519_key.pub")"
	assert_equal "$(stat -c %a "$made/ssh/ssh_host_ed25519_key")" 600
	run config_of "$CT-2"
	assert_matches 'lxc.net.0.hwaddr = 10:66:6a:[0-9a-f:]{8}'
	copy -N "$CT-3" --identical -K -M
	assert_status 0
	made=$LXCPATH/$CT-3/rootfs/etc
	cmp "$ROOTFS/etc/machine-id" "$made/machine-id"
	cmp "$ROOTFS/etc/ssh/ssh_host_ed25519_key" "$made/ssh/ssh_host_ed25519_key"
	assert_equal "$(cat "$made/hostname")" "$CT"
	run config_of "$CT-3"
	assert_has "lxc.net.0.hwaddr = 00:16:3e:01:02:03" "lxc.uts.name = $CT"
}

@test "the name changes where distributions keep it, as a whole word, and only there" {
	needs_lxs
	source_container
	mkdir -p "$ROOTFS/etc/sysconfig/network-scripts"
	printf '%s\n' "127.0.1.1 $CT.example.org $CT" "10.0.0.1 my$CT $CT-db" >"$ROOTFS/etc/hosts"
	echo "HOSTNAME=$CT" >"$ROOTFS/etc/sysconfig/network"
	echo "DHCP_HOSTNAME=$CT" >"$ROOTFS/etc/sysconfig/network-scripts/ifcfg-eth0"
	echo "$CT" >"$ROOTFS/etc/motd"
	copy -N "$CT-2"
	assert_status 0
	local etc=$LXCPATH/$CT-2/rootfs/etc
	assert_equal "$(cat "$etc/hosts")" "127.0.1.1 $CT-2.example.org $CT-2
10.0.0.1 my$CT $CT-db"
	assert_equal "$(cat "$etc/sysconfig/network" "$etc/sysconfig/network-scripts/ifcfg-eth0" "$etc/motd")" \
		"HOSTNAME=$CT-2
DHCP_HOSTNAME=$CT-2
$CT"
	# Of a clone only what changes is its own.
	rm "$ROOTFS/etc/hosts" "$ROOTFS/etc/sysconfig/network"
	copy -N "$CT-3" -s
	assert_status 0
	run find "$LXCPATH/$CT-3/overlay/delta" -type f -printf '%P\n'
	assert_has etc/hostname etc/sysconfig/network-scripts/ifcfg-eth0
	assert_silent_about motd
	rm -r "$ROOTFS/etc/sysconfig/network-scripts"
	ln -s "$LXCPATH/host" "$ROOTFS/etc/hosts"
	echo "$CT" >"$LXCPATH/host"
	copy -N "$CT-4"
	assert_status 0
	assert_equal "$(cat "$LXCPATH/host")" "$CT"
}

@test "ssh host keys that no new ones are made for are told" {
	needs_lxs
	needs ssh-keygen test -x /usr/bin/ssh-keygen
	source_container
	mkdir -p "$ROOTFS/etc/ssh"
	echo mine >"$ROOTFS/etc/ssh/ssh_host_dsa_key"
	copy -N "$CT-2"
	assert_status 0
	assert_output "lxs-copy: $CT: only ssh host keys of type rsa, ecdsa and ed25519 can be made: others are those of the source"
	copy -N "$CT-3" --identical
	assert_status 0
	assert_output ''
	mv "$ROOTFS/etc/ssh/ssh_host_dsa_key" "$ROOTFS/etc/ssh/ssh_host_rsa_key"
	run unshare --mount sh -c 'mount --bind /dev/null /usr/bin/ssh-keygen && exec "$@"' sh \
		"$TOOL_BIN/lxs-copy" -P "$LXCPATH" -n "$CT" -N "$CT-4"
	assert_status 0
	assert_output "lxs-copy: $CT: /usr/bin/ssh-keygen is not installed: the ssh host keys are those of the source"
	assert_equal "$(cat "$LXCPATH/$CT-4/rootfs/etc/ssh/ssh_host_rsa_key")" mine
}

@test "links of the guest lead the copy nowhere" {
	needs_lxs
	source_container
	mkdir "$LXCPATH/host"
	echo mine >"$LXCPATH/host/hostname"
	echo mine >"$LXCPATH/host/machine-id"
	rm -r "${ROOTFS:?}/etc"
	ln -s "$LXCPATH/host" "$ROOTFS/etc"
	copy -N "$CT-2"
	assert_status 0
	assert_equal "$(cat "$LXCPATH/host/hostname" "$LXCPATH/host/machine-id")" $'mine\nmine'
	[ -L "$LXCPATH/$CT-2/rootfs/etc" ]
}

@test "what is mounted in the tree is not copied" {
	needs_lxs
	source_container
	mkdir "$LXCPATH/other"
	touch "$LXCPATH/other/file"
	mount --bind "$LXCPATH/other" "$ROOTFS/mnt"
	copy -N "$CT-2"
	umount "$ROOTFS/mnt"
	assert_status 0
	[ -d "$LXCPATH/$CT-2/rootfs/mnt" ]
	[ ! -e "$LXCPATH/$CT-2/rootfs/mnt/file" ]
}

# bats test_tags=compat
@test "-s: an overlay on the source's tree; LXC's files know of it, and destroy refuses" {
	source_container
	copy -N "$CT-2" -s
	assert_status 0
	run config_of "$CT-2"
	assert_matches "lxc.rootfs.path = overlay(fs)?:$ROOTFS:$LXCPATH/$CT-2/overlay/delta"
	assert_equal "$(cat "$LXCPATH/$CT/lxc_snapshots")" "$LXCPATH"$'\n'"$CT-2"
	assert_equal "$(cat "$LXCPATH/$CT-2/lxc_rdepends")" "$LXCPATH"$'\n'"$CT"
	run tool destroy -n "$CT"
	assert_status 1
	assert_says clones
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
}

@test "-s of an overlay depends on the tree below, not on the overlay" {
	needs_lxs
	source_container
	copy -N "$CT-2" -s
	run tool copy -n "$CT-2" -N "$CT-3" -s
	assert_status 0
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 1
	assert_says "$CT-3"
	run tool copy -n "$CT-3" -N "$CT-4"
	assert_status 0
	run config_of "$CT-4"
	assert_has "lxc.rootfs.path = dir:$LXCPATH/$CT-4/rootfs"
	[ -x "$LXCPATH/$CT-4/rootfs/bin/probe" ]
	run tool destroy -n "$CT-3"
	run tool destroy -n "$CT"
	assert_status 0
}

@test "a clone that is gone counts for nothing" {
	needs_lxs
	source_container
	copy -N "$CT-2" -s
	rm -r "${LXCPATH:?}/$CT-2"
	run tool destroy -n "$CT"
	assert_status 0
}

@test "a running source is refused; with -s -a it is shared as it is" {
	needs_lxs
	source_container
	start_probe
	copy -N "$CT-2"
	assert_status 1
	assert_says "is running"
	[ ! -e "$LXCPATH/$CT-2" ]
	copy -N "$CT-2" -s -a
	assert_status 0
	copy -N "$CT-3" -a
	assert_status 1
	assert_says "-a goes with -s"
}

# bats test_tags=compat
@test "files of the config that lie in the container come along, and clone hooks run" {
	printf '%s\n' '#!/bin/sh' 'echo "$LXC_SRC_NAME $LXC_NAME $LXC_ROOTFS_MOUNT $*" >"$LXC_ROOTFS_MOUNT/said"' >"$BATS_TEST_TMPDIR/hook"
	source_container "lxc.hook.clone = $LXCPATH/$CT/hook" "lxc.mount.fstab = $LXCPATH/$CT/fstab"
	cp "$BATS_TEST_TMPDIR/hook" "$LXCPATH/$CT/hook"
	chmod +x "$LXCPATH/$CT/hook"
	: >"$LXCPATH/$CT/fstab"
	copy -N "$CT-2" -- one two
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.hook.clone = $LXCPATH/$CT-2/hook" "lxc.mount.fstab = $LXCPATH/$CT-2/fstab"
	[ -x "$LXCPATH/$CT-2/hook" ]
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/said")" "$CT $CT-2 $LXCPATH/$CT-2/rootfs $CT-2 lxc clone one two"
}

@test "a clone hook that fails leaves no copy and says why" {
	needs_lxs
	source_container "lxc.hook.clone = /bin/sh -c 'echo not today; exit 3'"
	copy -N "$CT-2"
	assert_status 1
	assert_says "exited with 3" "not today" "lxc.hook.clone"
	[ ! -e "$LXCPATH/$CT-2" ]
}

@test "wrong inputs are refused and make nothing" {
	needs_lxs
	source_container
	copy
	assert_status 1
	assert_says NEWNAME
	copy -N "$CT"
	assert_says "already exists"
	copy -N a/b
	assert_says "cannot be a container's name"
	copy -N "$CT-2" -B cupboard
	assert_says "no storage of type 'cupboard'"
	copy -N "$CT-2" -L huge
	assert_says "no size"
	copy -e -N "$CT-2" -m nfs=/srv
	assert_says "bind= and overlay="
	copy -e -t -D
	assert_says "exclude each other"
	run tool copy -n nobody -N "$CT-2"
	assert_status 1
	assert_says "not defined"
	assert_equal "$(cd "$LXCPATH" && echo *)" "$CT"
}

ephemeral_name() {
	sed -n 's/^Created \(.*\) as clone of .*/\1/p' <<<"$output"
}

@test "-e: started, and destroyed when it stops" {
	source_container
	copy -e
	assert_status 0
	local name
	name=$(ephemeral_name)
	[[ $name == "$CT"_?????? ]]
	wait_for 10 "it runs" is_in_state RUNNING "$name"
	[ -d "$LXCPATH/$name" ]
	run tool stop -n "$name" -k
	wait_for 10 "it is destroyed" test ! -e "$LXCPATH/$name"
	[ ! -e "$LXCPATH/$CT/lxc_snapshots" ]
	[ -x "$ROOTFS/bin/probe" ]
}

@test "-e with a command, mounts and memory; -D keeps it" {
	needs_lxs
	mkdir -p "$LXCPATH/data" "$LXCPATH/layer"
	echo shared >"$LXCPATH/data/word"
	source_container "lxc.signal.halt = SIGKILL"
	copy -e -N "$CT-2" -t -m "bind=$LXCPATH/data:/data:ro,overlay=$LXCPATH/layer" -- /bin/probe read /data/word
	assert_status 0
	assert_says shared
	wait_for 10 "it is destroyed" test ! -e "$LXCPATH/$CT-2"
	copy -e -N "$CT-3" -D -- /bin/probe read /etc/hostname
	assert_status 0
	assert_says "$CT-3"
	[ -d "$LXCPATH/$CT-3/overlay/delta" ]
}

# bats test_tags=compat
@test "-R: another name for all of it" {
	source_container
	copy -R -N "$CT-2"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = dir:$LXCPATH/$CT-2/rootfs" "lxc.uts.name = $CT-2"
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/hostname")" "$CT-2"
}

@test "-R: clones and snapshots stay right" {
	needs_lxs
	source_container
	copy -N "$CT-2" -s
	run tool snapshot -n "$CT-2"
	assert_status 0
	copy -R -N "$CT-3"
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = overlay:$LXCPATH/$CT-3/rootfs:$LXCPATH/$CT-2/overlay/delta"
	run config_of "$CT-2/snaps/snap0"
	assert_has "lxc.rootfs.path = overlay:$LXCPATH/$CT-3/rootfs:$LXCPATH/$CT-2/snaps/snap0/overlay/delta"
	assert_equal "$(cat "$LXCPATH/$CT-2/lxc_rdepends")" "$LXCPATH"$'\n'"$CT-3"
	run tool destroy -n "$CT-3"
	assert_says clones
	run tool copy -n "$CT-2" -R -N "$CT-4"
	assert_status 0
	run config_of "$CT-4/snaps/snap0"
	assert_has "lxc.rootfs.path = overlay:$LXCPATH/$CT-3/rootfs:$LXCPATH/$CT-4/snaps/snap0/overlay/delta"
	assert_equal "$(paste - - <"$LXCPATH/$CT-3/lxc_snapshots" | sort)" \
		"$(printf '%s\t%s\n' "$LXCPATH" "$CT-4" "$LXCPATH/$CT-4/snaps" snap0 | sort)"
}

snapshot() {
	run tool snapshot -n "$CT" "$@"
}

# bats test_tags=compat
@test "a snapshot is made, listed with its comment, and comes back under another name" {
	source_container
	echo "before the upgrade" >"$BATS_TEST_TMPDIR/words"
	snapshot -c "$BATS_TEST_TMPDIR/words"
	assert_status 0
	[ -x "$LXCPATH/$CT/snaps/snap0/rootfs/bin/probe" ]
	snapshot -L
	assert_status 0
	assert_matches "^snap0 \\($LXCPATH/$CT/snaps\\) [0-9]{4}:[0-9]{2}:[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
	snapshot -L -C
	assert_says "before the upgrade"
	snapshot -r snap0 -N "$CT-2"
	assert_status 0
	[ -x "$LXCPATH/$CT-2/rootfs/bin/probe" ]
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = dir:$LXCPATH/$CT-2/rootfs"
}

# bats test_tags=compat
@test "a snapshot comes back in place" {
	source_container
	echo old >"$ROOTFS/word"
	snapshot
	echo new >"$ROOTFS/word"
	touch "$ROOTFS/more"
	snapshot -r snap0
	assert_status 0
	assert_equal "$(cat "$ROOTFS/word")" old
	[ ! -e "$ROOTFS/more" ]
	run config_of "$CT"
	assert_has "lxc.rootfs.path = dir:$ROOTFS" "lxc.uts.name = $CT"
}

@test "what is left of a restoration is nothing; destroyed snapshots go one by one or all" {
	needs_lxs
	source_container
	snapshot
	snapshot
	snapshot -r snap1
	assert_status 0
	assert_equal "$(cd "$LXCPATH/$CT" && echo * && ls snaps)" $'config rootfs snaps\nsnap0\nsnap1'
	snapshot -d snap0
	assert_status 0
	snapshot -d snap0
	assert_status 1
	assert_says "no snapshot 'snap0'"
	snapshot
	snapshot -d ALL
	assert_status 0
	snapshot -L
	assert_output "No snapshots"
	run tool destroy -n "$CT"
	assert_status 0
}

@test "a snapshot of an overlay has its changes only, and comes back" {
	needs_lxs
	source_container
	copy -N "$CT-2" -s
	echo old >"$LXCPATH/$CT-2/overlay/delta/word"
	run tool snapshot -n "$CT-2"
	assert_status 0
	[ ! -e "$LXCPATH/$CT-2/snaps/snap0/rootfs" ]
	echo new >"$LXCPATH/$CT-2/overlay/delta/word"
	run tool snapshot -n "$CT-2" -r snap0
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT-2/overlay/delta/word")" old
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = overlay:$ROOTFS:$LXCPATH/$CT-2/overlay/delta"
	run tool destroy -n "$CT-2" -s
	assert_status 0
	[ ! -e "$LXCPATH/$CT-2" ]
}

@test "a restoration in place is refused while clones stand on the tree, or it runs" {
	needs_lxs
	source_container
	snapshot
	copy -N "$CT-2" -s
	snapshot -r snap0
	assert_status 1
	assert_says clones "-N"
	run tool destroy -n "$CT-2"
	start_probe
	snapshot -r snap0
	assert_status 1
	assert_says running
}

@test "a restoration in place is refused while something is mounted in the tree, which stays as it is" {
	needs_lxs
	source_container
	snapshot
	mkdir -p "$ROOTFS/mnt"
	mount -t tmpfs none "$ROOTFS/mnt"
	snapshot -r snap0
	assert_status 1
	assert_says "something is mounted on $ROOTFS/mnt" "umount"
	umount "$ROOTFS/mnt"
	[ ! -e "$LXCPATH/$CT/partial" ]
	start_probe
}

@test "two verbs exclude each other, and the one that waits learns who is at work" {
	needs_lxs
	printf '%s\n' '#!/bin/sh' "touch '$BATS_TEST_TMPDIR/at-work'" "read -r line <>'$BATS_TEST_TMPDIR/never'" >"$LXCPATH/hook"
	chmod +x "$LXCPATH/hook"
	source_container "lxc.hook.clone = $LXCPATH/hook"
	env --default-signal "$TOOL_BIN/lxs-copy" -P "$LXCPATH" -n "$CT" -N "$CT-2" >/dev/null 2>&1 3>&- &
	wait_for 20 "the copy is at work" test -e "$BATS_TEST_TMPDIR/at-work"
	run tool destroy -n "$CT"
	assert_status 1
	assert_matches "lxs-copy \\(pid [0-9]+\\) is at work on it"
	run tool destroy -n "$CT-2"
	assert_status 1
	assert_matches "lxs-copy \\(pid [0-9]+\\) is at work on it"
	run tool start -n "$CT"
	assert_status 1
	assert_matches "lxs-copy \\(pid [0-9]+\\) is at work on it"
	kill %1
	wait %1 || :
	wait_for 5 "the copy takes all back" test ! -e "$LXCPATH/$CT-2"
	run tool destroy -n "$CT"
	assert_status 0
}

@test "a snapshot that has clones keeps its container from being destroyed with -s" {
	needs_lxs
	source_container
	run tool snapshot -n "$CT"
	run "$TOOL_BIN/lxs-copy" -P "$LXCPATH/$CT/snaps" -n snap0 -p "$LXCPATH" -N "$CT-2" -s
	assert_status 0
	run tool destroy -n "$CT" -s
	assert_status 1
	assert_says "its snapshot snap0 has clones" "$CT-2"
	[ -x "$ROOTFS/bin/probe" ]
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT" -s
	assert_status 0
}

@test "-s of a tree that lies elsewhere: clones, and clones of those, keep it" {
	needs_lxs
	source_container
	mv "$ROOTFS" "$LXCPATH/tree"
	sed -i "s|dir:.*|dir:$LXCPATH/tree|" "$LXCPATH/$CT/config"
	copy -N "$CT-2" -s
	assert_status 0
	run tool copy -n "$CT-2" -N "$CT-3" -s
	assert_status 0
	for name in "$CT-2" "$CT-3"; do
		run tool destroy -n "$CT"
		assert_status 1
		assert_says "it has clones that use its root file system: $name"
		run tool destroy -n "$name"
		assert_status 0
	done
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/tree" ]
}

@test "-R and destroy with clones in another lxcpath" {
	needs_lxs
	source_container
	mkdir "$LXCPATH/other"
	copy -N "$CT-2" -p "$LXCPATH/other" -s
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 1
	assert_says clones
	copy -R -N "$CT-3"
	assert_status 0
	assert_equal "$(cat "$LXCPATH/other/$CT-2/lxc_rdepends")" "$LXCPATH"$'\n'"$CT-3"
	grep -qx "lxc.rootfs.path = overlay:$LXCPATH/$CT-3/rootfs:$LXCPATH/other/$CT-2/overlay/delta" "$LXCPATH/other/$CT-2/config"
	run "$TOOL_BIN/lxs-destroy" -P "$LXCPATH/other" -n "$CT-2"
	assert_status 0
	[ ! -e "$LXCPATH/$CT-3/lxc_snapshots" ]
	rmdir "$LXCPATH/other"
}

@test "who only reads goes together; who would change or start it learns who is at work" {
	needs_lxs
	local command
	source_container
	run tool snapshot -n "$CT"
	assert_status 0
	dd if=/dev/zero of="$ROOTFS/big" bs=1M count=2 status=none
	mkfifo "$BATS_TEST_TMPDIR/slow"
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" --compress none >"$BATS_TEST_TMPDIR/slow" 3>&- &
	exec 4<"$BATS_TEST_TMPDIR/slow"
	# The first byte is there when the container is held.
	read -r -N 1 -u 4 _
	for command in "destroy -s" "copy -R -N $CT-3" "snapshot -r snap0" start "execute -- /bin/probe pid"; do
		# shellcheck disable=SC2086 # words of a command
		run tool ${command%% *} -n "$CT" $(cut -s -d' ' -f2- <<<"$command")
		assert_status 1
		assert_matches "lxs-export \\(pid [0-9]+\\) is at work on it"
	done
	for command in "copy -N $CT-2" snapshot "copy -s -N $CT-4"; do
		# shellcheck disable=SC2086 # words of a command
		run tool ${command%% *} -n "$CT" $(cut -s -d' ' -f2- <<<"$command")
		assert_status 0
	done
	assert_equal "$(state_of)" STOPPED
	run bash -c '"$1/lxs-export" -P "$2" "$3" | cat >/dev/null; exit "${PIPESTATUS[0]}"' bash "$TOOL_BIN" "$LXCPATH" "$CT"
	assert_status 0
	cat <&4 >/dev/null
	exec 4<&-
	wait $!
	start_probe
}

# bats test_tags=user
@test "copies, snapshots and clones of an ordinary user" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	needs "a range of ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	run tool create -n "$CT" -t busybox
	assert_status 0
	copy -N "$CT-2"
	assert_status 0
	assert_equal "$(stat -c %u "$LXCPATH/$CT-2/rootfs/etc")" "$(stat -c %u "$LXCPATH/$CT/rootfs/etc")"
	copy -N "$CT-3" -s
	assert_status 0
	run tool start -n "$CT-3"
	assert_status 0
	run tool attach -n "$CT-3" -- /bin/sh -c 'hostname; echo x >/etc/made'
	assert_output "$CT-3"
	run tool stop -n "$CT-3" -k
	run tool snapshot -n "$CT-3"
	assert_status 0
	run tool snapshot -n "$CT-3" -r snap0
	assert_status 0
	[ -e "$LXCPATH/$CT-3/overlay/delta/etc/made" ]
	run tool copy -n "$CT-3" -R -N "$CT-4"
	assert_status 0
	run tool destroy -n "$CT-4" -s
	assert_status 0
	copy -e -N "$CT-5" -- /bin/hostname
	assert_status 0
	assert_says "$CT-5"
	wait_for 20 "the ephemeral one is gone" test ! -e "$LXCPATH/$CT-5"
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	assert_equal "$(ls -A "$LXCPATH")" ''
}
