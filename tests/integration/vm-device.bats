# Device nodes of a running container where device rules are a program: cgroup
# v2.  What does not depend on that is in device.bats.
load lib

# On the host's side of the container's own files, where no rule counts.
node_inside() {
	mknod -m 0666 "/proc/$(init_pid)/root/dev/$1" c "$2" "$3"
}

opens() {
	ask open "$1"
	assert_output "$2"
}

is_over() {
	[ ! -e "/proc/$1" ]
}

@test "the program is replaced when a device node comes and goes, and a reboot begins anew" {
	container_config "lxc.mount.auto = proc" "lxc.cgroup2.devices.deny = a" "lxc.cgroup2.devices.allow = c 1:3 rwm"
	container_rootfs
	start_probe
	node_inside own 10 237
	opens /dev/own EPERM
	for _ in 1 2; do
		tool device -n "$CT" -- add /dev/loop-control
		opens /dev/loop-control ok
		opens /dev/own ok
		opens /dev/null ok
		tool device -n "$CT" -- del /dev/loop-control
		opens /dev/loop-control ENOENT
		opens /dev/own EPERM
	done
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "allow c 10:237"
	tool device -n "$CT" -- add /dev/loop-control
	local init
	init=$(init_pid)
	rm -f "$LXCPATH/$CT/console.log"
	tool stop -r -n "$CT"
	wait_for 30 "init is another one" is_over "$init"
	wait_for 30 "the probe serves again" init_is_ready
	node_inside own 10 237
	opens /dev/own EPERM
	run tool cgroup -n "$CT" devices.list
	assert_silent_about "10:237"
}

@test "without rules, a device node comes and goes and nothing is forbidden" {
	container_config "lxc.mount.auto = proc"
	container_rootfs
	start_probe
	tool device -n "$CT" -- add /dev/loop-control
	opens /dev/loop-control ok
	tool device -n "$CT" -- del /dev/loop-control
	node_inside own 10 237
	opens /dev/own ok
}
