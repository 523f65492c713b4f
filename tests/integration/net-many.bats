# Many containers with an interface started and stopped at the same time.
load lib

STARTS=300 WORKERS=8

# One worker: container after container on the bridge, each under a name that was used before.
worker() {
	local round
	for ((round = 0; round < $2; round++)); do
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT-$1" -- "$LXS_PROBE" exit 0 || return 1
	done
}

@test "$STARTS starts and stops by $WORKERS workers leave no interface behind" {
	needs_lxs
	local bridge=br${LXCPATH##*.} number before failed=0
	ip link add "$bridge" type bridge
	ip link set "$bridge" up
	before=$(ip -o link | wc -l)
	for ((number = 0; number < WORKERS; number++)); do
		container_named "$CT-$number" "lxc.net.0.type = veth" "lxc.net.0.link = $bridge" "lxc.net.0.flags = up" \
			"lxc.net.0.ipv4.address = 10.234.88.$((number + 2))/24"
	done
	local workers=()
	for ((number = 0; number < WORKERS; number++)); do
		worker "$number" $(((STARTS + WORKERS - 1) / WORKERS)) >"$LXCPATH/$number.log" 2>&1 3>&- &
		workers+=($!)
	done
	for number in "${workers[@]}"; do
		wait "$number" || failed=1
	done
	cat "$LXCPATH"/*.log
	[ "$failed" -eq 0 ]
	# The kernel removes them with their namespaces, one after the other, in its own time.
	wait_for 30 "no interface is left" links_are "$before"
	ip link delete "$bridge"
}

links_are() {
	[ "$(ip -o link | wc -l)" = "$1" ]
}
