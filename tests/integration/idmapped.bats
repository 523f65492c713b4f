# Mounts and root file systems with mapped ids, and what stands in where a file system has none.
load lib

MAP=("lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536")
USERNS=$TOOL_SHARE/config/userns.conf

# mapped LINES...: a container with a rootfs of its own and the map above.
mapped() {
	container_config "lxc.include = $COMMON" "lxc.include = $USERNS" "lxc.net.0.type = empty" "${MAP[@]}" "$@"
	container_rootfs
}

shift_rootfs() {
	chown -R 100000:100000 "$ROOTFS"
}

# The kernel and the file system of this test's directory can map ids on a mount.
has_idmapped_mounts() {
	mkdir -p "$BATS_TEST_TMPDIR/idmapped"
	unshare --mount mount --bind -o 'X-mount.idmap=u:0:1000:1 g:0:1000:1' \
		"$BATS_TEST_TMPDIR/idmapped" "$BATS_TEST_TMPDIR/idmapped"
}


has_own_users() {
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}

# entries OPTIONS: a container with a map, and a directory of uid 1000's bound on /mnt.
entries() {
	SHARED=$LXCPATH/shared
	mkdir -p "$SHARED"
	echo text >"$SHARED/file"
	chown -R 1000:1000 "$SHARED"
	mapped "lxc.mount.entry = $SHARED mnt none $1 0 0"
	shift_rootfs
}

# As under systemd; and what is left there ends with the namespace.
@test "where the host's mounts are shared, the container's do not show there" {
	needs "idmapped mounts" has_idmapped_mounts
	mapped
	# shellcheck disable=SC2016
	run unshare --mount --propagation private sh -c 'mount --make-rshared / &&
		"$1" -P "$LXCPATH" -n "$CT" -- /bin/probe cwd && ! grep -F "$LXCPATH" /proc/self/mountinfo' - "$TOOL_BIN/lxs-execute"
	assert_status 0
	assert_output /
}

@test "an entry with idmap=container shows the host's ids as the container's" {
	needs "idmapped mounts" has_idmapped_mounts
	entries bind,idmap=container
	start_probe
	ask stat /mnt/file
	assert_says " 1000:1000"
	ask mount /mnt
	assert_says idmapped
	run tool attach -n "$CT" -u 1000 -g 1000 -- /bin/probe write /mnt/made inside
	assert_status 0
	assert_equal "$(stat -c %u:%g "$SHARED/made")" 1000:1000
}

@test "without idmap= an entry's files belong to nobody inside" {
	entries bind
	start_probe
	ask stat /mnt/file
	assert_says " 65534:65534"
}

@test "an entry with the ids of another user namespace, by its path" {
	needs "idmapped mounts" has_idmapped_mounts
	unshare --user sleep 60 &
	local holder=$!
	wait_for 10 "the namespace is there" has_own_users "$holder"
	echo 1000 100007 1 >"/proc/$holder/uid_map"
	echo 1000 100007 1 >"/proc/$holder/gid_map"
	entries "rbind,ro,idmap=/proc/$holder/ns/user"
	run tool start -n "$CT"
	kill "$holder"
	assert_status 0
	wait_for 10 "the probe serves" init_is_ready
	ask stat /mnt/file
	assert_says " 7:7"
	ask mount /mnt
	assert_says ro, idmapped
}

@test "idmap= on what cannot map ids is refused with the line" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	mapped "lxc.mount.entry = /proc mnt none rbind,idmap=container 0 0"
	shift_rootfs
	run tool start -n "$CT"
	assert_status 1
	assert_says "mount /proc on /mnt" "its file system, or one below it, cannot map ids" "config:"
}

@test "idmap= with what is no user namespace is refused with the line" {
	needs_lxs
	entries bind,idmap=/proc/self/ns/uts
	run tool start -n "$CT"
	assert_status 1
	assert_says "idmap=/proc/self/ns/uts is no user namespace" "config:"
}

# ---- the rootfs with the ids of another namespace ----

# holder HOST-ID: a process in a user namespace whose ids 0 to 999 are those of the host from HOST-ID on.
holder() {
	unshare --user sleep 60 &
	HOLDER=$!
	wait_for 10 "the namespace is there" has_own_users "$HOLDER"
	echo "0 $1 1000" >"/proc/$HOLDER/uid_map"
	echo "0 $1 1000" >"/proc/$HOLDER/gid_map"
}

@test "a rootfs with the ids of another user namespace, in a container with ids of its own" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	holder 100000
	mapped "lxc.rootfs.options = idmap=/proc/$HOLDER/ns/user"
	run tool start -n "$CT"
	kill "$HOLDER"
	assert_status 0
	wait_for 10 "the probe serves" init_is_ready
	ask stat /bin/probe
	assert_says " 0:0"
	assert_equal "$(stat -c %u "$ROOTFS/bin/probe")" 0
}

@test "and in one that has the host's ids" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	holder 5000
	container_config "lxc.net.0.type = empty" "lxc.mount.auto = proc" "lxc.rootfs.options = idmap=/proc/$HOLDER/ns/user"
	container_rootfs
	run tool start -n "$CT"
	kill "$HOLDER"
	assert_status 0
	run tool attach -n "$CT" -- /bin/probe stat /bin/probe
	assert_says " 5000:5000"
}

@test "a rootfs with the ids of what is no user namespace is refused with the line" {
	needs_lxs
	mapped "lxc.rootfs.options = idmap=/proc/self/ns/mnt"
	run tool start -n "$CT"
	assert_status 1
	assert_says "map the ids of" "is no user namespace" "lxc.rootfs.options = idmap=/proc/self/ns/mnt"
}

# tree OWNER: starts the container with a root directory of that owner, and stops it.
tree() {
	chown "$1:$1" "$ROOTFS"
	start_probe
	ask stat /bin/probe
	assert_says " 0:0"
	run tool stop -k -n "$CT"
	rm "$LXCPATH/$CT/console.log"
}

@test "whose ids a tree has is told by the owner of its root, whomever the guest gives that to" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	mapped
	for owner in 0 1 65535; do
		tree "$owner"
	done
	shift_rootfs
	for owner in 100000 100001 165535; do
		tree "$owner"
	done
}

# ---- the owners of a new tree ----

# A template that leaves what a change of owners could spoil; FILES more plain ones; the root directory is OWNER's.
template() {
	cat >"$BATS_TEST_TMPDIR/template" <<-'SCRIPT'
		#!/bin/bash
		set -e
		for argument; do
			case $argument in
			--rootfs=*) root=${argument#*=} ;;
			--path=*) path=${argument#*=} ;;
			esac
		done
		cd "$root"
		chown "${OWNER:-0}" .
		mkdir bin dev proc sys tmp etc
		chmod 1777 tmp
		cp "$LXS_PROBE" bin/probe
		cp "$LXS_PROBE" bin/setuid && chmod 4755 bin/setuid
		cp "$LXS_PROBE" bin/setgid && chmod 2711 bin/setgid
		cp "$LXS_PROBE" bin/capable && setcap cap_net_raw+ep bin/capable
		echo text >etc/shared && setfacl -m u:1000:rw,g:7:r etc/shared
		setfacl -d -m u:1000:rwx etc
		ln etc/shared etc/other-name
		ln -s /nowhere etc/dangling
		mkfifo etc/fifo
		mkdir etc/files
		for ((i = 0; i < ${FILES:-0}; i++)); do echo "$i" >"etc/files/$i"; done
		echo "lxc.init.cmd = /bin/probe serve" >>"$path/config"
		echo "lxc.console.logfile = $path/console.log" >>"$path/config"
	SCRIPT
	chmod 0755 "$BATS_TEST_TMPDIR/template"
	printf '%s\n' "lxc.include = $COMMON" "lxc.include = $USERNS" "lxc.net.0.type = empty" "$@" \
		>"$BATS_TEST_TMPDIR/start.conf"
}

create() {
	ROOTFS=$LXCPATH/$CT/rootfs
	run tool create -n "$CT" -f "$BATS_TEST_TMPDIR/start.conf" -t "$BATS_TEST_TMPDIR/template" "$@"
	assert_status 0
}

# A file system on which no mount can map ids: an overlay.
unmappable() {
	OVER=$BATS_TEST_TMPDIR/over
	mkdir -p "$OVER" "$BATS_TEST_TMPDIR/layer/"{lower,upper,work}
	mount -t overlay overlay "$OVER" \
		-o "lowerdir=$BATS_TEST_TMPDIR/layer/lower,upperdir=$BATS_TEST_TMPDIR/layer/upper,workdir=$BATS_TEST_TMPDIR/layer/work"
}

teardown() {
	lib_teardown
	[ -z "${OVER:-}" ] || umount "$OVER"
}

owners_and_modes() {
	(cd "$1" && stat -c '%n %u:%g %a' bin/probe bin/setuid bin/setgid tmp etc/shared etc/other-name etc/dangling etc/fifo)
}

@test "a new tree stays as its template left it where mounts can map ids" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	needs "strace" command -v strace
	template "${MAP[@]}"
	ROOTFS=$LXCPATH/$CT/rootfs
	# Calls that change an owner, in whichever process: the config keeps its own when it is written anew.
	FILES=300 run strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=chown,fchown,lchown,fchownat \
		"$TOOL_BIN/$TOOL-create" -P "$LXCPATH" -n "$CT" -f "$BATS_TEST_TMPDIR/start.conf" -t "$BATS_TEST_TMPDIR/template"
	assert_status 0
	[ "$(grep -c chown "$BATS_TEST_TMPDIR/calls")" -le 2 ]
	assert_equal "$(find "$ROOTFS" -printf '%U:%G\n' | sort -u)" 0:0
	start_probe
	ask stat /etc/files/299
	assert_says "file 0664 0:0"
	ask stat /bin/setuid
	assert_says "file 4755 0:0"
	run tool attach -n "$CT" -- /bin/probe write /etc/files/299 changed
	assert_status 0
	assert_equal "$(find "$ROOTFS" -printf '%U:%G\n' | sort -u)" 0:0
}

@test "elsewhere its owners are shifted, and what hangs on an owner is kept" {
	needs_lxs
	template "${MAP[@]}"
	unmappable
	OWNER=1 create --dir "$OVER/rootfs"
	ROOTFS=$OVER/rootfs
	assert_equal "$(owners_and_modes "$ROOTFS")" "bin/probe 100000:100000 755
bin/setuid 100000:100000 4755
bin/setgid 100000:100000 2711
tmp 100000:100000 1777
etc/shared 100000:100000 664
etc/other-name 100000:100000 664
etc/dangling 100000:100000 777
etc/fifo 100000:100000 664"
	run getcap -n "$ROOTFS/bin/capable"
	assert_says "cap_net_raw=ep [rootid=100000]"
	run getfacl -n -p "$ROOTFS/etc/shared"
	assert_has "user:101000:rw-" "group:100007:r--" "mask::rw-"
	run getfacl -n -p "$ROOTFS/etc"
	assert_has "default:user:101000:rwx"
	assert_equal "$(find "$ROOTFS" -uid -100000 -o -gid -100000)" ""
	start_probe
	ask stat /bin/setuid
	assert_says "file 4755 0:0"
	run tool attach -n "$CT" -- /bin/probe write /etc/made inside
	assert_status 0
	assert_equal "$(stat -c %u "$ROOTFS/etc/made")" 100000
}

@test "an owner that the map does not have fails the create, and nothing is left" {
	needs_lxs
	template "lxc.idmap = u 0 100000 100" "lxc.idmap = g 0 100000 100"
	unmappable
	run tool create -n "$CT" -f "$BATS_TEST_TMPDIR/start.conf" -t "$BATS_TEST_TMPDIR/template" --dir "$OVER/rootfs"
	assert_status 1
	assert_says "etc: cannot shift the owner of" "that lxc.idmap does not map"
	[ ! -e "$OVER/rootfs" ]
	[ ! -e "$LXCPATH/$CT" ]
}

# bats test_tags=user
@test "a user's new tree is born with the container's owners, capabilities and lists" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	local first
	first=$(sed -n "s/^$USER:\([0-9]*\):.*/\1/p" /etc/subuid)
	template
	create
	assert_equal "$(stat -c '%u %a' "$ROOTFS/bin/setuid")" "$first 4755"
	run getcap -n "$ROOTFS/bin/capable"
	assert_says "cap_net_raw=ep [rootid=$first]"
	run getfacl -n -p "$ROOTFS/etc/shared"
	assert_has "user:$((first + 1000)):rw-"
	start_probe
	ask stat /bin/setuid
	assert_says "file 4755 0:0"
}
