# lxs-inspect: what the kernel says of a running container, beside what its config says.
load lib

setup() {
	lib_setup
	needs_lxs
}

# inspected LINES...: a running container with these lines.
inspected() {
	container_config "$@"
	container_rootfs
	start_probe
}

@test "capabilities, confinement, ids and namespaces" {
	inspected "lxc.mount.auto = proc" "lxc.include = $COMMON" "lxc.no_new_privs = 1" "lxc.namespace.keep = ipc user"
	run tool inspect -n "$CT"
	assert_status 0
	assert_has "name: $CT" "state: RUNNING" "pid: $(init_pid)" "  inheritable: none" "  no_new_privs: 1" \
		"  config_no_new_privs: 1" "  seccomp: filter" "  seccomp_filters: 1" "  config_keep: ipc user" \
		"    0 0 4294967295"
	assert_says "config_seccomp: $TOOL_SHARE/config/common.seccomp"
	assert_matches "type=ipc inode=$(readlink /proc/self/ns/ipc | tr -dc 0-9) user_namespace=[0-9]+ owner=0 host=yes"
	assert_matches "type=pid inode=$(readlink "/proc/$(init_pid)/ns/pid" | tr -dc 0-9) .* host=no"
	run tool inspect -n "$CT" --format json
	assert_status 0
	output=$(tr -d ' \n' <<<"$output")
	local bounding
	bounding=${output#*\"bounding\":[}
	bounding=${bounding%%]*}
	[[ $bounding == *'"net_admin"'* ]]
	[[ $bounding != *'"sys_time"'* ]]
	[[ $bounding != *'"sys_module"'* ]]
	assert_says '"target":"/proc","type":"proc"' '"no_new_privs":1'
}

@test "id maps and the owner of namespaces in a user namespace" {
	inspected "lxc.mount.auto = proc" "lxc.net.0.type = empty" "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	run tool inspect -n "$CT"
	assert_status 0
	assert_has "    0 100000 65536" "    u 0 100000 65536"
	assert_matches "type=user inode=[0-9]+ user_namespace=[0-9]+ owner=[0-9]+ host=no"
	local user
	user=$(readlink "/proc/$(init_pid)/ns/user" | tr -dc 0-9)
	assert_matches "type=net inode=[0-9]+ user_namespace=$user owner=[0-9]+ host=no"
}

@test "cgroups with limits, mounts, and open devices" {
	needs "a memory controller" grep -qE '^memory.*1$' /proc/cgroups
	mkdir -p "$LXCPATH/data"
	local key=lxc.cgroup2.memory.max file=memory.max
	if [ -d /sys/fs/cgroup/memory ]; then
		key=lxc.cgroup.memory.limit_in_bytes file=memory.limit_in_bytes
	fi
	inspected "lxc.mount.auto = proc" "$key = 67108864" "lxc.mount.entry = $LXCPATH/data mnt none bind,ro 0 0"
	run tool inspect -n "$CT"
	assert_status 0
	assert_says "$file: 67108864" "target=/mnt " "$LXCPATH/data mnt none bind,ro 0 0"
	assert_matches "lxc.payload.$CT"
	# Its console.
	assert_matches "device=c 136:[0-9]+ path=/"
}

@test "the running filter in words" {
	printf '%s\n' 2 denylist '[all]' 'swapon errno 38' 'keyctl errno 1 [0,5,==]' >"$LXCPATH/profile"
	inspected "lxc.seccomp.profile = $LXCPATH/profile"
	run tool inspect -n "$CT" seccomp
	assert_status 0
	assert_has "profile: $LXCPATH/profile"
	needs "a kernel that gives filters" grep -vq "^as made at the start.*this kernel" <<<"$output"
	assert_has "    errno ENOSYS: swapon" "    errno EPERM when arg0 == 0x5, else allow: keyctl" "  others: kill"
	assert_silent_about "as made at the start"
	run tool inspect -n "$CT" seccomp --format json
	assert_says '"source": "kernel"' '"meets": "errno ENOSYS"'
	# Init goes on as before.
	ask try swapon
	assert_output ENOSYS
	run grep -E '^(State|TracerPid)' "/proc/$(init_pid)/status"
	assert_says "TracerPid:	0"
	assert_silent_about "stopped" "tracing"
}

@test "the filter as it was made, when the kernel does not give it" {
	printf '%s\n' 2 denylist '[all]' 'swapon errno 38' >"$LXCPATH/profile"
	inspected "lxc.seccomp.profile = $LXCPATH/profile"
	tool freeze -n "$CT"
	run tool inspect -n "$CT" seccomp
	tool unfreeze -n "$CT"
	assert_status 0
	assert_has "as made at the start, not as the kernel has it: the container is frozen" "    errno ENOSYS: swapon"
	run setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$TOOL_BIN/lxs-inspect" -P "$LXCPATH" -n "$CT" seccomp
	assert_status 0
	assert_says "as made at the start" "only root of the host" "errno ENOSYS: swapon"
}

@test "a container without a filter has none" {
	inspected "lxc.mount.auto = proc"
	run tool inspect -n "$CT" seccomp
	assert_status 0
	assert_has "profile: none" "filters: none"
}

@test "what cannot be inspected is said" {
	container_config "lxc.mount.auto = proc"
	container_rootfs
	run tool inspect -n "$CT"
	assert_status 1
	assert_says "the container is not running" "lxs-start --plan"
	run tool inspect -n "$CT-none"
	assert_status 1
	assert_says "there is no such container"
	run tool inspect -n "$CT" everything
	assert_status 1
	assert_says "only seccomp can be asked for by itself, not 'everything'"
	run tool inspect -n "$CT" --format yaml
	assert_status 1
	assert_says "text and json, not 'yaml'"
}
