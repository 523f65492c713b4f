# The front program starts containers by itself where no library is needed, and
# becomes the full program where one is: nobody sees a difference but the time.
load lib

setup() {
	lib_setup
	needs_lxs
	needs "strace" command -v strace
	configure
}

configure() {
	container_config "lxc.mount.auto = proc" "$@"
	container_rootfs
}

# What lxs-execute becomes on its way.
execute_traced() {
	run strace -f -qq -e trace=execve,openat -e signal=none -o "$LXCPATH/trace" \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$@"
}

became_full() {
	grep -q 'execve(".*/lxs-full"' "$LXCPATH/trace"
}

stayed_front() {
	if became_full; then
		return 1
	fi
}

profile() {
	printf '2\ndenylist\n%s errno 1\n# %s\n' "$1" "$CT $BATS_TEST_NUMBER $RANDOM" >"$LXCPATH/profile"
	configure "lxc.seccomp.profile = $LXCPATH/profile"
}

@test "a start that needs no library is the front's own" {
	execute_traced /bin/probe exit 3
	assert_status 3
	stayed_front
}

@test "a seccomp profile is compiled once, and again when it changes" {
	profile kexec_load
	execute_traced /bin/probe seccomp
	assert_status 0
	became_full
	local first=$output
	execute_traced /bin/probe seccomp
	assert_status 0
	assert_equal "$output" "$first"
	stayed_front
	profile init_module
	execute_traced /bin/probe seccomp
	assert_status 0
	became_full
}

@test "a cached filter that others may write is not believed" {
	profile kexec_load
	execute_traced /bin/probe exit 0
	execute_traced /bin/probe exit 0
	stayed_front
	find "$LXS_PREFIX/var/cache/lxs/seccomp" -type f -exec chmod g+w {} +
	execute_traced /bin/probe exit 0
	became_full
	execute_traced /bin/probe exit 0
	stayed_front
}

@test "a cached filter of another format is not believed" {
	profile kexec_load
	execute_traced /bin/probe exit 0
	grep -l -- "# $CT" "$LXS_PREFIX/var/cache/lxs/seccomp"/* | xargs sed -i '1s/^lxs-filter [0-9]* /lxs-filter 1 /'
	execute_traced /bin/probe exit 0
	assert_status 0
	became_full
	execute_traced /bin/probe exit 0
	stayed_front
}

@test "an option that only libmount knows is handed over" {
	configure "lxc.mount.entry = none tmp tmpfs strictatime 0 0"
	execute_traced /bin/probe exit 0
	assert_status 0
	became_full
}

@test "warnings of a config are printed once" {
	configure "lcx.nothing = 1"
	execute_traced /bin/probe exit 0
	assert_status 0
	assert_equal "$(grep -c warning <<<"$output")" 1
}

# trace FILE COMMAND...: what it and its children execute and send to the kernel's network.
trace() {
	local to=$1
	shift
	run strace -f --seccomp-bpf -qq -e trace=execve,sendto -e signal=none -o "$to" "$@"
	assert_status 0
}

@test "a veth on a bridge is the front's own, and so is the end" {
	local bridge=br${LXCPATH##*.}
	ip link add "$bridge" type bridge
	configure "lxc.net.0.type = veth" "lxc.net.0.link = $bridge" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.234.9.2/24" "lxc.net.0.ipv4.gateway = 10.234.9.1" \
		"lxc.net.0.ipv6.address = fd00:9::2/64"
	trace "$LXCPATH/trace" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe exit 0
	stayed_front
	# The bridge, the pair, its set-up; inside: which it is, its set-up, the gateway; at the end: is it gone?
	assert_equal "$(grep -c 'sendto(.*nlmsg' "$LXCPATH/trace")" 8
	# Strace has to see the supervisor, so it stays until the end.
	strace -f --seccomp-bpf -qq -e trace=execve -e signal=none -o "$LXCPATH/trace" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" 3>&- &
	wait_for 20 "the container runs" is_running
	tool stop -k -n "$CT"
	wait
	grep -q 'execve(.*"ended"' "$LXCPATH/trace"
	stayed_front
	ip link delete "$bridge"
}

is_running() {
	[ "$(state_of 2>/dev/null)" = RUNNING ]
}

@test "a background start is decided before anything is forked" {
	local round
	profile chroot
	for round in full front; do
		# Without -f: the caller itself, not the launcher that it forks.
		run strace -qq -e trace=execve -e signal=none -o "$LXCPATH/trace" \
			"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
		assert_status 0
		if [ $round = full ]; then
			became_full
		else
			stayed_front
		fi
		tool stop -k -n "$CT"
	done
}
