# Starting and ending: background and foreground, pid file, reboot, what is
# left behind, and the errors of a start.
load lib

setup() {
	lib_setup
	container_config "lxc.pty.max = 10" "lxc.mount.auto = proc"
	container_rootfs
}

# Runs a start that must fail, and nothing of it may stay (teardown looks).
start_fails() {
	run tool start -n "$CT"
	assert_status 1
	assert_equal "$(state_of)" STOPPED
}

more_config() {
	printf '%s\n' "$@" >>"$LXCPATH/$CT/config"
}

# bats test_tags=compat,smoke
@test "a background start returns once init runs" {
	start_probe
	assert_equal "$(state_of)" RUNNING
	run tool stop -k -n "$CT"
	assert_status 0
	assert_equal "$(state_of)" STOPPED
}

# bats test_tags=compat
@test "starting a running container says so and succeeds" {
	start_probe
	run tool start -n "$CT"
	assert_status 0
	assert_says "already running"
}

# bats test_tags=compat
@test "a foreground start ends with the container, whatever init's status" {
	run tool start -F -n "$CT" -- /bin/probe exit 7
	assert_status 0
	assert_equal "$(state_of)" STOPPED
}

# bats test_tags=compat
@test "the pid file holds the supervisor's pid, for root's eyes only" {
	local file=$LXCPATH/pid
	start_probe -p "$file"
	assert_equal "$(stat -c %a "$file")" 600
	[ -d "/proc/$(cat "$file")" ]
	assert_equal "$(ps -o pid= -p "$(cat "$file")" | tr -d ' ')" "$(cat "$file")"
	run tool stop -k -n "$CT"
	wait_for 5 "the pid file goes" test ! -e "$file"
}

@test "the supervisor is the parent of init and holds nothing of the caller" {
	needs_lxs
	local parent file=$LXCPATH/open
	: >"$file"
	start_probe 9<"$file"
	parent=$(ps -o ppid= -p "$(init_pid)" | tr -d ' ')
	run readlink "/proc/$parent/exe"
	assert_says lxs-supervise
	assert_equal "$(readlink "/proc/$parent/cwd")" /
	run find "/proc/$parent/fd" "/proc/$(init_pid)/fd" -lname "$file"
	assert_output ""
}

# bats test_tags=compat
@test "a reboot from inside starts again in the same supervisor" {
	local supervisor first
	start_probe -p "$LXCPATH/pid"
	supervisor=$(cat "$LXCPATH/pid")
	first=$(init_pid)
	run tool attach -n "$CT" -- /bin/probe reboot
	wait_for 10 "another init" other_init "$first"
	assert_equal "$(state_of)" RUNNING
	[ -d "/proc/$supervisor" ]
	assert_equal "$(ps -o ppid= -p "$(init_pid)" | tr -d ' ')" "$supervisor"
}

other_init() {
	local now
	now=$(init_pid 2>/dev/null) || return 1
	[ -n "$now" ] && [ "$now" != "$1" ] && [ "$now" -gt 0 ]
}

@test "a reboot does not read the changed config" {
	needs_lxs
	local first
	start_probe
	first=$(init_pid)
	echo "lxc.cap.dorp = nothing" >>"$LXCPATH/$CT/config"
	run tool attach -n "$CT" -- /bin/probe reboot
	wait_for 10 "another init" other_init "$first"
}

@test "an ephemeral container goes with its end" {
	needs_lxs
	more_config "lxc.ephemeral = 1"
	start_probe
	run tool stop -k -n "$CT"
	wait_for 5 "the container is destroyed" test ! -e "$LXCPATH/$CT"
}

# bats test_tags=compat
@test "init is pid 1 in namespaces of its own" {
	local kind
	start_probe
	ask pid
	assert_says "pid="
	for kind in mnt pid uts ipc net; do
		run readlink "/proc/$(init_pid)/ns/$kind"
		[ "$output" != "$(readlink "/proc/self/ns/$kind")" ]
	done
}

@test "a shared network is the other container's" {
	needs_lxs
	local other=$CT-b
	start_probe
	container_named "$other" "lxc.pty.max = 10" "lxc.mount.auto = proc"
	container_rootfs "$other"
	run tool start -n "$other" --share-net "$CT"
	assert_status 0
	assert_equal "$(readlink "/proc/$(init_pid "$other")/ns/net")" "$(readlink "/proc/$(init_pid)/ns/net")"
	[ "$(readlink "/proc/$(init_pid "$other")/ns/uts")" != "$(readlink "/proc/$(init_pid)/ns/uts")" ]
}

@test "sharing with a container that does not run names the line" {
	needs_lxs
	more_config "lxc.namespace.share.net = nobody-$CT"
	start_fails
	assert_says "nobody-$CT" "no container of this name is running" "config:" "lxc.namespace.share.net" \
		"hint: start that container first"
}

# bats test_tags=compat
@test "lxc.sched.core: a core scheduling domain of its own, or nothing where cores run one thread" {
	local here
	here=$("$LXS_PROBE" core)
	[ "$here" != EINVAL ] || skip "needs a kernel with core scheduling"
	more_config "lxc.sched.core = 1"
	start_probe
	run tool attach -n "$CT" -- /bin/probe core
	if [[ $here = [0-9]* ]]; then
		assert_status 0
		[ "$output" != "$here" ] && [ "$output" != 0 ]
	else
		assert_output "$here"
	fi
}

# bats test_tags=compat
@test "lxc.sched.core on a kernel that knows no core scheduling is refused" {
	[ "$("$LXS_PROBE" core)" = EINVAL ] || skip "needs a kernel without core scheduling"
	more_config "lxc.sched.core = 1"
	run tool start -n "$CT"
	assert_status 1
	[ "$TOOL" = lxc ] || assert_says "cannot give the container a core scheduling domain: Invalid argument" \
		"lxc.sched.core = 1" "hint: this kernel is built without CONFIG_SCHED_CORE"
}

@test "lxc.sched.core needs a pid namespace of its own" {
	needs_lxs
	more_config "lxc.namespace.keep = pid user time" "lxc.sched.core = 1"
	start_fails
	assert_says "needs a pid namespace of the container's own" "config:" "lxc.sched.core = 1"
}

# In a /dev of this test's own, whose log is a probe; waits for it to hear of local3 (19 * 8 + level).
# bats test_tags=compat
@test "lxc.log.syslog: the log goes to that facility" {
	local dev=$LXCPATH/dev heard=$LXCPATH/heard
	more_config "lxc.log.level = DEBUG" "lxc.log.syslog = local3"
	mkdir "$dev"
	# shellcheck disable=SC2016
	run unshare --mount --fork --kill-child bash -c '
		mount -t tmpfs none "$1"
		for node in null zero full random urandom tty ptmx; do
			: >"$1/$node"
			mount --bind "/dev/$node" "$1/$node"
		done
		mkdir "$1/pts" "$1/shm"
		mount --rbind /dev/pts "$1/pts"
		mount --rbind "$1" /dev
		"$2" log /dev/log >"$3" &
		log=$!
		until [ -S /dev/log ]; do read -r -t 0.02 <>"$4"; done
		shift 4
		"$@"
		result=$?
		kill $log
		exit $result' bash "$dev" "$LXS_PROBE" "$heard" "$BATS_TEST_TMPDIR/never" \
		"$TOOL_BIN/$TOOL-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe exit 0
	assert_status 0
	wait_for 5 "the log has heard of it" grep -qE '^<15[2-9]>' "$heard"
	[ "$TOOL" = lxc ] || grep -qE "^<159>.*lxs-execute\\[[0-9]+\\]: $CT: " "$heard"
}

@test "namespaces to keep and to clone" {
	needs_lxs
	more_config "lxc.namespace.clone = mnt pid"
	start_probe
	assert_equal "$(readlink "/proc/$(init_pid)/ns/net")" "$(readlink /proc/self/ns/net)"
	[ "$(readlink "/proc/$(init_pid)/ns/pid")" != "$(readlink /proc/self/ns/pid)" ]
}

@test "a plan needs no privilege and changes nothing" {
	needs_lxs
	run tool start -n "$CT" --plan
	assert_status 0
	assert_says "clone" "pivot" "exec" "config:"
	run tool start -n "$CT" --plan --format json
	assert_status 0
	assert_says '"step": "exec"'
	assert_equal "$(state_of)" STOPPED
}

# ---- what a start says when it fails ----

# bats test_tags=compat
@test "no such container" {
	run tool start -n "nobody-$CT"
	assert_status 1
	[ "$TOOL" = lxc ] || assert_says "nobody-$CT" "config"
}

@test "the rootfs is missing" {
	needs_lxs
	rm -rf "$ROOTFS"
	start_fails
	assert_says "$ROOTFS" "No such file or directory" "lxc.rootfs.path" "hint:"
}

@test "the host's own init is not booted for want of a rootfs" {
	needs_lxs
	container_config 'lxc.uts.name = a'
	run tool start -n "$CT" --plan
	assert_status 1
	assert_says "neither a root file system nor a command" "hint: set lxc.rootfs.path"
	run tool start -n "$CT" --plan -- /bin/true
	assert_status 0
	run tool config -n "$CT" -P "$LXCPATH" check
	assert_status 1
	assert_says "neither a root file system"
	run tool config -f "$LXCPATH/$CT/config" check
	assert_status 0
}

@test "init is missing" {
	needs_lxs
	rm "$ROOTFS/bin/probe"
	start_fails
	assert_says "cannot execute /bin/probe: No such file or directory" "lxc.init.cmd = /bin/probe" "hint:"
}

@test "init is not executable" {
	needs_lxs
	chmod -x "$ROOTFS/bin/probe"
	start_fails
	assert_says "cannot execute /bin/probe: Permission denied" "hint: make it executable"
}

@test "init is of another architecture" {
	needs_lxs
	# e_machine of the ELF header: 183 is aarch64, 62 x86_64.
	local other='\xb7\x00' word=aarch64
	[ "$(uname -m)" != aarch64 ] || { other='\x3e\x00' word=x86_64; }
	printf '%b' "$other" | dd of="$ROOTFS/bin/probe" bs=1 seek=18 conv=notrunc status=none
	start_fails
	assert_says "it is built for $word" "hint:"
}

@test "the interpreter of init is missing" {
	needs_lxs
	printf '#!/no/such/shell -e\n' >"$ROOTFS/bin/probe"
	start_fails
	assert_says "its interpreter /no/such/shell is not there"
}

@test "a directory that leads out of the container is refused" {
	needs_lxs
	more_config "lxc.init.cwd = /proc/self/cwd"
	start_fails
	assert_says "would lead out of the container" "lxc.init.cwd"
}

@test "an ordinary user is told what his container lacks" {
	needs_lxs
	needs "a way to become another user" setpriv --reuid 65534 --regid 65534 --clear-groups true
	chmod 0755 "$LXCPATH/$CT"
	run env HOME="$LXCPATH" setpriv --reuid 65534 --regid 65534 --clear-groups "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "no lxc.idmap" "hint:"
}

@test "a launcher that was killed is cleaned up after by the next start" {
	needs_lxs
	start_probe -p "$LXCPATH/pid"
	kill -KILL "$(cat "$LXCPATH/pid")"
	wait_for 5 "init follows its supervisor" prints_nothing members "$CT"
	rm -f "$LXCPATH/$CT/console.log"
	start_probe
	assert_equal "$(state_of)" RUNNING
}
