# The harness itself: the probe runs inside and answers, with both tools.
load lib

# bats test_tags=compat,smoke
@test "the probe answers from inside of an execute" {
	container_config "lxc.include = $COMMON" "lxc.uts.name = inside"
	run_probe hostname
	assert_output inside
}

# bats test_tags=compat,smoke
@test "an empty lxc.cap.drop resets the list" {
	container_config "lxc.include = $COMMON" 'lxc.cap.drop =' 'lxc.cap.drop = sys_module'
	run_probe caps bounding
	assert_has sys_time
	assert_lacks sys_module
}

# bats test_tags=compat,smoke
@test "the probe serves as init, is asked through attach, and halts" {
	container_config "lxc.include = $COMMON"
	container_rootfs
	start_probe
	assert_equal "$(state_of)" RUNNING
	ask pid
	assert_says "ppid=0"
	run tool stop -n "$CT"
	assert_status 0
	grep -q halting "$LXCPATH/$CT/console.log"
}
