# Shared by the figures; bench/run exports what they need:
#   BENCH_WORK    a folder for containers (lxs/ and lxc/ are two lxcpaths)
#   BENCH_BUILD   the build tree, with timer and floor
#   BENCH_PREFIX  where lxs is installed
#   BENCH_BRIDGE  name of the bridge of containers with an interface
#   BENCH_ROUNDS, BENCH_FLEET
# A figure prints rows: FIGURE <tab> WHO <tab> VALUE <tab> UNIT.
set -euo pipefail
: "${BENCH_WORK:?run bench/run}"
ROOTFS=$BENCH_WORK/rootfs
LXS=$BENCH_PREFIX/bin/lxs
LXC=/usr/bin/lxc
LXSPATH=$BENCH_WORK/lxs
LXCPATH=$BENCH_WORK/lxc

# One rootfs for all: nothing but the probe, as init, and a /bin/true.
make_rootfs() {
	local directory
	for directory in bin sbin proc sys dev tmp etc run; do
		mkdir -p "$ROOTFS/$directory"
	done
	cp "$BENCH_BUILD/tests/probe/probe" "$ROOTFS/bin/probe"
	cp "$BENCH_BUILD/bench/true" "$ROOTFS/bin/true"
}

# container TOOL NAME: its config, with what a distribution's config has.
container() {
	local tool=$1 name=$2 path common
	if [ "$tool" = lxs ]; then
		path=$LXSPATH common=$BENCH_PREFIX/share/lxs/config/common.conf
	else
		path=$LXCPATH common=/usr/share/lxc/config/common.conf
	fi
	mkdir -p "$path/$name"
	cat >"$path/$name/config" <<CONFIG
lxc.include = $common
lxc.rootfs.path = dir:$ROOTFS
lxc.uts.name = $name
lxc.init.cmd = /bin/probe serve
CONFIG
}

# interface TOOL NAME NUMBER: a veth on the bridge, with an address of its own.
interface() {
	local path=$LXSPATH
	[ "$1" = lxs ] || path=$LXCPATH
	cat >>"$path/$2/config" <<CONFIG
lxc.net.0.type = veth
lxc.net.0.link = $BENCH_BRIDGE
lxc.net.0.flags = up
lxc.net.0.ipv4.address = 10.233.$(($3 / 250)).$(($3 % 250 + 2))/16
CONFIG
}

# One bridge for all figures; stays until bridge_down.
bridge_up() {
	ip link show "$BENCH_BRIDGE" >/dev/null 2>&1 || ip link add "$BENCH_BRIDGE" type bridge
	ip link set "$BENCH_BRIDGE" up
}

bridge_down() {
	ip link delete "$BENCH_BRIDGE" 2>/dev/null || :
}

# figure NAME <rows: LABEL <tab> COMMAND <tab> AFTERWARDS <tab> BEFORE
figure() {
	"$BENCH_BUILD/bench/timer" "$BENCH_ROUNDS" | awk -F '\t' -v figure="$1" '{ print figure "\t" $1 "\t" $2 "\tus" }'
}

row() {
	printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3:-}" "${4:-}"
}

# A running container of each tool, for what is asked of one.
pair_up() {
	container lxs bench-lxs
	container lxc bench-lxc
	"$LXS-start" -P "$LXSPATH" -n bench-lxs
	"$LXC-start" -P "$LXCPATH" -n bench-lxc
}

pair_down() {
	"$LXS-stop" -P "$LXSPATH" -k -n bench-lxs || :
	"$LXC-stop" -P "$LXCPATH" -k -n bench-lxc || :
}

# Many running containers of each tool, each with an interface and an address; stays up until fleet_down.
fleet_up() {
	local i
	[ ! -e "$BENCH_WORK/fleet" ] || return 0
	touch "$BENCH_WORK/fleet"
	bridge_up
	for ((i = 1; i <= BENCH_FLEET; i++)); do
		container lxs "bench-lxs-$i"
		container lxc "bench-lxc-$i"
		interface lxs "bench-lxs-$i" $((2 * i))
		interface lxc "bench-lxc-$i" $((2 * i + 1))
		"$LXS-start" -P "$LXSPATH" -n "bench-lxs-$i"
		"$LXC-start" -P "$LXCPATH" -n "bench-lxc-$i"
	done
}

fleet_down() {
	local i
	[ -e "$BENCH_WORK/fleet" ] || return 0
	for ((i = 1; i <= BENCH_FLEET; i++)); do
		"$LXS-stop" -P "$LXSPATH" -k -n "bench-lxs-$i" || :
		"$LXC-stop" -P "$LXCPATH" -k -n "bench-lxc-$i" || :
	done 2>/dev/null
	rm -f "$BENCH_WORK/fleet"
}
