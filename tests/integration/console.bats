# lxs-console, and the console of a foreground start.
load lib

running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.tty.max = 2" "$@"
	container_rootfs
	start_probe
}

# on_terminal COMMAND...: runs it on a pty of its own; what is written to the
# fifo $KEYS is typed, what it shows goes to $SCREEN.  Sets $typist.
on_terminal() {
	KEYS=$BATS_TEST_TMPDIR/keys SCREEN=$BATS_TEST_TMPDIR/screen
	rm -f "$KEYS" "$SCREEN"
	mkfifo "$KEYS"
	script -qefc "$(printf '%q ' "$@")" "$SCREEN" <"$KEYS" >/dev/null 2>&1 &
	typist=$!
	exec 7>"$KEYS"
}

shows() {
	grep -q -- "$1" "$SCREEN" 2>/dev/null
}

type_keys() {
	printf '%b' "$1" >&7
}

teardown() {
	exec 7>&- || :
	lib_teardown
}

# bats test_tags=compat
@test "not running" {
	container_config "lxc.include = $COMMON"
	run tool console -n "$CT"
	assert_status 1
	assert_says "is not running"
}

@test "a tty: banner, both directions, the escape" {
	needs_lxs
	running
	on_terminal "$TOOL_BIN/lxs-console" -P "$LXCPATH" -n "$CT"
	wait_for 5 "the banner" shows "Connected to tty 1"
	shows "Ctrl+a q"
	tool attach -n "$CT" -- /bin/probe write /dev/tty1 from-inside
	wait_for 5 "output of the container" shows from-inside
	type_keys '\001q'
	wait "$typist"
}

@test "the console, with another prefix" {
	needs_lxs
	running
	on_terminal "$TOOL_BIN/lxs-console" -P "$LXCPATH" -n "$CT" -t 0 -e x
	wait_for 5 "the banner" shows "Connected to tty 0"
	shows "Ctrl+x q"
	tool attach -n "$CT" -- /bin/probe write /dev/console on-console
	wait_for 5 "output of the container" shows on-console
	grep -q on-console "$LXCPATH/$CT/console.log"
	type_keys '\030q'
	wait "$typist"
}

@test "a held tty is refused, the next free one is given, a closed one is free" {
	needs_lxs
	running
	on_terminal "$TOOL_BIN/lxs-console" -P "$LXCPATH" -n "$CT" -t 1
	wait_for 5 "the banner" shows "Connected to tty 1"
	run tool console -n "$CT" -t 1
	assert_status 1
	assert_says "tty 1 is in use"
	run tool console -n "$CT" -t 9
	assert_status 1
	assert_says "has no tty 9" "lxc.tty.max = 2"
	run tool console -n "$CT" </dev/null
	assert_status 0
	assert_says "Connected to tty 2"
	type_keys '\001q'
	wait "$typist"
	run tool console -n "$CT" </dev/null
	assert_says "Connected to tty 1"
}

@test "the end of the container ends the console, with success" {
	needs_lxs
	running
	on_terminal "$TOOL_BIN/lxs-console" -P "$LXCPATH" -n "$CT"
	wait_for 5 "the banner" shows "Connected to tty 1"
	tool stop -n "$CT" -k
	wait "$typist"
}

@test "bad options" {
	needs_lxs
	run tool console -n "$CT" -e 12
	assert_status 1
	run tool console -n "$CT" -t -5
	assert_status 1
}

@test "a foreground start: its terminal is the console, and what is typed arrives" {
	needs_lxs
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	on_terminal "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" -F
	wait_for 10 "init speaks" shows ready
	run tool console -n "$CT" -t 0
	assert_status 1
	assert_says "tty 0 is in use"
	tool attach -n "$CT" -- /bin/probe write /dev/console more
	wait_for 5 "more output" shows more
	tool stop -n "$CT"
	wait "$typist"
	shows halting
}

@test "--log prints what lxc.console.buffer.size keeps, --clear forgets it" {
	needs_lxs
	local digits
	running "lxc.console.buffer.size = 4096"
	run tool console -n "$CT" --log
	assert_status 0
	assert_equal "$output" $'ready\r'
	run tool console -n "$CT" --log --clear
	assert_equal "$output" $'ready\r'
	run tool console -n "$CT" --log
	assert_status 0
	assert_output ""
	for digits in 1 2 3; do
		tool attach -n "$CT" -- /bin/probe write /dev/console "$(head -c 2000 /dev/zero | tr '\0' "$digits")"
	done
	wait_for 5 "all has been read" console_has 2000
	cmp <(tool console -n "$CT" --log) <(tail -c 4096 "$LXCPATH/$CT/console.log")
	run bash -c "'$TOOL_BIN/lxs-console' -P '$LXCPATH' -n '$CT' --log >/dev/full"
	assert_status 1
	assert_says "cannot write the output: No space left on device"
	run tool console -n "$CT" --clear
	assert_status 0
	assert_output ""
	run tool console -n "$CT" --log
	assert_output ""
}

# console_has COUNT: so many threes have arrived.
console_has() {
	[ "$(tool console -n "$CT" --log | tr -cd 3 | wc -c)" -eq "$1" ]
}

@test "--log where nothing is kept, and of what does not run" {
	needs_lxs
	running
	run tool console -n "$CT" --log -t 1
	assert_status 1
	assert_says "what tty 1 shows is not kept"
	for option in --log --clear; do
		run tool console -n "$CT" "$option"
		assert_status 1
		assert_says "lxs-console: $CT: what the console showed is not kept" "hint: lxc.console.buffer.size = auto"
	done
	tool stop -k -n "$CT"
	run tool console -n "$CT" --log
	assert_status 1
	assert_says "is not running"
}

@test "the log is rotated at its size and loses nothing" {
	needs_lxs
	running "lxc.console.size = 4096" "lxc.console.rotate = 1"
	local i
	for i in {1..3}; do
		tool attach -n "$CT" -- /bin/probe write /dev/console "$(head -c 2000 /dev/zero | tr '\0' "$i")"
	done
	tool stop -n "$CT"
	assert_equal "$(stat -c %s "$LXCPATH/$CT/console.log.1")" 4096
	assert_equal "$(cat "$LXCPATH/$CT/console.log.1" "$LXCPATH/$CT/console.log" | tr -cd 123 | wc -c)" 6000
}
