# Containers in a user namespace (lxc.idmap), started by root.
load lib

MAP=("lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536")
USERNS=$TOOL_SHARE/config/userns.conf

# mapped LINES...: a container with a rootfs of its own and the map above.
mapped() {
	container_config "lxc.include = $COMMON" "lxc.include = $USERNS" "lxc.uts.name = mapped" \
		"lxc.net.0.type = empty" "${MAP[@]}" "$@"
	container_rootfs
}

# shift_rootfs: the tree belongs to the ids of the map, as LXC wants it.
shift_rootfs() {
	chown -R 100000:100000 "$ROOTFS"
}

# The kernel and the file system of this test's directory can map ids on a mount.
has_idmapped_mounts() {
	mkdir -p "$BATS_TEST_TMPDIR/idmapped"
	unshare --mount mount --bind -o 'X-mount.idmap=u:0:1000:1 g:0:1000:1' \
		"$BATS_TEST_TMPDIR/idmapped" "$BATS_TEST_TMPDIR/idmapped"
}

@test "the map is what /proc shows inside, and init is root of it" {
	mapped
	shift_rootfs
	start_probe
	ask read /proc/1/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 65536"
	ask read /proc/1/gid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 65536"
	assert_equal "$(stat -c %u:%g "/proc/$(init_pid)")" 100000:100000
	ask id
	assert_has "uid=0 gid=0 groups="
	run tool ls -f
	assert_says true
	run tool stop -n "$CT" -k
	assert_status 0
}

@test "a tree of root's is used through an idmapped mount: nothing is chowned" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	mapped
	start_probe
	ask stat /bin/probe
	assert_says " 0:0"
	ask write /tmp/made inside
	assert_equal "$(stat -c %u:%g "$ROOTFS/tmp/made" "$ROOTFS/bin/probe")" "0:0
0:0"
	ask mount /
	assert_says idmapped
}

@test "idmap=container maps a tree of any owner" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	mapped "lxc.rootfs.options = idmap=container"
	chown 7:7 "$ROOTFS/bin/probe"
	start_probe
	ask stat /bin/probe
	assert_says " 7:7"
}

@test "one rootfs serves two containers with different maps at the same time" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	mapped
	local shared=$ROOTFS
	container_named "$CT-2" "lxc.include = $COMMON" "lxc.include = $USERNS" "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 300000 65536" "lxc.idmap = g 0 300000 65536" "lxc.rootfs.path = dir:$shared" \
		"lxc.init.cmd = /bin/probe serve"
	start_probe
	run tool start -n "$CT-2"
	assert_status 0
	assert_equal "$(stat -c %u "/proc/$(init_pid)" "/proc/$(init_pid "$CT-2")")" "100000
300000"
	run tool attach -n "$CT-2" -- /bin/probe write /tmp/made inside
	assert_status 0
	assert_equal "$(stat -c %u "$shared/tmp/made")" 0
	run tool stop -k -n "$CT-2"
	assert_status 0
}

@test "several ranges, a hole, and an id of the host's own" {
	container_config "lxc.include = $COMMON" "lxc.include = $USERNS" "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 100000 1000" "lxc.idmap = u 1000 1000 1" "lxc.idmap = u 2000 102000 10" \
		"lxc.idmap = g 0 100000 1000"
	container_rootfs
	shift_rootfs
	start_probe
	ask read /proc/1/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 1000
 1000 1000 1
 2000 102000 10"
}

@test "a container without root: init is who is mapped" {
	needs_lxs
	container_config "lxc.include = $USERNS" "lxc.net.0.type = empty" "lxc.mount.auto = proc:rw" \
		"lxc.idmap = u 1000 101000 1" "lxc.idmap = g 1000 101000 1" "lxc.init.uid = 1000" "lxc.init.gid = 1000"
	container_rootfs
	chown -R 101000:101000 "$ROOTFS"
	start_probe
	assert_equal "$(stat -c %u:%g "/proc/$(init_pid)")" 101000:101000
}

@test "what the host's namespaces hold cannot be touched, its own can" {
	mapped "lxc.sysctl.net.ipv4.ip_forward = 1"
	shift_rootfs
	start_probe
	ask sysctl net.ipv4.ip_forward
	assert_has 1
	ask ns user
	[ "$output" != "$(readlink /proc/self/ns/user)" ]
	run tool attach -n "$CT" -- /bin/probe write /proc/sysrq-trigger h
	assert_failed
	ask stat /dev/null
	assert_says "1:3"
}

@test "the cgroups are handed on to the container's root, its limits are not" {
	needs_lxs
	mapped
	shift_rootfs
	start_probe
	local path count=0
	for path in $(cgroups_of "$CT" | grep payload); do
		count=$((count + 1))
		assert_equal "$(stat -c %g:%a "$path")" 100000:775
		assert_equal "$(stat -c %g:%a "$path/cgroup.procs")" 100000:664
		run find "$path" -mindepth 1 \( ! -user 0 -o ! -group 0 -o -perm /022 \) -printf '%f\n'
		assert_equal "$(grep -vxE 'cgroup.(procs|threads|subtree_control|event_control)|tasks' <<<"$output")" ""
	done
	[ "$count" -gt 0 ]
}

# Not yet in the pid namespace; who shares that of the host sees it all the same.
@test "root of a user namespace cannot look at who is about to come in" {
	needs_lxs
	needs strace strace -V
	mapped
	shift_rootfs
	start_probe
	strace -qq -f -o /dev/null -e trace=setgroups -e inject=setgroups:signal=STOP -- \
		"$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid </dev/null >/dev/null 2>&1 3>&- &
	wait_for 60 "lxs-enter is there" is_entering
	run nsenter -U -t "$(init_pid)" -- readlink "/proc/$ENTERING/root"
	assert_status 1
	wait_for 60 "it goes on" woken_and_gone
	wait $!
}

is_entering() {
	for ENTERING in $(members "$CT"); do
		! grep -qs '^State:.[tT]' "/proc/$ENTERING/status" || return 0
	done
	return 1
}

woken_and_gone() {
	! kill -CONT "$ENTERING" 2>/dev/null
}

# Such root is that of a container which holds lxs, or of a service with a short bounding set.
@test "root without CAP_SYS_PTRACE starts a container with ids of its own" {
	needs_lxs
	needs "idmapped mounts" has_idmapped_mounts
	needs capsh capsh --print
	mapped
	run capsh --drop=cap_sys_ptrace -- -c "'$TOOL_BIN/lxs-start' -P '$LXCPATH' -n '$CT'"
	assert_status 0
	ask stat /bin/probe
	assert_says " 0:0"
}

@test "a reboot from inside keeps the map" {
	needs_lxs
	mapped
	shift_rootfs
	start_probe
	local before
	before=$(init_pid)
	tool stop -n "$CT" -r -t 10 || :
	wait_for 10 "another init" has_other_init "$before"
	assert_equal "$(stat -c %u "/proc/$(init_pid)")" 100000
}

has_other_init() {
	local now
	now=$(init_pid) && [ -n "$now" ] && [ "$now" != "$1" ]
}

@test "a map that cannot be is refused before anything starts, with its line" {
	needs_lxs
	mapped "lxc.idmap = u 60000 300000 10000" "lxc.hook.pre-start = touch $BATS_TEST_TMPDIR/started"
	run tool start -n "$CT"
	assert_status 1
	assert_says "the id map u 60000 300000 10000 overlaps u 0 100000 65536" "config:"
	[ ! -e "$BATS_TEST_TMPDIR/started" ]
}

@test "execute as root of a user namespace in the host's tree" {
	needs_lxs
	container_config "${MAP[@]}" "lxc.net.0.type = empty"
	run_probe read /proc/self/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 65536"
}
