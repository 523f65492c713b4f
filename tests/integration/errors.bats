# What a start says when it fails: what was tried on which object and why, the
# line that asked for it, what to do about it.  In the background and in the
# foreground it is the same, and no log is needed.
load lib

setup() {
	lib_setup
	container_config 'lxc.uts.name = a'
	container_rootfs
	CONFIG=$LXCPATH/$CT/config
}

# fails LINE TEXT...: with LINE at the end of the config every start fails, names it and says the texts.
fails() {
	local line=$1 mode
	shift
	printf '%s\n' "$line" >>"$CONFIG"
	for mode in -d -F; do
		run tool start -n "$CT" "$mode"
		assert_status 1
		assert_says "lxs-start: $CT: " "asked for by $CONFIG:$(wc -l <"$CONFIG"): $line" "$@"
		assert_equal "$(state_of)" STOPPED
	done
}

# without KEY: takes the lines of a key out of the config.
without() {
	sed -i "/^$1 /d" "$CONFIG"
}

@test "no such container" {
	needs_lxs
	for mode in -d -F; do
		run tool start -n "$CT-nobody" "$mode"
		assert_status 1
		assert_says "lxs-start: $CT-nobody: No container config specified: $LXCPATH/$CT-nobody/config: No such file" \
			"hint: create the container with lxs-create"
	done
	run "$TOOL_BIN/lxs-start" -n "$CT-nobody" -P "$LXCPATH/nowhere"
	assert_status 1
	assert_says "$LXCPATH/nowhere/$CT-nobody/config: No such file"
}

@test "already running" {
	needs_lxs
	start_probe
	for mode in -d -F; do
		run tool start -n "$CT" "$mode"
		assert_status 0
		assert_output "lxs-start: $CT: Container is already running"
	done
}

@test "rootfs missing" {
	needs_lxs
	without lxc.rootfs.path
	fails "lxc.rootfs.path = dir:$LXCPATH/nowhere" \
		"cannot use $LXCPATH/nowhere as the rootfs: No such file or directory" "hint: create the container first"
}

@test "init missing, not executable, of another architecture" {
	needs_lxs
	without lxc.init.cmd
	fails "lxc.init.cmd = /bin/nothing" "cannot execute /bin/nothing: No such file or directory" \
		"hint: is there an init in the root file system?"
	without lxc.init.cmd
	echo text >"$ROOTFS/etc/text"
	chmod 0644 "$ROOTFS/etc/text"
	fails "lxc.init.cmd = /etc/text" "cannot execute /etc/text: Permission denied" "hint: make it executable"
	without lxc.init.cmd
	cp "$ROOTFS/bin/probe" "$ROOTFS/bin/foreign"
	printf '\xf3\x00' | dd of="$ROOTFS/bin/foreign" bs=1 seek=18 conv=notrunc status=none # RISC-V
	fails "lxc.init.cmd = /bin/foreign" "cannot execute /bin/foreign: " "built for riscv" "hint: "
}

@test "mount source missing" {
	needs_lxs
	fails "lxc.mount.entry = $LXCPATH/nothing mnt none bind 0 0" \
		"cannot mount $LXCPATH/nothing on /mnt: No such file or directory" "hint: create $LXCPATH/nothing, or add 'optional'"
}

@test "a file mounted on a directory, and the other way round" {
	needs_lxs
	: >"$ROOTFS/etc/file"
	fails "lxc.mount.entry = /etc/passwd mnt none bind 0 0" "cannot mount /etc/passwd on /mnt: Not a directory" \
		"hint: a directory goes on a directory and a file on a file"
	without lxc.mount.entry
	fails "lxc.mount.entry = /usr etc/file none bind 0 0" "cannot mount /usr on /etc/file: Not a directory" \
		"hint: a directory goes on a directory and a file on a file"
}

@test "a place of terminals outside of /dev, a soft limit above the hard one" {
	needs_lxs
	fails "lxc.tty.dir = ../../outside" "leads out of the rootfs" "hint: lxc.tty.dir is a directory below"
	without lxc.tty.dir
	fails "lxc.prlimit.nofile = 10:5" "cannot set the resource limit nofile: Invalid argument" "hint: limits are SOFT:HARD"
}

@test "mount target outside of the rootfs through a link" {
	needs_lxs
	mkdir "$LXCPATH/target"
	ln -s "$LXCPATH/target" "$ROOTFS/escape"
	ln -s ../../target "$ROOTFS/climb"
	fails "lxc.mount.entry = /usr escape/made none bind,create=dir 0 0" \
		"cannot mount /usr on /escape/made: /escape/made leads out of the rootfs" "hint: /escape/made must lie in"
	without lxc.mount.entry
	fails "lxc.mount.entry = none climb/made tmpfs create=dir 0 0" "leads out of the rootfs" "hint: /climb/made must lie in"
	assert_equal "$(ls "$LXCPATH/target")" ""
}

@test "unknown capability, unknown key" {
	needs_lxs
	fails "lxc.cap.drop = sys_tine" "unknown capability 'sys_tine'" "hint: did you mean sys_time?"
	without lxc.cap.drop
	fails "lxc.cap.drp = sys_time" "unknown key lxc.cap.drp" "hint: did you mean lxc.cap.drop?"
	without lxc.cap.drp
	fails "lxc.cap.drop = everything" "unknown capability 'everything'" "hint: capabilities(7) has all names"
	without lxc.cap.drop
	fails "lxc.quarterdeck = 1" "unknown key lxc.quarterdeck" "hint: lxs.container.conf(5) has all keys"
}

@test "every command that fails for a config tells all of its errors" {
	needs_lxs
	printf 'lxc.uts.nam = a\nlxc.uts.name = b\nlxc.tty.mx = 1\n' >"$CONFIG"
	for command in start destroy "copy -N $CT-2" "info -c lxc.uts.name"; do
		# shellcheck disable=SC2086 # a command and its options
		set -- $command
		run tool "$1" -n "$CT" "${@:2}"
		assert_status 1
		assert_says "unknown key lxc.uts.nam (and 1 more error)" "$CONFIG:3: error: unknown key lxc.tty.mx"
	done
}

@test "include missing" {
	needs_lxs
	fails "lxc.include = $LXCPATH/nothing.conf" \
		"cannot include $LXCPATH/nothing.conf: No such file or directory" "hint: correct the path"
	without lxc.include
	echo "lxc.include = $LXCPATH/nothing.conf" >"$LXCPATH/outer.conf"
	echo "lxc.include = $LXCPATH/outer.conf" >>"$CONFIG"
	run tool start -n "$CT"
	assert_status 1
	assert_says "asked for by $LXCPATH/outer.conf:1: lxc.include" "included by $CONFIG:$(wc -l <"$CONFIG")"
}

# The cgroup file systems of a mount namespace made read-only.
read_only_cgroups() {
	# shellcheck disable=SC2016
	unshare --mount sh -c '
		awk "\$5 ~ \"^/sys/fs/cgroup\" { print \$5 }" /proc/self/mountinfo | sort -r |
			while read -r mount; do mount -o remount,bind,ro "$mount" || exit 1; done
		exec "$@"' sh "$@"
}

@test "cgroup not writable" {
	needs_lxs
	needs "read-only cgroups" read_only_cgroups true
	local key=lxc.cgroup2.pids.max
	[ ! -d /sys/fs/cgroup/pids ] || key=lxc.cgroup.pids.max
	echo "$key = 10" >>"$CONFIG"
	for mode in -d -F; do
		run read_only_cgroups "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" "$mode"
		assert_status 1
		assert_says "$key cannot be set: " "asked for by $CONFIG:$(wc -l <"$CONFIG"): $key = 10" "hint: " "can be written here"
	done
}

@test "limit refused by the kernel" {
	needs_lxs
	local key=lxc.cgroup2.pids.max
	[ ! -d /sys/fs/cgroup/pids ] || key=lxc.cgroup.pids.max
	fails "$key = -5" "cannot set pids.max to -5: " "Invalid argument" "hint: the kernel refuses this value"
	without "$key"
	fails "lxc.prlimit.nofile = 99999999999" "cannot set the resource limit nofile: Operation not permitted" \
		"hint: raising a hard limit needs CAP_SYS_RESOURCE"
}

@test "hook failed" {
	needs_lxs
	printf '#!/bin/sh\necho "no licence for this host" >&2\nexit 3\n' >"$LXCPATH/hook"
	chmod 0755 "$LXCPATH/hook"
	fails "lxc.hook.pre-start = $LXCPATH/hook" \
		"cannot run the pre-start hook $LXCPATH/hook: it exited with 3 and printed:" "    no licence for this host" \
		"hint: a hook that fails ends the start"
}

@test "seccomp profile: an unknown system call, no such file" {
	needs_lxs
	printf '2\nallowlist\nopen\nfrobnicate\n' >"$LXCPATH/profile"
	fails "lxc.seccomp.profile = $LXCPATH/profile" "$LXCPATH/profile:4: there is no system call 'frobnicate'" "hint: "
	without lxc.seccomp.profile
	fails "lxc.seccomp.profile = $LXCPATH/nothing" "cannot open $LXCPATH/nothing: No such file or directory" \
		"hint: correct the line"
}

@test "bridge missing" {
	needs_lxs
	echo 'lxc.net.0.type = veth' >>"$CONFIG"
	fails 'lxc.net.0.link = nobridge0' "there is no bridge nobridge0" "hint: make it, as with 'ip link add nobridge0 type bridge'"
}

@test "disk full" {
	needs_lxs
	mkdir "$LXCPATH/disk"
	mount -t tmpfs -o size=16m,nr_inodes=100 none "$LXCPATH/disk"
	cp -a "$ROOTFS" "$LXCPATH/disk/rootfs"
	while mkdir "$LXCPATH/disk/full.$((++number))" 2>/dev/null; do :; done
	without lxc.rootfs.path
	echo "lxc.rootfs.path = dir:$LXCPATH/disk/rootfs" >>"$CONFIG"
	fails 'lxc.mount.entry = /usr usr none bind,create=dir 0 0' \
		"cannot mount /usr on /usr: " "No space left on device" "hint: the file system that holds the rootfs is full"
	umount "$LXCPATH/disk"
}

@test "not root" {
	needs_lxs
	needs "a way to become another user" setpriv --reuid 65534 --regid 65534 --clear-groups true
	# Also with the HOME of root, as su and setpriv leave it.
	mkdir -m 0700 "$LXCPATH/home"
	for home in "$LXCPATH" "$LXCPATH/home"; do
		for mode in -d -F; do
			run env HOME="$home" setpriv --reuid 65534 --regid 65534 --clear-groups \
				"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" "$mode"
			assert_status 1
			assert_says "lxs-start: $CT: an ordinary user's container needs a user namespace" "hint: " "start it as root"
		done
	done
	# Who forgot sudo: the containers of a user lie elsewhere.
	run env HOME="$LXCPATH" setpriv --reuid 65534 --regid 65534 --clear-groups "$TOOL_BIN/lxs-start" -n "$CT"
	assert_status 1
	assert_says "No container config specified: $LXCPATH/.local" "hint: create the container" "one of root's is started by root"
}

# in_place_of_run SETUP COMMAND...: the command in a mount namespace where SETUP has spoilt the system's run directory.
in_place_of_run() {
	local setup=$1
	shift
	# shellcheck disable=SC2016
	run unshare --mount bash -c "$setup"' && exec "$@"' bash "$@"
}

@test "the place of run files leads nowhere, or cannot be written" {
	needs_lxs
	needs "a run directory of this installation's own" test "$LXS_RUNSTATEDIR" = "$LXS_PREFIX/var/run"
	local mode var=$LXS_PREFIX/var
	for mode in "start -d" "start -F" "wait -s RUNNING"; do
		# shellcheck disable=SC2086
		in_place_of_run "mount -t tmpfs none $var && ln -s /nowhere/at/all $var/run" \
			"$TOOL_BIN/lxs-${mode%% *}" -P "$LXCPATH" -n "$CT" ${mode#* }
		assert_status 1
		assert_says "lxs-${mode%% *}: $CT: cannot open $var/run: No such file or directory" \
			"hint: $var/run is a link to /nowhere/at/all" "make that directory, or remove the link"
	done
	in_place_of_run "mount -t tmpfs none $var && mkdir $var/run && mount -o remount,ro $var" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "lxs-start: $CT: cannot make the run directory $var/run/lxs: Read-only file system"
	in_place_of_run "mount -t tmpfs none $var && mkdir $var/run && ln -s /tmp $var/run/lxs" \
		"$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT"
	assert_status 1
	assert_says "the run directory $var/run/lxs is a link: refused" "hint: remove the link"
	in_place_of_run "mount -t tmpfs none $var && ln -s /nowhere/at/all $var/run" \
		"$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -s
	assert_status 0
	assert_says STOPPED
}
