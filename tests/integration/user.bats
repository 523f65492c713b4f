# What an ordinary user does without any command of root's beforehand.
load lib

needs_ranges() {
	needs "newuidmap" test -u /usr/bin/newuidmap
	needs "a range of ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
}

# The first id of the user's range, of kind uid or gid.
first_id() {
	sed -n "s/^$USER:\([0-9]*\):.*/\1/p" "/etc/sub$1" | head -1
}

user_container() {
	run tool create -n "$CT" -t busybox
	assert_status 0
}

# bats test_tags=user
@test "a plan needs no root" {
	needs_lxs
	needs_ranges
	container_config "lxc.include = $COMMON" "lxc.include = $TOOL_SHARE/config/userns.conf" "lxc.uts.name = planned" \
		"lxc.init.cmd = /bin/true" \
		"lxc.idmap = u 0 $(first_id uid) 1000" "lxc.idmap = g 0 $(first_id gid) 1000"
	run tool start -n "$CT" --plan
	assert_status 0
	assert_says "planned"
}

# bats test_tags=user
@test "a user's list of containers is empty and no error" {
	run tool ls
	assert_status 0
	assert_output ""
}

# bats test_tags=user
@test "create, start, attach, info, ls, reboot, stop, destroy" {
	needs_lxs
	needs_ranges
	run tool create -n "$CT" -t busybox
	assert_status 0
	grep -q "^lxc.idmap = u 0 $(first_id uid) " "$LXCPATH/$CT/config"
	assert_equal "$(stat -c %u:%g "$LXCPATH/$CT/rootfs/bin")" "$(first_id uid):$(first_id gid)"
	assert_equal "$(stat -c %U "$LXCPATH/$CT/config")" "$USER"
	run tool start -n "$CT"
	assert_status 0
	run tool attach -n "$CT" -- cat /proc/1/uid_map
	assert_status 0
	assert_equal "$(tr -s ' ' <<<"$output" | cut -d' ' -f2,3)" "0 $(first_id uid)"
	run tool attach -n "$CT" -- id -u
	assert_output 0
	run tool info -n "$CT"
	assert_status 0
	assert_says RUNNING
	run tool ls -f
	assert_status 0
	assert_says RUNNING true
	run tool stop -n "$CT" -r -t 10
	assert_status 0
	assert_equal "$(state_of)" RUNNING
	run tool stop -n "$CT"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
}

# bats test_tags=user
@test "a container starts although others may not enter the directories above it" {
	needs_lxs
	needs_ranges
	user_container
	chmod 700 "$LXCPATH" "$LXCPATH/$CT"
	run tool start -n "$CT"
	assert_status 0
	run tool stop -k -n "$CT"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
}

# bats test_tags=user
@test "the clocks of a user's container are set off" {
	needs_lxs
	container_config "lxc.net.0.type = empty" "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1" \
		"lxc.mount.auto = proc" "lxc.time.offset.boot = -1500ms"
	container_rootfs
	run tool execute -n "$CT" -- /bin/probe read /proc/self/timens_offsets
	assert_status 0
	assert_says "boottime           -2 500000000"
}

# bats test_tags=user
@test "execute with a map of nothing but the user's own ids needs no newuidmap" {
	needs_lxs
	container_config "lxc.net.0.type = empty" "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1"
	run_probe id
	assert_says "uid=0 gid=0"
}

# bats test_tags=user
@test "a map beyond the user's ranges is refused with the line that is missing" {
	needs_lxs
	needs_ranges
	container_config "lxc.idmap = u 0 4000000000 10" "lxc.idmap = g 0 $(first_id gid) 10"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "the uids 4000000000 to 4000000009 are not yours to give" "config:1" \
		"add the line $USER:4000000000:10 to /etc/subuid"
	# Not so of the host's own, least of all its root.
	container_config "lxc.idmap = u 0 0 10" "lxc.idmap = g 0 $(first_id gid) 10"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "the uids 0 to 9 are not yours to give" "host's own accounts"
	assert_silent_about "add the line"
}

# bats test_tags=user
@test "a limit that no cgroup can hold is refused, and the hint says what to do" {
	needs_lxs
	needs_ranges
	needs "no cgroup of the user's" test ! -w "/sys/fs/cgroup/$(sed -n 's/^0:://p' /proc/self/cgroup)"
	container_config "lxc.idmap = u 0 $(first_id uid) 10" "lxc.idmap = g 0 $(first_id gid) 10" \
		"lxc.cgroup2.memory.max = 1G" "lxc.cgroup.memory.limit_in_bytes = 1G"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "cannot be set" "lxs-cgdelegate USER" "start without limits"
}

# bats test_tags=user
@test "a manager that never answers holds nobody up: the error says so" {
	needs_lxs
	needs "lxs-scope, built with libsystemd" test -x "$LXS_PREFIX/libexec/lxs/lxs-scope"
	local listener
	container_config "lxc.net.0.type = empty" "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1" \
		"lxc.cgroup2.pids.max = 40"
	mkdir -m 0700 "$LXCPATH/run"
	python3 -c 'import socket, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
time.sleep(60)' "$LXCPATH/run/bus" 3>&- &
	listener=$!
	wait_for 10 "somebody listens" test -S "$LXCPATH/run/bus"
	run env XDG_RUNTIME_DIR="$LXCPATH/run" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" id
	kill "$listener"
	assert_status 1
	assert_says "config:4" "systemd was asked for a cgroup: systemd's user manager does not answer in time"
}

# bats test_tags=user
@test "a container without a map is refused" {
	needs_lxs
	container_config "lxc.net.0.type = empty"
	run tool execute -n "$CT" -- "$LXS_PROBE" id
	assert_status 1
	assert_says "no lxc.idmap"
}

# bats test_tags=user
@test "a killed create of a user's container is cleared away by destroy" {
	needs_lxs
	needs_ranges
	user_container
	rm "$LXCPATH/$CT/config"
	echo whole >"$LXCPATH/$CT/partial"
	run tool destroy -n "$CT"
	assert_status 0
	[ ! -e "$LXCPATH/$CT" ]
}

# bats test_tags=user
@test "a map of several lines: a hole, the user's own id kept, and one that is split" {
	needs_lxs
	needs_ranges
	local uid gid
	uid=$(first_id uid) gid=$(first_id gid)
	container_config "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 $uid 500" "lxc.idmap = u 500 $((uid + 500)) 500" "lxc.idmap = u 1000 $(id -u) 1" \
		"lxc.idmap = u 2000 $((uid + 1000)) 10" \
		"lxc.idmap = g 0 $gid 1000" "lxc.idmap = g 1000 $(id -g) 1"
	mkdir "$LXCPATH/mine"
	run_probe read /proc/self/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 $uid 500
 500 $((uid + 500)) 500
 1000 $(id -u) 1
 2000 $((uid + 1000)) 10"
	run_probe stat "$LXCPATH/mine"
	assert_says " 1000:1000"
}

# bats test_tags=user
@test "a user's compiled seccomp filter is kept where only he writes" {
	needs_lxs
	needs_ranges
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	container_config "lxc.net.0.type = empty" "lxc.seccomp.profile = $TOOL_SHARE/config/common.seccomp" \
		"lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1"
	run_probe seccomp
	assert_output "2"
	assert_equal "$(find "$XDG_CACHE_HOME/lxs/seccomp" -type f -printf '%u %m\n')" "$USER 600"
	run_probe seccomp
	assert_output "2"
}
