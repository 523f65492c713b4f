# What a hostile guest, image or neighbour tries; one test for each class of
# attack that SECURITY.md names and that no other file has.
load lib

probe_config() {
	container_config "lxc.mount.auto = proc:mixed" "$@"
	container_rootfs
}

# held COMMAND...: everybody stops once in a setsid: lxs-enter, whom let_in() wakes, and then the command,
# which is inside and has done nothing before.
held() {
	strace -qq -f -o /dev/null -e trace=setsid -e inject=setsid:signal=STOP -- "$@"
}

# Wakes lxs-enter and says whether the command is born, as $BORN, and held.
born_and_held() {
	local pid
	BORN=
	for pid in $(members "$CT"); do
		grep -q '^State:.[tT]' "/proc/$pid/status" || continue
		if grep -q '^NSpid:.*	.*	' "/proc/$pid/status"; then BORN=$pid; else kill -CONT "$pid"; fi
	done 2>/dev/null
	[ -n "$BORN" ]
}

let_in() {
	wait_for 60 "the command is born" born_and_held && return
	ps -o pid,ppid,stat,wchan:20,args -p "$(members "$CT" | paste -sd,)"
	cat "$BATS_TEST_TMPDIR/out" 2>&1
	return 1
}

# A stop that a tracer sees is not yet one that a signal ends: woken until it is gone.
let_go() {
	wait_for 60 "the command ends" woken_and_gone
}

woken_and_gone() {
	! kill -CONT "$BORN" 2>/dev/null
}

@test "an attached process holds nothing of the host from its first moment on" {
	needs_lxs
	needs strace strace -V
	probe_config
	start_probe
	held "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid 9</proc 3>&- &
	let_in
	run readlink "/proc/$BORN"/fd/*
	assert_silent_about "/proc" pidfd seccomp.bpf "$LXCPATH"
	let_go
	wait $!
}

@test "on a terminal, an attached process never holds the caller's" {
	needs_lxs
	needs strace strace -V
	probe_config "lxc.pty.max = 10"
	start_probe
	export -f held
	script -qec "bash -c 'held $TOOL_BIN/lxs-attach -P $LXCPATH -n $CT -- /bin/probe pid'" /dev/null \
		>"$BATS_TEST_TMPDIR/out" 3>&- <>"$BATS_TEST_TMPDIR/never" &
	let_in
	run cut -d' ' -f7 "/proc/$BORN/stat"
	assert_output 0
	let_go
	wait $!
	grep -q "pid=" "$BATS_TEST_TMPDIR/out"
}

# thief_config LINES...: a container whose init robs whoever comes in.
thief_config() {
	needs "a static C library" cc -O1 -static -o "$BATS_TEST_TMPDIR/thief" "$BATS_TEST_DIRNAME/thief.c"
	container_config "lxc.mount.auto = proc:mixed" "$@"
	container_rootfs
	cp "$BATS_TEST_TMPDIR/thief" "$ROOTFS/bin/thief"
	sed -i 's,^lxc.init.cmd.*,lxc.init.cmd = /bin/thief 120 of-the-caller-alone,' "$LXCPATH/$CT/config"
}

# visited: $WHILE_HELD is what the thief took from a command that is held before its exec, output what it
# took of all that came in.
visited() {
	local round=0
	start_probe
	export MINE="x of-the-caller-alone x"
	held "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" --clear-env -- /bin/probe pid </dev/null >/dev/null 2>&1 3>&- &
	let_in
	wait_for 60 "the thief has come by twice" came_by 2
	WHILE_HELD=$(loot)
	let_go
	wait $!
	while [ $((++round)) -lt 40 ]; do
		tool attach -n "$CT" --clear-env -- /bin/probe exit 0 </dev/null >/dev/null 2>&1
	done
	unset MINE
	touch "$ROOTFS/stop"
	wait_for 60 "the thief is done" grep -q '^done' "$LXCPATH/$CT/console.log"
	run loot
}

loot() {
	grep -vE '^(ready|done|round)' "$LXCPATH/$CT/console.log" | tr -d '\r' || :
}

came_by() {
	local rounds
	rounds=$(grep -c '^round' "$LXCPATH/$CT/console.log")
	[ "$rounds" -ge $((${ROUNDS_BEFORE:=$rounds} + $1)) ]
}

@test "in a user namespace, root of the container gets nothing out of who comes in" {
	needs_lxs
	needs strace strace -V
	thief_config "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536" "lxc.net.0.type = empty"
	chown -R 100000:100000 "$ROOTFS"
	visited
	assert_equal "$WHILE_HELD" ""
	# What is left is of the command itself, once it runs.
	run grep -vE '^(exe [^ ]+ /bin/probe|fd [^ ]+ /dev/null|traced [^ ]+ |memory .*)$' <<<"$output"
	assert_output ""
}

@test "root of a privileged container finds nothing of the host in who comes in" {
	needs_lxs
	needs strace strace -V
	thief_config "lxc.net.0.type = empty"
	visited
	# It may look at everybody, and did.
	grep -q '^exe .* /memfd:lxs-enter (deleted)$' <<<"$WHILE_HELD"
	run grep -vE '^(exe [^ ]+ (/bin/probe|/memfd:lxs-enter \(deleted\))|fd [^ ]+ (/dev/null|socket:.*)|traced [^ ]+ |memory .*)$' <<<"$output"
	assert_output ""
}

# sharing NAMESPACE...: a second container that lives in these namespaces of the thief's, 20 times; what was taken.
sharing() {
	local kind round=0
	container_named "$CT-2" "lxc.net.0.type = empty" "lxc.rootfs.path = dir:$ROOTFS" \
		"lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	for kind; do
		echo "lxc.namespace.share.$kind = $CT" >>"$LXCPATH/$CT-2/config"
	done
	while [ $((++round)) -lt 20 ]; do
		MINE="x of-the-caller-alone x" tool execute -n "$CT-2" -- /bin/probe exit 0 </dev/null >/dev/null 2>&1
	done
	run loot
}

# Of what was taken, nothing is of before the exec.
assert_only_executed() {
	run grep -vE '^(exe [^ ]+ (/bin/probe|/memfd:lxs-init \(deleted\))|fd [^ ]+ /dev/null|traced [^ ]+ ?|memory .*)$' <<<"$output"
	assert_output ""
}

@test "who shares the pid namespace of a hostile container shows it nothing before init runs" {
	needs_lxs
	thief_config "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536" "lxc.net.0.type = empty"
	chown -R 100000:100000 "$ROOTFS"
	start_probe
	sharing pid
	assert_output ""
	# Root of the user namespace may look at what runs in it, the small init and the command.
	sharing pid user
	assert_only_executed
}

# Whoever made a user namespace is almighty there, whatever capabilities he has kept: root of such a container
# is the one that made all of root's.
@test "root of a privileged container without capabilities gets nothing of who starts in its pid namespace" {
	needs_lxs
	thief_config "lxc.net.0.type = empty" "lxc.cap.keep = kill"
	start_probe
	sharing pid
	grep -q '^exe' <<<"$output"
	assert_only_executed
}

@test "a working directory that became a link of /proc leads nowhere" {
	needs_lxs
	probe_config "lxc.namespace.keep = pid user"
	mkdir -p "$BATS_TEST_TMPDIR/here" "$ROOTFS$BATS_TEST_TMPDIR"
	# Descriptor 5 of lxs-enter is a directory of the host's /proc.
	ln -s /proc/self/fd/5 "$ROOTFS$BATS_TEST_TMPDIR/here"
	start_probe
	cd "$BATS_TEST_TMPDIR/here"
	ask cwd
	assert_output /
	# Init is told.
	run tool stop -k -n "$CT"
	ln -s /proc/self/cwd "$ROOTFS/away"
	echo "lxc.init.cwd = /away" >>"$LXCPATH/$CT/config"
	run tool start -n "$CT"
	assert_status 1
	assert_says "a link of /proc would lead out of the container"
}

@test "kernel parameters are not written to what the guest has in the place of /proc" {
	needs_lxs
	container_config "lxc.sysctl.kernel.msgmax = 4711"
	container_rootfs
	mkdir -p "$ROOTFS/proc/sys/kernel" "$LXCPATH/outside"
	echo guest >"$ROOTFS/proc/sys/kernel/msgmax"
	start_probe
	assert_equal "$(cat "$ROOTFS/proc/sys/kernel/msgmax")" guest
	assert_equal "$(nsenter -t "$(init_pid)" -i cat /proc/sys/kernel/msgmax)" 4711
	run tool stop -k -n "$CT"
	# Covered by a mount of the config's, whose files lead elsewhere.
	container_config "lxc.sysctl.kernel.msgmax = 4712" "lxc.mount.auto = proc" \
		"lxc.mount.entry = $LXCPATH/outside proc none bind 0 0"
	container_rootfs
	ln -s "$LXCPATH/outside" "$LXCPATH/outside/sys"
	start_probe
	assert_equal "$(nsenter -t "$(init_pid)" -i cat /proc/sys/kernel/msgmax)" 4712
	run find "$LXCPATH/outside" -mindepth 1
	assert_output "$LXCPATH/outside/sys"
}

@test "an init that is a fifo does not hold up the start" {
	needs_lxs
	probe_config
	mkfifo -m 0755 "$ROOTFS/sbin/pipe"
	echo "lxc.init.cmd = /sbin/pipe" >>"$LXCPATH/$CT/config"
	run timeout 10 "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "/sbin/pipe" "Permission denied"
}

@test "what a guest wrote reaches the user's terminal without control characters" {
	needs_lxs
	probe_config
	printf '#!/none\033]0;owned\007\n' >"$ROOTFS/sbin/script"
	chmod 0755 "$ROOTFS/sbin/script"
	echo "lxc.init.cmd = /sbin/script" >>"$LXCPATH/$CT/config"
	run tool start -n "$CT"
	assert_status 1
	assert_says '/none\033]0;owned\007'
	assert_silent_about $'\033' $'\007'
}

@test "a log in the root file system, where the guest could plant a link, is refused" {
	needs_lxs
	local key
	echo mine >"$LXCPATH/outside"
	for key in lxc.console.logfile lxc.log.file; do
		probe_config
		ln -sf "$LXCPATH/outside" "$ROOTFS/etc/log"
		echo "$key = $ROOTFS/etc/log" >>"$LXCPATH/$CT/config"
		run tool start -n "$CT"
		assert_status 1
		assert_says "$ROOTFS/etc/log lies in the container's root file system" "config:" "$key"
		assert_equal "$(cat "$LXCPATH/outside")" mine
		rm -r "$ROOTFS"
	done
}

@test "a log is refused by where its path leads, not by how it is written" {
	needs_lxs
	local path
	probe_config
	mkdir -p "$ROOTFS/var" "$LXCPATH/x"
	ln -s "$LXCPATH/outside" "$ROOTFS/var/clog"
	ln -s "$LXCPATH/x" "$ROOTFS/var/elsewhere"
	ln -s "$ROOTFS/var/clog" "$LXCPATH/x/mid"
	ln -s "../$CT/rootfs/var" "$LXCPATH/x/var"
	ln -s "$LXCPATH" "$LXCPATH/x/lxcpath"
	ln -s "$LXCPATH/x/fine.log" "$LXCPATH/x/link"
	cp "$LXCPATH/$CT/config" "$LXCPATH/x/config"
	for path in x/mid x/var/clog x/var/elsewhere/log "$CT//rootfs/./var/clog" "$CT/../x/var/clog" \
		"x/lxcpath/$CT/rootfs/var/clog"; do
		for key in lxc.console.logfile lxc.log.file; do
			{ cat "$LXCPATH/x/config"; echo "$key = $LXCPATH/$path"; } >"$LXCPATH/$CT/config"
			run tool start -n "$CT"
			[ "$status" -eq 1 ] || { echo "taken: $path"; return 1; }
			assert_says "lies in the container's root file system" "$key"
		done
	done
	# Every place of an overlay is the container's.
	mkdir -p "$LXCPATH/$CT/delta/var" "$LXCPATH/$CT/work"
	for path in rootfs/var/clog delta/var/clog work/log; do
		{
			sed "s,^lxc.rootfs.path.*,lxc.rootfs.path = overlay:$ROOTFS:$LXCPATH/$CT/delta," "$LXCPATH/x/config"
			echo "lxc.console.logfile = $LXCPATH/$CT/$path"
		} >"$LXCPATH/$CT/config"
		run tool start -n "$CT"
		[ "$status" -eq 1 ] || { echo "taken: $path"; return 1; }
		assert_says "lies in the container's root file system"
	done
	[ ! -e "$LXCPATH/outside" ] && [ ! -e "$LXCPATH/x/log" ]
	# A link of the host's that leads elsewhere is the host's business.
	{ cat "$LXCPATH/x/config"; echo "lxc.console.logfile = $LXCPATH/x/link"; } >"$LXCPATH/$CT/config"
	run tool start -n "$CT"
	assert_status 0
	[ -e "$LXCPATH/x/fine.log" ]
	run tool stop -n "$CT" -k
}

# start_seeing DIRECTORY: starts where $LXCPATH/logs shows that directory, for nobody else.
start_seeing() {
	# shellcheck disable=SC2016 # sh expands it
	unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$1" "$LXCPATH/logs" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
}

@test "a log is refused where a mount shows a part of the root file system" {
	needs_lxs
	local key
	probe_config
	cp "$LXCPATH/$CT/config" "$LXCPATH/plain"
	mkdir -p "$ROOTFS/var/log" "$LXCPATH/logs" "$LXCPATH/$CT/delta/upper" "$LXCPATH/$CT/work" "$LXCPATH/$CT/delta-of-another"
	for key in lxc.console.logfile lxc.log.file; do
		{ cat "$LXCPATH/plain"; echo "$key = $LXCPATH/logs/log/new"; } >"$LXCPATH/$CT/config"
		run start_seeing "$ROOTFS/var"
		assert_status 1
		assert_says "$LXCPATH/logs/log/new lies in the container's root file system" "$key"
	done
	# Of an overlay, too; and what is beside it is none of the container's.
	sed "s,^lxc.rootfs.path.*,lxc.rootfs.path = overlay:$ROOTFS:$LXCPATH/$CT/delta," "$LXCPATH/plain" >"$LXCPATH/$CT/config"
	echo "lxc.console.logfile = $LXCPATH/logs/new" >>"$LXCPATH/$CT/config"
	run start_seeing "$LXCPATH/$CT/delta/upper"
	assert_status 1
	assert_says "lies in the container's root file system"
	run start_seeing "$LXCPATH/$CT/delta-of-another"
	assert_status 0
	[ -e "$LXCPATH/$CT/delta-of-another/new" ]
	tool stop -n "$CT" -k
}

@test "names that are paths, or would break lines of state and journal, are refused" {
	needs_lxs
	local name
	for name in .. . ../x a/b $'a\nb' $'a\tb' "" "$(printf '%0256d' 0)"; do
		run tool start -n "$name"
		assert_status 1
	done
	[ ! -e "$LXS_RUNSTATEDIR/x" ]
}

@test "every command that takes a name refuses one that is a path, empty, too long or not printable" {
	needs_lxs
	local command name count=0
	probe_config
	mkdir "$LXCPATH/x"
	for command in "$TOOL_BIN"/lxs-*; do
		# What lxs-unshare calls a name is none of a container's.
		[[ $command != */lxs-unshare ]] && "$command" --help 2>&1 | grep -qE -- '^ *-n, --name' || continue
		count=$((count + 1))
		for name in .. ../x a/b $'a\nb' $'a\033b' "$(printf '%0300d' 0)"; do
			run timeout 10 "$command" -P "$LXCPATH" -n "$name"
			assert_failed
			assert_matches "(container's name|name has|needs a name|name .*path)"
			assert_silent_about $'\033'
		done
	done
	[ "$count" -ge 16 ]
	for name in .. ../x a/b $'a\nb' "$(printf '%0300d' 0)"; do
		run timeout 10 "$TOOL_BIN/lxs-copy" -P "$LXCPATH" -n "$CT" -N "$name"
		assert_failed
		assert_says "name"
		for command in -d -r; do
			run timeout 10 "$TOOL_BIN/lxs-snapshot" -P "$LXCPATH" -n "$CT" "$command" "$name"
			assert_failed
		done
	done
	run ls -A "$LXCPATH"
	assert_has "$CT" x
	assert_equal "${#lines[@]}" 2
	[ -d "$LXCPATH/x" ]
}

# The shell of a start hook is the guest's own.
@test "a program of the guest that runs as start hook finds nothing of the host in init" {
	needs_lxs
	probe_config "lxc.cap.drop = sys_time sys_module" "lxc.pty.max = 10" "lxc.tty.max = 1" \
		"lxc.seccomp.profile = $TOOL_SHARE/config/common.seccomp" "lxc.hook.start = /bin/hook"
	cp /bin/busybox "$ROOTFS/bin/sh"
	cat >"$ROOTFS/bin/hook" <<-'SCRIPT'
		#!/bin/sh
		grep '^CapPrm' /proc/1/status >/found
		for fd in /proc/1/fd/*; do
		    readlink "$fd" | grep -v '^/memfd:lxs-init'
		    [ ! -e "$fd/sysvipc" ] || echo "a whole procfs"
		done >>/found
		readlink /proc/1/exe >/program
		grep -o '/.*' /proc/1/maps >>/program
		for map in /proc/1/map_files/*; do readlink "$map"; done >>/program
		{ env; cat /proc/1/environ; } | grep -a of-the-caller >/secrets
		exit 0
	SCRIPT
	chmod 0755 "$ROOTFS/bin/hook"
	ln -s sh "$ROOTFS/bin/grep"
	ln -s sh "$ROOTFS/bin/readlink"
	ln -s sh "$ROOTFS/bin/env"
	ln -s sh "$ROOTFS/bin/cat"
	export MINE=of-the-caller-alone
	start_probe
	assert_equal "$(cat "$ROOTFS/secrets")" ""
	run cat "$ROOTFS/found"
	assert_says "CapPrm:" "socket:"
	assert_silent_about "$LXS_RUNSTATEDIR" "$LXCPATH" lock journal cgroup "(deleted)" procfs
	run cat "$ROOTFS/program"
	assert_output "/memfd:lxs-init (deleted)"
	# The same of the program that has libraries, which tells of each step.
	run tool stop -k -n "$CT"
	start_probe -l DEBUG -o "$LXCPATH/log"
	grep -q "unmap" "$LXCPATH/log"
	run cat "$ROOTFS/program"
	assert_output "/memfd:lxs-init (deleted)"
	run cat "$ROOTFS/found"
	assert_equal "$((0x$(sed -n 's/^CapPrm:\t//p' <<<"$output") & (1 << 25 | 1 << 16)))" 0
}

# The full program has libraries, and here they are the guest's.
@test "an init whose interpreter is /proc/self/exe gets no hold on the host's program" {
	needs_lxs
	local full=$LXS_PREFIX/libexec/lxs/lxs-full
	probe_config
	cc -shared -fPIC -o "$ROOTFS/evil.so" -x c - <<-'SOURCE'
		#include <fcntl.h>
		#include <unistd.h>

		__attribute__((constructor)) static void hold(void)
		{
			char program[4096];
			ssize_t length = readlink("/proc/self/exe", program, sizeof program);

			write(open("/found", O_WRONLY | O_CREAT, 0600), program, length);
			_exit(0);
		}
	SOURCE
	mkdir -p "$ROOTFS/etc"
	echo /evil.so >"$ROOTFS/etc/ld.so.preload"
	{ ldd "$full"; ldd "$ROOTFS/evil.so"; } | grep -o '/[^ ]*' | sort -u | xargs cp -L --parents -t "$ROOTFS"
	printf '#!/proc/self/exe\n' >"$ROOTFS/sbin/init"
	chmod 0755 "$ROOTFS/sbin/init"
	echo "lxc.init.cmd = /sbin/init" >>"$LXCPATH/$CT/config"
	run tool start -n "$CT" -F -l DEBUG -o "$LXCPATH/log" </dev/null
	grep -q "verify" "$LXCPATH/log"
	[ ! -e "$ROOTFS/found" ] || cat "$ROOTFS/found"
	[ ! -e "$ROOTFS/found" ]
}

# typed WORDS...: what a command of lxs in a terminal leaves there as typed.
typed() {
	script -qec "$(printf '%q ' "$@"); read -r -t 1 line; echo \"typed=[\$line]\"" /dev/null <>"$BATS_TEST_TMPDIR/never" 3>&-
}

@test "start hooks, and an init without a console, cannot type into the caller's terminal" {
	needs_lxs
	local start=("$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" -F)
	probe_config
	echo "lxc.init.cmd = /bin/probe try tiocsti" >>"$LXCPATH/$CT/config"
	cp "$LXCPATH/$CT/config" "$LXCPATH/plain"
	cp /bin/busybox "$ROOTFS/bin/sh"
	ln -s sh "$ROOTFS/bin/cut"
	ln -s sh "$ROOTFS/bin/tty"
	printf '#!/bin/sh\n{ tty; cut -d" " -f6 /proc/self/stat; } >/session\n' >"$ROOTFS/bin/hook"
	chmod 0755 "$ROOTFS/bin/hook"
	echo "lxc.hook.start = /bin/hook" >>"$LXCPATH/$CT/config"
	run typed "${start[@]}"
	assert_says "typed=[]"
	# A session of its own, with the console.
	assert_equal "$(cat "$ROOTFS/session")" $'/dev/console\n1'
	{ cat "$LXCPATH/plain"; echo "lxc.console.path = none"; } >"$LXCPATH/$CT/config"
	run typed "${start[@]}"
	assert_says EBADF "typed=[]"
	run typed "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe try tiocsti
	assert_says ok "typed=[]"
}

@test "hooks of the host get no descriptor but the standard ones" {
	needs_lxs
	local kind
	printf '#!/bin/sh\nexec >>%s\nexec %s fds\n' "$LXCPATH/held" "$LXS_PROBE" >"$LXCPATH/hook"
	chmod 0755 "$LXCPATH/hook"
	probe_config
	for kind in pre-start pre-mount start-host stop post-stop; do
		echo "lxc.hook.$kind = $LXCPATH/hook" >>"$LXCPATH/$CT/config"
	done
	tool start -n "$CT" 7</etc/passwd 9</ 250<"$LXS_PROBE"
	wait_for 10 "the probe serves" init_is_ready
	tool stop -k -n "$CT"
	wait_for 10 "it is cleaned up" nothing_left
	run sort -u "$LXCPATH/held"
	assert_output $'0\n1\n2'
	assert_equal "$(grep -cx 0 "$LXCPATH/held")" 5
}

# talk TEXT: one message to the control socket of $CT, as its peer would never write it.
talk() {
	perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0) or die; connect($s, sockaddr_un($ARGV[0])) or die "$!";
		send($s, $ARGV[1] x $ARGV[2], 0); my $r; recv($s, $r, 4096, 0); print length($r), "\n"' \
		"$@"
}

control_socket() {
	find "$LXS_RUNSTATEDIR/lxs" -path "*/$CT/control"
}

@test "a supervisor outlives malformed, oversized and silent clients" {
	needs_lxs
	needs perl perl -MSocket -e 1
	local dir size pids=()
	probe_config
	start_probe
	dir=$(dirname "$(control_socket)")
	cd "$dir"
	for size in 1 15 17 1000 65536; do
		run talk control x "$size"
		assert_output 0
	done
	run talk control $'\xff' 16
	# More connections than there are places, none of which ever asks anything.
	perl -MSocket -e 'for (1..80) { socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0); connect($s, sockaddr_un("control")) or die; push @s, $s }
		print "open\n"; $| = 1; <STDIN>' <"$BATS_TEST_TMPDIR/never" >"$BATS_TEST_TMPDIR/out" 3>&- &
	pids=($!)
	exec 7<>"$BATS_TEST_TMPDIR/never"
	run tool info -n "$CT" -s -H
	assert_output RUNNING
	run timeout 20 "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	assert_status 0
	kill "${pids[0]}" || :
}

# Requests whose answers nobody reads, messages that carry as many descriptors as the kernel takes, and both at once.
@test "a supervisor outlives clients that never read and floods of descriptors" {
	needs_lxs
	local dir before server
	cc -O1 -o "$BATS_TEST_TMPDIR/flood" "$BATS_TEST_DIRNAME/flood.c"
	probe_config "lxc.console.buffer.size = 64KB"
	start_probe
	dir=$(dirname "$(control_socket)")
	cd "$dir"
	server=$(supervisors)
	before=$(open_files "$server")
	[ -n "$server" ]
	run timeout 60 "$BATS_TEST_TMPDIR/flood" control
	assert_status 0
	assert_matches '^[1-9][0-9]* [1-9][0-9]*$'
	run timeout 20 "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -s -H
	assert_output RUNNING
	assert_equal "$(supervisors)" "$server"
	wait_for 10 "nothing of theirs is held" has_open_files "$server" "$before"
	ask pid
	run timeout 20 "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	assert_status 0
}

# The processes that stay with $CT.
supervisors() {
	pgrep -f "lxs-supervise.*$CT" | sort -n | tr '\n' ' '
}

open_files() {
	local pid
	for pid in $1; do
		find "/proc/$pid/fd" -mindepth 1 | wc -l
	done
}

has_open_files() {
	[ "$(open_files "$1")" = "$2" ]
}

@test "run directory, state, journal and console log are root's alone" {
	needs_lxs
	local dir
	umask 0
	probe_config
	start_probe
	dir=$(dirname "$(control_socket)")
	run find "$dir" "$LXCPATH/$CT/console.log" "$(dirname "$dir")" "$LXS_RUNSTATEDIR/lxs" -prune -perm /037 -print
	assert_output ""
	run find "$dir" -perm /077 ! -name control
	assert_output ""
}

@test "a run directory that others may write, or that is another's, is refused" {
	needs_lxs
	local parent
	probe_config
	start_probe
	parent=$(dirname "$(dirname "$(control_socket)")")
	run tool stop -k -n "$CT"
	mkdir -m 0777 "$parent/$CT"
	chmod 0777 "$parent/$CT"
	run tool start -n "$CT"
	assert_status 1
	assert_says "can be written by others"
	chmod 0700 "$parent/$CT"
	chown 12345 "$parent/$CT"
	run tool start -n "$CT"
	assert_status 1
	assert_says "belongs to user 12345"
	rmdir "$parent/$CT"
	ln -s /etc "$parent/$CT"
	run tool start -n "$CT"
	assert_status 1
	rm "$parent/$CT"
}
