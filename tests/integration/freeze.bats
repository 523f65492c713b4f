# lxs-freeze and lxs-unfreeze.
load lib

running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	start_probe
}

# bats test_tags=compat
@test "does not exist: both fail" {
	run tool freeze -n "$CT-absent"
	assert_status 1
	assert_says "Failed to freeze $LXCPATH:$CT-absent"
	run tool unfreeze -n "$CT-absent"
	assert_status 1
	assert_says "Failed to unfreeze $LXCPATH:$CT-absent"
}

# bats test_tags=compat
@test "stopped: freezing fails, thawing has nothing to do" {
	container_config "lxc.include = $COMMON"
	run tool freeze -n "$CT"
	assert_status 1
	run tool unfreeze -n "$CT"
	assert_status 0
}

# Whether init of $CT moves: stuck processes do not answer a signal.
@test "frozen processes stand still until they are thawed" {
	needs_lxs
	running
	run tool freeze -n "$CT"
	assert_status 0
	assert_output ""
	assert_equal "$(state_of)" FROZEN
	kill -TERM "$(init_pid)"
	run tool wait -n "$CT" -s STOPPED -t 1
	assert_status 1
	run tool freeze -n "$CT"
	assert_status 0
	run tool unfreeze -n "$CT"
	assert_status 0
	run tool wait -n "$CT" -s STOPPED -t 20
	assert_status 0
	grep -q halting "$LXCPATH/$CT/console.log"
}

# bats test_tags=compat
@test "running and thawed once more: nothing to do" {
	running
	run tool unfreeze -n "$CT"
	assert_status 0
	assert_equal "$(state_of)" RUNNING
}

@test "a config that no longer loads does not matter" {
	needs_lxs
	running
	echo "lxc.nonsense = 1" >>"$LXCPATH/$CT/config"
	run tool freeze -n "$CT"
	assert_status 0
	run tool unfreeze -n "$CT"
	assert_status 0
	assert_equal "$(state_of)" RUNNING
}
