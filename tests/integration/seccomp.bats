# Seccomp profiles in force: what each action does, the JSON format and its
# conditions, the cache, and who answers notifications.
load lib

# Numbers of x86_64; what is asked by number is asked there only.
KEYCTL=250 CLONE3=435 FUTURE=1000

# filtered LINES...: a container with a rootfs, whose profile has these lines.
filtered() {
	printf '%s\n' "$@" >"$LXCPATH/profile"
	container_config "lxc.mount.auto = proc" "lxc.seccomp.profile = $LXCPATH/profile"
	container_rootfs
}

# json_filtered FILE LINES...: the same with a profile in JSON, and more lines of config.
json_filtered() {
	local file=$1
	shift
	needs_lxs
	container_config "lxc.mount.auto = proc" "lxs.seccomp.profile = $file" "$@"
	container_rootfs
}

start_fails() {
	run tool start -n "$CT"
	assert_status 1
}

is_x86_64() {
	[ "$(uname -m)" = x86_64 ]
}

@test "a profile that kills unshare(2)" {
	needs_lxs
	printf '%s\n' 2 denylist '[all]' 'unshare kill' >"$LXCPATH/profile"
	container_config "lxc.seccomp.profile = $LXCPATH/profile"
	run tool execute -n "$CT" -- unshare -U true
	assert_status 159
}

# bats test_tags=compat
@test "a profile that lets init not come up is named" {
	needs_lxs
	filtered 2 allowlist mkdir
	start_fails
	assert_says "init was killed by SIGSYS while it was set up" "asked for by $LXCPATH/$CT/config:2: lxc.seccomp.profile" \
		"hint: the profile forbids a system call that init needs"
	filtered 2 "allowlist errno 6" read write exit_group
	start_fails
	assert_says "while it was set up" "lxc.seccomp.profile" "hint: the profile forbids"
}

@test "actions of the LXC format" {
	needs "x86_64" is_x86_64
	filtered 2 denylist '[all]' 'swapon errno 38' 'delete_module errno 17' 'keyctl kill' 'kexec_load trap'
	run_probe try swapon
	assert_output ENOSYS
	run_probe try delete_module
	assert_output EEXIST
	run tool execute -n "$CT" -- /bin/probe call $KEYCTL
	assert_status 159
	run tool execute -n "$CT" -- /bin/probe try kexec
	assert_status 159
}

@test "actions that LXC does not have" {
	needs_lxs
	needs "x86_64" is_x86_64
	filtered 2 denylist 'swapon log' 'delete_module trace 5' 'keyctl kill_process'
	run_probe try swapon
	assert_output ENOENT
	# Without a tracer such a call is not made.
	run_probe try delete_module
	assert_output ENOSYS
	run tool execute -n "$CT" -- /bin/probe call $KEYCTL
	assert_status 159
}

# bats test_tags=compat
@test "every operator on arguments" {
	needs "x86_64" is_x86_64
	filtered 2 denylist '[all]' "keyctl errno 17 [0,5,==]" "keyctl errno 2 [0,1000,>]" "keyctl errno 13 [0,0x100,&=,0xff00]" \
		"swapon errno 16 [0,7,<]" "delete_module errno 22 [0,9,!=]" "kexec_load errno 6 [0,3,>=] [1,3,<=]"
	run_probe call $KEYCTL 5
	assert_output EEXIST
	run_probe call $KEYCTL 1001
	assert_output ENOENT
	run_probe call $KEYCTL 0x155
	assert_output EACCES
	run_probe call 167 6
	assert_output EBUSY
	run_probe call 176 8
	assert_output EINVAL
	run_probe call 246 3 3
	assert_output ENXIO
	run_probe call 246 2 3
	[ "$output" != ENXIO ]
}

@test "a JSON profile of Docker's shape" {
	needs "x86_64" is_x86_64
	json_filtered "$BATS_TEST_DIRNAME/seccomp-allow.json" "lxc.cap.drop = sys_admin sys_module"
	run_probe seccomp
	assert_output 2
	run_probe try getpid
	assert_output ok
	run_probe try swapon
	assert_output EPERM
	run_probe try delete_module
	assert_output EPERM
	# Not without the capability; C libraries fall back from clone3 on ENOSYS only.
	run_probe try mount
	assert_output EPERM
	run_probe call $CLONE3 0 0
	assert_output ENOSYS
	run_probe call $FUTURE
	assert_output ENOSYS
}

@test "a JSON profile allows what goes with a capability" {
	needs "x86_64" is_x86_64
	json_filtered "$BATS_TEST_DIRNAME/seccomp-allow.json" "lxc.cap.drop = sys_module"
	run_probe try mount
	assert_output ok
	run_probe call $CLONE3 0 0
	assert_output EINVAL
	run_probe try delete_module
	assert_output EPERM
}

@test "lxs.seccomp.profile stands in place of an included lxc.seccomp.profile" {
	printf '%s' '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "swapon" ],
		"action": "SCMP_ACT_ERRNO", "errnoRet": 38 } ] }' >"$LXCPATH/profile.json"
	json_filtered "$LXCPATH/profile.json" "lxc.include = $COMMON"
	run_probe try swapon
	assert_output ENOSYS
	run_probe try open_by_handle
	assert_output EFAULT
}

@test "attach is under the same JSON profile" {
	needs "x86_64" is_x86_64
	json_filtered "$BATS_TEST_DIRNAME/seccomp-allow.json"
	start_probe
	ask try swapon
	assert_output EPERM
	ask call $FUTURE
	assert_output ENOSYS
}

# bats test_tags=compat
@test "under a filter of the caller's the profile is left out, with a warning" {
	local start=("$LXS_PROBE" filtered "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT")
	filtered 2 denylist 'swapon errno 38'
	echo "lxc.pty.max = 10" >>"$LXCPATH/$CT/config"
	for options in "" "-q"; do
		# shellcheck disable=SC2086
		run "${start[@]}" $options
		assert_status 0
		if [ "$TOOL" = lxs ]; then
			[ -n "$options" ] || assert_output "lxs-start: $CT: warning: the profile is left out: this process runs\
 under a seccomp filter already (lxc.seccomp.allow_nesting = 1 loads it all the same)
  asked for by $LXCPATH/$CT/config:2: lxc.seccomp.profile = $LXCPATH/profile"
			[ -z "$options" ] || assert_output ""
		fi
		wait_for 10 "it serves" init_is_ready
		tool stop -k -n "$CT"
	done
}

@test "with lxc.seccomp.allow_nesting = 1 it is loaded all the same, and nothing is said" {
	needs_lxs
	filtered 2 denylist 'swapon errno 38'
	echo "lxc.seccomp.allow_nesting = 1" >>"$LXCPATH/$CT/config"
	run "$LXS_PROBE" filtered "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe try swapon
	assert_status 0
	assert_output ENOSYS
}

@test "what is wrong in a JSON profile is named, with the config line" {
	json_filtered "$LXCPATH/profile.json"
	printf '{\n  "defaultAction": "SCMP_ACT_ERRNO",\n  oops\n}\n' >"$LXCPATH/profile.json"
	start_fails
	assert_says "$LXCPATH/profile.json:3:" "config:2: lxs.seccomp.profile"
	printf '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "kexec_laod" ], "action": "SCMP_ACT_ERRNO" } ] }' \
		>"$LXCPATH/profile.json"
	start_fails
	assert_says "syscalls[0]: there is no system call 'kexec_laod'" "did you mean kexec_load?"
}

@test "a JSON profile is compiled once for the same capabilities" {
	json_filtered "$LXCPATH/profile.json"
	# A text of its own, so that no other test has compiled it before.
	printf '{ "comment": "%s", "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "swapon" ],
		"action": "SCMP_ACT_ERRNO", "includes": { "caps": [ "CAP_SYS_ADMIN" ] } } ] }' "$CT" >"$LXCPATH/profile.json"
	local cache=$LXS_PREFIX/var/cache/lxs/seccomp
	run_probe try swapon
	assert_output EPERM
	local first
	first=$(grep -l -- "$CT" "$cache"/*)
	assert_equal "$(wc -l <<<"$first")" 1
	local made
	made=$(stat -c %i:%y "$first")
	run_probe try swapon
	assert_equal "$(stat -c %i:%y "$first")" "$made"
	# What another could have written is not believed.
	chmod 0666 "$first"
	run_probe try swapon
	assert_equal "$(stat -c %a "$first")" 600
	# Without the capability it is another program.
	echo "lxc.cap.drop = sys_admin" >>"$LXCPATH/$CT/config"
	run_probe try swapon
	assert_equal "$(grep -l -- "$CT" "$cache"/* | wc -l)" 2
	grep -l -- "$CT" "$cache"/* | xargs rm
}

# ---- notifications ----

# proxy_start ERRNO [MANNER]: the program that answers, in the background; what it prints is in $LXCPATH/asked.
proxy_start() {
	needs "x86_64" is_x86_64
	cc -o "$BATS_TEST_TMPDIR/proxy" "$BATS_TEST_DIRNAME/proxy.c"
	"$BATS_TEST_TMPDIR/proxy" "$LXCPATH/proxy.sock" "$@" >"$LXCPATH/asked" 3>&- &
	PROXY=$!
	wait_for 10 "the proxy listens" grep -q ready "$LXCPATH/asked"
}

# notified: keyctl(2) is for the proxy to judge; the probe is init.
notified() {
	filtered 2 denylist '[all]' 'keyctl notify'
	printf '%s\n' "lxc.seccomp.notify.proxy = unix:$LXCPATH/proxy.sock" "lxc.seccomp.notify.cookie = biscuit" \
		>>"$LXCPATH/$CT/config"
}

teardown() {
	[ -z "${PROXY:-}" ] || kill "$PROXY" 2>/dev/null || :
	lib_teardown
}

# bats test_tags=compat
@test "a proxy judges calls with the action notify" {
	proxy_start 17
	notified
	run_probe call $KEYCTL 77 0
	assert_output EEXIST
	run_probe call $KEYCTL 78 0
	assert_output EEXIST
	run cat "$LXCPATH/asked"
	assert_matches "$KEYCTL 77 biscuit init=[0-9]+ "
	assert_matches "$KEYCTL 78 biscuit init=[0-9]+ "
}

@test "notifications of a container in a user namespace, and its memory" {
	needs_lxs
	proxy_start 17
	notified
	printf '%s\n' "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536" >>"$LXCPATH/$CT/config"
	run_probe call $KEYCTL 1 @of-the-asker
	assert_output EEXIST
	run cat "$LXCPATH/asked"
	assert_says of-the-asker
}

@test "a call that nobody judges is not made" {
	needs_lxs
	proxy_start 17 deaf
	notified
	run_probe call $KEYCTL 1
	assert_output ENOSYS
}

@test "an answer to another question is none" {
	needs_lxs
	proxy_start 17 wrong
	notified
	run_probe call $KEYCTL 1
	assert_output ENOSYS
}

@test "a background container asks for as long as it lives, and its helper ends with it" {
	needs_lxs
	proxy_start 17
	notified
	start_probe
	wait_for 5 "the helper is there" pgrep -f "lxs-notify $(init_pid) "
	local helper
	helper=$(pgrep -f "lxs-notify $(init_pid) ")
	run find "/proc/$helper/fd" -mindepth 1 -printf '%f\n'
	assert_has 0 1 2 3 4 5
	assert_equal "${#lines[@]}" 6
	run tool stop -n "$CT" -k
	assert_status 0
	wait_for 5 "the helper ends" test ! -d "/proc/$helper"
}

@test "an attached command is judged by the same proxy, and its helper ends with it" {
	needs_lxs
	proxy_start 17
	notified
	start_probe
	ask call $KEYCTL 4711
	assert_output EEXIST
	run cat "$LXCPATH/asked"
	assert_says "$KEYCTL 4711 biscuit init=$(init_pid) "
	wait_for 10 "one helper is left, init's" one_helper
	# It holds the listener no longer than it takes to hand it over.
	ask fds
	assert_output $'0\n1\n2'
	# Two at a time.
	"$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe serve >"$LXCPATH/serving" 3>&- &
	wait_for 10 "one is attached" grep -q ready "$LXCPATH/serving"
	ask call $KEYCTL 4712
	assert_output EEXIST
	kill "$!"
	wait "$!" || :
	wait_for 10 "one helper is left, init's" one_helper
	# Without anybody to ask a call is not made; the command runs.
	kill "$PROXY"
	pkill -P "$PROXY" || :
	PROXY=
	rm "$LXCPATH/proxy.sock"
	ask call $KEYCTL 1
	assert_output ENOSYS
}

@test "a proxy that accepts nobody holds up neither start nor attach" {
	needs_lxs
	needs perl perl -MSocket -e 1
	proxy_start 17
	notified
	start_probe
	kill "$PROXY"
	pkill -P "$PROXY" || :
	rm "$LXCPATH/proxy.sock"
	# shellcheck disable=SC2016
	perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0); bind($s, sockaddr_un($ARGV[0])) or die; listen($s, 0);
		my @all; for (1 .. 4) { socket(my $c, AF_UNIX, SOCK_SEQPACKET | 04000, 0); connect($c, sockaddr_un($ARGV[0])); push @all, $c }
		$| = 1; print "full\n"; sleep' "$LXCPATH/proxy.sock" >"$LXCPATH/full" 3>&- &
	PROXY=$!
	wait_for 10 "nobody else fits in" grep -q full "$LXCPATH/full"
	run timeout 30 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe call $KEYCTL 1
	assert_status 0
	assert_output ENOSYS
	tool stop -k -n "$CT"
	run timeout 30 "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "cannot reach the seccomp proxy"
}

one_helper() {
	[ "$(pgrep -fc "lxs-notify $(init_pid) ")" = 1 ]
}

@test "an attached command in a user namespace, as another user, is judged as well" {
	needs_lxs
	proxy_start 17
	notified
	printf '%s\n' "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536" "lxc.net.0.type = empty" >>"$LXCPATH/$CT/config"
	chown -R 100000:100000 "$ROOTFS"
	start_probe
	run tool attach -n "$CT" -u 1000 -g 1000 -- /bin/probe call $KEYCTL 4713 @of-the-asker
	assert_status 0
	assert_output EEXIST
	grep -q "$KEYCTL 4713 biscuit .* of-the-asker" "$LXCPATH/asked"
}

@test "the action notify without anybody to answer is refused" {
	needs_lxs
	filtered 2 denylist 'keyctl notify'
	start_fails
	assert_says "the action notify, and nobody would answer" "config:2" "lxc.seccomp.notify.proxy"
	echo "lxc.seccomp.notify.proxy = unix:$LXCPATH/nobody" >>"$LXCPATH/$CT/config"
	start_fails
	assert_says "cannot reach the seccomp proxy $LXCPATH/nobody: No such file"
}
