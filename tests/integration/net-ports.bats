# Network: ports of bridges that know more than to forward (VLANs, Open vSwitch), and what a config leaves open.
load lib

setup() {
	lib_setup
	BRIDGE=b${LXCPATH##*.}
	PAIR=v${LXCPATH##*.}
	CARD=c${LXCPATH##*.}
}

teardown() {
	ip link delete "$BRIDGE" 2>/dev/null || :
	ip link delete "${CARD}1" 2>/dev/null || :
	ip link delete "${CARD}2" 2>/dev/null || :
	ip link delete "$CARD" 2>/dev/null || :
	switch_stop
	lib_teardown
}

inside() {
	run nsenter -t "$(init_pid)" -n "$@"
	assert_status 0
}

# A bridge that tells VLANs apart, if the kernel has such.
vlan_bridge() {
	ip link add "$BRIDGE" type bridge vlan_filtering 1 && ip link set "$BRIDGE" up
}

vlans_of() {
	bridge -json vlan show dev "$1" | tr -d ' \n' | grep -oE '"vlan":[0-9]+(,"flags":\["PVID","EgressUntagged"\])?' |
		sed 's/"vlan"://; s/,.*/ untagged/' | paste -sd,
}

# port_config LINES...: a pair on $BRIDGE with a known host end.
port_config() {
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.veth.pair = $PAIR" \
		"lxc.net.0.flags = up" "$@"
	container_rootfs
}

start_refused() {
	run tool start -n "$CT"
	assert_failed
	assert_says "$@"
}

# bats test_tags=vm
@test "VLANs: untagged, tagged, none" {
	needs_lxs
	needs "bridges with VLANs in the kernel" vlan_bridge
	port_config "lxc.net.0.veth.vlan.id = 100" "lxc.net.0.veth.vlan.tagged.id = 200" \
		"lxc.net.0.veth.vlan.tagged.id = 201"
	start_probe
	assert_equal "$(vlans_of "$PAIR")" "100 untagged,200,201"
	tool stop -k -n "$CT"
	rm -rf "${LXCPATH:?}/$CT"
	port_config "lxc.net.0.veth.vlan.id = none" "lxc.net.0.veth.vlan.tagged.id = 7"
	start_probe
	assert_equal "$(vlans_of "$PAIR")" "7"
}

@test "VLANs on a bridge that does not tell them apart" {
	needs_lxs
	ip link add "$BRIDGE" type bridge
	port_config "lxc.net.0.veth.vlan.id = 100"
	start_refused "the bridge $BRIDGE does not tell VLANs apart" "config:2" \
		"hint: ip link set $BRIDGE type bridge vlan_filtering 1"
}

# bats test_tags=vm
@test "l2proxy of an ipvlan: the host answers for its address, and no longer afterwards" {
	needs_lxs
	ip link add "$CARD" type veth peer name "${CARD}1"
	ip link set "$CARD" up
	needs "ipvlan in the kernel" ip link add link "$CARD" name "${CARD}2" type ipvlan mode l3s
	ip link delete "${CARD}2"
	echo 1 >"/proc/sys/net/ipv4/conf/$CARD/forwarding"
	container_config "lxc.net.0.type = ipvlan" "lxc.net.0.link = $CARD" "lxc.net.0.ipvlan.mode = l3s" \
		"lxc.net.0.l2proxy = 1" "lxc.net.0.flags = up" "lxc.net.0.ipv4.address = 10.234.15.2/32"
	container_rootfs
	start_probe
	run ip neigh show proxy
	assert_says "10.234.15.2 dev $CARD"
	run ip route show 10.234.15.2
	assert_says "dev lo scope link"
	tool stop -k -n "$CT"
	wait_for 5 "the route is gone" no_route_to 10.234.15.2
	[ -z "$(ip neigh show proxy dev "$CARD")" ]
}

no_route_to() {
	[ -z "$(ip route show "$1")" ]
}

# ---- Open vSwitch ----

# A switch of the test's own, in user space: its database and files are below $LXCPATH.
switch_start() {
	export OVS_RUNDIR=$LXCPATH/ovs OVS_LOGDIR=$LXCPATH/ovs OVS_DBDIR=$LXCPATH/ovs
	mkdir "$OVS_RUNDIR"
	ovsdb-tool create "$OVS_RUNDIR/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	ovsdb-server "$OVS_RUNDIR/conf.db" --remote="punix:$OVS_RUNDIR/db.sock" --detach --no-chdir \
		--pidfile="$OVS_RUNDIR/db.pid" 3>&-
	ovs-vsctl --no-wait init
	ovs-vswitchd "unix:$OVS_RUNDIR/db.sock" --detach --no-chdir --pidfile="$OVS_RUNDIR/switch.pid" \
		--log-file="$OVS_RUNDIR/switch.log" 3>&-
	ovs-vsctl --timeout=30 add-br "$BRIDGE" -- set bridge "$BRIDGE" datapath_type=netdev
}

switch_stop() {
	local file
	[ -e "$LXCPATH/ovs/switch.pid" ] || return 0
	ovs-vsctl --timeout=10 del-br "$BRIDGE" || :
	for file in switch db; do
		kill "$(cat "$LXCPATH/ovs/$file.pid")" 2>/dev/null || :
		wait_for 10 "the switch ends" test ! -e "$LXCPATH/ovs/$file.pid" || :
	done
	ip link delete ovs-netdev 2>/dev/null || :
}

ports() {
	ovs-vsctl --timeout=10 list-ports "$BRIDGE"
}

has_no_port() {
	[ -z "$(ports)" ]
}

port_setting() {
	ovs-vsctl --timeout=10 get port "$PAIR" "$1"
}

@test "Open vSwitch: a port with its VLANs, gone afterwards, also after a failed start" {
	needs_lxs
	needs "Open vSwitch" test -x /usr/sbin/ovs-vswitchd
	needs "tap interfaces in the kernel" test -c /dev/net/tun
	switch_start
	port_config "lxc.net.0.veth.vlan.id = 100" "lxc.net.0.veth.vlan.tagged.id = 200" "lxc.net.0.veth.vlan.tagged.id = 201"
	start_probe
	assert_equal "$(ports)" "$PAIR"
	assert_equal "$(port_setting vlan_mode) $(port_setting tag) $(port_setting trunks)" "native-untagged 100 [200, 201]"
	tool stop -k -n "$CT"
	wait_for 5 "the port is gone" has_no_port
	rm -rf "${LXCPATH:?}/$CT"
	port_config "lxc.net.0.veth.vlan.id = 5" "lxc.net.0.ipv4.address = 10.234.16.2/24"
	start_probe
	assert_equal "$(port_setting vlan_mode) $(port_setting tag)" "access 5"
	tool stop -k -n "$CT"
	port_config "lxc.net.0.veth.vlan.id = none"
	start_refused "needs tagged ones" "config:2"
	has_no_port
}

@test "Open vSwitch: the switch does not answer" {
	needs_lxs
	needs "Open vSwitch" test -x /usr/sbin/ovs-vswitchd
	needs "tap interfaces in the kernel" test -c /dev/net/tun
	switch_start
	ovs-vsctl --timeout=10 add-br "${BRIDGE}x" -- set bridge "${BRIDGE}x" datapath_type=netdev
	port_config
	# Taken by the switch for another bridge: the second one is refused.
	ovs-vsctl --no-wait add-port "${BRIDGE}x" "$PAIR"
	start_refused "it cannot become a port of the Open vSwitch bridge" "config:2"
	ovs-vsctl --timeout=10 del-br "${BRIDGE}x"
}

# ---- what a config leaves open ----

@test "phys with eth+: any interface whose name begins so, each once" {
	needs_lxs
	ip link add "${CARD}1" type veth peer name "${CARD}2"
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $CARD+" \
		"lxc.net.1.type = phys" "lxc.net.1.link = $CARD+" "lxc.net.1.name = eth5"
	container_rootfs
	start_probe
	inside ip -o link show
	assert_matches "${CARD}[12]@"
	assert_says "eth5@"
	run ip -o link show
	assert_silent_about "$CARD"
	tool stop -k -n "$CT"
	wait_for 5 "both are back" are_back
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = nowhere+"
	container_rootfs
	start_refused "the host has no interface for lxc.net.0.link = nowhere+" "config:2" "hint: "
}

are_back() {
	ip link show "${CARD}1" && ip link show "${CARD}2"
}

@test "lxs.net.optional: without its bridge the container starts without the interface, and with it with it" {
	needs_lxs
	port_config "lxs.net.optional = $BRIDGE"
	run tool start -n "$CT" --plan
	assert_says "the container has no interface on $BRIDGE: its link is not there"
	start_probe
	# Who starts it is told, in the background too.
	assert_says "lxs-start: $CT: warning: the container has no interface on $BRIDGE: its link is not there" \
		"$LXCPATH/$CT/config:"
	inside ip -o link show
	assert_equal "$(wc -l <<<"$output")" 1
	tool stop -k -n "$CT"
	run tool start -n "$CT" -s lxc.net.0.link=lxsbr0 -s lxs.net.optional=lxsbr0 --plan
	[ -e /sys/class/net/lxsbr0 ] || assert_says "'lxs-net start' makes it"
	ip link add "$BRIDGE" type bridge
	: >"$LXCPATH/$CT/console.log"
	start_probe
	assert_silent_about "warning"
	inside ip -o link show
	assert_says "eth0@"
}
