# lxs-stop: shutdown, timeout, kill, reboot, and what it needs no config for.
load lib

# running LINES...: $CT with the probe as init and these lines in its config.
running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	printf '%s\n' "$@" >>"$LXCPATH/$CT/config"
	start_probe
}

stubborn() {
	running "lxc.init.cmd = /bin/probe serve stubborn"
}

says_halting() {
	grep -q halting "$LXCPATH/$CT/console.log"
}

# says_ignored: init has been sent a signal to halt, and did not.
says_ignored() {
	grep -q ignored "$LXCPATH/$CT/console.log"
}

# bats test_tags=compat
@test "an init that blocks SIGRTMIN+3 is asked to halt by it" {
	running
	run tool stop -n "$CT"
	assert_status 0
	says_halting
	assert_equal "$(state_of)" STOPPED
}

# bats test_tags=compat
@test "lxc.signal.halt is the signal that is sent" {
	running "lxc.signal.halt = SIGTERM"
	run tool stop -n "$CT"
	assert_status 0
	says_halting
}

# bats test_tags=compat
@test "not running and not existing: exit code 2" {
	container_config "lxc.include = $COMMON"
	run tool stop -n "$CT"
	assert_status 2
	assert_says "$CT is not running"
	run tool stop -n "$CT" -k
	assert_status 2
	run tool stop -n "$CT-absent"
	assert_status 2
}

# bats test_tags=compat
@test "-k kills without asking first" {
	stubborn
	run tool stop -n "$CT" -k
	assert_status 0
	assert_equal "$(state_of)" STOPPED
	! says_ignored
}

# bats test_tags=compat
@test "after the timeout it kills, not before" {
	stubborn
	local begin=${EPOCHREALTIME/./}
	run tool stop -n "$CT" -t 1
	assert_status 0
	assert_equal "$(state_of)" STOPPED
	says_ignored
	((${EPOCHREALTIME/./} - begin >= 900000))
}

@test "--nokill gives up after one timeout, not two, and says so" {
	needs_lxs
	stubborn
	local begin=${EPOCHREALTIME/./} other
	# A wait of two timeouts, begun before, must still be at it.
	(exec "$TOOL_BIN/lxs-wait" -P "$LXCPATH" -n "$CT" -s STOPPED -t 6 3>&-) &
	other=$!
	run tool stop -n "$CT" -t 3 --nokill
	kill $other
	assert_status 1
	assert_says "did not stop within 3 seconds"
	((${EPOCHREALTIME/./} - begin >= 2900000))
	says_ignored
	assert_equal "$(state_of)" RUNNING
}

# bats test_tags=compat
@test "-W sends the signal and does not wait" {
	stubborn
	run tool stop -n "$CT" -W
	assert_status 0
	# Whoever waits kills in the end.
	assert_equal "$(state_of)" RUNNING
	wait_for 10 "the signal arrives" says_ignored
}

# bats test_tags=compat
@test "-r reboots: another init, the same container" {
	running
	before=$(init_pid)
	run tool stop -n "$CT" -r -t 20
	assert_status 0
	assert_equal "$(state_of)" RUNNING
	[ "$(init_pid)" != "$before" ]
}

@test "-r on a container that stops instead is a failure" {
	needs_lxs
	running "lxc.signal.reboot = SIGTERM"
	run tool stop -n "$CT" -r -t 20
	assert_status 1
	assert_says "stopped instead of rebooting"
}

# bats test_tags=compat
@test "a reboot from inside starts it again" {
	running
	before=$(init_pid)
	tool attach -n "$CT" -- /bin/probe reboot || :
	wait_for 10 "another init runs" another_init "$before"
	run tool stop -n "$CT" -k
	assert_status 0
}

another_init() {
	local now
	now=$(init_pid 2>/dev/null)
	[ "$(state_of)" = RUNNING ] && [ -n "$now" ] && [ "$now" != "$1" ]
}

@test "a frozen container is thawed, so that it can end in order" {
	needs_lxs
	running
	tool freeze -n "$CT"
	run tool stop -n "$CT" -t 20
	assert_status 0
	says_halting
}

@test "a frozen container can be killed" {
	needs_lxs
	stubborn
	tool freeze -n "$CT"
	run tool stop -n "$CT" -k
	assert_status 0
	assert_equal "$(state_of)" STOPPED
}

@test "a config that no longer loads, or is gone, does not keep it from stopping" {
	needs_lxs
	running
	echo "lxc.nonsense = 1" >>"$LXCPATH/$CT/config"
	assert_equal "$(state_of)" RUNNING
	run tool stop -n "$CT"
	assert_status 0
	says_halting
}

@test "options that contradict each other are refused" {
	needs_lxs
	container_config "lxc.include = $COMMON"
	run tool stop -n "$CT" -k --nokill
	assert_status 1
	assert_says "-k can't be used with --nokill"
	run tool stop -n "$CT" -k -r
	assert_status 1
	run tool stop -n "$CT" -k -t 5
	assert_status 1
	run tool stop -n "$CT" --nolock
	assert_status 1
	run tool stop -n "$CT" -t -2
	assert_status 1
	run tool stop -n "$CT" -t soon
	assert_status 1
}
