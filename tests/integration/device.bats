# Interfaces and device nodes of the host in a running container: lxs-device.
load lib

setup() {
	lib_setup
	CARD=c${LXCPATH##*.}
	[ "$(id -u)" -ne 0 ] || ip link add "$CARD" mtu 1400 type veth peer name "p$CARD"
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty"
	container_rootfs
}

teardown() {
	ip link delete "p$CARD" 2>/dev/null || :
	lib_teardown
}

device() {
	run tool device -n "$CT" -- "$@"
}

links_inside() {
	ask links
}

is_over() {
	[ ! -e "/proc/$1/ns/net" ]
}

card_is_back() {
	ip link show "$CARD" >/dev/null 2>&1
}

@test "an interface is moved in under a new name, and back" {
	start_probe
	device add "$CARD" lan7
	assert_status 0
	assert_output ""
	links_inside
	assert_matches $'(^|\n)lan7 '
	if card_is_back; then
		return 1
	fi
	device d lan7 "$CARD"
	assert_status 0
	card_is_back
	links_inside
	assert_silent_about lan7
}

@test "what is still inside at the end comes back as it was, also after a kill" {
	start_probe
	device add "$CARD" lan7
	assert_status 0
	nsenter -t "$(init_pid)" -n ip link set lan7 mtu 1300 up
	tool stop -k -n "$CT"
	wait_for 10 "the interface is back" card_is_back
	run ip link show "$CARD"
	assert_says "mtu 1400"
	rm -f "$LXCPATH/$CT/console.log"
	start_probe
	device add "$CARD"
	assert_status 0
	local init
	init=$(init_pid)
	pkill -KILL -f "lxs-supervise.*$LXCPATH"
	kill -KILL "$init"
	wait_for 10 "init is gone" is_over "$init"
	tool start -n "$CT"
	card_is_back
}

@test "what cannot be moved is said, and stays" {
	device add "$CARD"
	assert_status 1
	assert_says "Container $CT is not running"
	start_probe
	device
	assert_status 1
	assert_says "no command given"
	device put "$CARD"
	assert_status 1
	assert_says "'put' is neither add nor del"
	device add nosuch0
	assert_status 1
	assert_says "Failed to add nosuch0 to $CT" "the host has no interface nosuch0"
	device add "$CARD" lo
	assert_status 1
	assert_says "already has an interface lo"
	device add "$CARD" a-name-that-is-too-long
	assert_status 1
	device del nosuch0
	assert_status 1
	assert_says "the container has no interface nosuch0"
	card_is_back
}

# ---- device nodes ----

# Nothing is allowed but null, whatever the version of cgroups.
start_confined() {
	needs_lxs
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty" "lxc.cgroup.devices.deny = a" \
		"lxc.cgroup.devices.allow = c 1:3 rwm" "$@"
	container_rootfs
	start_probe
}

opens() {
	ask open "$1"
	assert_output "$2"
}

# LXC looks for the second name on the host.
# bats test_tags=compat
@test "a device node comes with the right to use it, and goes with it" {
	container_config "lxc.include = $COMMON" "lxc.net.0.type = empty" "lxc.cgroup.devices.deny = a" \
		"lxc.cgroup.devices.allow = c 1:3 rwm" "lxc.cgroup.devices.allow = c 5:* rwm" \
		"lxc.cgroup.devices.allow = c 136:* rwm"
	container_rootfs
	start_probe
	opens /dev/fuse ENOENT
	device add /dev/fuse
	assert_status 0
	# LXC says what it could not see of the host's process 1.
	[ "$TOOL" = lxc ] || assert_output ""
	opens /dev/fuse ok
	ask stat /dev/fuse
	assert_matches '^char 0[0-9]+ 0:0 10:229'
	device del /dev/fuse
	assert_status 0
	opens /dev/fuse ENOENT
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:229"
	device add /dev/fuse
	assert_status 0
	opens /dev/fuse ok
}

@test "a device node under another name, in directories that are not there yet" {
	start_confined
	device add /dev/fuse /srv/devices/brimming
	assert_status 0
	opens /srv/devices/brimming ok
	device add /dev/fuse /dev/fuse2
	assert_status 0
	device del /srv/devices/brimming
	assert_status 0
	# The other one still needs the right.
	opens /dev/fuse2 ok
	device del /dev/fuse2
	assert_status 0
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:229"
}

@test "what the container could use anyway it can use when the node is gone" {
	start_confined
	device add /dev/null /dev/null2
	assert_status 0
	device del /dev/null2
	assert_status 0
	opens /dev/null ok
	run tool cgroup -n "$CT" devices.list
	assert_says "c 1:3 rwm"
}

@test "a container in a user namespace gets the host's node as a mount" {
	start_confined "lxc.idmap = u 0 100000 1000" "lxc.idmap = g 0 100000 1000"
	device add /dev/full /dev/full2
	assert_status 0
	opens /dev/full2 ok
	ask mount /dev/full2
	assert_says "devtmpfs"
	device del /dev/full2
	assert_status 0
	opens /dev/full2 ENOENT
}

@test "a reboot takes the nodes and their rights" {
	start_confined
	device add /dev/fuse
	assert_status 0
	local init
	init=$(init_pid)
	tool stop -r -n "$CT"
	wait_for 10 "init is another one" is_over "$init"
	rm -f "$LXCPATH/$CT/console.log"
	tool wait -n "$CT" -s RUNNING -t 10
	opens /dev/fuse ENOENT
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:229"
	device add /dev/fuse
	assert_status 0
	opens /dev/fuse ok
}

@test "a guest that swaps its /dev gets nothing outside of itself" {
	start_confined
	mkdir "$LXCPATH/outside"
	local root
	root=/proc/$(init_pid)/root
	ln -s / "$root/up"
	ln -s "../../../../../../..$LXCPATH/outside" "$root/out"
	device add /dev/fuse /out/full
	assert_status 1
	assert_says "the path leads out of the rootfs"
	device add /dev/fuse /up/full
	assert_status 1
	assert_says "the path leads out of the rootfs"
	ln -s /dev/null "$root/link"
	device del /link
	assert_status 1
	[ -z "$(ls -A "$LXCPATH/outside")" ]
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:229"
}

is_revoked() {
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "$1"
}

@test "a guest that hides, replaces or removes its node loses the right all the same, and no other" {
	start_confined
	local root
	root=/proc/$(init_pid)/root
	device add /dev/fuse /dev/x
	assert_status 0
	mv "$root/dev/x" "$root/dev/hidden"
	mknod -m 666 "$root/dev/x" c 1 3
	device del /dev/x
	assert_status 0
	opens /dev/hidden EPERM
	opens /dev/x ok
	is_revoked "10:229"
	device add /dev/fuse /dev/y
	assert_status 0
	rm "$root/dev/y"
	device del /dev/y
	assert_status 0
	is_revoked "10:229"
	device add /dev/fuse /dev/z
	assert_status 0
	rm "$root/dev/z"
	device add /dev/full /dev/z
	assert_status 1
	assert_says "was given another device as /dev/z" "lxs-device del /dev/z"
}

@test "a lock that another user holds on the cgroup holds nobody up" {
	start_confined
	local cgroup
	cgroup=$(find /sys/fs/cgroup -path "*devices*/lxc.payload.$CT" -print -quit)
	[ -n "$cgroup" ] || cgroup=$(find /sys/fs/cgroup -name "lxc.payload.$CT" -print -quit)
	setpriv --reuid 65534 --clear-groups flock "$cgroup" sh -c "read -r x" \
		<>"$BATS_TEST_TMPDIR/never" 3>&- &
	wait_for 10 "the lock is held" flock_is_held "$cgroup"
	run timeout 20 "$TOOL_BIN/lxs-device" -P "$LXCPATH" -n "$CT" -- add /dev/fuse
	kill %1
	assert_status 0
}

flock_is_held() {
	! flock -n "$1" true
}

@test "what is no device node is said" {
	needs_lxs
	device add /dev/fuse
	assert_status 1
	assert_says "Container $CT is not running"
	start_confined
	device add /dev/nosuch
	assert_status 1
	assert_says "cannot open /dev/nosuch: No such file"
	device add /etc/passwd
	assert_status 1
	assert_says "/etc/passwd is neither a device node nor an interface"
	device add /dev/fuse full
	assert_status 1
	assert_says "'full' does not begin with '/'"
	device add /dev/fuse /dev/fuse/
	assert_status 1
	assert_says "'/dev/fuse/' is a directory's name"
	device add /dev/fuse /dev/../full
	assert_status 1
	assert_says "'/dev/../full' has '..' in it"
	device add /dev/fuse /bin/probe
	assert_status 1
	assert_says "the container already has a /bin/probe"
	device del /dev/nosuch
	assert_status 1
	assert_says "the container has no /dev/nosuch"
	device del /bin/probe
	assert_status 1
	assert_says "/bin/probe is no device node"
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:229"
}

# bats test_tags=user
@test "an ordinary user gives away no device" {
	device add /dev/fuse
	assert_status 1
	assert_says "only root can give away"
}
