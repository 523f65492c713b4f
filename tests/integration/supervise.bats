# The supervisor: small, and no loss when it is lost.
load lib

running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	start_probe
}

# The one that init's parent is: the pid that others know.
supervisor() {
	pgrep -o -f "lxs-supervise .*name=$CT "
}

# Its child, which talks to the container and to clients.
server() {
	pgrep -P "$(supervisor)" -x lxs-serve
}

@test "it needs no library" {
	needs_lxs
	run readelf -d "$LXS_PREFIX/libexec/lxs/lxs-supervise"
	assert_silent_about NEEDED
}

@test "it holds less than 150 kB of memory for itself" {
	needs_lxs
	running
	local dirty
	# With one supervisor its program's pages are private too; what is dirty is what each one takes.
	dirty=$(cat "/proc/$(supervisor)/smaps_rollup" "/proc/$(server)/smaps_rollup" |
		awk '/^Private_Dirty/ { sum += $2 } END { print sum }')
	echo "private: $dirty kB"
	[ "$dirty" -le 150 ]
}

@test "it holds no descriptor of the caller, and none that it has no use for" {
	needs_lxs
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	echo secret >"$BATS_TEST_TMPDIR/secret"
	start_probe 9<"$BATS_TEST_TMPDIR/secret"
	run ls -l "/proc/$(supervisor)/fd"
	assert_silent_about secret
	[ "$(wc -l <<<"$output")" -le 24 ]
}

@test "signals are passed to init, SIGHUP as SIGTERM" {
	needs_lxs
	running
	kill -HUP "$(supervisor)"
	run tool wait -n "$CT" -s STOPPED -t 20
	assert_status 0
	grep -q halting "$LXCPATH/$CT/console.log"
}

@test "killed: init dies with it, and a stop cleans up" {
	needs_lxs
	running
	kill -KILL "$(supervisor)"
	run tool wait -n "$CT" -s STOPPED -t 20
	assert_status 0
	run tool stop -n "$CT"
	assert_status 2
	assert_equal "$(find "$LXS_RUNSTATEDIR/lxs" -name "$CT" | wc -l)" 0
	assert_equal "$(cgroups_of "$CT")" ""
}

@test "killed: the next start cleans up" {
	needs_lxs
	running
	local init
	init=$(init_pid)
	kill -KILL "$(supervisor)"
	wait_for 5 "init is gone" gone "$init"
	assert_equal "$(state_of)" STOPPED
	: >"$LXCPATH/$CT/console.log"
	start_probe
	assert_equal "$(state_of)" RUNNING
	run tool stop -n "$CT"
	assert_status 0
}

gone() {
	[ ! -e "/proc/$1" ]
}

@test "nothing is left of a container that ended by itself" {
	needs_lxs
	running
	tool attach -n "$CT" -- /bin/probe signal 0 || :
	kill -TERM "$(init_pid)"
	run tool wait -n "$CT" -s STOPPED -t 20
	assert_status 0
	assert_equal "$(find "$LXS_RUNSTATEDIR/lxs" -name "$CT" | wc -l)" 0
	assert_equal "$(cgroups_of "$CT")" ""
}

@test "the pid file is there while it runs and gone afterwards" {
	needs_lxs
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	start_probe -p "$LXCPATH/pid"
	assert_equal "$(<"$LXCPATH/pid")" "$(supervisor)"
	tool stop -n "$CT"
	[ ! -e "$LXCPATH/pid" ]
}

# What this kernel's Landlock can do, by its version; 0: nothing.
landlock_version() {
	python3 -c 'import ctypes; print(max(0, ctypes.CDLL(None).syscall(444, None, 0, 1)))'
}

# may_open PATH: what open(2) tells the server for reading and for making PATH.
may_open() {
	run "$BATS_TEST_TMPDIR/inject" "$(server)" "$1"
	assert_status 0
}

@test "the process that serves a container can open nothing of the host's" {
	needs_lxs
	needs "Landlock" test "$(landlock_version)" -gt 0
	needs "a compiler for x86-64" cc -o "$BATS_TEST_TMPDIR/inject" "$BATS_TEST_DIRNAME/inject.c"
	local dir path
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.console.size = 4KB" "lxc.console.rotate = 1"
	container_rootfs
	start_probe
	dir=$(dirname "$(find "$LXS_RUNSTATEDIR/lxs" -path "*/$CT/control")")
	for path in /etc/shadow "$LXCPATH/$CT/config" "$LXCPATH/$CT/console.log" "$dir/journal" "$dir/settings" \
		"/proc/$(supervisor)/mem" /dev/null; do
		may_open "$path"
		assert_output "13 13"
	done
	may_open "$LXCPATH/new"
	assert_output "2 13"
	# The keeper may, and the server may what clients of the console need.
	run "$BATS_TEST_TMPDIR/inject" "$(supervisor)" /etc/shadow
	assert_output "0 0"
	may_open /dev/ptmx
	assert_output "0 0"
	# The keeper can call and signal whom it likes; the server nobody: 111 is "refused by who is called".
	run "$BATS_TEST_TMPDIR/inject" "$(supervisor)" $$
	assert_output "0 111"
	[ "$(landlock_version)" -lt 6 ] || {
		run "$BATS_TEST_TMPDIR/inject" "$(server)" $$
		assert_output "1 13"
	}
	run grep NoNewPrivs "/proc/$(server)/status"
	assert_says 1
	# It still serves, and what it may not do itself is done for it.
	run timeout 10 "$TOOL_BIN/lxs-wait" -P "$LXCPATH" -n "$CT" -s RUNNING -t 5
	assert_status 0
	tool freeze -n "$CT"
	assert_equal "$(state_of)" FROZEN
	tool unfreeze -n "$CT"
	assert_equal "$(state_of)" RUNNING
	for _ in {1..200}; do
		echo "a line of some forty characters, and more"
	done >"/proc/$(init_pid)/fd/1"
	wait_for 10 "the log is renamed" test -s "$LXCPATH/$CT/console.log.1"
}

@test "without the process that serves it a container ends, and is cleaned up" {
	needs_lxs
	running
	kill -KILL "$(server)"
	run timeout 20 "$TOOL_BIN/lxs-wait" -P "$LXCPATH" -n "$CT" -s STOPPED
	assert_status 0
	wait_for 10 "nothing is left" nothing_left
}

@test "what was relocated in a static program is read-only once it runs" {
	needs_lxs
	container_config "lxc.pty.max = 10"
	container_rootfs
	start_probe -p "$LXCPATH/pid"
	# Header and read-only data are two, the third was writable until it was relocated.
	run grep -c 'r--p .*/lxs-supervise' "/proc/$(cat "$LXCPATH/pid")/maps"
	[ "$output" -ge 3 ]
}
