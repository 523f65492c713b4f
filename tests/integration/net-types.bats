# Network: types that take an interface of the host.
load lib

setup() {
	lib_setup
	PARENT=p${LXCPATH##*.}
	FAR=q${LXCPATH##*.}
	ip link add "$PARENT" type veth peer name "$FAR"
	ip link set "$PARENT" up
	ip link set "$FAR" up
	BEFORE=$(ls /sys/class/net)
}

teardown() {
	ip link delete "$PARENT" 2>/dev/null || :
	lib_teardown
}

# kernel_knows TYPE ARGS...: whether an interface of that type can be made on $PARENT.
kernel_knows() {
	ip link add link "$PARENT" name "${PARENT/p/r}" type "$@" || return 1
	ip link delete "${PARENT/p/r}"
}

links_are_as_before() {
	[ "$(ip -o link show "$PARENT" | wc -l)" = 1 ] && [ "$(ls /sys/class/net)" = "$BEFORE" ]
}

inside() {
	run nsenter -t "$(init_pid)" -n "$@"
	assert_status 0
}

@test "macvlan: every mode, on the link, with its addresses; gone afterwards" {
	needs_lxs
	needs "macvlan in the kernel" kernel_knows macvlan
	for mode in private vepa bridge passthru; do
		rm -rf "${LXCPATH:?}/$CT"
		container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up" \
			"lxc.net.0.macvlan.mode = $mode" "lxc.net.0.mtu = 1400" "lxc.net.0.name = mac0" \
			"lxc.net.0.ipv4.address = 10.234.8.2/24"
		container_rootfs
		start_probe
		inside ip -d link show mac0
		assert_says "macvlan mode $mode" "mtu 1400" ",UP,LOWER_UP"
		ask addresses
		assert_has "mac0 10.234.8.2/24"
		tool stop -k -n "$CT"
		wait_for 5 "the interfaces are as before" links_are_as_before
	done
}

@test "macvlan: the hardware address, eth0, a gateway from the link's address" {
	needs_lxs
	needs "macvlan in the kernel" kernel_knows macvlan
	ip addr add 10.234.9.1/24 dev "$PARENT"
	container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up" \
		"lxc.net.0.hwaddr = 10:66:6a:12:34:56" \
		"lxc.net.0.ipv4.address = 10.234.9.2/24" "lxc.net.0.ipv4.gateway = auto"
	container_rootfs
	start_probe
	inside ip -d link show eth0
	assert_says "10:66:6a:12:34:56" "mode private"
	inside ip route
	assert_says "default via 10.234.9.1 dev eth0"
}

@test "macvlan: scripts get the type and the link" {
	needs_lxs
	needs "macvlan in the kernel" kernel_knows macvlan
	cat >"$LXCPATH/script" <<-'EOF'
		#!/bin/sh
		echo "$@" >>"${0%/*}/calls"
	EOF
	chmod 0755 "$LXCPATH/script"
	container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = $PARENT" \
		"lxc.net.0.script.up = $LXCPATH/script" "lxc.net.0.script.down = $LXCPATH/script"
	container_rootfs
	start_probe
	assert_equal "$(cat "$LXCPATH/calls")" "$CT net up macvlan $PARENT"
	tool stop -k -n "$CT"
	wait_for 5 "the down script has run" grep -qx "$CT net down macvlan $PARENT" "$LXCPATH/calls"
}

# bats test_tags=vm
@test "ipvlan: mode and isolation" {
	needs_lxs
	needs "ipvlan in the kernel" kernel_knows ipvlan
	container_config "lxc.net.0.type = ipvlan" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up" \
		"lxc.net.0.ipvlan.mode = l3" "lxc.net.0.ipvlan.isolation = private" "lxc.net.0.name = ip0"
	container_rootfs
	start_probe
	inside ip -d link show ip0
	assert_says "ipvlan  mode l3 private"
}

# bats test_tags=vm
@test "vlan: its number" {
	needs_lxs
	needs "VLANs (8021q) in the kernel" kernel_knows vlan id 100
	container_config "lxc.net.0.type = vlan" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up" \
		"lxc.net.0.vlan.id = 100" "lxc.net.0.name = vl0"
	container_rootfs
	start_probe
	inside ip -d link show vl0
	assert_says "vlan protocol 802.1Q id 100"
}

# start_refused TEXT...: a start that fails with these words and leaves nothing.
start_refused() {
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "$@"
	wait_for 5 "the interfaces are as before" links_are_as_before
}

@test "a missing parent, no parent, one that carries none: named by line" {
	needs_lxs
	needs "macvlan in the kernel" kernel_knows macvlan
	container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = nowhere0"
	start_refused "there is no interface nowhere0 on the host" \
		"asked for by $LXCPATH/$CT/config:2: lxc.net.0.link = nowhere0" "hint: "
	container_config "lxc.net.0.type = macvlan"
	start_refused "lxc.net.0.type = macvlan needs a link" "asked for by $LXCPATH/$CT/config:1"
	container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = lo"
	start_refused "the kernel makes no macvlan on lo" "hint: "
}

@test "a type that the kernel does not know: says which module" {
	needs_lxs
	! kernel_knows ipvlan 2>/dev/null || skip "needs a kernel without ipvlan"
	container_config "lxc.net.0.type = ipvlan" "lxc.net.0.link = $PARENT"
	start_refused "the kernel makes no ipvlan on $PARENT" "is the module ipvlan there?"
}

@test "two interfaces of one name: the second is refused" {
	needs_lxs
	needs "macvlan in the kernel" kernel_knows macvlan
	container_config "lxc.net.0.type = macvlan" "lxc.net.0.link = $PARENT" "lxc.net.0.name = eth5" \
		"lxc.net.1.type = macvlan" "lxc.net.1.link = $PARENT" "lxc.net.1.name = eth5"
	start_refused "eth5" "hint: two interfaces want the same name"
}

# bats test_tags=vm
@test "ipvlan with an address of its own, a VLAN out of range, auto without macvlan" {
	needs_lxs
	container_config "lxc.net.0.type = ipvlan" "lxc.net.0.link = $PARENT" "lxc.net.0.hwaddr = 10:66:6a:12:34:56"
	start_refused "lxc.net.0.hwaddr cannot be set" "config:3"
	container_config "lxc.net.0.type = vlan" "lxc.net.0.link = $PARENT" "lxc.net.0.vlan.id = 4095"
	start_refused "lxc.net.0.vlan.id must be from 1 to 4094" "config:3"
	container_config "lxc.net.0.type = vlan" "lxc.net.0.link = $PARENT" "lxc.net.0.vlan.id = 5" \
		"lxc.net.0.flags = up" "lxc.net.0.ipv4.gateway = auto"
	start_refused "gateway = auto works with veth and macvlan only" "config:5"
}

# The lent interface as the host sees it: name, MTU, hardware address.
lent() {
	ip -o link show "$PARENT" 2>/dev/null | sed -E 's/.* mtu ([0-9]+) .*link\/ether ([0-9a-f:]+) .*/\1 \2/'
}

is_back() {
	[ "$(lent)" = "$1" ] && [ "$(ls /sys/class/net)" = "$BEFORE" ]
}

@test "phys: lent with another name, MTU and address, and given back as it was" {
	needs_lxs
	was=$(lent)
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up" \
		"lxc.net.0.name = eth3" "lxc.net.0.mtu = 1300" "lxc.net.0.hwaddr = 10:66:6a:12:34:57" \
		"lxc.net.0.ipv4.address = 10.234.10.2/24"
	container_rootfs
	start_probe
	[ -z "$(lent)" ]
	inside ip link show eth3
	assert_says "mtu 1300" "10:66:6a:12:34:57" ",UP,LOWER_UP"
	ask addresses
	assert_has "eth3 10.234.10.2/24"
	tool stop -k -n "$CT"
	wait_for 5 "it is back: $was" is_back "$was"
}

@test "phys: has the host's name inside; what root does to it inside is undone" {
	needs_lxs
	was=$(lent)
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT" "lxc.net.0.flags = up"
	container_rootfs
	start_probe
	inside ip link show "$PARENT"
	inside ip link set "$PARENT" down
	inside ip link set "$PARENT" name other0 mtu 1280 address 10:66:6a:aa:bb:cc
	tool stop -k -n "$CT"
	wait_for 5 "it is back: $was" is_back "$was"
}

@test "phys: comes back also when supervisor and init were killed" {
	needs_lxs
	was=$(lent)
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT" "lxc.net.0.name = eth0"
	container_rootfs
	start_probe
	init=$(init_pid)
	supervisor=$(ps -o ppid= -p "$init" | tr -d ' ')
	kill -KILL "$supervisor"
	# It may be gone already: its console hung up.
	kill -KILL "$init" || :
	wait_for 5 "init is gone" test ! -e "/proc/$init/ns/net"
	# The next command that finds the run directory cleans up, whatever the config says now.
	container_config "lxc.net.0.type = empty"
	container_rootfs
	: >"$LXCPATH/$CT/console.log"
	start_probe
	wait_for 5 "it is back: $was" is_back "$was"
	tool stop -k -n "$CT"
	wait_for 5 "it is back: $was" is_back "$was"
}

# What it is called when its own name is taken.
spare_name() {
	ip -o link | sed -nE 's/^[0-9]+: (phys[0-9]+)@.*/\1/p' | grep .
}

@test "phys: a name that the host gave away meanwhile loses nothing" {
	needs_lxs
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT"
	container_rootfs
	start_probe
	ip link add "$PARENT" type veth peer name "${PARENT/p/s}"
	tool stop -k -n "$CT"
	wait_for 5 "it is back under another name" spare_name
	ip link delete "$(spare_name)"
	ip link delete "$PARENT"
}

@test "phys: an interface that is lent already, one that cannot be" {
	needs_lxs
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT" \
		"lxc.net.1.type = phys" "lxc.net.1.link = $PARENT"
	start_refused "there is no interface $PARENT on the host" "config:4"
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = lo"
	start_refused "lo cannot be moved into the container" "config:2" "hint: "
	container_config "lxc.net.0.type = phys"
	start_refused "lxc.net.0.type = phys needs a link"
}

@test "phys: a failing script gives it back" {
	needs_lxs
	printf '#!/bin/sh\nexit 1\n' >"$LXCPATH/script"
	chmod 0755 "$LXCPATH/script"
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $PARENT" "lxc.net.0.script.up = $LXCPATH/script"
	start_refused "the script $LXCPATH/script failed" "lxc.net.0.script.up = $LXCPATH/script" "hint: a script that fails"
}

# A routed pair: PAIR is its host end.
routed() {
	PAIR=v${LXCPATH##*.}
	container_config "lxc.net.0.type = veth" "lxc.net.0.veth.mode = router" "lxc.net.0.veth.pair = $PAIR" \
		"lxc.net.0.flags = up" "$@"
	container_rootfs
}

@test "veth router mode: host routes, forwarding, a gateway that the host answers for" {
	needs_lxs
	ip addr add 10.234.12.1/24 dev "$PARENT"
	ip route add default dev "$PARENT"
	routed "lxc.net.0.ipv4.address = 10.234.11.2/32" "lxc.net.0.ipv4.gateway = 169.254.1.1"
	start_probe
	run ip route show dev "$PAIR"
	assert_says "10.234.11.2 scope link"
	run ip neigh show proxy
	assert_says "169.254.1.1 dev $PAIR"
	assert_equal "$(cat "/proc/sys/net/ipv4/conf/$PAIR/forwarding")" 1
	inside ip route
	assert_says "default via 169.254.1.1 dev eth0"
	# An address of the host's beyond the gateway refuses the connection: it was reached.
	wait_for 10 "the host is reached" reached 10.234.12.1
	tool stop -k -n "$CT"
	wait_for 5 "the interfaces are as before" links_are_as_before
	[ -z "$(ip route show 10.234.11.2)" ]
}

reached() {
	nsenter -t "$(init_pid)" -n bash -c "exec 3<>/dev/tcp/$1/9" 2>&1 | grep -q 'Connection refused'
}

@test "veth router mode, IPv6: says what the host must do, and works then" {
	needs_lxs
	needs "IPv6 in the kernel" test -e /proc/sys/net/ipv6/conf/all/forwarding
	routed "lxc.net.0.ipv6.address = fd00:11::2/128" "lxc.net.0.ipv6.gateway = fe80::1"
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	run tool start -n "$CT"
	assert_failed
	assert_says "the host does not forward IPv6" "hint: sysctl -w net.ipv6.conf.all.forwarding=1"
	links_are_as_before
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	start_probe
	run ip -6 route show dev "$PAIR"
	assert_says "fd00:11::2"
	run ip -6 neigh show proxy
	assert_says "fe80::1 dev $PAIR"
	assert_equal "$(cat "/proc/sys/net/ipv6/conf/$PAIR/proxy_ndp")" 1
	# The host takes no route from a router in the container.
	assert_equal "$(cat "/proc/sys/net/ipv6/conf/$PAIR/accept_ra")" 0
}

@test "veth: routes on the host and queues; a route twice is refused" {
	needs_lxs
	PAIR=v${LXCPATH##*.}
	container_config "lxc.net.0.type = veth" "lxc.net.0.veth.pair = $PAIR" "lxc.net.0.flags = up" \
		"lxc.net.0.veth.n_rxqueues = 4" "lxc.net.0.veth.n_txqueues = 2" \
		"lxc.net.0.veth.ipv4.route = 10.234.13.0/24" "lxc.net.0.veth.ipv6.route = fd00:13::/64"
	container_rootfs
	start_probe
	run ip route show dev "$PAIR"
	assert_says "10.234.13.0/24 scope link"
	run ip -6 route show dev "$PAIR"
	assert_says "fd00:13::/64"
	run ip -d link show "$PAIR"
	assert_says "numtxqueues 2 numrxqueues 4"
	inside ip -d link show eth0
	assert_says "numtxqueues 2 numrxqueues 4"
	tool stop -k -n "$CT"
	wait_for 5 "the interfaces are as before" links_are_as_before
	container_config "lxc.net.0.type = veth" \
		"lxc.net.0.veth.ipv4.route = 10.234.13.0/24" "lxc.net.0.veth.ipv4.route = 10.234.13.0/24"
	start_refused "the host gets no route to 10.234.13.0/24" "hint: it has another one"
	container_config "lxc.net.0.type = veth" "lxc.net.0.veth.ipv4.route = 10.234.13.7/24"
	start_refused "the host gets no route to 10.234.13.7/24" "hint: are there bits"
}

@test "l2proxy: the link answers for the container, and no longer afterwards" {
	needs_lxs
	echo 0 >"/proc/sys/net/ipv4/conf/$PARENT/forwarding"
	routed "lxc.net.0.link = $PARENT" "lxc.net.0.l2proxy = 1" "lxc.net.0.ipv4.address = 10.234.14.2/32"
	run tool start -n "$CT"
	assert_failed
	assert_says "l2proxy needs forwarding of IPv4 on $PARENT" "config:6" \
		"hint: sysctl -w net/ipv4/conf/$PARENT/forwarding=1"
	links_are_as_before
	echo 1 >"/proc/sys/net/ipv4/conf/$PARENT/forwarding"
	start_probe
	run ip neigh show proxy
	assert_says "10.234.14.2 dev $PARENT"
	tool stop -k -n "$CT"
	wait_for 5 "the link answers no longer" answers_for_nobody
	links_are_as_before
}

answers_for_nobody() {
	[ -z "$(ip neigh show proxy dev "$PARENT")" ]
}
