# Hooks of a start and of the end: order, arguments, environment, failures.
# The texts of hooks are for their own shell.
# shellcheck disable=SC2016
load lib

# A hook that writes one line to $1: its further arguments, and then the
# variables named in ASK with their values.
setup() {
	lib_setup
	HOOK=$LXCPATH/hook
	ORDER=$LXCPATH/order
	: >"$ORDER"
	cat >"$HOOK" <<'SCRIPT'
#!/bin/sh
file=$1
shift
line=$*
for name in $ASK; do
	eval "line=\"\$line $name=\$$name\""
done
echo "$line" >>"$file"
SCRIPT
	chmod +x "$HOOK"
}

# hooks_config LINES...: a container that sees the file the hooks write to as /order.
hooks_config() {
	container_config "lxc.mount.auto = proc sys" "lxc.pty.max = 10" \
		"lxc.mount.entry = $ORDER order none bind,create=file 0 0" "$@"
	container_rootfs
}

is_static() {
	ldd "$1" 2>&1 | grep -q "not a dynamic"
}

start_fails() {
	run tool start -n "$CT"
	assert_failed
	[ "$TOOL" = lxc ] || assert_says "$@"
}

ended() {
	grep -q post-stop "$ORDER"
}

# bats test_tags=compat
@test "all hooks run, in LXC's order" {
	needs "a static busybox" is_static /bin/busybox
	hooks_config "lxc.hook.pre-start = $HOOK $ORDER" "lxc.hook.pre-mount = $HOOK $ORDER" \
		"lxc.hook.mount = $HOOK $ORDER" "lxc.hook.autodev = $HOOK $ORDER" \
		"lxc.hook.start-host = $HOOK $ORDER" "lxc.hook.start = /bin/starting" \
		"lxc.hook.stop = $HOOK $ORDER" "lxc.hook.post-stop = $HOOK $ORDER"
	cp /bin/busybox "$ROOTFS/bin/sh"
	printf '#!/bin/sh\necho "$*" >>/order\n' >"$ROOTFS/bin/starting"
	chmod +x "$ROOTFS/bin/starting"
	start_probe
	run tool stop -k -n "$CT"
	wait_for 5 "the post-stop hook runs" ended
	run cat "$ORDER"
	assert_matches 'lxc stop mnt:/proc/[0-9]+/fd/[0-9]+ pid:'
	assert_equal "$(sed 's/lxc stop .*/lxc stop/' "$ORDER")" "$CT lxc pre-start
$CT lxc pre-mount
$CT lxc mount
$CT lxc autodev
$CT lxc start
$CT lxc start-host
$CT lxc stop
$CT lxc post-stop"
}

# bats test_tags=compat
@test "several hooks of one kind run in the order of their lines, the first failure ends the list" {
	hooks_config "lxc.hook.mount = $HOOK $ORDER one" "lxc.hook.mount = /bin/false" \
		"lxc.hook.mount = $HOOK $ORDER two"
	start_fails "cannot run the mount hook /bin/false"
	assert_equal "$(cat "$ORDER")" "one $CT lxc mount"
}

# bats test_tags=compat
@test "version 1 passes kind and section by the environment" {
	hooks_config "lxc.hook.version = 1" \
		"lxc.hook.mount = env ASK='LXC_HOOK_TYPE LXC_HOOK_SECTION LXC_HOOK_VERSION' $HOOK $ORDER"
	start_probe
	assert_equal "$(cat "$ORDER")" " LXC_HOOK_TYPE=mount LXC_HOOK_SECTION=lxc LXC_HOOK_VERSION=1"
}

# bats test_tags=compat
@test "hooks on the host know the container" {
	hooks_config "lxc.hook.version = 1" \
		"lxc.hook.pre-start = env ASK='LXC_NAME LXC_CONFIG_FILE LXC_ROOTFS_PATH' $HOOK $ORDER"
	start_probe
	assert_equal "$(cat "$ORDER")" \
		" LXC_NAME=$CT LXC_CONFIG_FILE=$LXCPATH/$CT/config LXC_ROOTFS_PATH=$ROOTFS"
}

# bats test_tags=compat
@test "start-host knows init's pid" {
	hooks_config "lxc.hook.version = 1" "lxc.hook.start-host = env ASK=LXC_PID $HOOK $ORDER"
	start_probe
	assert_equal "$(cat "$ORDER")" " LXC_PID=$(init_pid)"
}

# bats test_tags=compat
@test "stop and post-stop know the pid that init had" {
	hooks_config "lxc.hook.version = 1" "lxc.hook.stop = env ASK=LXC_PID $HOOK $ORDER" \
		"lxc.hook.post-stop = env ASK=LXC_PID $HOOK $ORDER post-stop"
	start_probe
	local init
	init=$(init_pid)
	run tool stop -k -n "$CT"
	wait_for 5 "the post-stop hook runs" ended
	assert_equal "$(cat "$ORDER")" " LXC_PID=$init
post-stop LXC_PID=$init"
}

# bats test_tags=compat
@test "hooks inside see lxc.environment, hooks on the host do not" {
	hooks_config "lxc.hook.version = 1" "lxc.environment = COLOUR=blue" \
		"lxc.hook.pre-start = env ASK=COLOUR $HOOK $ORDER" "lxc.hook.mount = env ASK=COLOUR $HOOK $ORDER"
	start_probe
	assert_equal "$(cat "$ORDER")" " COLOUR=
 COLOUR=blue"
}

# A key since LXC 7: Debian's LXC 5 does not know it.
@test "lxc.environment.hooks is for hooks inside, lxc.environment.runtime for init" {
	needs_lxs
	local names="EVERYWHERE HOOKS RUNTIME"
	hooks_config "lxc.hook.version = 1" "lxc.environment = EVERYWHERE=1" "lxc.environment.hooks = HOOKS=2" \
		"lxc.environment.runtime = RUNTIME=3" \
		"lxc.hook.pre-start = env ASK='$names' $HOOK $ORDER" "lxc.hook.mount = env ASK='$names' $HOOK $ORDER" \
		"lxc.hook.autodev = env ASK='$names' $HOOK $ORDER" "lxc.hook.start-host = env ASK='$names' $HOOK $ORDER"
	run_probe env
	assert_has EVERYWHERE=1 RUNTIME=3
	assert_silent_about HOOKS=
	assert_equal "$(cat "$ORDER")" " EVERYWHERE= HOOKS= RUNTIME=
 EVERYWHERE=1 HOOKS=2 RUNTIME=
 EVERYWHERE=1 HOOKS=2 RUNTIME=
 EVERYWHERE= HOOKS= RUNTIME="
}

# bats test_tags=compat
@test "lxc.rootfs.mount: where hooks find the root file system, and nobody afterwards" {
	local place=$LXCPATH/place
	mkdir "$place"
	hooks_config "lxc.rootfs.mount = $place" "lxc.hook.version = 1" "lxc.hook.mount = $LXCPATH/looking"
	printf '#!/bin/sh\n{ echo "$LXC_ROOTFS_MOUNT"; cd "$LXC_ROOTFS_MOUNT" && ls bin; } >"%s"\n' "$ORDER" >"$LXCPATH/looking"
	chmod +x "$LXCPATH/looking"
	start_probe
	assert_equal "$(cat "$ORDER")" "$place
probe"
	[ -z "$(ls "$place")" ]
}

@test "lxc.rootfs.mount is made when it is missing, and named when it cannot be used" {
	needs_lxs
	hooks_config "lxc.rootfs.mount = $LXCPATH/deep/place"
	start_probe
	tool stop -k -n "$CT"
	[ -d "$LXCPATH/deep/place" ]
	: >"$LXCPATH/file"
	hooks_config "lxc.rootfs.mount = $LXCPATH/file"
	start_fails "lxc.rootfs.mount, $LXCPATH/file: Not a directory"
}

# bats test_tags=compat
@test "the mount hook can change the rootfs where LXC_ROOTFS_MOUNT says" {
	hooks_config "lxc.hook.mount = $LXCPATH/touching"
	printf '#!/bin/sh\ntouch "$LXC_ROOTFS_MOUNT/tmp/by-hook"\n' >"$LXCPATH/touching"
	chmod +x "$LXCPATH/touching"
	start_probe
	ask list /tmp
	assert_has by-hook
}

# bats test_tags=compat
@test "a node made by the autodev hook stays as it is" {
	hooks_config "lxc.hook.autodev = $LXCPATH/making"
	printf '#!/bin/sh\nmknod -m 600 "$LXC_ROOTFS_MOUNT/dev/zero" c 1 3\n' >"$LXCPATH/making"
	chmod +x "$LXCPATH/making"
	start_probe
	ask stat /dev/zero
	assert_output "char 0600 0:0 1:3"
}

# bats test_tags=compat
@test "without autodev there is no autodev hook" {
	hooks_config "lxc.autodev = 0" "lxc.hook.autodev = $HOOK $ORDER"
	start_probe
	assert_equal "$(cat "$ORDER")" ""
}

@test "a failed hook is named with its line, its end and what it said" {
	needs_lxs
	hooks_config "lxc.hook.pre-start = $LXCPATH/failing"
	printf '#!/bin/sh\necho "the disk is not there" >&2\nexit 7\n' >"$LXCPATH/failing"
	chmod +x "$LXCPATH/failing"
	start_fails "cannot run the pre-start hook $LXCPATH/failing" "the disk is not there" "7" \
		"$LXCPATH/$CT/config:4: lxc.hook.pre-start"
}

@test "a failed hook inside is named just as well" {
	needs_lxs
	hooks_config "lxc.hook.mount = $LXCPATH/failing"
	printf '#!/bin/sh\necho "no such share" >&2\nexit 7\n' >"$LXCPATH/failing"
	chmod +x "$LXCPATH/failing"
	start_fails "cannot run the mount hook $LXCPATH/failing" "no such share" "7" \
		"$LXCPATH/$CT/config:4: lxc.hook.mount"
}

# bats test_tags=compat
@test "a hook that says much does not block the start" {
	hooks_config "lxc.hook.pre-start = $LXCPATH/chatty"
	printf '#!/bin/sh\nhead -c 30000 /dev/zero | tr "\\\\0" x\n' >"$LXCPATH/chatty"
	chmod +x "$LXCPATH/chatty"
	start_probe
}
