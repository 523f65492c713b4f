# lxs-execute: one command below the small init.
load lib

setup() {
	lib_setup
	container_config "lxc.mount.auto = proc"
	container_rootfs
}

execute() {
	run tool execute -n "$CT" -- "$@"
}

# bats test_tags=compat,smoke
@test "the exit status is the command's" {
	execute /bin/probe exit 0
	assert_status 0
	execute /bin/probe exit 42
	assert_status 42
}

# bats test_tags=compat
@test "a command killed by a signal gives 128 and the signal" {
	execute /bin/probe signal 9
	assert_status 137
}

# bats test_tags=compat
@test "standard output and input are the caller's" {
	execute /bin/probe env container
	assert_status 0
	assert_output lxc
}

# bats test_tags=compat
@test "the command is not pid 1 and leads a session" {
	execute /bin/probe pid
	assert_matches 'pid=([0-9]+) ppid=1 '
	[[ $output =~ pid=([0-9]+)\ ppid=1\ pgid=([0-9]+)\ sid=([0-9]+) ]]
	assert_equal "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
}

# bats test_tags=compat
@test "a command that cannot be executed gives 255" {
	execute /bin/nothing-there
	assert_status 255
}

@test "the command that cannot be executed is named" {
	needs_lxs
	execute /bin/nothing-there
	assert_says "cannot execute /bin/nothing-there: No such file or directory"
}

# bats test_tags=compat
@test "uid and gid" {
	run tool execute -n "$CT" -u 1234 -g 5678 -- /bin/probe id
	assert_status 0
	assert_says "uid=1234 gid=5678"
}

# bats test_tags=compat
@test "lxc.execute.cmd is the command when there is none" {
	printf '%s\n' "lxc.execute.cmd = /bin/probe exit 9" >>"$LXCPATH/$CT/config"
	run tool execute -n "$CT"
	assert_status 9
}

@test "no descriptor but the standard ones reaches the command" {
	needs_lxs
	run tool execute -n "$CT" -- /bin/probe fds 8<"$LXCPATH/$CT/config"
	assert_output $'0\n1\n2'
}

@test "the small init is on no mount and cannot be written" {
	needs_lxs
	execute /bin/probe mounts
	assert_silent_about lxs-init
	execute /bin/probe write /proc/1/exe owned
	assert_failed
	assert_matches 'Read-only|ermi|busy'
}

# bats test_tags=compat
@test "a volatile container needs a config only" {
	local config=$LXCPATH/only.conf
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" >"$config"
	run tool execute -n "$CT-v" -f "$config" -- /bin/probe exit 5
	assert_status 5
}

@test "SIGTERM to the tool ends the command" {
	needs_lxs
	"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe serve stubborn &
	local pid=$!
	wait_for 10 "it runs" is_running
	kill -TERM "$pid"
	wait_for 10 "it ends" is_stopped
	wait "$pid" || :
}

is_running() {
	[ "$(state_of)" = RUNNING ]
}

is_stopped() {
	[ "$(state_of)" = STOPPED ]
}
