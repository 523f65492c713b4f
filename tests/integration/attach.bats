# lxs-attach: what a command inside may, sees and returns.
load lib

bats_require_minimum_version 1.5.0

# A busybox as shell beside the probe; its passwd file names shells.
with_shell() {
	needs "a static busybox" grep -q "statically linked" <(file -L "$(command -v busybox)")
	cp "$(command -v busybox)" "$ROOTFS/bin/busybox"
	ln -sf busybox "$ROOTFS/bin/sh"
	ln -sf busybox "$ROOTFS/bin/cat"
	ln -sf busybox "$ROOTFS/bin/seq"
}

# in_terminal COMMAND: runs a shell command line on a terminal of its own, at
# which nobody types.
in_terminal() {
	needs "script(1)" command -v script
	run script -qec "$1" /dev/null <>"$BATS_TEST_TMPDIR/never"
	output=${output//$'\r'/}
}

attach_line() {
	printf '%s -P %s -n %s' "$TOOL_BIN/$TOOL-attach" "$LXCPATH" "$CT"
}

started() {
	container_config "lxc.include = $COMMON" "$@"
	container_rootfs
	start_probe
}

# bats test_tags=compat
@test "attach returns the command's code, 128+N, 126 and 127" {
	started
	run tool attach -n "$CT" -- /bin/probe exit 0
	assert_status 0
	run tool attach -n "$CT" -- /bin/probe exit 42
	assert_status 42
	run tool attach -n "$CT" -- /bin/probe signal 9
	assert_status 137
	run -127 tool attach -n "$CT" -- /bin/nosuch
	run -126 tool attach -n "$CT" -- /etc
	# The name may be the first positional argument.
	run tool attach "$CT" -- /bin/probe exit 5
	assert_status 5
}

@test "a program that cannot be run is named" {
	needs_lxs
	started
	run -127 tool attach -n "$CT" -- /bin/nosuch
	assert_says "lxs-attach: $CT: cannot run /bin/nosuch: No such file or directory"
}

@test "not running: exit 1, and what to do" {
	needs_lxs
	container_config
	run tool attach -n "$CT" -- /bin/true
	assert_status 1
	assert_says "not running" "hint: start it with lxs-start -n $CT"
}

# bats test_tags=compat
@test "a container that is not running cannot be attached to" {
	container_config
	run tool attach -n "$CT" -- /bin/true
	assert_status 1
}

@test "only 0, 1 and 2 reach the command" {
	needs_lxs
	started
	run tool attach -n "$CT" -- /bin/probe fds 7</dev/null 9</ 250<"$LXS_PROBE"
	assert_status 0
	assert_output $'0\n1\n2'
}

@test "the command has init's bounding set, and empty inheritable and ambient ones" {
	needs_lxs
	started 'lxc.cap.drop = net_raw'
	ask read /proc/1/status
	local init
	init=$(grep '^Cap' <<<"$output")
	ask read /proc/self/status
	assert_equal "$(grep '^Cap' <<<"$output")" "$init"
	assert_has $'CapInh:\t0000000000000000' $'CapAmb:\t0000000000000000'
	ask try raw_socket
	assert_output EPERM
	run tool attach -n "$CT" -eCAP -- /bin/probe try raw_socket
	assert_output ok
}

@test "a drop that is reset comes back for attached commands too" {
	needs_lxs
	started 'lxc.cap.drop =' 'lxc.cap.drop = sys_module'
	ask caps bounding
	assert_has sys_time
	assert_lacks sys_module
}

@test "the container's seccomp filter holds, unless LSM is elevated" {
	needs_lxs
	started
	ask seccomp
	local filtered=$output
	assert_says 2
	ask try kexec
	assert_says E
	run tool attach -n "$CT" -eLSM -- /bin/probe seccomp
	assert_status 0
	[ "$output" != "$filtered" ]
}

@test "no_new_privs of the container holds" {
	needs_lxs
	started 'lxc.no_new_privs = 1'
	ask nnp
	assert_output 1
}

# bats test_tags=compat
@test "namespaces are init's" {
	started
	local kind
	for kind in mnt pid uts ipc net cgroup; do
		ask ns "$kind"
		assert_equal "$output" "$(readlink "/proc/$(init_pid)/ns/$kind")"
	done
}

# bats test_tags=compat
@test "-s joins some namespaces only" {
	started
	run tool attach -n "$CT" -s 'NETWORK|UTSNAME' -- /bin/readlink /proc/self/ns/net /proc/self/ns/mnt
	assert_status 0
	assert_equal "${lines[0]}" "$(readlink "/proc/$(init_pid)/ns/net")"
	assert_equal "${lines[1]}" "$(readlink /proc/self/ns/mnt)"
}

@test "-R shows the processes of the container in the host's mounts" {
	needs_lxs
	local outside
	outside=$(cat /proc/1/comm)
	started
	run tool attach -n "$CT" -R -s PID -- /bin/cat /proc/1/comm
	assert_status 0
	assert_output probe
	# The host's own /proc is as it was.
	assert_equal "$(cat /proc/1/comm)" "$outside"
}

# bats test_tags=compat
@test "the command runs in the container's cgroups" {
	started
	ask read /proc/self/cgroup
	assert_silent_about "lxc.payload"
	local inside
	inside=$(cgroups_of "$CT" | grep -c payload)
	[ "$inside" -gt 0 ]
}

@test "-e CGROUP stays in the caller's cgroups" {
	needs_lxs
	started
	run tool attach -n "$CT" -eCGROUP -- /bin/probe read /proc/self/cgroup
	assert_status 0
	assert_says ".."
}

# bats test_tags=compat
@test "the environment: kept, cleared, added to" {
	started 'lxc.environment = FROM_CONFIG=yes'
	export KEPT_ONE=1 KEPT_TWO=2
	ask env
	assert_has KEPT_ONE=1 KEPT_TWO=2 container=lxc FROM_CONFIG=yes
	run tool attach -n "$CT" --clear-env --keep-var KEPT_TWO -v ADDED=a=b -v ADDED2= -- /bin/probe env
	assert_status 0
	assert_has KEPT_TWO=2 ADDED=a=b ADDED2= container=lxc FROM_CONFIG=yes
	assert_has PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	assert_lacks KEPT_ONE=1
}

@test "a variable is there once, and -v wins" {
	needs_lxs
	started 'lxc.environment = V=config'
	export V=caller
	run tool attach -n "$CT" -v V=option -- /bin/probe env
	assert_status 0
	assert_equal "$(grep '^V=' <<<"$output")" V=option
}

# bats test_tags=compat
@test "-u and -g" {
	started
	run tool attach -n "$CT" -u 1234 -g 4321 -- /bin/probe id
	assert_status 0
	assert_says uid=1234 gid=4321
	run tool attach -n "$CT" -u 1234 -- /bin/probe caps effective
	assert_status 0
	assert_output ""
}

@test "ids are numbers, whole and in range" {
	needs_lxs
	container_config
	local id
	for id in 10x -1 4294967295 99999999999 '' root 0x10 ' 1'; do
		run tool attach -n "$CT" -u "$id" -- /bin/true
		assert_status 1
		assert_says "--uid needs a number"
	done
}

@test "the caller's keys do not come along" {
	needs_lxs
	started
	ask keyring
	assert_matches '^[0-9]+$'
	[ "$output" != "$("$LXS_PROBE" keyring)" ]
}

@test "no supplementary groups of the caller come along" {
	needs_lxs
	started
	run setpriv --groups 7,8 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe id
	assert_status 0
	assert_has "uid=0 gid=0 groups="
}

@test "without a command: the shell of the uid, as the container's passwd names it" {
	needs_lxs
	started
	with_shell
	cp "$ROOTFS/bin/busybox" "$ROOTFS/bin/cat2"
	printf '%s\n' 'root:x:0:0::/root:/bin/sh' 'cat:x:77:77::/:/bin/cat' 'bad:x:78:78::/:/bin/nosuch' \
		>"$ROOTFS/etc/passwd"
	run bash -c "echo 'exit 9' | $(attach_line)"
	assert_status 9
	run bash -c "echo 'exit 9' | $(attach_line) -u 77"
	assert_status 0
	assert_output "exit 9"
	# A shell that is not there, a uid that is not there, a file that is none: /bin/sh.
	run bash -c "echo 'exit 8' | $(attach_line) -u 78"
	assert_status 8
	run bash -c "echo 'exit 7' | $(attach_line) -u 79"
	assert_status 7
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	run bash -c "echo 'exit 6' | timeout 10 $(attach_line)"
	assert_status 6
}

@test "without any shell: exit 255" {
	needs_lxs
	started
	run tool attach -n "$CT" </dev/null
	assert_status 255
	assert_says "cannot run /bin/sh"
}

# bats test_tags=compat
@test "the working directory is the caller's where it exists inside" {
	started
	mkdir -p "$ROOTFS/var"
	cd /var
	ask cwd
	assert_output /var
	cd "$LXCPATH"
	ask cwd
	assert_output /
}

@test "limits of the config hold for commands" {
	needs_lxs
	started 'lxc.prlimit.nofile = 77:88'
	ask rlimit nofile
	assert_output "77 88"
}

# ---- terminals ----

@test "on a terminal the command gets one of the container's own" {
	needs_lxs
	started
	in_terminal "$(attach_line) -- /bin/probe tty"
	assert_status 0
	assert_matches '0 /dev/pts/[0-9]+'
	assert_matches '2 /dev/pts/[0-9]+'
}

@test "what is no terminal is passed through" {
	needs_lxs
	started
	in_terminal "$(attach_line) -- /bin/probe tty </dev/null 2>&1"
	assert_matches '0 none'
	assert_matches '1 /dev/pts/[0-9]+'
	in_terminal "$(attach_line) -- /bin/probe tty >$LXCPATH/out; cat $LXCPATH/out"
	assert_matches '0 /dev/pts/[0-9]+'
	assert_matches '1 none'
}

@test "the size of the terminal is passed on" {
	needs_lxs
	started
	with_shell
	ln -s busybox "$ROOTFS/bin/stty"
	in_terminal "stty rows 33 cols 99; $(attach_line) -- /bin/stty size"
	assert_says "33 99"
}

@test "a terminal loses no output, and is itself again afterwards" {
	needs_lxs
	started
	with_shell
	in_terminal "stty -g >$LXCPATH/before; $(attach_line) -- /bin/seq 1 50000; stty -g >$LXCPATH/after"
	assert_equal "$(md5sum <<<"$output")" "$(seq 1 50000 | md5sum)"
	assert_equal "$(cat "$LXCPATH/after")" "$(cat "$LXCPATH/before")"
}

@test "typing reaches the command" {
	needs_lxs
	started
	with_shell
	run bash -c "printf 'echo sum-\$((40+2))\nexit 3\n' | script -qec '$(attach_line) -- /bin/sh' /dev/null"
	assert_status 3
	assert_says sum-42
}

@test "-L logs what the terminal shows" {
	needs_lxs
	started "lxc.uts.name = $CT"
	in_terminal "$(attach_line) -L $LXCPATH/pty.log -- /bin/probe hostname"
	assert_status 0
	grep -q "$CT" "$LXCPATH/pty.log"
	assert_equal "$(stat -c %a "$LXCPATH/pty.log")" 640
}

@test "the caller's terminal cannot be typed into from inside" {
	needs_lxs
	started
	# Not even when the terminal is only the session's and none of 0, 1, 2.
	in_terminal "$(attach_line) -- /bin/probe open /dev/tty </dev/null >$LXCPATH/out 2>&1; cat $LXCPATH/out"
	assert_says ENXIO
	in_terminal "$(attach_line) -- /bin/probe try tiocsti; read -r -t 1 line; echo \"got=[\$line]\""
	assert_says "got=[]"
}

@test "a signal to lxs-attach reaches the command" {
	needs_lxs
	started
	"$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe serve >"$LXCPATH/out" &
	local attached=$!
	wait_for 10 "the command runs" grep -q ready "$LXCPATH/out"
	kill -TERM "$attached"
	wait "$attached"
	grep -q halting "$LXCPATH/out"
}

# ---- hostile and broken surroundings ----

@test "a frozen container is an error, not a hang" {
	needs_lxs
	started
	tool freeze -n "$CT"
	run timeout 10 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid
	assert_status 1
	assert_says frozen "lxs-unfreeze -n $CT"
	tool unfreeze -n "$CT"
	ask pid
}

# froze_itself FILE WORD: what root of $CT could write to its own cgroups; nobody has told lxs.
froze_itself() {
	local file
	file=$(cgroups_of "$CT" | sed -n "/payload/s|\$|/$1|p" | xargs ls 2>/dev/null | head -n 1)
	[ -n "$file" ] && echo "$2" >"$file"
}

thawed_and_stopped() {
	assert_equal "$(state_of)" RUNNING
	run timeout 30 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid
	assert_status 1
	assert_says "frozen itself" "lxs-unfreeze -n $CT"
	tool unfreeze -n "$CT"
	ask pid
	froze_itself "$@"
	run timeout 30 "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	assert_status 0
}

@test "a container that froze itself does not hang attach, and can be thawed and stopped" {
	needs_lxs
	started
	froze_itself cgroup.freeze 1 || skip "no cgroup v2"
	thawed_and_stopped cgroup.freeze 1
}

@test "a container that froze itself by cgroup v1 does not hang attach, and can be thawed and stopped" {
	needs_lxs
	started
	froze_itself freezer.state FROZEN || skip "no freezer of cgroup v1"
	thawed_and_stopped freezer.state FROZEN
}

# bats test_tags=vm
@test "a leaf for attached commands that the guest made and froze does not hang attach" {
	needs_lxs
	needs "cgroup v2 alone" test "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs
	started
	local cgroup
	cgroup=$(cgroups_of "$CT" | grep -m 1 payload)
	mkdir "$cgroup/lxs.attach" "$cgroup/work"
	init_pid >"$cgroup/work/cgroup.procs"
	echo +pids >"$cgroup/cgroup.subtree_control"
	echo 1 >"$cgroup/lxs.attach/cgroup.freeze"
	run timeout 20 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid
	assert_status 1
	assert_says "frozen itself"
}

@test "a config that no longer loads does not matter" {
	needs_lxs
	started "lxc.uts.name = $CT"
	printf 'lxc.nonsense = 1\nlxc.include = /nosuch\n' >"$LXCPATH/$CT/config"
	ask hostname
	assert_output "$CT"
	rm "$LXCPATH/$CT/config"
	ask hostname
	assert_output "$CT"
	printf '' >"$LXCPATH/$CT/config"
}

@test "a guest with a strange /proc does not fool attach" {
	needs_lxs
	started
	with_shell
	run tool attach -n "$CT" -- /bin/busybox mount -t tmpfs none /proc
	assert_status 0
	ask caps bounding
	assert_lacks sys_module sys_time
	run tool attach -n "$CT" -u 55 -- /bin/probe id
	assert_says uid=55
}

@test "an interpreter of /proc/self/exe gets no hold on the host's programs" {
	needs_lxs
	started
	local before
	before=$(cat "$LXS_PREFIX/bin/lxs" "$LXS_PREFIX/libexec/lxs/lxs-enter" | sha256sum)
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/evil"
	chmod 755 "$ROOTFS/bin/evil"
	run tool attach -n "$CT" -- /bin/evil
	assert_failed
	assert_equal "$(cat "$LXS_PREFIX/bin/lxs" "$LXS_PREFIX/libexec/lxs/lxs-enter" | sha256sum)" "$before"
}

@test "what lxs-enter runs from is read-only and linked to no library" {
	needs_lxs
	needs "strace" command -v strace
	started
	run strace -f -e trace=execve,mount_setattr,fcntl "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe pid
	assert_status 0
	assert_matches 'F_SEAL_WRITE|MOUNT_ATTR_RDONLY'
	assert_says 'execve("/proc/self/fd/'
	run file "$LXS_PREFIX/libexec/lxs/lxs-enter"
	assert_matches 'static(ally|-pie) linked'
}

# ---- options ----

@test "refused options" {
	needs_lxs
	container_config
	local line
	for line in '-e=CAP' '-ecap' '-eCAP|X' '-s MOUNT|NOSUCH' '-s Mount' '-a pdp11' '-v X' '-v =1' \
		'-c label -e' '-c label -s PID'; do
		# shellcheck disable=SC2086
		run tool attach -n "$CT" $line -- /bin/true
		assert_status 1
		assert_silent_about "not running"
	done
	for line in '-eCAP' '-eCAP|CGROUP|LSM' '-s mnt|Pid|UTSNAME' '-a i686' '-a x86_64' '--keep-env'; do
		# shellcheck disable=SC2086
		run tool attach -n "$CT" $line -- /bin/true
		assert_says "not running"
	done
}

# bats test_tags=compat
@test "-a sets the personality of the command" {
	started
	run tool attach -n "$CT" -a i686 -- /bin/probe personality
	assert_status 0
	assert_matches 'i.86'
}
