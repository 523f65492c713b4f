# A start is killed, or finds no room, at every step; afterwards the next
# start works and nothing is left.  The points are system calls: strace kills
# the process that makes the Nth call of a kind, before it is carried out.
load lib

needs_faults() {
	needs_lxs
	needs strace strace -V
	needs "a bridge" bridge_made
}

bridge_made() {
	[ -n "${LXS_TEST_NETNS:-}" ] && { ip link show lxsfault || ip link add lxsfault type bridge; }
}

fault_config() {
	container_config "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed" "lxc.pty.max = 10" "lxc.tty.max = 2" \
		"lxc.cap.drop = sys_time" "lxc.seccomp.profile = $TOOL_SHARE/config/common.seccomp" \
		"lxc.net.0.type = veth" "lxc.net.0.link = lxsfault" "lxc.net.0.flags = up" \
		"lxc.cgroup2.pids.max = 100" "lxc.cgroup.pids.max = 100" "lxc.uts.name = fault"
	container_rootfs
	# shellcheck disable=SC2034 # of the teardown: the bridge is ours to keep
	LINKS_BEFORE=$(links)
}

# killed_at CALL N: a start in which whoever makes the Nth CALL dies instead.
# 1: nobody made that many.
killed_at() {
	rm -f "$LXCPATH/$CT/console.log"
	strace -D -q -f -o "$BATS_TEST_TMPDIR/trace" -e trace="$1" -e "inject=$1:signal=KILL:when=$2" \
		-- timeout 30 "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- || :
	wait_for 10 "the start ends in one way or the other" killed_or_running
	grep -q "killed by SIGKILL" "$BATS_TEST_TMPDIR/trace"
}

killed_or_running() {
	grep -q "killed by SIGKILL" "$BATS_TEST_TMPDIR/trace" || init_is_ready
}

# What a killed start left is gone after the next command that meets it.
recovers() {
	local what=$1
	wait_for 5 "$what: processes end" prints_nothing members "$CT"
	rm -f "$LXCPATH/$CT/console.log"
	run timeout 30 "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	[ "$status" -eq 0 ] || { echo "$what: the next start fails: $output"; return 1; }
	wait_for 5 "$what: init runs" init_is_ready
	run timeout 30 "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	[ "$status" -eq 0 ] || { echo "$what: the stop fails: $output"; return 1; }
	wait_for 5 "$what: nothing is left" nothing_left || { list_left; return 1; }
}

# all_points CALL: of the start; the last round may end in the clean-up after the stop.
all_points() {
	local number=0
	while [ "$number" -lt 60 ] && killed_at "$1" "$((number += 1))"; do
		recovers "killed at $1 number $number"
	done
	timeout 30 "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k || :
	recovers "killed in the clean-up at $1 number $number"
	[ "$number" -gt 1 ]
}

# with_room KILOBYTES: a start whose run directory is a file system of that size.
with_room() {
	# shellcheck disable=SC2016 # for the inner shell
	run unshare --mount bash -c 'mount -t tmpfs -o size="$1"k,mode=0755 none "$2" &&
		timeout 30 "$3" -P "$4" -n "$5" && timeout 30 "${3%start}stop" -P "$4" -n "$5" -k' \
		bash "$1" "$LXS_RUNSTATEDIR" "$TOOL_BIN/lxs-start" "$LXCPATH" "$CT"
}

@test "a full run directory is an error that says so, and leaves nothing" {
	needs_lxs
	local size
	fault_config
	sed -i '/^lxc.net/d' "$LXCPATH/$CT/config"
	for size in 4 8 12 16 20 24; do
		with_room "$size"
		[ "$status" -ne 0 ] || break
		assert_says "lxs-start: $CT: cannot" "No space left on device"
		wait_for 5 "$size kB: nothing is left" nothing_left || { list_left; return 1; }
	done
	# It was too small at first, and large enough at last.
	[ "$size" -gt 4 ] && [ "$status" -eq 0 ]
	wait_for 5 "nothing is left" nothing_left
}

@test "killed at each mkdir" {
	needs_faults
	fault_config
	all_points mkdir
}

@test "killed at each mkdirat" {
	needs_faults
	fault_config
	all_points mkdirat
}

@test "killed at each sendmsg" {
	needs_faults
	fault_config
	all_points sendmsg
}

@test "killed at each renameat2" {
	needs_faults
	fault_config
	all_points renameat2
}

@test "killed at each openat2" {
	needs_faults
	fault_config
	all_points openat2
}

@test "killed at each move_mount" {
	needs_faults
	fault_config
	all_points move_mount
}

@test "killed at each clone3" {
	needs_faults
	fault_config
	all_points clone3
}

@test "killed at each execve" {
	needs_faults
	fault_config
	all_points execve
}

@test "killed at each unlinkat" {
	needs_faults
	fault_config
	all_points unlinkat
}

@test "killed at each sendto" {
	needs_faults
	fault_config
	all_points sendto
}

@test "killed at each socket" {
	needs_faults
	fault_config
	all_points socket
}
