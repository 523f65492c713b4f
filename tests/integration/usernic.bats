# Interfaces of ordinary users' containers: lxs-user-nic, setuid root, and what it refuses.
load lib

HELPER=$LXS_PREFIX/libexec/lxs/lxs-user-nic
USERNET=$LXS_PREFIX/etc/lxs/lxs-usernet

setup_file() {
	[ "$TOOL" = lxs ] || skip "lxs only"
	export NIC_USER=lxsnic$$ NIC_OTHER=lxsnib$$ NIC_GROUP=lxsnig$$
	groupadd "$NIC_GROUP"
	useradd --create-home --shell /bin/bash --groups "$NIC_GROUP" "$NIC_USER"
	useradd --no-create-home --shell /bin/bash --groups "$NIC_GROUP" "$NIC_OTHER"
	chmod u+s "$HELPER"
	mkdir -p "$LXS_RUNSTATEDIR"
}

teardown_file() {
	chmod u-s "$HELPER"
	userdel -r "$NIC_USER" >/dev/null 2>&1 || :
	userdel "$NIC_OTHER" >/dev/null 2>&1 || :
	groupdel "$NIC_GROUP"
	rm -f "$USERNET"
}

setup() {
	lib_setup
	BRIDGE=br${LXCPATH##*.}
	HOLDERS=()
	ip link add "$BRIDGE" type bridge
	ip link set "$BRIDGE" mtu 1450 up
	chown "$NIC_USER" "$LXCPATH"
}

teardown() {
	local holder
	for holder in "${HOLDERS[@]}"; do
		kill "$holder" 2>/dev/null || :
	done
	wait_for 10 "no interface of a user is left" no_user_links
	ip link delete "$BRIDGE"
	lib_teardown
}

no_user_links() {
	! ip -o link | grep -q ": veth[0-9]*_"
}

# allow LINE...: the whole of lxs-usernet.
allow() {
	mkdir -p "$(dirname "$USERNET")"
	printf '%s\n' "$@" >"$USERNET"
	chmod 0644 "$USERNET"
}

# as USER COMMAND...
as() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups env HOME="/home/$NIC_USER" USER="$user" "$@"
}

# A container of the user's own id alone, which needs no rootfs and no newuidmap.
user_config() {
	container_config "lxc.mount.auto = proc" "lxc.idmap = u 0 $(id -u "$NIC_USER") 1" \
		"lxc.idmap = g 0 $(id -g "$NIC_USER") 1" "$@"
	chown -R "$NIC_USER" "$LXCPATH"
}

user_execute() {
	run as "$NIC_USER" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" "$@"
}

# hold USER: a network namespace of the user's, in $HELD by the pid of a process in it.
hold() {
	local ready=$LXCPATH/ready.$RANDOM
	mkfifo "$ready"
	chmod 0666 "$ready"
	# shellcheck disable=SC2016
	as "$1" unshare --user --map-root-user --net sh -c 'echo $$ >"$1"; exec tail -f /dev/null' sh "$ready" 3>&- &
	HELD=$(timeout 20 cat "$ready")
	HOLDERS+=("$HELD")
}

give() {
	run as "$1" "$HELPER" create "$LXCPATH" "$CT" "$2" veth "$BRIDGE" "${@:3}"
}

@test "a user's container gets an interface on a bridge that lxs-usernet gives him" {
	allow "# comment" "$NIC_USER veth $BRIDGE 1"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" "lxc.net.0.name = eth5" \
		"lxc.net.0.ipv4.address = 10.234.77.2/24" "lxc.net.0.hwaddr = 10:66:6a:12:34:57"
	user_execute addresses
	assert_status 0
	assert_has "eth5 10.234.77.2/24"
	user_execute links
	assert_matches 'eth5 .*10:66:6a:12:34:57.*1450'
}

@test "a user's list shows addresses, and no process is started for it" {
	needs strace command -v strace
	allow "$NIC_USER veth $BRIDGE 1"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.flags = up" \
		"lxc.net.0.ipv4.address = 10.234.77.2/24" "lxc.net.0.ipv6.address = fd00:77::2/64"
	as "$NIC_USER" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" serve >/dev/null 3>&- &
	wait_for 10 "the container runs" user_runs
	ASAN_OPTIONS=detect_leaks=0 run as "$NIC_USER" strace -f -e trace=process -o "$LXCPATH/trace" \
		"$TOOL_BIN/lxs-ls" -P "$LXCPATH" -f -F NAME,IPV4,IPV6,INTERFACE
	assert_matches "$CT +10.234.77.2 +fd00:77::2 +eth0, lo"
	run grep -cE 'clone|fork' "$LXCPATH/trace"
	assert_output 0
	as "$NIC_USER" "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -k -n "$CT"
	wait
}

@test "the other end is a port of the bridge, and goes with the container" {
	allow "$NIC_USER veth $BRIDGE 1"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.mtu = 1400" \
		"lxc.net.0.flags = up"
	as "$NIC_USER" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" serve >/dev/null 3>&- &
	wait_for 10 "there is a port" port_is_there
	run ip -o link show master "$BRIDGE"
	assert_matches "veth$(id -u "$NIC_USER")_[A-Za-z0-9]{4}@.* mtu 1450 .* state .* link/ether fe:"
	as "$NIC_USER" "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -k -n "$CT"
	wait
	wait_for 10 "no interface of a user is left" no_user_links
}

port_is_there() {
	ip -o link show master "$BRIDGE" | grep -q "veth.*state UP"
}

@test "without a line in lxs-usernet the start is refused, and the line is named" {
	allow "# nothing"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE"
	user_execute exit 0
	assert_status 1
	assert_says "may have no veth interface on $BRIDGE" "config:5: lxc.net.0.link = $BRIDGE" \
		"'$NIC_USER veth $BRIDGE 2' in $USERNET"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxc.net.0.veth.pair = mine"
	user_execute exit 0
	assert_status 1
	assert_says "lxc.net.0.veth.pair is for containers of root only" "config:6"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE" "lxs.net.optional = $BRIDGE"
	user_execute links
	assert_status 0
	assert_says "warning: the container has no interface on $BRIDGE: there is none that lxs-usernet gives to you"
	assert_equal "$(grep -c 00:00:00:00:00:00 <<<"$output")" 1
	assert_silent_about eth0
}

@test "an interface over the quota is refused until one is free; a group has its own" {
	allow "$NIC_USER veth $BRIDGE 1" "@$NIC_USER veth $BRIDGE 1" "$NIC_USER veth other 5" "$NIC_OTHER veth $BRIDGE 9"
	hold "$NIC_USER"
	give "$NIC_USER" "$HELD"
	assert_status 0
	assert_matches "^eth0:[0-9]+:veth$(id -u "$NIC_USER")_[A-Za-z0-9]{4}:[0-9]+\$"
	give "$NIC_USER" "$HELD" second0
	assert_status 0
	assert_matches "^second0:"
	local nic
	nic=$(cut -d: -f3 <<<"$output")
	give "$NIC_USER" "$HELD"
	assert_status 1
	assert_says "Quota reached: all 2 interfaces that $NIC_USER may have on $BRIDGE are in use"
	# Another user takes nothing back, and cannot tell what there is.
	run as "$NIC_OTHER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "$nic"
	assert_status 1
	local refused=$output
	run as "$NIC_OTHER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" vethnone
	assert_output "$refused"
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "$nic"
	assert_status 0
	give "$NIC_USER" "$HELD" second0
	assert_status 0
	# What is gone without a word is not counted either.
	kill "$HELD"
	wait_for 10 "no interface of a user is left" no_user_links
	hold "$NIC_USER"
	give "$NIC_USER" "$HELD"
	assert_status 0
}

# with_groups LIST: the helper, called with these groups besides the user's own; "" for none.
with_groups() {
	local list=(--clear-groups)
	[ -z "$1" ] || list=(--groups "$1")
	run setpriv --reuid "$NIC_USER" --regid "$NIC_USER" "${list[@]}" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE" "$2"
}

@test "no groups, many groups, and such without a name" {
	needs "a group games" getent group games
	local games nameless
	games=$(getent group games | cut -d: -f3)
	nameless=$(seq -s, 1700000 1700020)
	allow "@games veth $BRIDGE 1"
	hold "$NIC_USER"
	with_groups "" lan0
	assert_status 1
	assert_says "may have no veth interface on $BRIDGE"
	with_groups "$nameless" lan0
	assert_status 1
	assert_says "may have no veth interface on $BRIDGE"
	# More than anybody counts.
	with_groups "$(seq -s, 1700000 1700200),$games" lan0
	assert_status 0
	assert_matches '^lan0:'
	with_groups "$nameless,$games" lan1
	assert_says "Quota reached"
	# Who is in the group no more still gives back what he had from it.
	allow "# nothing"
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "$(ip -o link show master "$BRIDGE" | cut -d' ' -f2 | cut -d@ -f1)"
	assert_status 0
	no_more_than 0
}

@test "a namespace that is not the caller's gets nothing, and nothing is told of it" {
	local foreign missing word
	allow "$NIC_USER veth $BRIDGE 5" "$NIC_OTHER veth $BRIDGE 5"
	hold "$NIC_OTHER"
	foreign=$HELD
	missing=4194000
	for word in "$foreign" 1 $$ "$missing" self -1 fd:0 fd:77 "../../etc" "1/../2"; do
		give "$NIC_USER" "$word"
		assert_status 1
		assert_equal "${output//"at $word"/"at X"}" "lxs-user-nic: there is no network namespace of $NIC_USER's own at X
  hint: it must belong to a user namespace that $NIC_USER made"
	done
	# By descriptor too: opened by somebody else, it is still not his.
	exec 8<"/proc/$foreign/ns/net"
	give "$NIC_USER" fd:8
	assert_status 1
	# His own, by descriptor.
	hold "$NIC_USER"
	exec 8<"/proc/$HELD/ns/net"
	give "$NIC_USER" fd:8 lan0
	assert_status 0
	assert_matches '^lan0:'
	give "$NIC_USER" fd:8 lan0
	assert_status 1
	assert_says "an interface lan0 in the container already"
	exec 8<&-
	no_more_than 1
}

# The refused ones have left nothing.
no_more_than() {
	assert_equal "$(ip -o link | grep -c ": veth[0-9]*_")" "$1"
}

@test "a bridge that is not given is the same, there or not; names are no paths" {
	allow "$NIC_USER veth $BRIDGE 5" "$NIC_USER veth ghost0 5" "$NIC_USER veth lo 5"
	hold "$NIC_USER"
	ip link add name "z$BRIDGE" type bridge
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "z$BRIDGE"
	assert_status 1
	local there=$output
	ip link delete "z$BRIDGE"
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "z$BRIDGE"
	assert_output "$there"
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth ghost0
	assert_says "there is no bridge ghost0"
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth lo
	assert_says "lo is not a Linux bridge"
	local word
	for word in ../etc 'a b' a/b a:b '%d' . .. "" sixteen-letters-; do
		give "$NIC_USER" "$HELD" "$word"
		assert_status 1
		assert_says "that is no name of an interface"
	done
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" phys "$BRIDGE"
	assert_status 1
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE"
	assert_status 1
	assert_says "Usage: lxs-user-nic create LXCPATH NAME PID TYPE BRIDGE [NIC]"
	no_more_than 0
}

@test "a file that others may write gives nothing; no limit of the caller's cuts the book" {
	allow "$NIC_USER veth $BRIDGE 1"
	chmod g+w "$USERNET"
	hold "$NIC_USER"
	give "$NIC_USER" "$HELD"
	assert_status 1
	assert_says "others than root can write to $USERNET"
	chmod g-w "$USERNET"
	# shellcheck disable=SC2016
	run as "$NIC_USER" bash -c 'ulimit -f 0; exec "$@"' bash "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE"
	assert_status 1
	assert_says "cannot write" "File too large"
	no_more_than 0
	give "$NIC_USER" "$HELD"
	assert_status 0
	give "$NIC_USER" "$HELD" second0
	assert_status 1
	assert_says "Quota reached"
}

# freeze USER: his lxs-user-nic in $FROZEN, stopped when it has locked the book and not yet written in it.
freeze() {
	hold "$1"
	: >"$LXCPATH/trace"
	strace -f -qq -u "$1" -o "$LXCPATH/trace" -e trace=pwrite64 -e inject=pwrite64:signal=STOP:when=1 \
		"$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE" >/dev/null 3>&- &
	wait_for 10 "lxs-user-nic is stopped" grep -q "stopped by SIGSTOP" "$LXCPATH/trace"
	FROZEN=$(cut -d' ' -f1 "$LXCPATH/trace" | head -1)
	HOLDERS+=("$FROZEN")
}

# Who has a delegated cgroup can freeze a program that he runs.
@test "who freezes his own lxs-user-nic has one interface less, and hinders nobody else" {
	needs strace strace -V
	allow "$NIC_USER veth $BRIDGE 2" "$NIC_OTHER veth $BRIDGE 1"
	freeze "$NIC_USER"
	hold "$NIC_OTHER"
	run timeout 10 setpriv --reuid "$NIC_OTHER" --regid "$NIC_OTHER" --init-groups \
		"$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE"
	assert_status 0
	hold "$NIC_USER"
	give "$NIC_USER" "$HELD"
	assert_status 0
	give "$NIC_USER" "$HELD" second0
	assert_status 1
	assert_says "Quota reached: all 2 interfaces" "process $FROZEN, an lxs-user-nic, holds one: if it is frozen, let it go on"
	# He cannot kill it, though: what he has frozen is root's.
	run as "$NIC_USER" bash -c "kill -KILL $FROZEN"
	assert_status 1
	assert_says "Operation not permitted"
	kill -KILL "$FROZEN"
	wait_for 10 "the frozen one is gone" test ! -e "/proc/$FROZEN"
	give "$NIC_USER" "$HELD" second0
	assert_status 0
}

@test "who freezes his lxs-user-nic takes one interface from his group, and the rest of it goes on" {
	needs strace strace -V
	allow "@$NIC_GROUP veth $BRIDGE 2"
	freeze "$NIC_USER"
	hold "$NIC_OTHER"
	run timeout 10 setpriv --reuid "$NIC_OTHER" --regid "$NIC_OTHER" --init-groups \
		"$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE"
	assert_status 0
	give "$NIC_OTHER" "$HELD" second0
	assert_says "Quota reached"
	kill -CONT "$FROZEN"
	wait_for 10 "the frozen one is done" test ! -e "/proc/$FROZEN"
	no_more_than 2
}

# killed_at CALL N: what it has made then counts, and nothing else.  1: it does not make that many.
killed_at() {
	local there
	strace -f -q -u "$NIC_USER" -o "$LXCPATH/trace" -e trace="$1" -e "inject=$1:signal=KILL:when=$2" \
		"$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE" >/dev/null 3>&- || :
	there=$(ip -o link | grep -c ": veth[0-9]*_") || :
	give "$NIC_USER" "$HELD" second0
	case $there$status$output in
	00second0:* | 11*"Quota reached"*) ;;
	*) echo "killed at $1 number $2: $there interfaces, then: $output"; exit 1 ;;
	esac
	ip link delete "$(ip -o link | sed -n 's/.*: \(veth[0-9]*_[^@]*\).*/\1/p')"
	grep -q "killed by SIGKILL" "$LXCPATH/trace"
}

@test "killed at any of its calls, what it has made counts, and nothing else" {
	needs strace strace -V
	local call number
	allow "$NIC_USER veth $BRIDGE 1"
	hold "$NIC_USER"
	for call in pwrite64 sendto; do
		number=1
		while killed_at "$call" "$number"; do
			number=$((number + 1))
		done
		[ "$number" -gt 2 ]
	done
}

@test "many at once get what is allowed, and no more" {
	local other callers=() number
	allow "@$NIC_GROUP veth $BRIDGE 5" "$NIC_USER veth $BRIDGE 2"
	hold "$NIC_OTHER"
	other=$HELD
	hold "$NIC_USER"
	for number in 1 2 3 4 5 6 7 8; do
		as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE" &>"$LXCPATH/said.1$number" 3>&- &
		callers+=("$!")
		as "$NIC_OTHER" "$HELPER" create "$LXCPATH" "$CT" "$other" veth "$BRIDGE" &>"$LXCPATH/said.2$number" 3>&- &
		callers+=("$!")
	done
	wait "${callers[@]}" || :
	assert_equal "$(cat "$LXCPATH"/said.* | grep -c "^eth")" 7
	assert_equal "$(cat "$LXCPATH"/said.* | grep -c "Quota reached")" 9
	no_more_than 7
}

@test "a name that root changes and a quota that root lowers free nothing" {
	local number nics=()
	allow "$NIC_USER veth $BRIDGE 3"
	hold "$NIC_USER"
	for number in 0 1 2; do
		give "$NIC_USER" "$HELD"
		assert_status 0
		nics[number]=$(cut -d: -f3 <<<"$output")
	done
	ip link set "${nics[1]}" down
	ip link set "${nics[1]}" name "veth_$$"
	give "$NIC_USER" "$HELD"
	assert_says "Quota reached: all 3"
	allow "$NIC_USER veth $BRIDGE 2"
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "${nics[0]}"
	assert_status 0
	give "$NIC_USER" "$HELD"
	assert_says "Quota reached: all 2"
	# Not by a name that may be another's by now.
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "${nics[1]}"
	assert_status 1
	assert_says "was given no such interface"
	run as "$NIC_USER" "$HELPER" delete "$LXCPATH" "$CT" - veth "$BRIDGE" "${nics[2]}"
	assert_status 0
	give "$NIC_USER" "$HELD"
	assert_status 0
}

# elsewhere ARGUMENT...: the helper, called by the user in a network namespace of root's with a bridge of that name.
elsewhere() {
	# shellcheck disable=SC2016
	run unshare --net sh -c 'ip link add "$1" type bridge && shift && exec "$@"' sh "$BRIDGE" \
		setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups "$HELPER" "$@"
}

@test "what is given in another network namespace is another matter" {
	local nic
	allow "$NIC_USER veth $BRIDGE 1"
	hold "$NIC_USER"
	give "$NIC_USER" "$HELD"
	assert_status 0
	nic=$(cut -d: -f3 <<<"$output")
	elsewhere create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE" second0
	assert_status 0
	elsewhere delete "$LXCPATH" "$CT" - veth "$BRIDGE" "$nic"
	assert_status 1
	assert_says "was given no such interface"
	give "$NIC_USER" "$HELD" third0
	assert_status 1
	assert_says "Quota reached"
}

@test "an answer that nobody can hear is an error, and nothing was given" {
	needs "/dev/full" test -c /dev/full
	allow "$NIC_USER veth $BRIDGE 1"
	hold "$NIC_USER"
	# shellcheck disable=SC2016
	run as "$NIC_USER" sh -c '"$@" >/dev/full' sh "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth "$BRIDGE"
	assert_status 1
	assert_says "cannot say what was given: No space left on device"
	no_more_than 0
}

@test "an interface without a bridge: the host believes no router behind it" {
	needs "IPv6" test -e /proc/sys/net/ipv6/conf/all/accept_ra
	allow "$NIC_USER veth none 1"
	hold "$NIC_USER"
	run as "$NIC_USER" "$HELPER" create "$LXCPATH" "$CT" "$HELD" veth none
	assert_status 0
	assert_equal "$(cat "/proc/sys/net/ipv6/conf/$(cut -d: -f3 <<<"$output")/accept_ra")" 0
	assert_equal "$(cat /proc/sys/net/ipv6/conf/default/accept_ra)" 1
}

@test "what is not setuid says so" {
	chmod u-s "$HELPER"
	allow "$NIC_USER veth $BRIDGE 1"
	user_config "lxc.net.0.type = veth" "lxc.net.0.link = $BRIDGE"
	user_execute exit 0
	chmod u+s "$HELPER"
	assert_status 1
	assert_says "does not run as root" "chmod u+s"
}

# with_tun COMMAND...: in mounts of its own, where users may open /dev/net/tun as on most machines.
with_tun() {
	[ -e "$LXCPATH/tun" ] || mknod -m 666 "$LXCPATH/tun" c 10 200
	# shellcheck disable=SC2016
	unshare --mount sh -c 'mount --bind "$1" /dev/net/tun && shift && exec "$@"' sh "$LXCPATH/tun" "$@"
}

stack_config() {
	user_config "lxc.net.0.type = user" "lxc.net.0.name = lan0"
	# What the host reaches, and the container then.
	ip addr add 10.98.7.6/24 dev "$BRIDGE"
	ip link add up0 type veth peer name up1
	ip link set up1 up
	ip link set up0 up master "$BRIDGE"
	ip route add default via 10.98.7.1
}

stack_done() {
	ip link delete up0
}

has_stack() {
	pgrep -u "$NIC_USER" -f 'pasta .*--config-net' >/dev/null
}

has_no_stack() {
	! has_stack
}

@test "type user: an interface of pasta's, without any right, for as long as the container" {
	needs "pasta" command -v pasta
	needs "/dev/net/tun" test -e /dev/net/tun
	stack_config
	with_tun setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" USER="$NIC_USER" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" -F -- "$LXS_PROBE" serve >"$LXCPATH/out" 2>&1 3>&- &
	wait_for 20 "the container runs" user_runs
	has_stack
	run as "$NIC_USER" "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" addresses
	assert_has "lan0 10.98.7.6/24"
	# Seen from outside by the user, who cannot go in and come back.
	run as "$NIC_USER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -i -H
	assert_has 10.98.7.6
	# The supervisor is killed, and init: nobody is left to clean up, and still it ends.
	kill -KILL "$(as "$NIC_USER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -p -H)" "$(pgrep -f "lxs-start.*$LXCPATH" -u "$NIC_USER" | tail -1)"
	wait_for 20 "pasta has ended" has_no_stack
	# And at an end like any other, without waiting for it.
	run with_tun setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" links
	assert_matches '(^|
)lan0 '
	has_no_stack
	stack_done
}

# As with_tun, on a machine without pasta.
without_pasta() {
	: >"$LXCPATH/none"
	# shellcheck disable=SC2016
	with_tun sh -c '[ ! -e /usr/bin/pasta ] || mount --bind "$1" /usr/bin/pasta; shift; exec "$@"' sh "$LXCPATH/none" "$@"
}

has_no_slirp() {
	! pgrep -u "$NIC_USER" -x slirp4netns >/dev/null
}

@test "type user without pasta: an interface of slirp4netns's, which goes with the container" {
	needs "slirp4netns" command -v slirp4netns
	needs "/dev/net/tun" test -e /dev/net/tun
	user_config "lxc.net.0.type = user" "lxc.net.0.name = lan0"
	without_pasta setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" USER="$NIC_USER" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" -F -- "$LXS_PROBE" serve >"$LXCPATH/out" 2>&1 3>&- &
	wait_for 20 "the container runs" user_runs
	run as "$NIC_USER" "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" addresses
	assert_has "lan0 10.0.2.100/24"
	run as "$NIC_USER" "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" links
	assert_matches 'lan0 .* 65520'
	# Nobody is left to clean up, and still it ends.
	kill -KILL "$(as "$NIC_USER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -p -H)" "$(pgrep -f "lxs-start.*$LXCPATH" -u "$NIC_USER" | tail -1)"
	wait_for 20 "slirp4netns has ended" has_no_slirp
	run without_pasta setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" links
	assert_matches '(^|
)lan0 '
	wait_for 20 "slirp4netns has ended" has_no_slirp
	# Its own words, when it cannot.
	rm "$LXCPATH/tun"
	: >"$LXCPATH/tun"
	run without_pasta setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" links
	assert_status 1
	assert_says "cannot make interface 0: slirp4netns:" "hint: users must be able to open /dev/net/tun"
	has_no_slirp
}

user_runs() {
	[ "$(as "$NIC_USER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -s -H 2>/dev/null)" = RUNNING ]
}

@test "type user: what hinders it is said" {
	needs "pasta" command -v pasta
	user_config "lxc.net.0.type = user" "lxc.net.0.ipv4.address = 10.0.0.1/8"
	user_execute exit 0
	assert_status 1
	assert_says "lxc.net.0.ipv4.address cannot be set with type user" "config:5"
	# No route to anywhere: there is nothing to give.
	user_config "lxc.net.0.type = user"
	run with_tun setpriv --reuid "$NIC_USER" --regid "$NIC_USER" --init-groups env HOME="/home/$NIC_USER" \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" exit 0
	assert_status 1
	assert_says "cannot make interface 0: pasta:" "hint: "
	container_config "lxc.net.0.type = user"
	run tool execute -n "$CT" -- "$LXS_PROBE" exit 0
	assert_status 1
	assert_says "type user is for containers of ordinary users" "lxc.net.0.type = veth"
	has_no_stack
}
