# lxs.clock = owner: a container in a user namespace sets the host's clock
# through its helper, within the bounds of lxs.conf.  The helper records here
# instead of applying, and holds no capability to set a clock then: this
# machine's clock is never touched.
load lib

CONF=$LXS_PREFIX/etc/lxs/lxs.conf

setup_file() {
	[ ! -e "$CONF" ] || cp -p "$CONF" "$BATS_FILE_TMPDIR/conf"
	cc -O1 -static -o "$BATS_FILE_TMPDIR/asker" "$BATS_TEST_DIRNAME/asker.c" ||
		cc -O1 -o "$BATS_FILE_TMPDIR/asker" "$BATS_TEST_DIRNAME/asker.c"
}

teardown_file() {
	rm -f "$CONF"
	[ ! -e "$BATS_FILE_TMPDIR/conf" ] || mv "$BATS_FILE_TMPDIR/conf" "$CONF"
}

setup() {
	lib_setup
	needs_lxs
	# One test at a time may own the clock, in whatever run it is.
	exec 8>"${TMPDIR:-/tmp}/lxs-test-clock.lock"
	flock 8
	RECORD=$LXCPATH/record
	ATTACHED=$LXS_PREFIX/var/run/lxs-clock-attached.sock
	mkdir -p "$LXS_PREFIX/var/run"
}

teardown() {
	[ -z "${SILENT:-}" ] || kill "$SILENT" 2>/dev/null || :
	# A tracer ends with what it traces, not before.
	[ -z "${SERVICE:-}" ] || pkill -P "$SERVICE" || kill "$SERVICE" 2>/dev/null || :
	lib_teardown
	[ -z "${TEST_USER:-}" ] || userdel --remove "$TEST_USER" 2>/dev/null || :
	rm -f "$CONF" "$LXS_PREFIX/var/run/lxs-clock.sock" "$ATTACHED"
	flock -u 8
}

# grant NAME LINES...: lxs.conf allows this container to own the clock, to be recorded.
grant() {
	local name=$1
	shift
	printf '%s\n' 'clock {' "owner = \"$name\"" "record = \"$RECORD\"" "$@" '}' >"$CONF"
}

# owner LINES...: a container in a user namespace that asks for the clock.
owner() {
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty" "lxc.idmap = u 0 100000 65536" \
		"lxc.idmap = g 0 100000 65536" "lxs.clock = owner" "$@"
	container_rootfs
	cp "$BATS_FILE_TMPDIR/asker" "$ROOTFS/bin/asker"
	chown -R 100000:100000 "$ROOTFS"
}

# asks WORDS...: the asker as the command of the container.
asks() {
	run tool execute -n "$CT" -- /bin/asker "$@" 8>&-
	assert_status 0
}

@test "without lxs.clock the clock is refused as before" {
	owner
	sed -i '/lxs.clock/d' "$LXCPATH/$CT/config"
	asks step 0.001
	assert_output EPERM
	asks settime 0
	assert_output EPERM
	asks read
	assert_output ok
}

@test "steps and slews reach the helper, and are recorded" {
	grant "$CT" "max_step = 1" "max_slew = 500"
	owner
	asks step 0.001 and settime -0.2 and settimeofday 0.3 and freq 100 and tick 10001 and offset 500 and status 64
	assert_output $'ok\nok\nok\nok\nok\nok\nok'
	run cat "$RECORD"
	assert_has "$CT: owns the clock" "$CT: step of 0.001000000 s: recorded"
	assert_matches "$CT: step of -0\.2[0-9]+ s: recorded"
	assert_matches "$CT: step of 0\.2[0-9]+ s: recorded"
	assert_says "modes 0x2 freq 6553600" "modes 0x4000 freq 0 tick 10001" "status 0x40: recorded"
}

@test "what was set is what is read" {
	grant "$CT"
	owner
	asks freq 100 and freq
	assert_output $'ok\n6553600'
}

@test "bounds are kept, and refusals are recorded" {
	grant "$CT" "max_step = 0.5" "max_slew = 500"
	owner
	asks step 0.6 and settime 100 and freq 501 and tick 10010 and step 0.4 and step 0.4
	assert_output $'EPERM\nEPERM\nEPERM\nEPERM\nok\nEPERM'
	run grep -c "refused:" "$RECORD"
	assert_output 5
	run cat "$RECORD"
	assert_says "a rate of 501.000 ppm is beyond max_slew, 500.000 ppm" "of which 0.1"
}

@test "only root of the container's own namespace may" {
	grant "$CT"
	owner "lxc.init.uid = 1000"
	asks step 0.001 and read
	assert_output $'EPERM\nok'
	owner
	asks userns step 0.001
	assert_output EPERM
	asks nocaps settime 0
	assert_output EPERM
}

@test "bad arguments are refused, and other clocks are left to the kernel" {
	grant "$CT"
	owner
	asks badpointer and badmodes and zone and otherclock
	assert_output $'EFAULT\nEINVAL\nEPERM\nEINVAL'
	run grep -c step "$RECORD"
	assert_output 0
}

@test "calls with 32-bit times are not there" {
	needs "x86_64" test "$(uname -m)" = x86_64
	needs "32-bit system calls" "$BATS_FILE_TMPDIR/asker" int80 20
	grant "$CT"
	owner
	asks int80 124 and int80 79 and int80 264
	assert_output $'ENOSYS\nENOSYS\nENOSYS'
}

@test "the grant is lxs.conf's to give" {
	rm -f "$CONF"
	owner
	run tool start -n "$CT"
	assert_status 1
	assert_says "no container of this host may own the clock" "config:5: lxs.clock = owner" "clock { owner = \"$CT\" }"
	grant other
	run tool start -n "$CT"
	assert_status 1
	assert_says "the clock of this host is not for $CT"
	grant "$CT" "max_stepp = 1"
	run tool start -n "$CT"
	assert_says "lxs.conf:4: not understood"
	grant "$CT"
	chmod 0666 "$CONF"
	run tool start -n "$CT"
	assert_says "must belong to root"
}

@test "there is no second owner, and the clock is free after the first" {
	grant "$CT"
	owner
	start_probe 8>&-
	container_named "$CT-2" "lxc.include = $LXCPATH/$CT/config"
	mkdir -p "$LXCPATH/second/$CT"
	cp "$LXCPATH/$CT/config" "$LXCPATH/second/$CT/config"
	run "$TOOL_BIN/lxs-start" -P "$LXCPATH/second" -n "$CT" 8>&-
	assert_status 1
	assert_says "the clock has an owner already: $CT"
	run tool start -n "$CT-2" 8>&-
	assert_says "is not for $CT-2"
	tool stop -n "$CT" -k
	start_probe 8>&-
	tool stop -n "$CT" -k
	rm -r "$LXCPATH/second"
}

@test "the owner survives a reboot, and its helper ends with it" {
	grant "$CT"
	owner
	start_probe 8>&-
	local first second
	first=$(helper_of)
	tool stop -n "$CT" -r -t 10 || :
	wait_for 10 "another helper" other_helper "$first"
	second=$(helper_of)
	tool stop -n "$CT" -k
	wait_for 5 "the helper ends" test ! -d "/proc/$second"
}

helper_of() {
	pgrep -f "lxs-clock-apply $CT "
}

no_helper() {
	! helper_of
}

other_helper() {
	local now
	now=$(helper_of) && [ -n "$now" ] && [ "$now" != "$1" ]
}

@test "the helper has no more than it needs" {
	grant "$CT"
	owner
	start_probe 8>&-
	local helper
	helper=$(helper_of)
	# dac_override and sys_ptrace; sys_time only where the clock is set.
	run sed -n 's/^CapPrm:\t//p' "/proc/$helper/status"
	assert_output 0000000000080002
	run grep NoNewPrivs "/proc/$helper/status"
	assert_says 1
	# Those it was given, and one for the log.
	run find "/proc/$helper/fd" -mindepth 1 -printf '%f %l\n'
	assert_matches '6 /'
	assert_silent_about "7 /" "7 pipe" "7 anon"
}

# user_make: an ordinary user with ranges of ids, and a directory for its containers.
user_make() {
	needs "newuidmap" test -u /usr/bin/newuidmap
	TEST_USER=lxsclock$$
	useradd --create-home --shell /bin/bash "$TEST_USER"
	needs "a range of ids in /etc/subuid" grep -q "^$TEST_USER:" /etc/subuid
	mkdir -m 0700 "$LXCPATH/run"
}

as_user() {
	setpriv --reuid "$TEST_USER" --regid "$TEST_USER" --init-groups env "HOME=/home/$TEST_USER" "USER=$TEST_USER" \
		"XDG_RUNTIME_DIR=$LXCPATH/run" "$@" 8>&-
}

# robbed HELPER: whether it waits for what the thief has taken; else the thief is to take one more.
robbed() {
	grep -qE 'recv|seccomp|down' "/proc/$1/wchan" || ! echo >&7
}

service_listens() {
	[ -S "$LXS_PREFIX/var/run/lxs-clock.sock" ] && [ -d "/proc/$SERVICE" ]
}

@test "the container of an ordinary user, by root's service" {
	user_make
	grant "$CT" "user = \"$TEST_USER\"" "max_step = 1"
	local uid gid helper
	uid=$(sed -n "s/^$TEST_USER:\([0-9]*\):.*/\1/p" /etc/subuid)
	gid=$(sed -n "s/^$TEST_USER:\([0-9]*\):.*/\1/p" /etc/subgid)
	owner
	sed -i -e "s/u 0 100000 65536/u 0 $uid 65536/" -e "s/g 0 100000 65536/g 0 $gid 65536/" "$LXCPATH/$CT/config"
	chown -R "$TEST_USER" "$LXCPATH"
	chown -R "$uid:$gid" "$ROOTFS"
	run as_user "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/asker read
	assert_failed
	assert_says "cannot reach the clock's service" "root runs lxs-clock"

	"$TOOL_BIN/lxs-clock" 3>&- 8>&- &
	SERVICE=$!
	wait_for 10 "the service listens" service_listens
	run as_user "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/asker step 0.25 and step 5 and read
	assert_status 0
	assert_output $'ok\nEPERM\nok'
	run cat "$RECORD"
	assert_has "$CT: step of 0.250000000 s: recorded"
	run "$TOOL_BIN/lxs-clock"
	assert_failed
	assert_says "another lxs-clock"

	# Who says nothing holds up nobody, unless it is the owner.
	cp "$BATS_FILE_TMPDIR/asker" "$LXCPATH/asker"
	setpriv --reuid nobody --clear-groups --regid nogroup "$LXCPATH/asker" \
		connect "$LXS_PREFIX/var/run/lxs-clock.sock" >"$BATS_TEST_TMPDIR/silent" 3>&- 8>&- &
	SILENT=$!
	wait_for 10 "somebody is connected" grep -qx ok "$BATS_TEST_TMPDIR/silent"
	run as_user timeout 20 "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/asker read
	assert_output ok
	kill "$SILENT"

	# So are commands that the user attaches; who is somebody else hands nothing to the helper.
	run as_user "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
	run as_user "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/asker step 0.125 and step 5
	assert_output $'ok\nEPERM'
	run cat "$RECORD"
	assert_has "$CT: step of 0.125000000 s: recorded"
	run setpriv --reuid nobody --clear-groups --regid nogroup "$LXCPATH/asker" hand "$ATTACHED" eventfd
	assert_output "errno 13"
	run as_user "$LXCPATH/asker" hand "$ATTACHED" eventfd
	assert_output ok
	wait_for 5 "it is not believed" grep -q "an attached command is not served: what came is no listener" "$RECORD"
	run as_user "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/asker read
	assert_output ok
	# What is taken away before the helper gets it does not keep the helper, nor so the clock.
	helper=$(helper_of)
	mkfifo "$LXCPATH/kicks"
	exec 7<>"$LXCPATH/kicks"
	setpriv --reuid "$TEST_USER" --clear-groups --regid nogroup "$LXCPATH/asker" \
		steal "$ATTACHED" <&7 >"$LXCPATH/stolen" 2>&1 3>&- 7>&- 8>&- &
	SILENT=$!
	wait_for 10 "it is handed over" grep -qx ok "$LXCPATH/stolen"
	wait_for 60 "the helper waits for what is gone" robbed "$helper"
	as_user "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	wait_for 10 "the helper ends with the container" test ! -d "/proc/$helper"
	exec 7>&-
	kill "$SILENT"

	# Somebody else, and the same user's other container, get nothing.
	grant "$CT" "user = \"nobody\""
	run as_user "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/asker read
	assert_failed
	assert_says "the clock of this host is not for containers of this user"
	grant "other" "user = \"$TEST_USER\""
	run as_user "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/asker read
	assert_failed
	assert_says "not for $CT"
}

# A helper that believed it would write into whatever process it names.
@test "what is no listener of the kernel's is refused, whatever it is called" {
	local what
	user_make
	grant "$CT" "user = \"$TEST_USER\""
	cp "$BATS_FILE_TMPDIR/asker" "$LXCPATH/asker"
	chown "$TEST_USER" "$LXCPATH"
	needs strace strace -V
	# However slow the service is, whoever finds its socket is answered.
	strace -qq -o /dev/null -e trace=chmod,fchmodat,listen -e inject=chmod,fchmodat,listen:delay_enter=500000 \
		"$TOOL_BIN/lxs-clock" 3>&- 8>&- &
	SERVICE=$!
	wait_for 10 "the service listens" service_listens
	cd "$LXCPATH"
	for what in "anon_inode:seccomp notify" eventfd; do
		run as_user timeout 20 ./asker forge "$LXS_PREFIX/var/run/lxs-clock.sock" "$CT" "$what"
		assert_status 0
		assert_has "0 " "-1 what the launcher sent is no listener of seccomp: Invalid argument"
	done
	run pgrep -f "lxs-clock-apply $CT "
	assert_failed
}

# attach_asks WORDS...: the asker as an attached command.
attach_asks() {
	run tool attach -n "$CT" -- /bin/asker "$@" 8>&-
}

helper_holds() {
	[ "$(find "/proc/$1/fd" -mindepth 1 | wc -l)" -eq "$2" ]
}

@test "an attached command sets the clock as init does, within the same bounds" {
	grant "$CT" "max_step = 0.5" "max_slew = 500"
	printf '%s\n' 2 denylist '[all]' 'swapon errno 1' >"$LXCPATH/profile"
	owner "lxc.seccomp.profile = $LXCPATH/profile"
	start_probe 8>&-
	local helper held
	helper=$(helper_of)
	held=$(find "/proc/$helper/fd" -mindepth 1 | wc -l)
	attach_asks step 0.3 and settime 100 and freq 501 and read
	assert_output $'ok\nEPERM\nEPERM\nok'
	attach_asks step 0.3
	assert_output EPERM
	run cat "$RECORD"
	assert_has "$CT: step of 0.300000000 s: recorded"
	assert_says "of which 0.2"
	run tool attach -n "$CT" -u 1000 -- /bin/asker step 0.001 8>&-
	assert_output EPERM
	attach_asks userns step 0.001
	assert_output EPERM
	wait_for 5 "the helper lets go of who has ended" helper_holds "$helper" "$held"
}

@test "what an attached command leaves behind is still served" {
	needs "busybox" test -x /bin/busybox
	grant "$CT"
	owner
	cp /bin/busybox "$ROOTFS/bin/busybox"
	start_probe 8>&-
	mkfifo -m 0666 "$ROOTFS/go"
	tool attach -n "$CT" -- /bin/busybox sh -c '(read -r _ </go; /bin/asker step 0.001) >/said 2>&1 &' 8>&-
	timeout 20 tee "$ROOTFS/go" <<<go
	wait_for 10 "it is answered" grep -qx ok "$ROOTFS/said"
}

@test "without its helper an attached command cannot set the clock, and is told so" {
	grant "$CT"
	owner
	start_probe 8>&-
	kill -9 "$(helper_of)"
	wait_for 5 "the helper is gone" no_helper
	run tool attach -n "$CT" -l WARN -o /dev/stderr -- /bin/asker step 0.001 and read 8>&-
	assert_says "$CT: the command will not set the clock: its helper does not answer" EPERM ok
}

@test "lxs.clock without a user namespace names what does it there" {
	container_config "lxs.clock = owner"
	container_rootfs
	run tool start -n "$CT" --plan
	assert_failed
	assert_says "for containers in a user namespace" "config:1: lxs.clock = owner" "lxs.cap.grant = sys_time"
}

@test "check tells that sys_time cannot work in a user namespace" {
	owner "lxs.cap.grant = sys_time"
	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" check
	assert_silent_about "cannot set the clock"
	sed -i '/lxs.clock/d' "$LXCPATH/$CT/config"
	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" check
	assert_says "config:5" "sys_time in a user namespace cannot set the clock" "lxs.clock = owner"
	run "$TOOL_BIN/lxs-config" -P "$LXCPATH" -n "$CT" check --format json
	assert_says "cannot set the clock" '"severity": "warning"'
}

# chrony_rootfs: chronyd with its libraries, and nothing else.
chrony_rootfs() {
	local file chronyd=${LXS_CHRONYD:-/usr/sbin/chronyd}
	needs "chronyd" test -x "$chronyd"
	needs "the libraries of chronyd" sh -c "! ldd '$chronyd' | grep 'not found'"
	for file in $(ldd "$chronyd" | grep -o '/[^ ]*'); do
		mkdir -p "$ROOTFS$(dirname "$file")"
		cp -L "$file" "$ROOTFS$file"
	done
	mkdir -p "$ROOTFS/usr/sbin"
	cp "$chronyd" "$ROOTFS/usr/sbin/chronyd"
	mkdir -p "$ROOTFS/var/lib/chrony" "$ROOTFS/run/chrony" "$ROOTFS/etc/chrony"
	chmod 0750 "$ROOTFS/run/chrony"
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' '_chrony:x:105:105::/var/lib/chrony:/bin/false' >"$ROOTFS/etc/passwd"
	printf '%s\n' 'root:x:0:' '_chrony:x:105:' >"$ROOTFS/etc/group"
	printf '127.0.0.1 localhost\n' >"$ROOTFS/etc/hosts"
	# A source half a second off, which the same program serves from inside without touching a clock.
	printf '%s\n' 'server 127.0.0.1 port 11123 iburst minpoll -2 maxpoll 0 offset 0.5' 'makestep 0.1 1' 'cmdport 0' \
		'driftfile /var/lib/chrony/drift' 'pidfile /run/chrony/client.pid' >"$ROOTFS/etc/chrony/chrony.conf"
	printf '%s\n' 'local stratum 5' 'port 11123' 'allow' 'cmdport 0' 'pidfile /run/chrony/server.pid' \
		>"$ROOTFS/etc/chrony/server.conf"
	chown -R 100000:100000 "$ROOTFS"
	chown -R 100105:100105 "$ROOTFS/var/lib/chrony" "$ROOTFS/run/chrony"
}

@test "chronyd in an unprivileged container disciplines the clock" {
	needs "busybox" test -x /bin/busybox
	grant "$CT"
	owner
	chrony_rootfs
	cp /bin/busybox "$ROOTFS/bin/busybox"
	printf '%s\n' '/usr/sbin/chronyd -n -x -u root -f /etc/chrony/server.conf &' \
		'exec /usr/sbin/chronyd -d -u _chrony -F 1 -f /etc/chrony/chrony.conf' >"$ROOTFS/bin/both"
	sed -i 's,lxc.init.cmd = .*,lxc.init.cmd = /bin/busybox sh /bin/both,' "$LXCPATH/$CT/config"
	run tool start -n "$CT" 8>&-
	assert_status 0
	wait_for 90 "chronyd steps the clock" grep -qE "step of -?0\.[45][0-9]+ s: recorded" "$RECORD"
	wait_for 60 "chronyd sets the frequency" grep -qE "modes 0x4002 .*: recorded" "$RECORD"
	# It gave up root, and kept the capability that the kernel would ask for.
	run cat "/proc/$(init_pid)/status"
	assert_matches $'Uid:\t100105'
	assert_says $'CapEff:\t0000000002000400'
	run cat "$LXCPATH/$CT/console.log"
	assert_says "Selected source" "System clock was stepped by"
	assert_silent_about "adjtimex" "Fatal"
}

@test "chronyd without lxs.clock says what it said before" {
	owner
	sed -i -e '/lxs.clock/d' -e 's,lxc.init.cmd = .*,lxc.init.cmd = /usr/sbin/chronyd -d -f /etc/chrony/chrony.conf,' \
		"$LXCPATH/$CT/config"
	chrony_rootfs
	run tool execute -n "$CT" -- /usr/sbin/chronyd -d -u root -f /etc/chrony/chrony.conf 8>&-
	assert_failed
	assert_says "adjtimex" "Operation not permitted"
}
