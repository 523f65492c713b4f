# lxs-net: the host's bridge with its packet rules and its server, and what it is for: containers that find each
# other.  All in one file, since there is one such bridge on a machine.
load lib

setup() {
	lib_setup
	needs_lxs
	SETTINGS=$LXCPATH/settings
	settings "LXC_DOMAIN=lxs.test" "LXC_DHCP_RANGE=10.0.4.100,10.0.4.200" "LXC_DHCP_PING=false"
	RUN=$LXS_RUNSTATEDIR/lxs/net/bridge
	BEFORE=$(everything)
}

teardown() {
	stop_all
	net stop >/dev/null 2>&1 || :
	nft flush ruleset
	ip link delete lxsbr0 2>/dev/null || :
	[ ! -e "$LXCPATH/other.pid" ] || kill "$(cat "$LXCPATH/other.pid")" 2>/dev/null || :
	lib_teardown
}

settings() {
	printf '%s\n' "$@" >"$SETTINGS"
}

net() {
	"$TOOL_BIN/lxs-net" "$@" --settings "$SETTINGS"
}

# What lxs-net may have left: interfaces, addresses, rules, its server, its files.
everything() {
	ip -o addr | sed 's/^[0-9]*: //'
	nft list ruleset
	pgrep -af -- "--pid-file=$RUN/" || :
	[ ! -e "$RUN" ] || ls "$RUN"
}

assert_nothing_left() {
	assert_equal "$(everything)" "$BEFORE"
}

# finds SUBJECT TEXT...: lxs-net check finds it, says these words, and exits with 1.
finds() {
	run net check
	assert_status 1
	assert_matches "(^|"$'\n'")$1: "
	shift
	assert_says "$@" "remedy: "
}

finds_nothing() {
	run net check
	assert_status 0
	assert_matches '^nothing is in the way of lxsbr0'
}

@test "start, status, start again, stop, stop again" {
	run net status
	assert_status 3
	assert_matches '^state +stopped'
	run net start
	assert_status 0
	assert_output ""
	run net status
	assert_status 0
	assert_matches '^state +running'
	assert_matches $'\nbridge +lxsbr0, up\naddress +10.0.4.1/24\ndomain +lxs.test\nfirewall +nftables\ndnsmasq +process [0-9]+'
	run ip -o -d link show lxsbr0
	assert_says "10:66:6a:00:00:01" "bridge"
	assert_equal "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	finds_nothing
	server=$(pgrep -f -- "--pid-file=$RUN/")
	run net start
	assert_status 0
	assert_output "lxs-net: lxsbr0 is up already"
	assert_equal "$(pgrep -f -- "--pid-file=$RUN/")" "$server"
	run net status --format json
	assert_says '"sound": true' '"dnsmasq": '"$server" '"10.0.4.1/24"'
	run net stop
	assert_status 0
	assert_nothing_left
	run net stop
	assert_status 0
	assert_output "lxs-net: nothing is running"
}

@test "other settings, IPv6 and NAT; USE_LXC_BRIDGE=false does nothing" {
	needs "IPv6 in the kernel" test -e /proc/sys/net/ipv6
	net start
	settings '# comment' 'export LXC_ADDR="10.77.0.1"' "LXC_NETMASK='255.255.0.0' # a large one" "LXC_IPV6_ADDR=fd77::1" \
		"LXC_IPV6_NAT=true" "LXC_SHUTDOWN_TIMEOUT=120" "LXC_DOMIAN=x"
	run net start
	assert_status 0
	assert_says "$SETTINGS:6: lxs-net does not know LXC_SHUTDOWN_TIMEOUT" "LXC_DOMIAN; did you mean LXC_DOMAIN?"
	run ip -o addr show lxsbr0
	assert_says "10.77.0.1/16" "fd77::1/64"
	assert_silent_about "10.0.4.1"
	run nft list table inet lxs
	assert_says "ip saddr 10.77.0.0/16 ip daddr != 10.77.0.0/16" "ip6 saddr fd77::/64 ip6 daddr != fd77::/64"
	net stop
	assert_nothing_left
	settings "USE_LXC_BRIDGE=false"
	run net start
	assert_status 0
	assert_says "USE_LXC_BRIDGE is not true"
	assert_nothing_left
}

@test "iptables instead of nft" {
	needs "iptables" iptables -L
	settings "LXC_USE_NFT=false"
	net start
	run iptables -S FORWARD
	assert_says "-A FORWARD -i lxsbr0 -j ACCEPT" "-A FORWARD -o lxsbr0 -j ACCEPT"
	run iptables -t nat -S POSTROUTING
	assert_says "-A POSTROUTING -s 10.0.4.0/24 ! -d 10.0.4.0/24 -j MASQUERADE"
	run net status
	assert_matches $'\nfirewall +iptables'
	finds_nothing
	net stop
	run iptables-save
	assert_silent_about "lxsbr0" "10.0.4.0"
}

@test "wrong settings: each with its line, and nothing is made" {
	local row
	# shellcheck disable=SC2016
	for row in 'LXC_ADDR=10.0.4|not an IPv4 address' 'LXC_ADDR=10.0.4.0|the network' "LXC_NETMASK=255.0.255.0|not the mask" \
		'LXC_NETWORK=10.0.5.0/24|LXC_ADDR and LXC_NETMASK say 10.0.4.0/24' 'LXC_BRIDGE=a/b|not a plain name of an interface' \
		'LXC_BRIDGE=lxs*|not a plain name' \
		'LXC_DHCP_RANGE=10.0.4.9|not FIRST,LAST' 'LXC_DHCP_RANGE=10.0.5.2,10.0.5.9|not in the network' \
		'LXC_DHCP_RANGE=10.0.4.9,10.0.4.2|behind the last' 'LXC_DHCP_MAX=many|not a number' \
		'LXC_DOMAIN=$(hostname)|a variable or a command of a shell' 'LXC_DOMAIN="x|a quote that does not end' \
		'LXC_DOMAIN=a b|text behind the value' 'ip link|this is no assignment' 'LXC_IPV6_ADDR=10.0.4.1|not an IPv6 address'; do
		settings "# one" "${row%%|*}"
		run net start
		assert_status 1
		assert_says "${row##*|}" "asked for by $SETTINGS:2: ${row%%|*}"
	done
	assert_nothing_left
}

@test "a start that fails half-way, or is killed there, leaves nothing" {
	ip link add lxsbr0 type dummy 2>/dev/null || ip link add lxsbr0 type veth peer name lxsbr0x
	run net start
	assert_status 1
	assert_says "the host's interface lxsbr0 is not a bridge" "hint: "
	ip link delete lxsbr0
	assert_nothing_left
	# What a killed start leaves: part of it made, the rest in the journal at most.
	net start
	rm "$RUN/settings"
	kill -KILL "$(cat "$RUN/dnsmasq.pid")"
	run net status
	assert_status 3
	assert_matches '^state +stopped'
	run net start
	assert_status 0
	finds_nothing
	rm "$RUN/settings"
	printf 'torn' >>"$RUN/journal"
	run net stop
	assert_status 0
	assert_nothing_left
}

@test "a pid file that names somebody else's process ends nobody" {
	local other server
	net start
	server=$(cat "$RUN/dnsmasq.pid")
	# By name it could be the one: what it was told is another file.
	ln -s "$(command -v tail)" "$LXCPATH/dnsmasq"
	"$LXCPATH/dnsmasq" -f /dev/null 3>&- &
	other=$!
	echo "$other" >"$RUN/dnsmasq.pid"
	run net stop
	kill -0 "$other"
	kill "$other"
	kill "$server" 2>/dev/null || :
	wait_for 10 "the server ends" test ! -d "/proc/$server"
	net stop
	assert_nothing_left
}

@test "a bridge that containers are attached to stays until the last has gone; one of somebody else stays" {
	net start
	ip link add veth0 type veth peer name veth1
	ip link set veth0 master lxsbr0
	run net stop
	assert_status 0
	assert_says "the bridge stays until"
	assert_equal "$(ip -o link show master lxsbr0 | wc -l)" 1
	run net restart
	assert_status 0
	assert_equal "$(ip -o link show master lxsbr0 | wc -l)" 1
	run net status
	assert_status 0
	assert_matches $'\nport +veth0'
	ip link delete veth0
	net stop
	assert_nothing_left
	ip link add lxsbr0 type bridge
	net start
	net stop
	run ip -o addr show lxsbr0
	assert_silent_about "10.0.4.1"
	ip link delete lxsbr0
}

@test "check: port 53 is taken, and by whom; the start says so too" {
	busybox nc -l -p 53 </dev/null >/dev/null 3>&- &
	echo $! >"$LXCPATH/other.pid"
	wait_for 10 "the other one listens" grep -q ':0035 .* 0A ' /proc/net/tcp /proc/net/tcp6
	finds port "port 53 (tcp) is taken by busybox (process $(cat "$LXCPATH/other.pid"))"
	run net start
	assert_status 1
	assert_says "dnsmasq does not start" "Address already in use" "hint: 'lxs-net check'"
	assert_nothing_left
}

@test "check: Docker, firewalld, ufw and others that drop, and what opens them" {
	needs "iptables" iptables -L
	iptables -P FORWARD DROP
	iptables -N DOCKER-USER
	iptables -A DOCKER-USER -j RETURN
	iptables -A FORWARD -j DOCKER-USER
	iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	finds firewall "the chain FORWARD of table ip filter (Docker's) drops what containers send"
	eval "$(sed -n 's/^ *remedy: //p' <<<"$output")"
	finds_nothing
	nft flush ruleset
	nft -f - <<-'END'
		table inet firewalld {
			chain zone { iifname "eth0" accept; }
			chain filter_FORWARD {
				type filter hook forward priority 10; policy accept;
				ct state { established, related } accept
				jump zone
				reject with icmpx admin-prohibited
			}
		}
	END
	finds firewall "the chain filter_FORWARD of table inet firewalld (firewalld's) drops what containers send" \
		"--zone=trusted --add-interface=lxsbr0"
	nft insert rule inet firewalld zone iifname lxsbr0 accept
	finds_nothing
	nft flush ruleset
	nft -f - <<-'END'
		table inet own {
			chain in {
				type filter hook input priority 0; policy drop;
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname "lo" accept
				udp dport 53 accept
			}
		}
	END
	finds firewall "the chain in of table inet own drops the containers' requests for an address (DHCP)" \
		"nft insert rule inet own in iifname lxsbr0 accept"
	run net check --format json
	assert_status 1
	assert_says '"subject": "firewall"' '"remedy": "nft insert rule inet own in iifname lxsbr0 accept"'
	eval "$(net check | sed -n 's/^ *remedy: //p')"
	finds_nothing
}

@test "check: forwarding turned off, rules flushed, server killed, a route to the same network" {
	net start
	echo 0 >/proc/sys/net/ipv4/ip_forward
	finds forwarding "the host forwards no IPv4 packets" "sysctl -w net.ipv4.ip_forward=1"
	echo 1 >/proc/sys/net/ipv4/ip_forward
	nft flush ruleset
	kill -KILL "$(cat "$RUN/dnsmasq.pid")"
	wait_for 10 "the server is gone" server_is_gone
	finds firewall "somebody removed them" "dnsmasq was started, but runs no more"
	run net status
	assert_status 3
	assert_matches '^state +damaged'
	net restart
	finds_nothing
	ip link add veth0 type veth peer name veth1
	ip addr add 10.0.4.77/25 dev veth0
	ip link set veth0 up
	finds route "the host reaches 10.0.4.0/25 through veth0, which overlaps the bridge's 10.0.4.0/24" "LXC_ADDR"
	ip link delete veth0
}

server_is_gone() {
	net status --format json | grep -q '"dnsmasq": null'
}

# ---- containers ----

# A busybox container of the default config: container NAME LINES...
container() {
	local name=$1
	shift
	tool create -n "$name" -t busybox >/dev/null
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$LXCPATH/$name/config"
}

has_lease() {
	net status | grep -qE "^lease .* $1\$"
}

inside() {
	local name=$1
	shift
	run tool attach -n "$name" -- "$@"
}

resolves() {
	inside "$1" /bin/nslookup "$2"
	[ "$status" -eq 0 ]
}

@test "default config: an address by DHCP, a static one, names between containers" {
	grep -q '^lxc.net.0.link = lxsbr0' "$LXS_PREFIX/etc/lxs/default.conf" || skip "needs the default.conf of this version"
	net start
	container "$CT-a"
	container "$CT-b" "lxc.net.0.ipv4.address = 10.0.4.7/24" "lxc.net.0.ipv4.gateway = 10.0.4.1"
	tool start -n "$CT-a"
	tool start -n "$CT-b"
	wait_for 30 "$CT-a has a lease" has_lease "$CT-a"
	wait_for 10 "$CT-a has its address" has_address "$CT-a" "10.0.4.1[0-9][0-9]"
	has_address "$CT-b" "10.0.4.7"
	inside "$CT-a" /bin/ping -c 1 -W 5 10.0.4.7
	assert_status 0
	# The name of one that has asked for an address, in full and short.
	inside "$CT-a" /bin/cat /etc/resolv.conf
	assert_has "nameserver 10.0.4.1" "search lxs.test"
	echo "nameserver 10.0.4.1" >"$LXCPATH/$CT-b/rootfs/etc/resolv.conf"
	wait_for 10 "$CT-b resolves $CT-a" resolves "$CT-b" "$CT-a.lxs.test"
	assert_matches '10\.0\.4\.1[0-9][0-9]'
	inside "$CT-b" /bin/ping -c 1 -W 5 "$CT-a.lxs.test"
	assert_status 0
}

has_address() {
	tool info -n "$1" -i -H | grep -qE "^$2$"
}

@test "default config: without lxs-net a container starts with the loopback alone" {
	grep -q '^lxc.net.0.link = lxsbr0' "$LXS_PREFIX/etc/lxs/default.conf" || skip "needs the default.conf of this version"
	container "$CT"
	run tool start -n "$CT"
	assert_status 0
	inside "$CT" /bin/ip -o link
	assert_equal "$(wc -l <<<"$output")" 1
	tool stop -k -n "$CT"
	assert_nothing_left
}

# ---- the time server ----

# with_chrony NAME: chronyd of the host, and the libraries it needs, in the container's files.
with_chrony() {
	local root=$LXCPATH/$1/rootfs file
	mkdir -p "$root/usr/sbin" "$root/run" "$root/var/lib/chrony"
	for file in /usr/sbin/chronyd $(ldd /usr/sbin/chronyd | grep -o '/[^ ]*'); do
		mkdir -p "$root${file%/*}"
		cp -L "$file" "$root$file"
	done
}

# How far the clock is from a clock that nobody can set, in milliseconds.
clock_place() {
	local since
	read -r since _ </proc/uptime
	echo $((${EPOCHREALTIME/./} / 1000 - ${since/./} * 10))
}

asks() {
	run timeout 60 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT-b" -- \
		/usr/sbin/chronyd -u root -Q -t "$1" "server $CT-a.lxs.test iburst minpoll -4 maxpoll -4" \
		"pidfile /run/ask.pid"
}

served() {
	tool attach -n "$CT-a" -- /bin/netstat -nlu | grep -q '10.0.4.10:123 '
}

# chronyd has no source and local time, so it leaves the clock, which is the host's too, alone: that is looked at.
@test "a time server: one container serves time to another, and nothing is left" {
	needs "chronyd" test -x /usr/sbin/chronyd
	grep -q '^lxc.net.0.link = lxsbr0' "$LXS_PREFIX/etc/lxs/default.conf" || skip "needs the default.conf of this version"
	net start
	place=$(clock_place)
	container "$CT-a" "lxc.net.0.ipv4.address = 10.0.4.10/24" "lxc.net.0.ipv4.gateway = 10.0.4.1"
	container "$CT-b"
	with_chrony "$CT-a"
	with_chrony "$CT-b"
	tool config -P "$LXCPATH" -n "$CT-a" grant sys_time
	printf '%s\n' "local stratum 8" "allow 10.0.4.0/24" "bindaddress 10.0.4.10" "cmdport 0" "pidfile /run/chronyd.pid" \
		>"$LXCPATH/$CT-a/rootfs/etc/chrony.conf"
	# Its name is not from DHCP: the server is told.
	settings "LXC_DOMAIN=lxs.test" "LXC_DHCP_RANGE=10.0.4.100,10.0.4.200" "LXC_DHCP_PING=false" \
		"LXC_DHCP_CONFILE=$LXCPATH/dnsmasq.conf"
	echo "host-record=$CT-a.lxs.test,10.0.4.10" >"$LXCPATH/dnsmasq.conf"
	net restart
	tool start -n "$CT-a"
	tool start -n "$CT-b"
	tool attach -n "$CT-a" -- /usr/sbin/chronyd -u root -f /etc/chrony.conf
	wait_for 10 "chronyd serves" served
	wait_for 30 "$CT-b has a lease" has_lease "$CT-b"
	asks 30
	assert_status 0
	assert_matches 'System clock wrong by -?0\.[0-9]+ seconds'
	tool stop -k -n "$CT-a"
	asks 3
	assert_failed
	assert_matches 'No suitable source|Timeout reached'
	tool stop -k -n "$CT-b"
	net stop
	assert_nothing_left
	moved=$(($(clock_place) - place))
	[ "${moved#-}" -lt 500 ]
}
