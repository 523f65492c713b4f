# Cgroups of ordinary users' containers: with systemd, which gives them, and on pure v2 without it.
load lib

setup() {
	lib_setup
	[ "$(id -u)" = 0 ] || needs "a systemd manager of the user's own" test -S "/run/user/$(id -u)/bus"
}

teardown() {
	# Files of the container's ids are nothing that the user can remove otherwise.
	[ ! -e "$LXCPATH/$CT/config" ] || tool destroy -f -n "$CT" >/dev/null 2>&1 || :
	lib_teardown
	[ "$(id -u)" = 0 ] || wait_for 10 "the scopes of $CT are gone" no_scope
}

no_scope() {
	[ -z "$(find /sys/fs/cgroup -type d -name "lxs-$CT*.scope" 2>/dev/null)" ]
}

is_unified() {
	[ -e /sys/fs/cgroup/cgroup.controllers ]
}

has_v2() {
	[ -n "$(findmnt -n -t cgroup2)" ]
}

# cgroup_of PID: in systemd's hierarchy.
cgroup_of() {
	if has_v2; then
		sed -n 's/^0:://p' "/proc/$1/cgroup"
	else
		sed -n 's/^[0-9]*:name=systemd://p' "/proc/$1/cgroup"
	fi
}

# own_container LINE...: with the user's own id as root, which takes no helpers.
own_container() {
	container_config "lxc.include = $COMMON" "lxc.include = $TOOL_SHARE/config/userns.conf" "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1" "$@"
	container_rootfs
}

# bats test_tags=user
@test "two commands as for root: in a scope of the container's own, with limits, and nothing is left" {
	needs "a range of ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	local place
	run tool create -n "$CT" -t busybox
	assert_status 0
	! is_unified || printf '%s\n' "lxc.cgroup2.memory.max = 64M" "lxc.cgroup2.pids.max = 50" >>"$LXCPATH/$CT/config"
	run tool start -n "$CT"
	assert_status 0
	place=$(cgroup_of "$(init_pid)")
	[[ $place =~ ^/user\.slice/user-[0-9]+\.slice/user@[0-9]+\.service/app\.slice/lxs-$CT-[0-9a-f]{8}\.scope/lxc\.payload\.$CT$ ]]
	if is_unified; then
		run tool cgroup -n "$CT" memory.max
		assert_output 67108864
		run tool cgroup -n "$CT" pids.max
		assert_output 50
	fi
	run tool info -n "$CT"
	# On v1 systemd gives a user its own hierarchy alone, which counts nothing.
	assert_says RUNNING
	! has_v2 || assert_says "CPU use"
	run tool ls -f
	assert_says RUNNING true
	# What the container's root makes is beyond the user's rights.
	run tool attach -n "$CT" -- sh -c 'cat /proc/self/cgroup; mkdir -p /sys/fs/cgroup/a/b'
	assert_has "$(grep -E "$(has_v2 && echo '^0::' || echo name=systemd)" /proc/self/cgroup | sed 's|:/.*|:/|')"
	! is_unified || [ -d "/sys/fs/cgroup$place/a/b" ]
	if has_v2; then
		run tool freeze -n "$CT"
		assert_status 0
		assert_equal "$(state_of)" FROZEN
		run tool unfreeze -n "$CT"
		assert_status 0
	fi
	run tool stop -n "$CT" -r -t 60
	assert_status 0
	assert_equal "$(cgroup_of "$(init_pid)")" "$place"
	run tool stop -n "$CT" -t 60
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	wait_for 10 "the scope is gone" no_scope
}

# bats test_tags=user
@test "a start stays in a scope that the user had delegated, limits hold beside his shell; and leaves one that is not" {
	needs "cgroup v2 alone" is_unified
	own_container "lxc.cgroup2.pids.max = 40"
	start_in_scope -p Delegate=yes --unit "mine-$CT"
	assert_matches "/mine-$CT\\.scope/lxc\\.pivot\$"
	assert_matches_place "/mine-$CT\\.scope/lxc\\.payload\\.$CT\$"
	run tool cgroup -n "$CT" pids.max
	assert_output 40
	run tool attach -n "$CT" -- /bin/probe cgroup
	assert_status 0
	run tool stop -k -n "$CT"
	assert_status 0
	start_in_scope --unit "other-$CT"
	assert_matches "/other-$CT\\.scope\$"
	assert_matches_place "/lxs-$CT-[0-9a-f]{8}\\.scope/lxc\\.payload\\.$CT\$"
	run tool stop -k -n "$CT"
	assert_status 0
}

# start_in_scope OPTION...: from a shell in it, which says where it is then.
start_in_scope() {
	run env XDG_RUNTIME_DIR="/run/user/$(id -u)" systemd-run --user --scope -q "$@" \
		env -u XDG_RUNTIME_DIR bash -c '"$@"; sed -n "s/^0:://p" /proc/self/cgroup' bash "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
}

assert_matches_place() {
	output=$(cgroup_of "$(init_pid)")
	assert_matches "$1"
}

# bats test_tags=user
@test "what stands in the way of a limit is named, and a start without limits goes on" {
	needs "cgroup v2 alone" is_unified
	mkdir "$LXCPATH/run"
	own_container "lxc.cgroup2.io.weight = 50"
	run tool start -n "$CT"
	assert_status 1
	assert_says "config:6" "the controllers given to you are" "Delegate="
	own_container "lxc.cgroup2.pids.max = 40"
	run env XDG_RUNTIME_DIR="$LXCPATH/run" "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "config:6" "lxs-cgdelegate"
	touch "$LXCPATH/run/bus"
	run env XDG_RUNTIME_DIR="$LXCPATH/run" "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "systemd was asked for a cgroup: systemd's user manager cannot be reached: "
	own_container
	run env XDG_RUNTIME_DIR="$LXCPATH/run" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe id
	assert_says "uid=0"
}

# bats test_tags=user
@test "a command in the foreground has limits, and its exit status" {
	needs "cgroup v2 alone" is_unified
	own_container "lxc.cgroup2.pids.max = 40"
	run tool execute -n "$CT" -- /bin/probe read /sys/fs/cgroup/pids.max
	assert_output 40
	run tool execute -n "$CT" -- /bin/probe exit 7
	assert_status 7
}

@test "without systemd: lxs-cgdelegate gives pure v2, and brings the session in" {
	needs "cgroup v2 alone" is_unified
	local user=lxsdeleg$$
	useradd --create-home "$user"
	cat >"$LXCPATH/session" <<-'TEXT'
		mount -t tmpfs none /run/systemd
		"$1/lxs-cgdelegate" -p $$ "$2" || exit
		setpriv --reuid "$2" --regid "$2" --init-groups env HOME="$3" sh -c '
			"$1/lxs-start" -P "$2" -n "$3" && "$1/lxs-cgroup" -P "$2" -n "$3" pids.max &&
			"$1/lxs-attach" -P "$2" -n "$3" -- /bin/probe cgroup && "$1/lxs-stop" -k -P "$2" -n "$3"
			cat /proc/self/cgroup' sh "$1" "$3" "$4"
	TEXT
	container_config "lxc.net.0.type = empty" "lxc.mount.auto = proc" "lxc.cgroup2.pids.max = 40" \
		"lxc.idmap = u 0 $(id -u "$user") 1" "lxc.idmap = g 0 $(id -g "$user") 1"
	container_rootfs
	chown -R "$user" "$LXCPATH"
	run unshare --mount bash "$LXCPATH/session" "$TOOL_BIN" "$user" "$LXCPATH" "$CT"
	local id
	id=$(id -u "$user")
	userdel -r "$user" 2>/dev/null || :
	rmdir "/sys/fs/cgroup/lxs.users/$id/lxc.pivot" "/sys/fs/cgroup/lxs.users/$id" /sys/fs/cgroup/lxs.users
	assert_has 40 "0::/lxs.users/$id/lxc.pivot"
	run tool cgdelegate nobody
	assert_status 1
	assert_says "all cgroups of this machine are systemd's"
}
