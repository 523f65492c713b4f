# lxs-wait: states that are, that come, and that do not come in time.
load lib

running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	start_probe
}

# bats test_tags=compat
@test "a state that is already there" {
	run tool wait -n "$CT-absent" -s STOPPED
	assert_status 0
	container_config "lxc.include = $COMMON"
	run tool wait -n "$CT" -s 'STOPPED|RUNNING'
	assert_status 0
	container_rootfs
	start_probe
	run tool wait -n "$CT" -s 'FROZEN|RUNNING' -t 5
	assert_status 0
}

# bats test_tags=compat
@test "what is no state, and no state at all" {
	run tool wait -n "$CT" -s DANCING
	assert_status 1
	run tool wait -n "$CT"
	assert_status 1
}

# bats test_tags=compat
@test "-t 0 looks once when nothing runs" {
	run tool wait -n "$CT" -s RUNNING -t 0
	assert_status 1
}

@test "-t 0 looks once when it runs" {
	needs_lxs
	running
	run tool wait -n "$CT" -s STOPPED -t 0
	assert_status 1
	run tool wait -n "$CT" -s RUNNING -t 0
	assert_status 0
}

@test "the timeout is what was asked for, running or not" {
	needs_lxs
	local begin=${EPOCHREALTIME/./}
	run tool wait -n "$CT" -s RUNNING -t 1
	assert_status 1
	running
	run tool wait -n "$CT" -s STOPPED -t 1
	assert_status 1
	[ $(((${EPOCHREALTIME/./} - begin) / 1000)) -ge 2000 ]
}

# bats test_tags=compat
@test "waits for a start and for an end" {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	tool wait -n "$CT" -s RUNNING -t 20 &
	local first=$!
	start_probe
	wait "$first"
	tool wait -n "$CT" -s STOPPED -t 20 &
	local second=$!
	tool stop -n "$CT" -k
	wait "$second"
}

# waiting_for STATE: lxs-wait in the background, as $waiting.
waiting_for() {
	"$TOOL_BIN/lxs-wait" -P "$LXCPATH" -n "$CT" -s "$1" -t 20 &
	waiting=$!
}

@test "hears of freezing and thawing" {
	needs_lxs
	running
	waiting_for FROZEN
	tool freeze -n "$CT"
	wait "$waiting"
	waiting_for THAWED
	wait_for 5 "wait asks the supervisor" asks_supervisor "$waiting"
	tool unfreeze -n "$CT"
	wait "$waiting"
}

asks_supervisor() {
	find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | grep -q .
}

@test "a killed supervisor is the end as well" {
	needs_lxs
	running
	waiting_for STOPPED
	wait_for 5 "wait asks the supervisor" asks_supervisor "$waiting"
	kill -KILL "$(pgrep -o -f "lxs-supervise .*name=$CT ")"
	wait "$waiting"
	run tool stop -n "$CT"
	assert_status 2
}
