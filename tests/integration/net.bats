# Network: types empty, none and veth.
load lib

# LXC needs a console for the probe to be heard, which its common.conf gives.
config() {
	container_config "lxc.include = $COMMON" "$@"
}

setup() {
	lib_setup
	BRIDGE=br${LXCPATH##*.}
	PAIR=v${LXCPATH##*.}
}

teardown() {
	ip link delete "$BRIDGE" 2>/dev/null || :
	lib_teardown
}

# A bridge of the test's own.
bridge() {
	ip link add "$BRIDGE" type bridge
	[ $# -eq 0 ] || ip addr add "$1" dev "$BRIDGE"
	ip link set "$BRIDGE" up
	# LXC finds bridges through sysfs, which shows the network namespace it was mounted in.
	[ "$TOOL" = lxs ] || needs "a sysfs of this network namespace" test -e "/sys/class/net/$BRIDGE"
}

ports() {
	ip -o link show master "$BRIDGE" | sed 's/^[0-9]*: \([^@:]*\).*/\1/'
}

# bats test_tags=compat
@test "no interface, and type empty: loopback alone" {
	config "lxc.mount.auto = proc" "lxc.net.0.type = empty"
	run_probe links
	assert_equal "$(wc -l <<<"$output")" 1
	assert_matches '^lo '
}

@test "loopback is up in any network namespace of the container's own" {
	needs_lxs
	container_config "lxc.mount.auto = proc"
	run_probe addresses
	assert_has "lo 127.0.0.1/8"
}

# started_beside STRACE-OPTIONS...: a start in the background whose calling process is traced, and it alone.
started_beside() {
	needs strace strace -V
	container_config "lxc.mount.auto = proc" ${HOOK:+"$HOOK"}
	container_rootfs
	run strace -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=unshare,setns "$@" "$TOOL_BIN/lxs-start" -P "$LXCPATH" -d -n "$CT"
	assert_status 0
	wait_for 10 "the probe serves" init_is_ready
	ask addresses
	assert_has "lo 127.0.0.1/8"
	ask ns net
	[ "$output" != "$(readlink /proc/self/ns/net)" ]
	assert_equal "$(readlink "/proc/$(sed -n 's/^supervisor=//p' "$(run_dir)/state")/ns/net")" "$(readlink /proc/self/ns/net)"
}

@test "in the background the waiting process makes the network namespace, and the launcher stays in the host's" {
	needs_lxs
	started_beside
	grep -q 'unshare(CLONE_NEWNET) *= 0' "$BATS_TEST_TMPDIR/calls"
}

@test "a network namespace takes over what pre-start hooks have changed on the host: none is made ahead of them" {
	needs_lxs
	HOOK="lxc.hook.pre-start = /bin/true"
	started_beside
	run cat "$BATS_TEST_TMPDIR/calls"
	assert_silent_about unshare
}

@test "a network namespace that cannot be made ahead, or comes late, is made with the others" {
	needs_lxs
	started_beside -e inject=unshare:error=ENOSPC
	tool stop -n "$CT" -k
	started_beside -e inject=unshare:delay_enter=2000000
}

# bats test_tags=compat
@test "type none: the host's network" {
	config "lxc.mount.auto = proc" "lxc.net.0.type = none"
	run_probe ns net
	assert_output "$(readlink /proc/self/ns/net)"
}

# bats test_tags=compat
@test "veth: name, address, hardware address, MTU, bridge" {
	bridge
	config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.0.name = eth7" "lxc.net.0.hwaddr = 10:66:6a:12:34:56" "lxc.net.0.mtu = 1400" \
		"lxc.net.0.ipv4.address = 10.234.5.2/24" "lxc.net.0.ipv6.address = fd00:5::2/64" \
		"lxc.net.0.veth.pair = $PAIR"
	container_rootfs
	start_probe
	ask links
	assert_matches 'eth7 .*10:66:6a:12:34:56.*1400'
	ask addresses
	assert_has "eth7 10.234.5.2/24" "eth7 fd00:5::2/64" "lo 127.0.0.1/8"
	assert_equal "$(ports)" "$PAIR"
	run ip link show "$PAIR"
	assert_says "mtu 1400"
}

@test "veth: random names on the host, eth0 and eth1 inside, gone afterwards" {
	needs_lxs
	bridge
	before=$(ip -o link | wc -l)
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.1.type = veth" "lxc.net.1.name = eth0"
	container_rootfs
	start_probe
	ask links
	assert_matches $'(^|\n)eth0 '
	assert_matches $'(^|\n)eth1 '
	run ports
	assert_matches '^veth[A-Za-z0-9]{6}$'
	tool stop -k -n "$CT"
	wait_for 5 "the interfaces are gone" links_are "$before"
}

links_are() {
	[ "$(ip -o link | wc -l)" = "$1" ]
}

@test "veth: hooks find the interface, from the first one in the container's namespaces on" {
	needs_lxs
	printf '#!/bin/sh\nip -o link show >%s/links\n' "$LXCPATH" >"$LXCPATH/hook"
	chmod 0755 "$LXCPATH/hook"
	config "lxc.net.0.type = veth" "lxc.net.0.name = lan0" "lxc.hook.pre-mount = $LXCPATH/hook"
	run_probe links
	assert_matches $'(^|\n)lan0 '
	run cat "$LXCPATH/links"
	assert_says ": lan0@"
}

# bats test_tags=compat
@test "veth: packets reach the host through the gateway" {
	bridge 10.234.6.1/24
	config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.234.6.2/24" "lxc.net.0.ipv4.gateway = auto"
	container_rootfs
	start_probe
	run nsenter -t "$(init_pid)" -n ip route
	assert_says "default via 10.234.6.1 dev eth0"
	run nsenter -t "$(init_pid)" -n ip neigh flush all
	# ARP is answered: the two ends are one network.
	wait_for 10 "the host answers" nsenter -t "$(init_pid)" -n bash -c 'exec 3<>/dev/tcp/10.234.6.1/9' || :
	run nsenter -t "$(init_pid)" -n ip neigh show 10.234.6.1
	assert_says "lladdr"
}

# bats test_tags=compat
@test "veth: a gateway outside the network, and one through the device" {
	bridge
	config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.234.7.2/32" "lxc.net.0.ipv4.gateway = 10.99.0.1" \
		"lxc.net.0.ipv6.address = fd00:7::2/64" "lxc.net.0.ipv6.gateway = dev"
	container_rootfs
	start_probe
	run nsenter -t "$(init_pid)" -n ip route
	assert_says "default via 10.99.0.1 dev eth0" "10.99.0.1 dev eth0"
	run nsenter -t "$(init_pid)" -n ip -6 route
	assert_says "default dev eth0"
}

# bats test_tags=compat
@test "veth: scripts get LXC's arguments" {
	bridge
	cat >"$LXCPATH/script" <<-'EOF'
		#!/bin/sh
		echo "$@" >>"${0%/*}/calls"
	EOF
	chmod 0755 "$LXCPATH/script"
	config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.veth.pair = $PAIR" \
		"lxc.net.0.script.up = $LXCPATH/script" "lxc.net.0.script.down = $LXCPATH/script"
	container_rootfs
	start_probe
	assert_equal "$(cat "$LXCPATH/calls")" "$CT net up veth $BRIDGE $PAIR"
	tool stop -k -n "$CT"
	wait_for 5 "the down script has run" grep -qx "$CT net down veth $BRIDGE $PAIR" "$LXCPATH/calls"
}

# bats test_tags=compat
@test "veth: scripts with variables instead of arguments (lxc.hook.version = 1), and without them" {
	cat >"$LXCPATH/script" <<-'EOF'
		#!/bin/sh
		readlink "${LXC_NET_NS:-none}" >"${0%/*}/namespace" || :
		{ echo "$@"; env | grep -E '^LXC_(NET_(TYPE|PARENT|PEER)|HOOK|NAME)' | sort; } >"${0%/*}/$LXC_HOOK_TYPE$1$3"
	EOF
	chmod 0755 "$LXCPATH/script"
	config "lxc.hook.version = 1" "lxc.net.0.type = veth" "lxc.net.0.veth.pair = $PAIR" \
		"lxc.net.0.script.up = $LXCPATH/script" "lxc.net.0.script.down = $LXCPATH/script"
	container_rootfs
	start_probe
	run cat "$LXCPATH/upveth"
	assert_output "$(script_says up 1)"
	assert_equal "$(cat "$LXCPATH/namespace")" ""
	local namespace
	namespace=$(readlink "/proc/$(init_pid)/ns/net")
	tool stop -k -n "$CT"
	wait_for 5 "the down script has run" grep -q "LXC_NET_TYPE" "$LXCPATH/downveth"
	run cat "$LXCPATH/downveth"
	assert_output "$(script_says down 1)"
	# The container's own, which lives as long as the script.
	assert_equal "$(cat "$LXCPATH/namespace")" "$namespace"
	sed -i 's/hook.version = 1/hook.version = 0/' "$LXCPATH/$CT/config"
	: >"$LXCPATH/$CT/console.log"
	start_probe
	namespace=$(readlink "/proc/$(init_pid)/ns/net")
	tool stop -k -n "$CT"
	wait_for 5 "the down script has run" grep -q "LXC_NAME" "$LXCPATH/${CT}down"
	assert_equal "$(cat "$LXCPATH/namespace")" "$namespace"
	run cat "$LXCPATH/${CT}down"
	assert_output "$(script_says down 0)"
}

# script_says TYPE VERSION: what the script above prints; without a bridge the parent is empty.
script_says() {
	if [ "$2" = 0 ]; then
		printf '%s\n' "$CT net $1 veth $PAIR" LXC_HOOK_VERSION=0 "LXC_NAME=$CT"
	else
		printf '%s\n' "veth $PAIR" LXC_HOOK_SECTION=net "LXC_HOOK_TYPE=$1" LXC_HOOK_VERSION=1 "LXC_NAME=$CT" \
			LXC_NET_PARENT= "LXC_NET_PEER=$PAIR" LXC_NET_TYPE=veth
	fi
}

@test "veth: a failing script ends the start and leaves no interface" {
	needs_lxs
	bridge
	before=$(ip -o link | wc -l)
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" \
		"lxc.net.0.script.up = $LXCPATH/script"
	printf '#!/bin/sh\necho no such cable\nexit 1\n' >"$LXCPATH/script"
	chmod 0755 "$LXCPATH/script"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "no such cable"
	links_are "$before"
}

@test "veth: the bridge is missing" {
	needs_lxs
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "there is no bridge $BRIDGE" "asked for by $LXCPATH/$CT/config:2: lxc.net.0.link = $BRIDGE" \
		"hint: make it, as with 'ip link add $BRIDGE type bridge'"
}

@test "veth: the link is no bridge; the wanted name is taken and stays" {
	needs_lxs
	bridge
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = lo"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "lo is not a Linux bridge"
	container_config "lxc.net.0.type = veth" "lxc.net.0.veth.pair = $BRIDGE"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "already has an interface $BRIDGE"
	ip link show "$BRIDGE"
}
