# Cgroups: names, placement, limits, device rules, what is left afterwards.
# bats file_tags=vm
load lib

# LXC needs a console for the probe to be heard, which its common.conf gives.
config() {
	container_config "lxc.include = $COMMON" "$@"
}

setup() {
	lib_setup
	MEMORY=$(hierarchy memory)
	[ -d "$MEMORY" ]
}

teardown() {
	local result=0
	lib_teardown || result=1
	# What was killed may take a moment to leave them.
	wait_for 3 "the cgroups of $CT are gone" own_cgroups_removed || result=1
	return $result
}

own_cgroups_removed() {
	find /sys/fs/cgroup -depth -type d -path "*/x-$CT*" -exec rmdir {} \; 2>/dev/null || :
	[ -z "$(find /sys/fs/cgroup -type d -name "x-$CT*" 2>/dev/null)" ]
}

# hierarchy CONTROLLER: where it is mounted, v1 or v2.
hierarchy() {
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		echo /sys/fs/cgroup
	else
		awk -v c="$1" '$(NF - 2) == "cgroup" && "," $NF "," ~ "," c "," { print $5; exit }' /proc/self/mountinfo
	fi
}

is_v2() {
	[ -e "$1/cgroup.controllers" ]
}

# cgroups_of_process PID: its paths, without the numbers of the hierarchies.
cgroups_of_process() {
	cut -d: -f3 "/proc/$1/cgroup" | sort -u
}

# All cgroups but those of other tests.
all_cgroups() {
	find /sys/fs/cgroup -type d 2>/dev/null | grep -F -- "$CT" | sort
}

# bats test_tags=compat
@test "init is in lxc.payload.NAME, its supervisor in lxc.monitor.NAME" {
	config
	container_rootfs
	start_probe
	run cgroups_of_process "$(init_pid)"
	# LXC's own init sits in init.scope or the like below: the front counts.
	assert_matches "^/lxc.payload.$CT\$"
	if [ "$TOOL" = lxs ]; then
		monitor=$(sed -n 's/^supervisor=//p' "$(run_dir)/state")
		wait_for 5 "the supervisor is in its cgroups" monitor_is_placed
	fi
}

# Where there is v1 it stays at the root of a hierarchy that it was started at.
monitor_is_placed() {
	local number path own place
	while IFS=: read -r number _ path; do
		own=$(sed -n "s/^$number:[^:]*://p" /proc/self/cgroup)
		place=/lxc.monitor.$CT
		[ "$own" != / ] || [ -e /sys/fs/cgroup/cgroup.controllers ] || place=/
		[ "$path" = "$place" ] || return 1
	done <"/proc/$monitor/cgroup"
}

# bats test_tags=compat
@test "init sees its own cgroup as the root" {
	config "lxc.mount.auto = proc"
	container_rootfs
	start_probe
	ask cgroup
	# LXC puts what it attaches into a cgroup of its own, /.lxc.
	run grep -vE ':/(\.lxc)?$' <<<"$output"
	assert_output ""
}

@test "a command in the foreground leaves its supervisor with the caller" {
	needs_lxs
	container_config "lxc.mount.auto = proc"
	before=$(cat /proc/self/cgroup)
	run tool execute -n "$CT" -- "$LXS_PROBE" cgroup
	assert_status 0
	assert_equal "$(cat /proc/self/cgroup)" "$before"
	[ -z "$(cgroups_of "$CT")" ]
}

@test "cgroups that the guest made go with the container" {
	container_rootfs
	start_probe
	mkdir -p "$MEMORY/lxc.payload.$CT/a/b" "$MEMORY/lxc.payload.$CT/c"
	run tool stop -k -n "$CT"
	assert_status 0
	wait_for 5 "the cgroups are gone" no_cgroups
}

no_cgroups() {
	[ -z "$(all_cgroups)" ]
}

@test "processes left in the cgroup are killed with it" {
	needs_lxs
	container_rootfs
	start_probe
	setsid sh -c "echo \$\$ >$MEMORY/lxc.payload.$CT/cgroup.procs; exec sleep 1000" >/dev/null 2>&1 3>&- &
	stray=$!
	wait_for 5 "the stray process is in" grep -qx "$stray" "$MEMORY/lxc.payload.$CT/cgroup.procs"
	run tool stop -k -n "$CT"
	assert_status 0
	wait_for 5 "the stray process is gone" process_is_gone "$stray"
	wait_for 5 "the cgroups are gone" no_cgroups
}

process_is_gone() {
	! kill -0 "$1" 2>/dev/null
}

@test "an empty leftover of the same name is used again, without its limits" {
	needs_lxs
	container_rootfs
	mkdir "$MEMORY/lxc.payload.$CT"
	if ! is_v2 "$MEMORY"; then echo 64M >"$MEMORY/lxc.payload.$CT/memory.limit_in_bytes"; fi
	start_probe
	run cgroups_of_process "$(init_pid)"
	assert_output "/lxc.payload.$CT"
	if ! is_v2 "$MEMORY"; then
		assert_equal "$(cat "$MEMORY/lxc.payload.$CT/memory.limit_in_bytes")" "$(cat "$MEMORY/memory.limit_in_bytes")"
	fi
}

# bats test_tags=compat
@test "a name in use gets a suffix, and the other cgroup stays" {
	config
	container_rootfs
	mkdir "$MEMORY/lxc.payload.$CT"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$MEMORY/lxc.payload.$CT/cgroup.procs"
	start_probe
	run cgroups_of_process "$(init_pid)"
	assert_output "/lxc.payload.$CT-1"
	tool stop -k -n "$CT"
	kill -0 $other
	kill $other
	wait $other || :
	rmdir "$MEMORY/lxc.payload.$CT"
}

# bats test_tags=compat
@test "lxc.cgroup.dir, and the directories named one by one" {
	config "lxc.cgroup.dir = x-$CT"
	container_rootfs
	start_probe
	run cgroups_of_process "$(init_pid)"
	assert_output "/x-$CT/lxc.payload.$CT"
	tool stop -k -n "$CT"
	rm "$LXCPATH/$CT/console.log"
	config "lxc.cgroup.dir.monitor = x-$CT/m" "lxc.cgroup.dir.container = x-$CT/c" \
		"lxc.cgroup.dir.container.inner = ns"
	container_rootfs
	start_probe
	run cgroups_of_process "$(init_pid)"
	assert_output "/x-$CT/c/ns"
}

# cgroup_in_memory PID: where it is in the hierarchy of the memory controller.
cgroup_in_memory() {
	if is_v2 "$MEMORY"; then
		sed -n 's/^0:://p' "/proc/$1/cgroup"
	else
		sed -n 's/^[0-9]*:memory://p' "/proc/$1/cgroup"
	fi
}

# bats test_tags=compat
@test "lxc.cgroup.relative: below the caller's cgroup, else below that of the machine's init" {
	mkdir "$MEMORY/x-$CT"
	config
	container_rootfs
	for relative in 0 1; do
		echo "lxc.cgroup.relative = $relative" >>"$LXCPATH/$CT/config"
		(
			echo $BASHPID >"$MEMORY/x-$CT/cgroup.procs"
			start_probe
		)
		run cgroup_in_memory "$(init_pid)"
		if [ $relative = 1 ]; then
			assert_output "/x-$CT/lxc.payload.$CT"
		else
			assert_output "/lxc.payload.$CT"
		fi
		tool stop -k -n "$CT"
		rm "$LXCPATH/$CT/console.log"
	done
}

# bats test_tags=compat
@test "lxc.cgroup.dir.monitor.pivot: where the monitor goes before its cgroup is removed, and it stays" {
	config "lxc.cgroup.dir.monitor.pivot = x-$CT/deep"
	container_rootfs
	start_probe
	[ ! -e "$MEMORY/x-$CT" ]
	tool stop -k -n "$CT"
	wait_for 5 "the monitor has moved" test -d "$MEMORY/x-$CT/deep/lxc.pivot"
	wait_for 5 "the monitor's own cgroup is gone" test ! -e "$MEMORY/lxc.monitor.$CT"
}

# with_tool_config LINE COMMAND...: the command in a mount namespace where that is all of the tool-wide settings.
with_tool_config() {
	local line=$1 file=/etc/lxc/lxc.conf
	[ "$TOOL" = lxc ] || file=$LXS_PREFIX/etc/lxs/lxs.conf
	shift
	# shellcheck disable=SC2016
	run unshare --mount bash -c 'mount -t tmpfs none "${1%/*}" && echo "$2" >"$1" && shift 2 && exec "$@"' \
		bash "$file" "$line" "$@"
}

# bats test_tags=compat
@test "lxc.cgroup.pattern: where all containers' cgroups are" {
	config
	container_rootfs
	with_tool_config "lxc.cgroup.pattern = x-$CT/%n" "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
	wait_for 10 "it serves" init_is_ready
	run cgroups_of_process "$(init_pid)"
	assert_matches "^/x-$CT/$CT/payload(/init.scope)?\$"
	[ -d "$MEMORY/x-$CT/$CT/monitor" ]
	run tool freeze -n "$CT"
	assert_status 0
	run tool unfreeze -n "$CT"
	assert_status 0
	ask hostname
	run tool stop -k -n "$CT"
	assert_status 0
	# What was made for it goes with it; LXC leaves the directories on the way.
	[ "$TOOL" = lxc ] || wait_for 5 "its cgroups are gone" test ! -e "$MEMORY/x-$CT"
}

# bats test_tags=compat
@test "lxc.cgroup.use: hierarchies of other controllers are left alone" {
	! is_v2 "$MEMORY" || skip "needs cgroup v1"
	# The common config has device rules.
	container_config "lxc.pty.max = 10" "lxc.mount.auto = proc"
	container_rootfs
	with_tool_config "lxc.cgroup.use = memory" "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
	run cat "/proc/$(init_pid)/cgroup"
	assert_matches ":memory:/lxc.payload.$CT"
	assert_matches ':pids:/[^x]'
	assert_silent_about "pids:/lxc.payload"
	tool stop -k -n "$CT"
}

# bats test_tags=compat
@test "lxc.cgroup.use: what it names must be there, and what it leaves out cannot be limited" {
	! is_v2 "$MEMORY" || skip "needs cgroup v1"
	container_config "lxc.cgroup.pids.max = 100"
	container_rootfs
	with_tool_config "lxc.cgroup.use = memory" "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	[ "$TOOL" = lxc ] || assert_says "lxc.cgroup.pids.max cannot be set" "config:1" \
		"hint: lxc.cgroup.use of lxs.conf leaves out what it does not name: memory"
	with_tool_config "lxc.cgroup.use = memory,nonsense" "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	[ "$TOOL" = lxc ] || assert_says "lxc.cgroup.use of lxs.conf names nonsense"
}

@test "a named directory in use is an error" {
	needs_lxs
	container_config "lxc.cgroup.dir.monitor = x-$CT/m" "lxc.cgroup.dir.container = x-$CT/c"
	container_rootfs
	mkdir -p "$MEMORY/x-$CT/c"
	sleep 1000 3>&- &
	other=$!
	echo $other >"$MEMORY/x-$CT/c/cgroup.procs"
	run tool start -n "$CT"
	assert_failed
	assert_says "a cgroup of that name is in use"
	kill $other
	wait $other || :
}

@test "limits are written to the container's cgroup" {
	needs_lxs
	container_config "lxc.cgroup.memory.limit_in_bytes = 256M" "lxc.cgroup2.memory.max = 256M"
	container_rootfs
	start_probe
	if is_v2 "$MEMORY"; then file=memory.max; else file=memory.limit_in_bytes; fi
	assert_equal "$(cat "$MEMORY/lxc.payload.$CT/$file")" $((256 * 1024 * 1024))
	run tool cgroup -n "$CT" $file
	assert_says $((256 * 1024 * 1024))
	run tool cgroup -n "$CT" $file 128M
	assert_status 0
	assert_equal "$(cat "$MEMORY/lxc.payload.$CT/$file")" $((128 * 1024 * 1024))
}

@test "a limit that the kernel refuses names its line, and nothing is left" {
	needs_lxs
	container_config "lxc.cgroup.memory.limit_in_bytes = much" "lxc.cgroup2.memory.max = much"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "to much" "Invalid argument" "hint: the kernel refuses this value" "asked for by $LXCPATH/$CT/config:" "memory."
	[ -z "$(all_cgroups)" ]
}

@test "a limit of the other version alone is refused with the fitting name" {
	needs_lxs
	if is_v2 "$MEMORY"; then
		container_config "lxc.cgroup.memory.limit_in_bytes = 256M"
		other=lxc.cgroup2.memory.max
	else
		container_config "lxc.cgroup2.memory.max = 256M"
		other=lxc.cgroup.memory.limit_in_bytes
	fi
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "cannot be set: this machine has no writable cgroup v" "$other"
}

# probe_devices RULES...: what opening null and zero says.
probe_devices() {
	if [ "$TOOL" = lxc ]; then config "$@"; else container_config "$@"; fi
	container_rootfs
	mknod -m 666 "$ROOTFS/dev/null" c 1 3
	mknod -m 666 "$ROOTFS/dev/zero" c 1 5
	echo "lxc.autodev = 0" >>"$LXCPATH/$CT/config"
	start_probe
	ask open /dev/null
	null=$output
	ask open /dev/zero
	zero=$output
}

# bats test_tags=compat
@test "device rules: what is not allowed is denied" {
	probe_devices "lxc.cgroup.devices.deny = a" "lxc.cgroup.devices.allow = c 1:3 rwm" \
		"lxc.cgroup2.devices.deny = a" "lxc.cgroup2.devices.allow = c 1:3 rwm"
	assert_equal "$null $zero" "ok EPERM"
}

# bats test_tags=compat
@test "device rules do not hold for start hooks yet" {
	if [ "$TOOL" = lxc ]; then config; else container_config; fi
	printf '%s\n' "lxc.cgroup.devices.deny = a" "lxc.cgroup.devices.allow = c 1:3 rwm" \
		"lxc.cgroup2.devices.deny = a" "lxc.cgroup2.devices.allow = c 1:3 rwm" \
		"lxc.autodev = 0" "lxc.hook.start = /bin/hook" >>"$LXCPATH/$CT/config"
	container_rootfs
	mknod -m 666 "$ROOTFS/dev/null" c 1 3
	mknod -m 666 "$ROOTFS/dev/zero" c 1 5
	cp "$(command -v busybox)" "$ROOTFS/bin/sh"
	printf '%s\n' '#!/bin/sh' '(: </dev/null) && : >/null' '(: </dev/zero) && : >/zero' ':' >"$ROOTFS/bin/hook"
	chmod 755 "$ROOTFS/bin/hook"
	start_probe
	[ -e "$ROOTFS/null" ]
	[ -e "$ROOTFS/zero" ]
}

@test "device rules of the other version are used when there are no others" {
	needs_lxs
	if [ -d /sys/fs/cgroup/devices ]; then version=2; else version=; fi
	probe_devices "lxc.cgroup$version.devices.deny = a" "lxc.cgroup$version.devices.allow = c 1:3 rwm"
	assert_equal "$null $zero" "ok EPERM"
}

@test "device rules: a lone denial denies that device and no other" {
	needs_lxs
	probe_devices "lxc.cgroup2.devices.deny = c 1:5 rwm"
	assert_equal "$null $zero" "ok EPERM"
}

@test "device rules: a lone 'deny = a' denies everything" {
	needs_lxs
	probe_devices "lxc.cgroup2.devices.deny = a"
	assert_equal "$null $zero" "EPERM EPERM"
}

@test "device rules: a node of the host stands for its numbers" {
	needs_lxs
	probe_devices "lxc.cgroup2.devices.deny = a" "lxc.cgroup2.devices.allow = /dev/zero rw"
	assert_equal "$null $zero" "EPERM ok"
}

@test "device rules: a malformed rule names its line" {
	needs_lxs
	container_config "lxc.cgroup2.devices.allow = c 1;3 rwm"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "device rule 'c 1;3 rwm'" "asked for by $LXCPATH/$CT/config:1" "hint: rules read"
}

@test "lxs-cgroup changes the device rules of a running container" {
	needs_lxs
	probe_devices "lxc.cgroup2.devices.deny = a" "lxc.cgroup2.devices.allow = c 1:3 rwm"
	assert_equal "$null $zero" "ok EPERM"
	run tool cgroup -n "$CT" devices.allow "c 1:5 rw"
	assert_status 0
	ask open /dev/zero
	assert_output ok
	run tool cgroup -n "$CT" devices.list
	assert_says "c 1:5 rw"
	run tool cgroup -n "$CT" devices.deny a
	assert_status 0
	ask open /dev/null
	assert_output EPERM
}

@test "lxs-cgroup: errors" {
	needs_lxs
	container_rootfs
	run tool cgroup -n "$CT" memory.max
	assert_status 1
	assert_says "is not running"
	start_probe
	run tool cgroup -n "$CT"
	assert_status 1
	assert_says "Missing state object"
	run tool cgroup -n "$CT" no.such.file
	assert_status 1
	assert_says "no file no.such.file"
	run tool cgroup -n "$CT" ../cgroup.procs
	assert_status 1
	assert_says "is not the name of a cgroup file"
}

busybox_is_static() {
	! ldd "$(command -v busybox)"
}

# What a guest must not change: the roots of all hierarchies, and where its init is.
host_cgroups() {
	cat "/proc/$(init_pid)/cgroup"
	find /sys/fs/cgroup -maxdepth 2 -name release_agent -exec grep -H . {} + || :
	find /sys/fs/cgroup -maxdepth 2 -name notify_on_release -exec grep -H . {} + || :
	find /sys/fs/cgroup -maxdepth 1 -name cgroup.subtree_control -exec grep -H . {} + || :
}

# out_of_reach: what root of the container writes into all it has of cgroups changes only its own.
out_of_reach() {
	local before
	cp "$(command -v busybox)" "$ROOTFS/bin/busybox"
	cat >"$ROOTFS/bin/evil" <<-'SCRIPT'
		mounts=$(/bin/busybox awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo)
		for place in $mounts; do
			for up in "" ../ ../../ ../../../ ../lxc.monitor.*/; do
				[ -z "$up" ] || echo 1 >"$place/$up"notify_on_release
				echo /evil >"$place/$up"release_agent
				echo 1 >"$place/$up"cgroup.procs
				echo -pids >"$place/$up"cgroup.subtree_control
			done
		done 2>/dev/null
		echo $mounts
	SCRIPT
	start_probe
	before=$(host_cgroups)
	run tool attach -n "$CT" -- /bin/busybox sh /bin/evil
	assert_says /sys/fs/cgroup
	assert_equal "$(host_cgroups)" "$before"
	tool stop -k -n "$CT"
	rm -rf "$ROOTFS"
}

@test "release_agent and the cgroups above are out of the guest's reach" {
	needs_lxs
	needs "a static busybox" busybox_is_static
	local word
	for word in mixed rw; do
		container_config "lxc.mount.auto = proc:mixed sys:ro cgroup:$word:force"
		container_rootfs
		out_of_reach
		is_v2 "$MEMORY" || {
			container_config "lxc.mount.auto = proc:mixed sys:ro cgroup:$word" "lxc.namespace.keep = cgroup user"
			container_rootfs
			out_of_reach
		}
	done
	container_config "lxc.mount.auto = proc:mixed sys:ro cgroup:rw:force" "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	container_rootfs
	chown -R 100000:100000 "$ROOTFS"
	out_of_reach
}

@test "a hierarchy that the guest's root mounts itself begins at its own cgroup" {
	needs_lxs
	needs "cgroups of version 1" test -e "$MEMORY/release_agent"
	needs "a static busybox" busybox_is_static
	container_config "lxc.mount.auto = proc:mixed"
	container_rootfs
	cp "$(command -v busybox)" "$ROOTFS/bin/busybox"
	start_probe
	run tool attach -n "$CT" -- /bin/busybox sh -c \
		'/bin/busybox mount -t cgroup -o memory none /mnt && echo mounted; echo /evil >/mnt/release_agent; /bin/busybox ls /mnt'
	assert_says mounted tasks
	run cat "$MEMORY/release_agent"
	assert_output ""
}
