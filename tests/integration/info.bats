# lxs-info: LXC's lines, plain values, JSON.
load lib

running() {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "$@"
	container_rootfs
	start_probe
}

with_bridge() {
	needs "a network namespace of its own" [ -n "${LXS_TEST_NETNS:-}" ]
	ip link add lxstest0 type bridge
	ip link set lxstest0 up
	running "lxc.net.0.type = veth" "lxc.net.0.link = lxstest0" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.9.9.2/24" "lxc.net.0.ipv6.address = fd99::2/64"
}

# bats test_tags=compat
@test "stopped: name and state alone" {
	container_config "lxc.include = $COMMON"
	run tool info -n "$CT"
	assert_status 0
	assert_output "Name:           $CT
State:          STOPPED"
}

# bats test_tags=compat
@test "does not exist" {
	run tool info -n "$CT-absent"
	assert_status 1
	assert_says "$CT-absent doesn't exist"
}

# bats test_tags=compat
@test "running: the labels and their order" {
	running
	run tool info -n "$CT"
	assert_status 0
	assert_has "Name:           $CT" "State:          RUNNING" "PID:            $(init_pid)"
	assert_matches 'CPU use:        [0-9]+\.[0-9][0-9] seconds'
	assert_matches 'Memory use:     [0-9.]+ (bytes|KiB|MiB)'
	assert_equal "$(cut -d: -f1 <<<"$output" | head -3 | tr '\n' ' ')" "Name State PID "
}

# bats test_tags=compat
@test "-H gives a single value without its label" {
	running
	assert_equal "$(tool info -n "$CT" -s -H)" RUNNING
	assert_equal "$(tool info -n "$CT" -s)" "State:          RUNNING"
	run tool info -n "$CT" -p -H
	assert_matches '^[0-9]+$'
	run tool info -n "$CT" -s -p -H
	assert_has "State:          RUNNING"
	run tool info -n "$CT" -S -H
	assert_matches 'CPU use:        [0-9]+'
}

# bats test_tags=compat
@test "-c shows config values" {
	container_config "lxc.include = $COMMON" "lxc.uts.name = shown" "lxc.cap.drop =" \
		"lxc.cap.drop = sys_time sys_boot"
	assert_equal "$(tool info -n "$CT" -c lxc.uts.name)" "lxc.uts.name = shown"
	assert_equal "$(tool info -n "$CT" -c lxc.uts.name -H)" shown
	assert_equal "$(tool info -n "$CT" -c lxc.cap.drop -H)" "sys_time
sys_boot"
	run tool info -n "$CT" -c lxc.uts.name -c lxc.nonsense
	assert_status 0
	assert_has "lxc.uts.name = shown" "lxc.nonsense invalid"
}

@test "addresses, link and counters of a veth" {
	needs_lxs
	with_bridge
	run tool info -n "$CT"
	assert_has "IP:             10.9.9.2" "IP:             fd99::2"
	assert_matches 'Link:           veth[A-Za-z0-9]+'
	assert_matches ' TX bytes:      [0-9]'
	assert_equal "$(tool info -n "$CT" -i -H)" "10.9.9.2
fd99::2"
	tool stop -n "$CT" -k
	ip link delete lxstest0
}

@test "a config that no longer loads hides nothing but its keys" {
	needs_lxs
	running
	echo "lxc.nonsense = 1" >>"$LXCPATH/$CT/config"
	run tool info -n "$CT"
	assert_status 0
	assert_has "State:          RUNNING"
	run tool info -n "$CT" -c lxc.uts.name
	assert_status 1
	assert_says lxc.nonsense
}

@test "--format json" {
	needs_lxs
	running
	run tool info -n "$CT" --format json -c lxc.pty.max -c lxc.nonsense
	assert_status 0
	assert_says '"state": "RUNNING"' "\"name\": \"$CT\"" "\"pid\": $(init_pid)" '"lxc.pty.max": "10"' \
		'"lxc.nonsense": null' '"cpu_ns": '
	run tool info -n "$CT" --format xml
	assert_status 1
}
