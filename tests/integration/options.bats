# Options of lxs-start and lxs-execute that say where the console goes, which
# descriptors stay and whose namespaces are shared.
load lib

setup() {
	lib_setup
	container_config "lxc.pty.max = 10" "lxc.mount.auto = proc"
	container_rootfs
}

teardown() {
	exec 8>&- 7>&- || :
	lib_teardown
}

# a_terminal: its path is in $TERMINAL, what it shows in $SCREEN; what is written to descriptor 7 is typed there.
a_terminal() {
	local keys=$BATS_TEST_TMPDIR/keys named=$BATS_TEST_TMPDIR/named
	needs "script(1)" command -v script
	SCREEN=$BATS_TEST_TMPDIR/screen
	mkfifo "$keys" "$named"
	# What is shown must not be read by the shell there.
	script -qefc "tty >'$named'; exec 0<&-; read -r _ <'$named'; :" "$SCREEN" <"$keys" >/dev/null 2>&1 8>&- &
	typist=$!
	exec 7>"$keys"
	read -r TERMINAL <"$named"
}

the_terminal_ends() {
	: >"$BATS_TEST_TMPDIR/named"
	wait "$typist"
}

shows() {
	grep -q -- "$1" "$SCREEN" 2>/dev/null
}

# bats test_tags=compat
@test "-c: the console is on that terminal" {
	a_terminal
	start_probe -c "$TERMINAL"
	wait_for 5 "the terminal shows what init says" shows ready
	tool attach -n "$CT" -- /bin/probe write /dev/console more
	wait_for 5 "and what is written later" shows more
	tool stop -k -n "$CT"
	the_terminal_ends
}

# bats test_tags=compat
@test "-c none: init has no console" {
	run tool start -n "$CT" -c none
	assert_status 0
	run readlink "/proc/$(init_pid)/fd/1"
	assert_output /dev/null
	[ ! -s "$LXCPATH/$CT/console.log" ]
}

# bats test_tags=compat
@test "-c: what is missing, or no terminal, is refused" {
	: >"$LXCPATH/file"
	for path in "$LXCPATH/nowhere" "$LXCPATH/file"; do
		run tool start -n "$CT" -c "$path"
		assert_failed
		[ "$TOOL" = lxc ] || assert_says "lxs-start: $CT: cannot use $path as the console: " \
			"asked for by --console" "hint: lxc.console.path names a terminal of the host, or is none"
		assert_equal "$(state_of)" STOPPED
	done
}

# bats test_tags=compat
@test "-L: the console's log goes to that file, and is appended to" {
	local log=$LXCPATH/other.log
	echo before >"$log"
	run tool start -n "$CT" -L "$log"
	assert_status 0
	wait_for 5 "init's word is in the log" grep -q ready "$log"
	assert_equal "$(head -1 "$log")" before
	[ ! -e "$LXCPATH/$CT/console.log" ]
}

@test "-L: from the caller's directory; what cannot be written is refused" {
	needs_lxs
	cd "$LXCPATH"
	run tool start -n "$CT" -L here.log
	assert_status 0
	wait_for 5 "init's word is in the log" grep -q ready here.log
	tool stop -k -n "$CT"
	for mode in -d -F; do
		run tool start -n "$CT" "$mode" -L "$LXCPATH/no/where.log"
		assert_status 1
		assert_says "cannot write the console's log $LXCPATH/no/where.log: No such file or directory" \
			"asked for by --console-log"
	done
}

# A pipe whose other end only the started program can hold: it ends when that closes it.
# bats test_tags=compat
@test "-C: descriptors of the caller are closed" {
	local pipe=$LXCPATH/pipe reader
	mkfifo "$pipe"
	cat "$pipe" >/dev/null 8>&- 3>&- &
	reader=$!
	exec 8>"$pipe"
	(exec "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT" -F -C </dev/null >/dev/null 2>&1 3>&-) &
	starter=$!
	exec 8>&-
	wait_for 10 "the probe serves as init of $CT" init_is_ready
	wait_for 5 "nobody holds the pipe" is_over "$reader"
	tool stop -k -n "$CT"
	wait "$starter"
}

is_over() {
	! kill -0 "$1" 2>/dev/null
}

# Without -C the caller may mean them for himself, never for the container.
@test "descriptors of the caller reach no container" {
	needs_lxs
	exec 8>"$LXCPATH/file"
	run tool start -n "$CT" -F -- /bin/probe fds
	assert_status 0
	run tr -d '\r' <"$LXCPATH/$CT/console.log"
	assert_has 0 1 2
	assert_lacks 8
	run tool execute -n "$CT" -- /bin/probe fds
	assert_status 0
	assert_has 0 1 2
	assert_lacks 8
}

# shares KIND...: for each, another container with --share-KIND by name and by pid.
shares() {
	local kind whom
	start_probe
	for kind; do
		for whom in "$CT" "$(init_pid)"; do
			container_named "$CT-b" "lxc.pty.max = 10" "lxc.mount.auto = proc"
			container_rootfs "$CT-b"
			run tool start -n "$CT-b" "--share-$kind" "$whom"
			assert_status 0
			assert_equal "$(namespace "$CT-b" "$kind")" "$(namespace "$CT" "$kind")"
			[ "$(namespace "$CT-b" mnt)" != "$(namespace "$CT" mnt)" ]
			tool stop -k -n "$CT-b"
		done
	done
}

namespace() {
	readlink "/proc/$(init_pid "$1")/ns/$2"
}

# bats test_tags=compat
@test "--share-net, --share-ipc, --share-uts, by name and by pid" {
	shares net ipc uts
}

# bats test_tags=compat
@test "--share-pid, by name and by pid" {
	shares pid
	# The other's init is still pid 1.
	assert_equal "$(state_of)" RUNNING
}

@test "execute shares as start does" {
	needs_lxs
	local kind
	start_probe
	for kind in net ipc uts pid; do
		container_named "$CT-b" "lxc.mount.auto = proc"
		container_rootfs "$CT-b"
		run tool execute -n "$CT-b" "--share-$kind" "$CT" -- /bin/probe ns "$kind"
		assert_status 0
		assert_output "$(namespace "$CT" "$kind")"
	done
	run tool execute -n "$CT-b" --share-ipc "$CT-nobody" -- /bin/probe ns ipc
	assert_status 1
	assert_says "$CT-nobody" "no container of this name is running" "--share-ipc"
}
