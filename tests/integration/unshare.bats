# lxs-unshare and lxs-usernsexec: commands in new namespaces without a container.
load lib

unshare_() {
	run "$TOOL_BIN/$TOOL-unshare" "$@"
}

userns_exec() {
	run "$TOOL_BIN/$TOOL-usernsexec" "$@"
}

# The host's mounts are out of reach of what LXC's -M does.
apart() {
	run unshare --mount --propagation private "$TOOL_BIN/$TOOL-unshare" "$@"
}

# bats test_tags=compat
@test "a command in namespaces of either spelling" {
	unshare_ -s 'UTSNAME|ipc' -- readlink /proc/self/ns/uts /proc/self/ns/ipc /proc/self/ns/net
	assert_status 0
	[ "${lines[0]}" != "$(readlink /proc/self/ns/uts)" ]
	[ "${lines[1]}" != "$(readlink /proc/self/ns/ipc)" ]
	assert_equal "${lines[2]}" "$(readlink /proc/self/ns/net)"
}

# bats test_tags=compat
@test "a host name of its own" {
	unshare_ -s UTSNAME -H other -- hostname
	assert_output other
	[ "$(hostname)" != other ]
}

# bats test_tags=compat
@test "a user namespace with the caller as who he wants to be" {
	unshare_ -s USER -u 5 -- cat /proc/self/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 5 0 1"
	unshare_ -s USER -u nobody -- id -u
	assert_output "$(id -u nobody)"
	unshare_ -s USER -- id -u
	assert_output 65534
}

# bats test_tags=compat
@test "the exit code is 0 or 1, whatever the command's was" {
	unshare_ -s UTSNAME -- true
	assert_status 0
	unshare_ -s UTSNAME -- sh -c 'exit 7'
	assert_status 1
	unshare_ -s UTSNAME -- sh -c 'kill -KILL $$'
	assert_status 1
	unshare_ -s UTSNAME -- /nonexistent
	assert_status 1
	assert_says /nonexistent "No such file or directory"
}

# bats test_tags=compat
@test "what is missing on the command line is said" {
	unshare_ -s UTSNAME
	assert_status 1
	assert_says "A command to execute in the new namespace is required"
	unshare_ -- true
	assert_status 1
	assert_says "A namespace to execute command is required"
	unshare_ -s MOUNT -H other -- true
	assert_status 1
	assert_says "-H <hostname> needs -s UTSNAME option"
	unshare_ -s MOUNT -i lo -- true
	assert_status 1
	assert_says "-i <interfacename> needs -s NETWORK option"
	unshare_ -s PID -M -- true
	assert_status 1
	assert_says "-M needs -s MOUNT option"
	unshare_ -s NONSENSE -- true
	assert_status 1
	unshare_ -u nosuchuser -s USER -- true
	assert_status 1
}

@test "/proc is that of the new pids" {
	needs_lxs
	apart -s 'PID|MOUNT' -M -- sh -c 'echo $$; ls -d /proc/[0-9]*; mount >/dev/null'
	assert_status 0
	assert_equal "${lines[0]}" 1
	[ "${#lines[@]}" -le 4 ]
}

@test "interfaces are moved before the command runs; those that cannot be are told" {
	needs_lxs
	ip link add "uns$$" type veth peer name "unp$$"
	unshare_ -s NETWORK -i "uns$$" -i nosuch0 -- ip -o link
	ip link delete "unp$$" || :
	assert_status 0
	assert_says "uns$$" "cannot move the interface nosuch0: No such device"
}

@test "-d leaves the command to itself" {
	needs_lxs
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	# shellcheck disable=SC2016
	unshare_ -s UTSNAME -d -- sh -c 'exec >/dev/null 2>&1; cat "$0"' "$BATS_TEST_TMPDIR/fifo"
	assert_status 0
	echo >"$BATS_TEST_TMPDIR/fifo"
}

@test "a time namespace is entered, not only made for children" {
	needs_lxs
	unshare_ -s TIME -- readlink /proc/self/ns/time
	[ "$output" != "$(readlink /proc/self/ns/time)" ]
}

# bats test_tags=user
@test "a user makes what he may, and is told what he may not" {
	unshare_ -s 'USER|UTSNAME|MOUNT' -u 0 -H inner -- sh -c 'id -u; hostname'
	assert_output "0
inner"
	unshare_ -s UTSNAME -- true
	assert_status 1
	assert_says "Operation not permitted" "USER among the namespaces"
}

# ---- usernsexec ----

@test "usernsexec as root maps what is asked for" {
	needs_lxs
	userns_exec -m b:0:100000:10 -m u:10:5:1 -- cat /proc/self/uid_map /proc/self/gid_map
	assert_status 0
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 10
 10 5 1
 0 100000 10"
	userns_exec -m b:0:100000:10 -- sh -c 'id; readlink /proc/self/ns/mnt'
	assert_says "uid=0(root) gid=0(root)"
	[ "${lines[1]}" != "$(readlink /proc/self/ns/mnt)" ]
}

@test "usernsexec -s maps the caller to the first free id" {
	needs_lxs
	userns_exec -m b:0:100000:10 -s -- cat /proc/self/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 0 100000 10
 10 0 1"
	userns_exec -m b:5:100000:10 -s -- cat /proc/self/uid_map
	assert_equal "$(tr -s ' ' <<<"$output")" " 5 100000 10
 0 0 1"
}

@test "usernsexec -u and -g, and the exit code of the command" {
	needs_lxs
	userns_exec -m b:0:100000:10 -u 3 -g 4 -- id
	assert_says "uid=3" "gid=4"
	userns_exec -m b:0:0:1 sh -c 'exit 7'
	assert_status 7
	userns_exec -m b:0:0:1 -- sh -c 'kill -KILL $$'
	assert_status 137
	userns_exec -m b:0:0:1 -- /nonexistent
	assert_status 1
	assert_says "cannot execute /nonexistent: No such file or directory"
}

@test "usernsexec says what is wrong with its command line" {
	needs_lxs
	userns_exec -h
	assert_status 0
	assert_says "Usage: $TOOL-usernsexec "
	local map
	for map in x u:0:1 u:0:1:0 w:0:1:1 u:0:1:1:1 u:-1:1:1 u:0x1:1:1 :0:1:1 ub:0:1:1; do
		userns_exec -m "$map" -- true
		assert_status 1
		assert_says "'$map' is no map" "Usage: $TOOL-usernsexec "
	done
	userns_exec -Z
	assert_status 1
	assert_says "Usage: $TOOL-usernsexec "
	userns_exec -u x -- true
	assert_status 255
	userns_exec -m u:0:100000:1 -- true
	assert_status 1
	assert_says "the maps have no gid" "-m g:0:HOST-ID:RANGE"
	userns_exec -m b:5:100000:1 -- true
	assert_status 1
	assert_says "cannot become uid 0"
}

# bats test_tags=user
@test "usernsexec of a user: his first ranges by themselves, root of them inside" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	local first
	first=$(sed -n "s/^$USER:\([0-9]*\):.*/\1/p" /etc/subuid)
	# shellcheck disable=SC2016
	userns_exec -s -- sh -c 'id -u; touch "$0/made"; chown 7:7 "$0/made"; cat /proc/self/uid_map' "$LXCPATH"
	assert_status 0
	assert_equal "${lines[0]}" 0
	assert_equal "$(tr -s ' ' <<<"${lines[2]}")" " 65536 $(id -u) 1"
	assert_equal "$(stat -c %u "$LXCPATH/made")" $((first + 7))
	userns_exec rm "$LXCPATH/made"
	assert_failed
	userns_exec -s rm "$LXCPATH/made"
	assert_status 0
	userns_exec -m b:0:0:1 -- true
	assert_status 1
	assert_says "newuidmap refuses the map"
}
