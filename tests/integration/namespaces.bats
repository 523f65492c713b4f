# Which namespaces a container gets: new ones, the caller's, another container's; and its clocks.
load lib

ns_of() {
	readlink "/proc/$(init_pid "$1")/ns/$2"
}

assert_same_ns() {
	assert_equal "$(ns_of "$1" "$3")" "$(ns_of "$2" "$3")"
}

assert_other_ns() {
	[ "$(ns_of "$1" "$3")" != "$(ns_of "$2" "$3")" ]
}

MAP=("lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536")

# plain NAME LINES...: a container with a rootfs that serves.
plain() {
	local name=$1
	shift
	container_named "$name" "lxc.net.0.type = empty" "lxc.mount.auto = proc:rw" "$@"
	container_rootfs "$name"
}

start_named() {
	run tool start -n "$1"
	assert_status 0
}

# The seconds that a clock inside is ahead of the host's, by /proc/uptime.
uptime_ahead() {
	local inside
	inside=$(tool attach -n "$CT" -- /bin/probe read /proc/uptime)
	echo $((${inside%%.*} - $(cut -d. -f1 /proc/uptime)))
}

# bats test_tags=compat
@test "the clocks of a container are set off" {
	plain "$CT" "lxc.include = $COMMON" "lxc.time.offset.boot = 2h" "lxc.time.offset.monotonic = 90m"
	start_probe
	[ "$(uptime_ahead)" -ge 7199 ]
	[ "$(uptime_ahead)" -le 7230 ]
	ask read /proc/self/timens_offsets
	assert_equal "$(tr -s ' \t' ' ' <<<"$output")" "monotonic 5400 0
boottime 7200 0"
	[ "$(ns_of "$CT" time)" != "$(readlink /proc/self/ns/time)" ]
}

@test "a clock is set off in a user namespace too, and back by less than a second" {
	needs_lxs
	plain "$CT" "${MAP[@]}" "lxc.time.offset.boot = -1500ms"
	start_probe
	ask read /proc/self/timens_offsets
	assert_equal "$(tr -s ' \t' ' ' <<<"$output")" "monotonic 0 0
boottime -2 500000000"
}

@test "a clock that would be negative is refused with its line" {
	needs_lxs
	plain "$CT" "lxc.time.offset.boot = -900000h"
	run tool start -n "$CT"
	assert_status 1
	assert_says "clocks of its own" "before the boot of the host" "lxc.time.offset.boot = -900000h"
}

@test "an offset without a time namespace is refused" {
	needs_lxs
	plain "$CT" "lxc.time.offset.monotonic = 1h" "lxc.namespace.clone = mnt pid"
	run tool start -n "$CT"
	assert_status 1
	assert_says "time namespace of the container's own" "add 'time' to lxc.namespace.clone" "offset.monotonic"
}

# bats test_tags=compat
@test "no time namespace unless it is asked for" {
	plain "$CT" "lxc.include = $COMMON"
	start_probe
	assert_equal "$(ns_of "$CT" time)" "$(readlink /proc/self/ns/time)"
	run tool stop -k -n "$CT"
	printf 'lxc.namespace.clone = mnt pid time\n' >>"$LXCPATH/$CT/config"
	: >"$LXCPATH/$CT/console.log"
	start_probe
	[ "$(ns_of "$CT" time)" != "$(readlink /proc/self/ns/time)" ]
	assert_equal "$(ns_of "$CT" net)" "$(readlink /proc/self/ns/net)"
}

@test "each kind of namespace can be kept" {
	needs_lxs
	plain "$CT" "lxc.namespace.keep = user uts ipc net cgroup time"
	start_probe
	local kind
	for kind in user uts ipc net cgroup time; do
		assert_equal "$(ns_of "$CT" $kind)" "$(readlink /proc/self/ns/$kind)"
	done
	for kind in mnt pid; do
		[ "$(ns_of "$CT" $kind)" != "$(readlink /proc/self/ns/$kind)" ]
	done
}

@test "the caller's mounts can be kept: nothing is mounted in them" {
	needs_lxs
	container_config "lxc.namespace.keep = mnt user net"
	# shellcheck disable=SC2016
	run unshare --mount --propagation private bash -c '
		sort /proc/self/mountinfo >"$1/before"; readlink /proc/self/ns/mnt
		"$2" -P "$3" -n "$4" -- "$5" ns mnt || exit
		sort /proc/self/mountinfo | diff "$1/before" -' bash \
		"$BATS_TEST_TMPDIR" "$TOOL_BIN/$TOOL-execute" "$LXCPATH" "$CT" "$LXS_PROBE"
	assert_status 0
	assert_equal "${#lines[@]}" 2
	assert_equal "${lines[0]}" "${lines[1]}"
}

@test "what would mount is refused in mounts that are not the container's own" {
	needs_lxs
	container_config "lxc.namespace.keep = mnt user" "lxc.mount.auto = proc"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "lxc.mount.auto needs a mount namespace" "config:2" "remove 'mnt' from lxc.namespace.keep"
}

@test "a user keeps or shares no user namespace without ids" {
	needs_lxs
	plain "$CT" "lxc.namespace.share.user = $$"
	run tool start -n "$CT"
	assert_status 1
	assert_says "which ids it has: there is no lxc.idmap" "lxc.namespace.share.user"
}

@test "every kind of namespace of another container is shared" {
	needs_lxs
	local other=$CT-b kind
	plain "$CT" "${MAP[@]}" "lxc.time.offset.boot = 1h"
	chown -R 100000:100000 "$ROOTFS"
	start_probe
	container_named "$other" "${MAP[@]}" "lxc.init.cmd = /bin/probe serve" \
		"lxc.namespace.share.user = $CT" "lxc.namespace.share.mnt = $CT" "lxc.namespace.share.pid = $(init_pid)" \
		"lxc.namespace.share.uts = /proc/$(init_pid)/ns/uts" "lxc.namespace.share.ipc = $CT" \
		"lxc.namespace.share.net = $CT" "lxc.namespace.share.cgroup = $CT" "lxc.namespace.share.time = $CT"
	start_named "$other"
	for kind in user mnt pid uts ipc net cgroup time; do
		assert_same_ns "$CT" "$other" $kind
	done
	assert_equal "$(stat -c %u:%g "/proc/$(init_pid "$other")")" 100000:100000
}

@test "a shared user namespace, with a rootfs and all else of its own" {
	needs_lxs
	local other=$CT-b kind
	plain "$CT" "${MAP[@]}"
	start_probe
	plain "$other" "${MAP[@]}" "lxc.namespace.share.user = $CT"
	start_named "$other"
	assert_same_ns "$CT" "$other" user
	for kind in mnt pid uts ipc net; do
		assert_other_ns "$CT" "$other" $kind
	done
	run tool attach -n "$other" -- /bin/probe stat /proc/1/mem
	assert_says " 0:0"
	run tool attach -n "$other" -- /bin/probe write /tmp/x y
	assert_status 0
}

@test "a shared user namespace with other ids than lxc.idmap has is refused" {
	needs_lxs
	local other=$CT-b
	plain "$CT" "${MAP[@]}"
	start_probe
	plain "$other" "lxc.idmap = u 0 200000 10" "lxc.idmap = g 0 100000 10" "lxc.namespace.share.user = $CT"
	run tool start -n "$other"
	assert_status 1
	assert_says "the shared user namespace has other ids" "uid_map" "config:"
}

@test "the user namespace of a container that has none is refused" {
	needs_lxs
	local other=$CT-b
	plain "$CT"
	start_probe
	plain "$other" "${MAP[@]}" "lxc.namespace.share.user = $CT"
	run tool start -n "$other"
	assert_status 1
	assert_says "join the user namespace of $CT" "none of its own" "lxc.namespace.share.user"
}

@test "a container with its own ids lives in another's network, pids and names" {
	needs_lxs
	local other=$CT-b kind
	plain "$CT" "lxc.uts.name = first"
	start_probe
	container_named "$other" "${MAP[@]}" "lxc.namespace.share.net = $CT" "lxc.namespace.share.uts = $CT" \
		"lxc.namespace.share.ipc = $CT" "lxc.namespace.share.time = $CT"
	container_rootfs "$other"
	start_named "$other"
	for kind in net uts ipc; do
		assert_same_ns "$CT" "$other" $kind
	done
	assert_other_ns "$CT" "$other" user
	run tool attach -n "$other" -- /bin/probe hostname
	assert_output first
}

@test "what cannot be joined is named with its line" {
	needs_lxs
	plain "$CT" "lxc.namespace.share.net = /proc/self/ns/uts"
	run tool start -n "$CT"
	assert_status 1
	assert_says "join the net namespace of /proc/self/ns/uts" "not a namespace of this kind"
}

# bats test_tags=user
@test "a user's second container joins the first one's users, network and pids" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	local other=$CT-b first
	first=$(sed -n "s/^$USER:\([0-9]*\):.*/\1/p" /etc/subuid)
	MAP=("lxc.idmap = u 0 $first 1000" "lxc.idmap = g 0 $first 1000")
	container_config "${MAP[@]}" "lxc.net.0.type = empty" "lxc.init.cmd = $LXS_PROBE serve" "lxc.autodev = 0"
	start_named "$CT"
	container_named "$other" "${MAP[@]}" "lxc.namespace.share.user = $CT" "lxc.namespace.share.net = $CT" \
		"lxc.namespace.share.pid = $CT" "lxc.init.cmd = $LXS_PROBE serve" "lxc.autodev = 0"
	start_named "$other"
	assert_same_ns "$CT" "$other" user
	assert_same_ns "$CT" "$other" net
	assert_same_ns "$CT" "$other" pid
	assert_other_ns "$CT" "$other" mnt
}

# bats test_tags=user
@test "a user cannot join what belongs to root, and is told so" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	container_config "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1" "lxc.namespace.share.net = /proc/$$/ns/net"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "join the net namespace" "Operation not permitted" "needs root of the host" "config:3"
}
