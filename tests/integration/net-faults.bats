# Network: wrong lines and failures, each an error with its config line, and nothing is left: no interface, no address, no
# route, no rule of the host's is other than before.
load lib

setup() {
	lib_setup
	needs_lxs
	BRIDGE=b${LXCPATH##*.}
	PAIR=v${LXCPATH##*.}
	CARD=c${LXCPATH##*.}
	ip link add "$BRIDGE" type bridge
	ip link set "$BRIDGE" up
	ip link add "$CARD" type veth peer name "${CARD}x"
	ip link set "$CARD" up
	BEFORE=$(network)
}

teardown() {
	ip link delete "$BRIDGE" 2>/dev/null || :
	ip link delete "$CARD" 2>/dev/null || :
	lib_teardown
}

# Of the host: what a failed start could have left or changed; not whether a bridge has seen a port.
network() {
	ip -o link | sed 's/<[^>]*>//; s/ qdisc .*//'
	ip -o addr | grep -v ' fe80:'
	ip route show table all | grep -v fe80: | sed 's/ linkdown//'
	ip neigh show proxy
}

is_as_before() {
	[ "$(network)" = "$BEFORE" ]
}

assert_as_before() {
	wait_for 10 "the network is as before" is_as_before || { diff <(echo "$BEFORE") <(network); return 1; }
}

# refused LINE TEXT... -- LINES...: a start with these lines is refused, for the line of that number, with these words.
refused() {
	local line=$1 texts=()
	shift
	while [ "$1" != -- ]; do
		texts+=("$1")
		shift
	done
	shift
	rm -rf "${LXCPATH:?}/$CT"
	container_config "$@"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "${texts[@]}" "$LXCPATH/$CT/config:$line: "
	assert_as_before
}

@test "wrong lines: address, gateway, MTU, names, routes" {
	local veth=("lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up")
	refused 4 "'10.0.9.256' is not an IPv4 address" -- "${veth[@]}" "lxc.net.0.ipv4.address = 10.0.9.256/24"
	refused 4 "prefix" -- "${veth[@]}" "lxc.net.0.ipv4.address = 10.0.9.2/33"
	refused 4 "is not an IPv6 address" -- "${veth[@]}" "lxc.net.0.ipv6.address = fd00::g/64"
	refused 4 "is not a hardware address" -- "${veth[@]}" "lxc.net.0.hwaddr = 10:66:6a:12:34"
	refused 4 "'somewhere' is not an IPv4 address" -- "${veth[@]}" "lxc.net.0.ipv4.gateway = somewhere"
	refused 4 "needs an address of the container" -- "${veth[@]}" "lxc.net.0.ipv4.gateway = 10.0.9.1"
	refused 4 "lxc.net.0.mtu must be from 68 to 65535" -- "${veth[@]}" "lxc.net.0.mtu = 10"
	refused 4 "lxc.net.0.mtu must be from 68 to 65535" -- "${veth[@]}" "lxc.net.0.mtu = 70000"
	refused 2 "'averyveryverylongname' is longer than 15 bytes" -- "lxc.net.0.type = veth" \
		"lxc.net.0.link = averyveryverylongname"
	refused 4 "is longer than 15 bytes" -- "${veth[@]}" "lxc.net.0.name = averyveryverylongname"
	refused 4 "is longer than 15 bytes" -- "${veth[@]}" "lxc.net.0.veth.pair = averyveryverylongname"
	refused 1 "the name a/b" -- "lxc.net.0.type = veth" "lxc.net.0.name = a/b"
	refused 2 "is not a route" -- "lxc.net.0.type = veth" "lxc.net.0.veth.ipv4.route = 10.0.9.0"
}

@test "what init could not do is said, also when its interfaces cannot be made because of that" {
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.1.type = veth" "lxc.net.2.type = veth"
	container_rootfs
	rmdir "$ROOTFS/dev"
	ln -s /somewhere "$ROOTFS/dev"
	for _ in 1 2 3 4 5 6 7 8; do
		run tool start -n "$CT"
		assert_failed
		assert_says "leads out of the rootfs"
		assert_silent_about "interface"
		assert_as_before
	done
}

@test "what the host refuses: parent, bridge, names that are taken, an address twice" {
	refused 2 "there is no bridge nowhere0" -- "lxc.net.0.type = veth" "lxc.net.0.link = nowhere0"
	refused 2 "there is no interface nowhere0 on the host" -- "lxc.net.0.type = macvlan" "lxc.net.0.link = nowhere0"
	refused 2 "there is no interface nowhere0 on the host" -- "lxc.net.0.type = phys" "lxc.net.0.link = nowhere0"
	refused 2 "already has an interface $CARD" -- "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" \
		"lxc.net.0.veth.pair = $CARD"
	refused 3 "two interfaces want the same name" -- "lxc.net.0.type = veth" "lxc.net.0.name = eth5" \
		"lxc.net.1.type = veth" "lxc.net.1.name = eth5"
	refused 1 "the address 10.0.9.2/24" "two interfaces want the same name, or one address is given twice" -- \
		"lxc.net.0.type = veth" "lxc.net.0.ipv4.address = 10.0.9.2/24" "lxc.net.0.ipv4.address = 10.0.9.2/24"
	refused 4 "there is no interface $CARD on the host" -- "lxc.net.0.type = phys" "lxc.net.0.link = $CARD" \
		"lxc.net.1.type = phys" "lxc.net.1.link = $CARD"
}

# Both ends are up at the same time only when they have different names.
@test "two starts want one name at once: one gets it, the other says so" {
	local name
	for name in "$CT-a" "$CT-b"; do
		container_named "$name" "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.veth.pair = $PAIR"
		container_rootfs "$name"
	done
	"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT-a" >"$LXCPATH/a" 2>&1 3>&- &
	"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT-b" >"$LXCPATH/b" 2>&1 3>&- &
	wait
	run cat "$LXCPATH/a" "$LXCPATH/b"
	assert_says "the host already has an interface $PAIR"
	assert_equal "$(grep -c 'already has' "$LXCPATH/a" "$LXCPATH/b" | grep -c ':1')" 1
	assert_equal "$(ip -o link show master "$BRIDGE" | wc -l)" 1
	stop_all
	assert_as_before
}

# at_receive NUMBER CHANGE: a start in which the answer to that request is changed, whatever the kernel did.  What
# stays of strace follows the supervisor, so nothing may wait for its output.
at_receive() {
	status=0
	rm -f "$LXCPATH/$CT/console.log"
	timeout 60 strace -D -q -f -o "$BATS_TEST_TMPDIR/trace" -e trace=recvfrom -e "inject=recvfrom:$2:when=$1" \
		-- timeout 30 "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" >"$LXCPATH/said" 2>&1 </dev/null 3>&- || status=$?
	output=$(cat "$LXCPATH/said")
}

@test "netlink without room for an answer: an error with the line, at every request" {
	needs strace strace -V
	local number=0 refused=0
	container_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.234.21.2/24" "lxc.net.0.ipv4.gateway = 10.234.21.1" \
		"lxc.net.0.veth.ipv4.route = 10.234.22.0/24"
	container_rootfs
	while [ "$number" -lt 30 ]; do
		at_receive "$((number += 1))" error=ENOBUFS
		[ "$status" -ne 0 ] || break
		assert_says "No buffer space available" "$LXCPATH/$CT/config:"
		assert_as_before
		refused=$((refused + 1))
	done
	# What is tried is the start: the supervisor is to end without errors of ours.
	tracer=$(pgrep -f -- "^strace .*-o $BATS_TEST_TMPDIR/trace ")
	kill -KILL "$tracer"
	wait_for 10 "strace lets go" test ! -e "/proc/$tracer"
	tool stop -k -n "$CT"
	assert_as_before
	[ "$refused" -ge 4 ]
}

@test "phys: an interface that the kernel holds on to is said to be in use, and stays" {
	needs strace strace -V
	# The kernel's answer to one request after the other becomes length 36, NLMSG_ERROR, flags, number, port, -EBUSY.
	local number=0 refusal=24000000020000010000000000000000f0ffffff
	container_config "lxc.net.0.type = phys" "lxc.net.0.link = $CARD"
	container_rootfs
	while [ "$number" -lt 12 ]; do
		at_receive "$((number += 1))" "poke_exit=@arg2=$refusal"
		[ "$status" -ne 0 ]
		assert_says "esource busy" "$LXCPATH/$CT/config:"
		assert_as_before
		[[ $output != *"hint: it is in use"* ]] || break
	done
	assert_says "$CARD cannot be moved into the container" "hint: it is in use: take it down"
}

@test "a parent that is in use, or carries nothing: says so" {
	needs "macvlan in the kernel" ip link add link "$CARD" name "${CARD}m" type macvlan mode passthru
	BEFORE=$(network)
	refused 2 "the kernel makes no macvlan on $CARD" "hint: $CARD is a bridge's port, or taken as a whole" -- \
		"lxc.net.0.type = macvlan" "lxc.net.0.link = $CARD"
	refused 2 "lo cannot be moved into the container" "hint: " -- "lxc.net.0.type = phys" "lxc.net.0.link = lo"
}
