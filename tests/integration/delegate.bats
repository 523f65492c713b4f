# lxs-cgdelegate: cgroups of an ordinary user's containers where no systemd gives them.
load lib

setup_file() {
	[ "$TOOL" = lxs ] || skip "lxs only"
	[ ! -e /run/systemd/system ] || skip "needs a machine without systemd"
	export DELEGATE_USER=lxscg$$
	useradd --create-home --shell /bin/bash "$DELEGATE_USER"
}

teardown_file() {
	[ -n "${DELEGATE_USER:-}" ] || return 0
	userdel -r "$DELEGATE_USER" >/dev/null 2>&1 || :
}

# What was moved in may take a moment to end.
taken_back() {
	find /sys/fs/cgroup -depth -type d -path "*/lxs.users/$USER_ID*" -exec rmdir {} + 2>/dev/null || :
	find /sys/fs/cgroup -depth -type d -name lxs.users -exec rmdir {} + 2>/dev/null || :
	[ -z "$(find /sys/fs/cgroup -type d -path "*/lxs.users/$USER_ID")" ]
}

setup() {
	lib_setup
	chown "$DELEGATE_USER" "$LXCPATH"
	USER_ID=$(id -u "$DELEGATE_USER")
	V2=$(findmnt -n -o TARGET -t cgroup2 | head -n 1)
}

teardown() {
	local result=0
	# Root stops no container of another's.
	user_tool stop -k -n "$CT" >/dev/null 2>&1 || :
	lib_teardown || result=1
	wait_for 5 "the cgroups of the user are gone" taken_back || result=1
	return $result
}

# as COMMAND...: as the user.
as() {
	setpriv --reuid "$DELEGATE_USER" --regid "$DELEGATE_USER" --init-groups \
		env HOME="/home/$DELEGATE_USER" USER="$DELEGATE_USER" "$@"
}

user_tool() {
	local command=$1
	shift
	as "$TOOL_BIN/lxs-$command" -P "$LXCPATH" "$@"
}

# A limit in the version of cgroups that has it here.
pids_limit() {
	if [ -d "/sys/fs/cgroup/pids" ]; then
		echo "lxc.cgroup.pids.max = 40"
	else
		echo "lxc.cgroup2.pids.max = 40"
	fi
}

# The container of the user's ranges, made by hand so that nothing needs to be copied as another id.
user_container() {
	container_config "lxc.include = $COMMON" "lxc.include = $TOOL_SHARE/config/userns.conf" "lxc.net.0.type = empty" \
		"lxc.idmap = u 0 $(range uid) 65536" "lxc.idmap = g 0 $(range gid) 65536" "$@"
	container_rootfs
	chown -R "$DELEGATE_USER:$DELEGATE_USER" "$LXCPATH"
	chown "$(range uid):$(range gid)" "$ROOTFS" "$ROOTFS"/*
}

# range uid|gid
range() {
	sed -n "s/^$DELEGATE_USER:\([0-9]*\):.*/\1/p" "/etc/sub$1"
}

@test "a limit of a user's is refused with the command that helps, and holds after it" {
	user_container "$(pids_limit)"
	run user_tool start -n "$CT"
	assert_status 1
	assert_says "pids.max cannot be set" "config:6" "lxs-cgdelegate USER"
	run tool cgdelegate "$DELEGATE_USER"
	assert_status 0
	assert_output ""
	run user_tool start -n "$CT"
	assert_status 0
	run user_tool cgroup -n "$CT" pids.max
	assert_output 40
	grep -q ":pids:/lxs.users/$USER_ID/lxc.payload.$CT\$" "/proc/$(user_tool info -n "$CT" -p -H)/cgroup"
	run user_tool attach -n "$CT" -- /bin/probe cgroup
	assert_status 0
	assert_matches ':pids:/($|
)|^0::/$'
	run user_tool freeze -n "$CT"
	assert_status 0
	assert_equal "$(user_tool info -n "$CT" -s -H)" FROZEN
	run user_tool unfreeze -n "$CT"
	assert_status 0
	run user_tool stop -k -n "$CT"
	assert_status 0
}

@test "what the container's root makes in its cgroups is gone with it" {
	local payload
	user_container
	run tool cgdelegate "$DELEGATE_USER"
	assert_status 0
	run user_tool start -n "$CT"
	assert_status 0
	payload=$(find /sys/fs/cgroup -path "*/freezer/lxs.users/$USER_ID/lxc.payload.$CT" -o \
		-path "/sys/fs/cgroup/lxs.users/$USER_ID/lxc.payload.$CT")
	[ -d "$payload" ]
	# As he does it, but without a mount inside: the id of his is a name for nobody here.
	run setpriv --reuid "$(range uid)" --regid "$(range gid)" --clear-groups mkdir -p "$payload/a/b"
	assert_status 0
	[ -d "$payload/a/b" ]
	run user_tool stop -k -n "$CT"
	assert_status 0
	wait_for 10 "the cgroups are gone" test ! -e "$payload"
}

@test "limits of what was given stay root's, and nobody else gets anything" {
	run tool cgdelegate "$DELEGATE_USER"
	assert_status 0
	local directory
	for directory in /sys/fs/cgroup/*/"lxs.users/$USER_ID" "/sys/fs/cgroup/lxs.users/$USER_ID"; do
		[ -d "$directory" ] || continue
		assert_equal "$(stat -c %u "$directory")" "$USER_ID"
		assert_equal "$(stat -c %u "$directory/cgroup.procs")" "$USER_ID"
		assert_equal "$(stat -c %u "$directory/..")" 0
		assert_equal "$(find "$directory" -maxdepth 1 \( -name '*.max' -o -name '*limit*' \) -user "$DELEGATE_USER")" ""
		run as mkdir "$directory/../other"
		assert_says "Permission denied"
	done
}

@test "on v2 the processes of the user are moved in, or the one that is named, or the one that logs in" {
	needs "cgroup v2" test -n "$V2"
	local place="0::/lxs.users/$USER_ID/lxc.pivot" holder
	setpriv --reuid "$DELEGATE_USER" --regid "$DELEGATE_USER" --clear-groups tail -f /dev/null 3>&- &
	holder=$!
	wait_for 5 "the process is the user's" is_users "$holder"
	run tool cgdelegate "$DELEGATE_USER"
	assert_status 0
	grep -qx "$place" "/proc/$holder/cgroup"
	kill "$holder"
	# shellcheck disable=SC2016
	run bash -c '"$1" -p $$ "$2"; cat /proc/self/cgroup' bash "$TOOL_BIN/lxs-cgdelegate" "$DELEGATE_USER"
	assert_has "$place"
	# shellcheck disable=SC2016
	run env PAM_USER="$DELEGATE_USER" PAM_TYPE=open_session bash -c '"$1"; cat /proc/self/cgroup' bash \
		"$TOOL_BIN/lxs-cgdelegate"
	assert_has "$place"
	# shellcheck disable=SC2016
	run env PAM_USER="$DELEGATE_USER" PAM_TYPE=close_session bash -c '"$1"; cat /proc/self/cgroup' bash \
		"$TOOL_BIN/lxs-cgdelegate"
	assert_status 0
	assert_lacks "$place"
}

@test "on v2 a container's process stays where it is, and a directory named 0:: hides none" {
	needs "cgroup v2" test -n "$V2"
	needs "cgroup v1 with pids" test -d /sys/fs/cgroup/pids
	local hiding=/sys/fs/cgroup/pids/$CT/0::/lxs.users/$USER_ID contained hidden before where found
	setpriv --reuid "$DELEGATE_USER" --regid "$DELEGATE_USER" --clear-groups \
		unshare --user tail -f /dev/null 3>&- &
	contained=$!
	setpriv --reuid "$DELEGATE_USER" --regid "$DELEGATE_USER" --clear-groups tail -f /dev/null 3>&- &
	hidden=$!
	wait_for 5 "the process is contained" is_contained "$contained"
	wait_for 5 "the process is the user's" is_users "$hidden"
	before=$(grep '^0::' "/proc/$contained/cgroup")
	mkdir -p "$hiding"
	echo "$hidden" >"$hiding/cgroup.procs"
	run tool cgdelegate "$DELEGATE_USER"
	where=$(grep '^0::' "/proc/$contained/cgroup")
	found=$(grep '^0::' "/proc/$hidden/cgroup")
	kill "$contained" "$hidden"
	wait "$contained" "$hidden" || :
	find "/sys/fs/cgroup/pids/$CT" -depth -type d -exec rmdir {} +
	assert_status 0
	assert_equal "$where" "$before"
	assert_equal "$found" "0::/lxs.users/$USER_ID/lxc.pivot"
}

is_contained() {
	[ "$(readlink "/proc/$1/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}

is_users() {
	grep -q "^Uid:[[:blank:]]$USER_ID" "/proc/$1/status"
}

@test "what cannot be given is refused" {
	run tool cgdelegate
	assert_status 1
	assert_says "no user given"
	run tool cgdelegate nobody-of-this-name
	assert_status 1
	assert_says "there is no user 'nobody-of-this-name'"
	run tool cgdelegate root
	assert_status 1
	run tool cgdelegate -p 0 "$DELEGATE_USER"
	assert_status 1
	assert_says "'0' is not the number of a process"
	run user_tool cgdelegate "$DELEGATE_USER"
	assert_status 1
	assert_says "only root"
}
