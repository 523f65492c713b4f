# The story lxs is made for, with real Debian, systemd, chrony and ntpsec: a
# capability that the shipped configuration drops comes back in one container.
#
# The time servers have no source of time, so they change no clock; what they
# do to the kernel's clock discipline at their start is put back at the end.
# bats file_tags=network
load lib

setup_file() {
	clock=$BATS_FILE_TMPDIR/clock
	if cc -o "$clock" "$BATS_TEST_DIRNAME/clock.c" 2>/dev/null; then
		"$clock" >"$BATS_FILE_TMPDIR/before" || :
	fi
}

teardown_file() {
	local before
	read -ra before <"$BATS_FILE_TMPDIR/before" || return 0
	"$BATS_FILE_TMPDIR/clock" "${before[@]}"
}

setup() {
	lib_setup
	needs_lxs
	needs "mmdebstrap or debootstrap" sh -c 'command -v mmdebstrap || command -v debootstrap'
	needs "a clock whose state can be put back" test -s "$BATS_FILE_TMPDIR/before"
}

# create_debian PACKAGE: $CT with Debian and one more package; root file system in $ROOTFS.
create_debian() {
	ROOTFS=$LXCPATH/$CT/rootfs
	CONFIG=$LXCPATH/$CT/config
	run tool create -n "$CT" -t debian -- --include "$1"
	if [ "$status" -ne 0 ] && grep -qE 'failed to download|resolv|Unable to connect' <<<"$output"; then
		skip "needs Debian's packages, from a cache or a network: ${lines[-1]}"
	fi
	assert_status 0
	# No source of time: it runs, and has nothing to set a clock to.
	[ ! -e "$ROOTFS/etc/chrony" ] ||
		printf '%s\n' 'driftfile /var/lib/chrony/chrony.drift' 'local stratum 10' >"$ROOTFS/etc/chrony/chrony.conf"
	[ ! -e "$ROOTFS/etc/ntpsec" ] ||
		printf '%s\n' 'driftfile /var/lib/ntpsec/ntp.drift' 'rlimit filenum 30000' >"$ROOTFS/etc/ntpsec/ntp.conf"
}

inside() {
	run tool attach -n "$CT" -- "$@"
}

is_up() {
	case $(tool attach -n "$CT" -- systemctl is-system-running 2>/dev/null) in
	running | degraded) ;;
	*) false ;;
	esac
}

# Starts it and waits until systemd has booted; nothing may have failed.
boot() {
	run tool start -n "$CT"
	assert_status 0
	wait_for 60 "systemd of $CT has booted" is_up
	inside systemctl --failed --plain --no-legend
	assert_output ''
	inside systemctl is-system-running
	assert_output running
}

halt() {
	run tool stop -n "$CT" -t 30
	assert_status 0
}

# bounding_set: CapBnd of the container's init, as the host sees it.
bounding_set() {
	echo $((0x$(sed -n 's/^CapBnd:[[:space:]]*//p' "/proc/$(init_pid)/status")))
}

# has_capabilities WORD NUMBER...: init may (yes) or may not (no) ever have them.
has_capabilities() {
	local wanted=$1 number set
	shift
	set=$(bounding_set)
	for number in "$@"; do
		if ((set >> number & 1)); then
			[ "$wanted" = yes ] || { echo "capability $number is there"; return 1; }
		else
			[ "$wanted" = no ] || { echo "capability $number is not there"; return 1; }
		fi
	done
}

SYS_MODULE=16 SYS_RAWIO=17 SYS_TIME=25 MAC_OVERRIDE=32 MAC_ADMIN=33 IPC_LOCK=14 SYS_RESOURCE=24

host_has() {
	((0x$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status) >> $1 & 1))
}

chrony_runs() {
	[ "$(tool attach -n "$CT" -- systemctl is-active chrony)" = active ] || return 1
	inside systemctl show -p SubState --value chrony
	assert_output running
	has_capabilities yes $SYS_TIME
	has_capabilities no $SYS_MODULE $SYS_RAWIO $MAC_OVERRIDE $MAC_ADMIN
}

@test "chrony: refused as shipped, runs after the list is reset and named again" {
	create_debian chrony
	run cat "$CONFIG"
	assert_has "lxc.include = $TOOL_SHARE/config/debian.common.conf"
	run grep cap.drop "$COMMON"
	assert_has 'lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio'

	boot
	inside systemctl status chrony
	assert_says 'ConditionCapability=CAP_SYS_TIME was not met'
	has_capabilities no $SYS_TIME $SYS_MODULE $SYS_RAWIO $MAC_OVERRIDE $MAC_ADMIN

	printf '%s\n' 'lxc.cap.drop =' 'lxc.cap.drop = mac_admin mac_override sys_module sys_rawio' >>"$CONFIG"
	halt
	boot
	chrony_runs
}

@test "chrony: one line lxs.cap.grant, wherever it stands" {
	create_debian chrony
	{
		echo 'lxs.cap.grant = sys_time'
		cat "$CONFIG"
	} >"$CONFIG.new"
	mv "$CONFIG.new" "$CONFIG"
	boot
	chrony_runs
}

@test "chrony: lxs-config grant edits the file for the admin" {
	create_debian chrony
	cp "$CONFIG" "$LXCPATH/before"
	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" grant sys_time
	assert_status 0
	run diff "$LXCPATH/before" "$CONFIG"
	assert_has '> lxs.cap.grant = sys_time'
	assert_equal "$(grep -c '^[<>]' <<<"$output")" 1
	boot
	chrony_runs
}

# ntpd by hand, as its messages are wanted: until it has given up, or has got as far as to become ntpsec.
ntpd() {
	local said=$LXCPATH/ntpd.said
	inside systemctl stop ntpsec
	(exec "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- ntpd -n -u ntpsec:ntpsec >"$said" 2>&1 </dev/null 3>&-) &
	NTPD=$!
	wait_for 60 "ntpd has given up or has become ntpsec" ntpd_is_settled
	# It dies with the attach that it is a child of.
	kill "$NTPD" 2>/dev/null || :
	wait "$NTPD" || :
	run cat "$said"
}

# shellcheck disable=SC2016
ntpd_is_settled() {
	kill -0 "$NTPD" 2>/dev/null || return 0
	tool attach -n "$CT" -- sh -c 'test "$(sed -n "s/^Uid:[[:space:]]*\([0-9]*\).*/\1/p" "/proc/$(pidof ntpd)/status")" = "$(id -u ntpsec)"' 2>/dev/null
}

@test "ntpsec: its own complaints without the grants, none with them" {
	create_debian ntpsec
	# A limit above the hard one takes sys_resource to set.
	printf '%s\n' 'lxc.cap.drop = sys_resource ipc_lock' 'lxc.prlimit.nofile = 1024:20000' >>"$CONFIG"
	boot
	inside systemctl status ntpsec
	assert_says 'ConditionCapability=CAP_SYS_TIME was not met'
	ntpd
	assert_says 'ntp_adjtime: Operation not permitted' 'failed to drop root privs' 'Cannot set RLIMIT_NOFILE'
	has_capabilities no $SYS_TIME $SYS_RESOURCE $IPC_LOCK
	halt

	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" grant sys_time ipc_lock sys_resource
	assert_status 0
	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" check
	local said=$output
	boot
	has_capabilities yes $SYS_TIME $IPC_LOCK
	inside systemctl is-active ntpsec
	assert_output active
	ntpd
	assert_silent_about 'ntp_adjtime' 'failed to drop root privs'
	if host_has $SYS_RESOURCE; then
		has_capabilities yes $SYS_RESOURCE
		assert_silent_about 'Cannot set RLIMIT_NOFILE'
		return
	fi
	output=$said
	assert_says "this host lacks the capability sys_resource itself"
	run tool start -n "$CT" --plan
	assert_says "sys_resource cannot be given to the container: this host does not hold it itself"
}
