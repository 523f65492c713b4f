# Configs that were written for Debian's LXC 5 start as they are: those of its
# own lxc-create, and those of its Debian template, whether LXC's files are
# installed or not.
load lib

setup() {
	lib_setup
	needs_lxs
	[ -z "${LXS_TEST_NETNS:-}" ] || has_bridge || BRIDGE=made
	[ -z "${BRIDGE:-}" ] || ip link add lxcbr0 type bridge
	# The bridge is this test's, not something left behind.
	export LINKS_BEFORE
	LINKS_BEFORE=$(links)
}

teardown() {
	lib_teardown
	[ -z "${BRIDGE:-}" ] || ip link del lxcbr0
}

has_bridge() {
	ip link show lxcbr0 >/dev/null 2>&1
}

# What the template of LXC 5 leaves for a Debian 12, with limits for both versions of cgroups.
debian_config() {
	container_config "# Template used to create this container: /usr/share/lxc/templates/lxc-debian" \
		"# For additional config options, please look at lxc.container.conf(5)" "" \
		"#lxc.include = /usr/share/lxc/config/nesting.conf" "" \
		"lxc.net.0.type = veth" "lxc.net.0.hwaddr = 00:16:3e:12:34:56" "lxc.net.0.link = lxcbr0" \
		"lxc.net.0.flags = up" "lxc.apparmor.profile = generated" "lxc.apparmor.allow_nesting = 1" \
		"lxc.include = /usr/share/lxc/config/debian.common.conf" "lxc.tty.max = 4" "lxc.uts.name = $CT" \
		"lxc.arch = $(dpkg --print-architecture)" "lxc.pty.max = 1024" "lxc.start.auto = 1" \
		"lxc.group = onboot" "lxc.cgroup.memory.limit_in_bytes = 256M" "lxc.cgroup2.memory.max = 256M"
	container_rootfs
}

works() {
	has_bridge || skip "needs a bridge lxcbr0"
	run "$@" "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
	wait_for 10 "the probe serves as init" init_is_ready
	ask caps bounding
	assert_lacks sys_time sys_module
	assert_has chown
	run tool ls -f -F name,autostart,groups,state
	assert_matches "$CT +1 +onboot +RUNNING"
}

# Runs a command on a machine on which LXC is not installed.
without_lxc() {
	# shellcheck disable=SC2016
	unshare --mount sh -c 'for place in /usr/share/lxc /etc/lxc; do
		[ ! -d $place ] || mount -t tmpfs none $place || exit 1
	done
	exec "$@"' sh "$@"
}

@test "a config of LXC's Debian template, LXC's files being there" {
	[ -e /usr/share/lxc/config/common.conf ] || skip "needs LXC"
	dpkg --version >/dev/null 2>&1 || skip "needs dpkg"
	debian_config
	works
}

@test "a config of LXC's Debian template, without LXC" {
	dpkg --version >/dev/null 2>&1 || skip "needs dpkg"
	needs "a mount namespace" without_lxc true
	debian_config
	works without_lxc
	run without_lxc "$TOOL_BIN/lxs-config" -n "$CT" -P "$LXCPATH" show --origin lxc.cap.drop
	assert_says "$TOOL_SHARE/config/common.conf:"
}

@test "a container of lxc-create -t busybox boots" {
	local created="$LXCPATH/$CT/config"
	[ -x /usr/bin/lxc-create ] || skip "needs LXC"
	has_bridge || skip "needs a bridge lxcbr0"
	busybox true 2>/dev/null || skip "needs busybox"
	/usr/bin/lxc-create -P "$LXCPATH" -n "$CT" -t busybox >/dev/null
	cp "$created" "$LXCPATH/before"
	run tool start -n "$CT"
	assert_status 0
	wait_for 10 "busybox answers" tool attach -n "$CT" -- /bin/true
	run tool attach -n "$CT" -- /bin/hostname
	assert_output "$CT"
	# Its init still waits for a DHCP server, and takes no signal meanwhile.
	run tool stop -k -n "$CT"
	assert_status 0
	cmp "$created" "$LXCPATH/before"
}
