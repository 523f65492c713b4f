# AppArmor: generated profiles and what they guard, profiles by name, attach,
# and that nothing stays loaded.  Needs a kernel that runs it.
load lib

setup() {
	lib_setup
	needs "AppArmor" test -d "$POLICY/profiles"
}

POLICY=/sys/kernel/security/apparmor/policy
LOADED=()

teardown() {
	local profile result=0
	lib_teardown || result=1
	# Profiles of this test's own making.
	for profile in "${LOADED[@]}"; do
		printf '%s' "$profile" >/sys/kernel/security/apparmor/.remove || :
	done
	[ "$(id -u)" != 0 ] || ! grep -F -- "$CT" /sys/kernel/security/apparmor/profiles || result=1
	return $result
}

# A rootfs with a shell, for what has to be tried inside.
shell_config() {
	container_config "lxc.mount.auto = proc:rw sys:rw" "$@"
	container_rootfs
	cp /bin/busybox "$ROOTFS/bin/sh"
}

# inside COMMAND: by the shell of the running container.
inside() {
	run tool attach -n "$CT" -- /bin/sh -c "$1"
}

# As the host sees it.
label_of() {
	cat "/proc/$1/attr/current"
}

# The pid of what `attach` runs, which is in the container's cgroup and is not init.
attached_pid() {
	local init pid
	init=$(init_pid)
	for pid in $(members "$CT"); do
		[ "$pid" = "$init" ] || [ "$(cat "/proc/$pid/comm")" != probe ] || echo "$pid"
	done
}

is_attached() {
	[ -n "$(attached_pid)" ]
}

without_securityfs() {
	unshare -m sh -c 'umount /sys/kernel/security && exec "$@"' sh "$@"
}

kept_profile() {
	grep -lsF -- "$CT" "$LXS_PREFIX"/var/cache/lxs/apparmor/*
}

@test "a generated profile, its namespace and its end" {
	local label="lxc-${CT}_<$LXCPATH>" namespace="lxc-${CT}_<${LXCPATH//\//-}>" file kept
	container_config "lxc.apparmor.profile = generated"
	container_rootfs
	start_probe
	# With a hash where another path would get the same name.
	[[ $LXCPATH != *-* ]] || namespace+=$(label_of "$(init_pid)" | sed -E 's/.*>(-[0-9a-f]{8}):unconfined .*/\1/')
	assert_equal "$(label_of "$(init_pid)")" "$label//&:$namespace:unconfined (enforce)"
	[ -d "$POLICY/namespaces/$namespace" ]
	run tool inspect -n "$CT"
	assert_says "$label//&:$namespace:unconfined (enforce)"

	# Commands are under it too, unless told otherwise.
	tool attach -n "$CT" -- /bin/probe serve >"$LXCPATH/out" 2>&1 &
	wait_for 10 "the command runs" is_attached
	assert_equal "$(label_of "$(attached_pid)")" "$label//&:$namespace:unconfined (enforce)"
	kill -KILL "$(attached_pid)"
	wait
	tool attach -n "$CT" -eLSM -- /bin/probe serve >"$LXCPATH/out" 2>&1 &
	wait_for 10 "the command runs" is_attached
	assert_equal "$(label_of "$(attached_pid)")" unconfined
	kill -KILL "$(attached_pid)"
	wait

	tool stop -k -n "$CT"
	run cat /sys/kernel/security/apparmor/profiles
	assert_silent_about "$CT"
	[ ! -e "$POLICY/namespaces/$namespace" ]

	# The second start compiles nothing: what was kept is the same file.  Where a container of another test
	# has had its place since, of some hundreds, it is made once more.
	kept_profile || { start_probe; tool stop -k -n "$CT"; kept_profile; }
	file=$(kept_profile)
	kept=$(stat -c %i "$file")
	start_probe
	assert_equal "$(stat -c %i "$file")" "$kept"
}

@test "a generated profile guards the host from a privileged container" {
	shell_config "lxc.apparmor.profile = generated"
	start_probe
	inside 'echo h >/proc/sysrq-trigger'
	assert_says "Permission denied"
	inside 'echo x >/proc/sys/kernel/core_pattern'
	assert_says "Permission denied"
	inside 'echo 1 >/sys/kernel/mm/ksm/run'
	assert_says "Permission denied"
	# Under another name the rules would not hold.
	inside 'mount -t proc proc /mnt'
	assert_failed
	inside 'mount -t sysfs sysfs /mnt'
	assert_failed
	inside 'mount -o bind /proc /mnt'
	assert_failed
	inside 'mount -t debugfs debugfs /mnt || mount -t tracefs tracefs /mnt || mount -t securityfs securityfs /mnt'
	assert_failed
	# Nor where something may be written.
	inside 'mount -t proc proc /sys/class/net || mount -t proc proc /proc/1/task || mount -o bind /proc/sysrq-trigger /proc/1/comm'
	assert_failed
	inside 'mount -o rbind / /mnt'
	assert_failed
	# What a system inside needs goes on.
	inside 'mount -t tmpfs tmpfs /mnt && mount -o bind /etc /mnt && mount -o remount,bind,ro /mnt && umount /mnt && umount /mnt'
	assert_status 0
	inside 'mount -t debugfs debugfs /sys/kernel/debug && umount /sys/kernel/debug'
	assert_status 0
	inside 'mount -o bind /sys/fs/cgroup /sys/fs/cgroup && mount -o remount,bind,ro /sys/fs/cgroup && umount /sys/fs/cgroup'
	assert_status 0
	inside 'echo 1 >/proc/sys/net/ipv4/ip_forward && echo 0 >/proc/self/oom_score_adj && echo x >/etc/x && mkdir /x'
	assert_status 0
	inside 'mkdir -p /run/systemd/unit && mount -o rbind / /run/systemd/unit && echo h >/run/systemd/unit/proc/sysrq-trigger'
	assert_says "Permission denied"
}

@test "a profile that was asked for and cannot be loaded is an error" {
	container_config "lxc.apparmor.profile = generated"
	container_rootfs
	run without_securityfs "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT" --plan
	assert_failed
	assert_says "securityfs is not mounted on /sys/kernel/security" "config:1" "lxc.apparmor.allow_incomplete"
	container_config "lxc.apparmor.profile = generated" "lxc.apparmor.allow_incomplete = 1"
	container_rootfs
	run without_securityfs "$TOOL_BIN/$TOOL-start" -P "$LXCPATH" -n "$CT" --plan
	assert_status 0
	assert_says "securityfs is not mounted on /sys/kernel/security" "keeps the label of who starts it"
}

@test "nesting and mapped containers may mount, lines of one's own are added" {
	shell_config "lxc.apparmor.profile = generated" "lxc.apparmor.allow_nesting = 1" "lxc.mount.entry = none tmp tmpfs"
	start_probe
	inside 'mount -t proc proc /mnt && umount /mnt && mount -o rbind / /mnt'
	assert_status 0
	inside 'echo h >/proc/sysrq-trigger'
	assert_says "Permission denied"
	inside 'cat /dev/.lxc/proc/uptime'
	assert_says "Permission denied"
	tool stop -k -n "$CT"

	shell_config "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	start_probe
	run label_of "$(init_pid)"
	assert_says "lxc-$CT"
	inside 'mount -o bind /proc /mnt'
	assert_status 0
	tool stop -k -n "$CT"

	shell_config "lxc.apparmor.profile = generated" "lxc.apparmor.raw = /sys/kernel/mm/ksm/** w," "lxc.no_new_privs = 1"
	start_probe
	inside 'cat /sys/kernel/mm/ksm/run >/sys/kernel/mm/ksm/run'
	assert_status 0
	inside 'mount -t proc proc /mnt'
	assert_failed
}

@test "a line that is no policy is named" {
	container_config "lxc.apparmor.profile = generated" "lxc.apparmor.raw = network," "lxc.apparmor.raw = nonsense here"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "cannot compile the AppArmor profile: " "config:3: lxc.apparmor.raw = nonsense here"
	container_config "lxc.apparmor.profile = generated" "lxc.apparmor.raw = deny /x w"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "config:2: lxc.apparmor.raw = deny /x w"
}

# load_profile NAME RULE: one that allows what a start and the probe do, and RULE.
load_profile() {
	apparmor_parser -QKS <<<"profile $1 flags=(attach_disconnected) { file, network, signal, unix, umount, mount, $2 }" \
		>"$LXCPATH/policy"
	cat "$LXCPATH/policy" >/sys/kernel/security/apparmor/.replace
	LOADED+=("$1")
}

@test "profiles by name" {
	container_config "lxc.apparmor.profile = $CT"
	container_rootfs
	run tool start -n "$CT"
	assert_failed
	assert_says "cannot take the label $CT: No such file or directory" "config:1" "apparmor_parser -r FILE"

	load_profile "$CT" capability,
	start_probe
	assert_equal "$(label_of "$(init_pid)")" "$CT (enforce)"
	tool stop -k -n "$CT"

	# One on the other: what one of them forbids is forbidden.
	load_profile "$CT-more" "deny capability chown,"
	container_config "lxc.apparmor.profile = $CT//&$CT-more"
	container_rootfs
	start_probe
	assert_equal "$(label_of "$(init_pid)")" "$CT//&$CT-more (enforce)"
	tool stop -k -n "$CT"

	container_config "lxc.apparmor.profile = unconfined"
	container_rootfs
	start_probe
	assert_equal "$(label_of "$(init_pid)")" unconfined
}

# In what the guest, or the config, has put in the place of /proc a label would be written to any file.
@test "a /proc that is covered takes no label" {
	load_profile "$CT" capability,
	container_config "lxc.apparmor.profile = $CT" "lxc.mount.auto = proc:rw"
	container_rootfs
	cp /bin/busybox "$ROOTFS/bin/mount"
	mkdir -p "$ROOTFS/false/self/attr/apparmor"
	ln -s self "$ROOTFS/false/thread-self"
	touch "$ROOTFS/false/self/attr/exec" "$ROOTFS/false/self/attr/apparmor/exec"
	start_probe
	run tool attach -n "$CT" -- /bin/mount -o bind /false /proc
	assert_status 0
	tool attach -n "$CT" -- /bin/probe serve >"$LXCPATH/out" 2>&1 &
	wait_for 10 "the command runs" is_attached
	assert_equal "$(label_of "$(attached_pid)")" "$CT (enforce)"
	kill -KILL "$(attached_pid)"
	wait
	tool stop -k -n "$CT"
	echo "lxc.mount.entry = $ROOTFS/false proc none bind 0 0" >>"$LXCPATH/$CT/config"
	start_probe
	assert_equal "$(label_of "$(init_pid)")" "$CT (enforce)"
	run find "$ROOTFS/false" -type f -size +0
	assert_output ""
}

# bats test_tags=user
@test "a user's container starts although nobody but root loads profiles" {
	container_config "lxc.apparmor.profile = generated" "lxc.idmap = u 0 $(id -u) 1" "lxc.idmap = g 0 $(id -g) 1"
	container_rootfs
	start_probe
	assert_equal "$(label_of "$(init_pid)")" unconfined
	run tool start -n "$CT" --plan
	assert_says "no AppArmor profile can be generated: only the host's root can load one" "config:1"
}
