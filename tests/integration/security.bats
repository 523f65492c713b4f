# What init may not do, and what it is as a process: capabilities, seccomp,
# no_new_privs, limits, kernel parameters, identity.
load lib

# probe_config LINES...: a rootfs and these lines.
probe_config() {
	container_config "lxc.mount.auto = proc" "$@"
	container_rootfs
}

start_fails() {
	run tool start -n "$CT"
	assert_status 1
}

# bats test_tags=compat,smoke
@test "the common config drops what it names" {
	probe_config "lxc.include = $COMMON"
	run_probe caps bounding
	assert_lacks sys_time sys_module sys_rawio mac_admin mac_override
	assert_has chown net_admin sys_admin
}

# bats test_tags=compat
@test "an empty lxc.cap.drop resets the list" {
	probe_config "lxc.include = $COMMON" "lxc.cap.drop =" "lxc.cap.drop = sys_module"
	run_probe caps bounding
	assert_has sys_time
	assert_lacks sys_module
}

# bats test_tags=compat
@test "lxc.cap.keep leaves only what it names" {
	probe_config "lxc.cap.keep = chown kill sys_admin setuid setgid"
	run_probe caps bounding
	assert_output $'chown\nkill\nsetgid\nsetuid\nsys_admin'
}

@test "a grant comes back, whatever the order of lines" {
	needs_lxs
	probe_config "lxs.cap.grant = sys_time" "lxc.include = $COMMON"
	run_probe caps bounding
	assert_has sys_time
	assert_lacks sys_module
	run_probe try settime
	assert_output ok
}

@test "inheritable and ambient sets are empty" {
	needs_lxs
	needs "a caller with ambient capabilities" setpriv --inh-caps +chown --ambient-caps +chown true
	probe_config
	run setpriv --inh-caps +chown --ambient-caps +chown \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe caps inheritable
	assert_status 0
	assert_output ""
	run setpriv --inh-caps +chown --ambient-caps +chown \
		"$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe caps ambient
	assert_output ""
}

@test "an unknown capability names the line and what was meant" {
	needs_lxs
	probe_config "lxc.cap.drop = sys_tiem"
	start_fails
	assert_says "sys_tiem" "config:2" "did you mean sys_time?"
}

@test "the plan says what the host itself cannot grant" {
	needs_lxs
	needs "a host that lacks a capability" test "$(( 0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status) >> 24 & 1 ))" = 0
	probe_config "lxs.cap.grant = sys_resource"
	run tool start -n "$CT" --plan
	assert_says "note" "sys_resource cannot be given" "config:2"
}

# bats test_tags=compat
@test "no_new_privs" {
	probe_config "lxc.no_new_privs = 1"
	run_probe nnp
	assert_output 1
}

# bats test_tags=compat
@test "the common profile is in force" {
	probe_config "lxc.include = $COMMON"
	run_probe seccomp
	assert_output 2
	run_probe try open_by_handle
	assert_output EPERM
	run_probe try getpid
	assert_output ok
}

# bats test_tags=compat
@test "a profile of format 1 kills what it does not name" {
	seq 0 450 | grep -vx 169 | sed '1i 1\nallowlist' >"$LXCPATH/profile"
	probe_config "lxc.seccomp.profile = $LXCPATH/profile"
	run_probe try getpid
	assert_output ok
}

@test "arguments of a rule are compared" {
	needs_lxs
	printf '%s\n' 2 denylist '[all]' 'personality errno 7 [0,8,==]' 'getpid allow' 'swapon errno 38' >"$LXCPATH/profile"
	probe_config "lxc.seccomp.profile = $LXCPATH/profile"
	run_probe try swapon
	assert_output ENOSYS
	run_probe personality
	assert_status 0
}

@test "an unknown system call names the line of the profile" {
	needs_lxs
	printf '%s\n' 2 denylist '[all]' 'open_by_handle_att errno 1' >"$LXCPATH/profile"
	probe_config "lxc.seccomp.profile = $LXCPATH/profile"
	start_fails
	assert_says "$LXCPATH/profile:4: there is no system call 'open_by_handle_att'" \
		"config:2: lxc.seccomp.profile" "did you mean open_by_handle_at?"
}

@test "a missing profile is an error" {
	needs_lxs
	probe_config "lxc.seccomp.profile = $LXCPATH/none"
	start_fails
	assert_says "$LXCPATH/none" "No such file or directory" "config:2"
}

@test "a label of a module that does not run is warned of, with its line" {
	needs_lxs
	needs "a host without AppArmor and SELinux" test ! -d /sys/kernel/security/apparmor -a ! -d /sys/fs/selinux
	probe_config "lxc.apparmor.profile = my-profile" "lxc.selinux.context = system_u:system_r:lxc_t:s0"
	run_probe nnp
	assert_says "warning: this host does not run AppArmor: the container is not confined by 'my-profile'" \
		"asked for by $LXCPATH/$CT/config:2: lxc.apparmor.profile" "does not run SELinux" "config:3"
	run tool execute -q -n "$CT" -- /bin/probe nnp
	assert_output 0
	run tool start -n "$CT" --plan
	assert_says "note" "config:2"
}

@test "profile words that ask for nothing are no obstacle" {
	needs_lxs
	probe_config "lxc.apparmor.profile = generated" "lxc.apparmor.allow_nesting = 1"
	run_probe nnp
	assert_output 0
}

# ---- the process ----

# bats test_tags=compat
@test "resource limits" {
	probe_config "lxc.prlimit.nofile = 77:88" "lxc.prlimit.core = 0"
	run_probe rlimit nofile
	assert_output "77 88"
	run_probe rlimit core
	assert_output "0 0"
}

@test "an unknown resource limit names the line" {
	needs_lxs
	probe_config "lxc.prlimit.nofiles = 77"
	start_fails
	assert_says "no resource limit 'nofiles'" "config:2"
}

# LXC writes below the container's /proc, which proc:mixed has made read-only by then.
@test "kernel parameters of the container's own namespaces" {
	needs_lxs
	probe_config "lxc.sysctl.kernel.msgmax = 4711" "lxc.sysctl.net.ipv4.ip_forward = 1"
	run_probe sysctl kernel.msgmax
	assert_output 4711
	run_probe sysctl net.ipv4.ip_forward
	assert_output 1
}

@test "an unknown kernel parameter names the line" {
	needs_lxs
	probe_config "lxc.sysctl.net.ipv4.nothing = 1"
	start_fails
	assert_says "cannot set the kernel parameter net.ipv4.nothing to 1: No such file" "config:2" "hint:"
}

# bats test_tags=compat
@test "files of init's /proc" {
	probe_config "lxc.proc.oom_score_adj = 123"
	run_probe read /proc/1/oom_score_adj
	assert_output 123
}

@test "a link of init's /proc leads no value to another file" {
	needs_lxs
	probe_config "lxc.proc.root/dev/null = 1"
	run tool execute -n "$CT" -- /bin/probe cwd
	assert_failed
	assert_says "cannot write 1 to root/dev/null of init in /proc" "config:"
}

# bats test_tags=compat
@test "a 32-bit architecture sets the personality" {
	probe_config "lxc.arch = i686"
	run_probe personality
	assert_says "0x8 "
}

# bats test_tags=compat
@test "identity of init" {
	probe_config "lxc.init.uid = 1234" "lxc.init.gid = 5678" "lxc.init.groups = 90,91"
	run_probe id
	assert_output "uid=1234 gid=5678 groups=90,91"
}

# bats test_tags=compat
@test "init gets a session keyring of its own, with lxc.keyring.session = 1 the caller's" {
	local callers
	callers=$("$LXS_PROBE" keyring)
	probe_config
	run_probe keyring
	assert_matches '^[0-9]+$'
	[ "$output" != "$callers" ]
	probe_config "lxc.keyring.session = 1"
	run_probe keyring
	assert_output "$callers"
}

@test "the working directory is made when it is missing" {
	needs_lxs
	probe_config "lxc.init.cwd = /var/work/here"
	run_probe cwd
	assert_output /var/work/here
}

# bats test_tags=compat
@test "the environment is the config's and nothing else" {
	probe_config "lxc.environment = A=first" "lxc.environment = A=last" 'lxc.environment = "B=x y"'
	NOT_INHERITED=1 run_probe env
	assert_has A=last "B=x y" container=lxc
	assert_silent_about NOT_INHERITED A=first
}
