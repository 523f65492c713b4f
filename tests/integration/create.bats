# lxs-create: what it makes, and what it leaves when it fails, is interrupted or killed.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

# template LINES...: a template of the test's own, as $TEMPLATE.
template() {
	TEMPLATE=$BATS_TEST_TMPDIR/template
	printf '%s\n' '#!/bin/bash' 'for word; do' 'case $word in' \
		'--path=*) path=${word#*=} ;;' '--name=*) name=${word#*=} ;;' '--rootfs=*) rootfs=${word#*=} ;;' \
		'esac' 'done' "$@" >"$TEMPLATE"
	chmod +x "$TEMPLATE"
}

create() {
	run tool create -n "$CT" -t "${TEMPLATE:-busybox}" "$@"
}

config() {
	cat "$LXCPATH/$CT/config"
}

nothing_of_it() {
	[ ! -e "$LXCPATH/$CT" ] || {
		find "$LXCPATH/$CT"
		return 1
	}
}

# Starts a create in the background as $CREATE; returns once its template is at work.
create_in_background() {
	# The template waits on a pipe that nobody writes to.
	template "touch '$BATS_TEST_TMPDIR/at-work'" 'mkdir -p "$rootfs/deep/er"' 'echo x >"$rootfs/deep/er/file"' \
		"read -r line <>'$BATS_TEST_TMPDIR/never'"
	# Shells start what is in the background with SIGINT ignored.
	env --default-signal "$TOOL_BIN/lxs-create" -P "$LXCPATH" -n "$CT" -t "$TEMPLATE" "$@" \
		>"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
	CREATE=$!
	wait_for 10 "the template is at work" test -e "$BATS_TEST_TMPDIR/at-work"
	wait_for 10 "its file is written" test -e "${DEEP:-$LXCPATH/$CT/rootfs}/deep/er/file"
}

marker_is_free() {
	flock -n "$LXCPATH/$CT/partial" true 2>/dev/null || return 1
	! grep -q 'OFDLCK' <(grep ":$(stat -c %i "$LXCPATH/$CT/partial") " /proc/locks)
}

# bats test_tags=compat
@test "the template gets the arguments of the contract, in order" {
	template "printf '%s\n' \"\${0##*/}\" \"\$@\" >'$BATS_TEST_TMPDIR/arguments'" "umask >>'$BATS_TEST_TMPDIR/arguments'"
	create -- --one 'two words' three
	assert_status 0
	run cat "$BATS_TEST_TMPDIR/arguments"
	assert_output "template
--path=$LXCPATH/$CT
--name=$CT
--rootfs=$LXCPATH/$CT/rootfs
--one
two words
three
0022"
}

@test "header, start config, root file system and the template's lines, in this order" {
	template 'echo "lxc.uts.name = $name" >>"$path/config"'
	printf 'lxc.tty.max = 2' >"$BATS_TEST_TMPDIR/start"
	create -f "$BATS_TEST_TMPDIR/start" -- --word
	assert_status 0
	run grep -v '^#\|^$' "$LXCPATH/$CT/config"
	assert_output "lxc.tty.max = 2
lxc.rootfs.path = dir:$LXCPATH/$CT/rootfs
lxc.uts.name = $CT"
	run head -n 2 "$LXCPATH/$CT/config"
	assert_output "# Template used to create this container: $TEMPLATE
# Parameters passed to the template: --word"
}

@test "nobody but root gets in, and nothing of the work is left" {
	create
	assert_status 0
	assert_equal "$(stat -c %a "$LXCPATH/$CT")" 750
	assert_equal "$(stat -c %a "$LXCPATH/$CT/config")" 640
	assert_equal "$(cd "$LXCPATH/$CT" && echo *)" "config rootfs"
}

# bats test_tags=compat
@test "an existing container is not touched" {
	create
	assert_status 0
	echo mine >"$LXCPATH/$CT/rootfs/mine"
	create
	assert_status 1
	assert_says "Container already exists"
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/mine")" mine
}

# bats test_tags=compat
@test "none makes a config and no root file system" {
	TEMPLATE=none
	create
	assert_status 0
	[ -f "$LXCPATH/$CT/config" ]
	[ ! -e "$LXCPATH/$CT/rootfs" ]
}

@test "each x of a hardware address becomes a digit, once" {
	TEMPLATE=none
	printf 'lxc.net.0.type = empty\nlxc.net.0.hwaddr = 10:66:6a:xx:xx:Xx\n# xx stays\n' >"$BATS_TEST_TMPDIR/start"
	create -f "$BATS_TEST_TMPDIR/start"
	assert_status 0
	run config
	assert_matches 'hwaddr = 10:66:6a:[0-9a-f]{2}:[0-9a-f]{2}:[0-9a-f]{2}'
	assert_has '# xx stays'
}

@test "--dir puts the root file system elsewhere, and refuses a directory with files in it" {
	needs_lxs
	create --dir "$LXCPATH/elsewhere"
	assert_status 0
	[ -x "$LXCPATH/elsewhere/sbin/init" ]
	run config
	assert_has "lxc.rootfs.path = dir:$LXCPATH/elsewhere"
	CT=$CT-2
	create --dir "$LXCPATH/elsewhere"
	assert_status 1
	assert_says "Directory not empty"
	[ -x "$LXCPATH/elsewhere/sbin/init" ]
	nothing_of_it
}

@test "an unknown template names the known ones" {
	needs_lxs
	TEMPLATE=nosuch
	create
	assert_status 1
	assert_says "there is no template 'nosuch'" "busybox" "debian"
	nothing_of_it
}

@test "storage that is unknown, or cannot be made here, is refused by name" {
	needs_lxs
	if ! command -v zfs >/dev/null; then
		create -B zfs
		assert_status 1
		assert_says "the program 'zfs', which this kind of storage is made with, is not installed"
		nothing_of_it
	fi
	create -B cupboard
	assert_status 1
	assert_says "no storage of type 'cupboard'"
	nothing_of_it
	run tool create -n "$CT" -t none -B cupboard
	assert_status 1
	assert_says "no storage of type 'cupboard'"
	nothing_of_it
}

@test "help for the template makes no container" {
	needs_lxs
	template 'echo "the words: $*"'
	for option in -h --help; do
		run tool create -n "$CT" -t "$TEMPLATE" -- --release sid "$option"
		assert_status 0
		assert_output "the words: -h"
		nothing_of_it
	done
}

# bats test_tags=compat
@test "a failing template leaves nothing behind" {
	template 'mkdir -p "$rootfs/some/where"' 'exit 7'
	create
	assert_status 1
	nothing_of_it
}

@test "the error says how the template failed" {
	needs_lxs
	template 'exit 7'
	create
	assert_says "the template $TEMPLATE exited with 7"
	template 'kill -SEGV $$'
	create
	assert_says "was killed by SIGSEGV"
}

@test "a template that leaves a config which does not load leaves nothing behind" {
	needs_lxs
	template 'echo lxc.cap.dorp = sys_time >>"$path/config"'
	create
	assert_status 1
	assert_says "the template left does not load" "lxc.cap.dorp"
	nothing_of_it
}

@test "a start config that does not load is refused before anything is made" {
	needs_lxs
	echo 'lxc.uts.nmae = x' >"$BATS_TEST_TMPDIR/start"
	create -f "$BATS_TEST_TMPDIR/start"
	assert_status 1
	assert_says "lxc.uts.nmae"
	nothing_of_it
	create -f "$BATS_TEST_TMPDIR/missing"
	assert_status 1
	assert_says "$BATS_TEST_TMPDIR/missing"
	nothing_of_it
}

@test "mounts that a template leaves vanish with it" {
	template 'mkdir -p "$rootfs/mnt"' 'mount -t tmpfs none "$rootfs/mnt"' 'touch "$rootfs/mnt/file"'
	create
	assert_status 0
	! grep -F "$LXCPATH" /proc/self/mountinfo
	[ ! -e "$LXCPATH/$CT/rootfs/mnt/file" ]
}

@test "-q silences the template" {
	template 'echo loud' 'echo louder >&2'
	create -q
	assert_status 0
	assert_output ''
}

@test "interrupted by SIGINT or SIGTERM, it ends the template and takes all back" {
	needs_lxs
	local signal
	for signal in INT TERM; do
		rm -f "$BATS_TEST_TMPDIR/at-work"
		create_in_background
		kill -"$signal" "$CREATE"
		run wait "$CREATE"
		[ "$status" -ne 0 ]
		wait_for 5 "its template has ended" is_gone "$TEMPLATE"
		nothing_of_it
	done
	run cat "$BATS_TEST_TMPDIR/output"
	assert_says "interrupted by SIGTERM"
}

@test "killed, it leaves a marker that create, start and destroy understand" {
	needs_lxs
	create_in_background
	[ -e "$LXCPATH/$CT/partial" ]
	kill -KILL "$CREATE"
	run wait "$CREATE"
	wait_for 10 "the marker is free" marker_is_free
	run tool start -n "$CT"
	assert_status 1
	assert_says "a create or destroy of it was killed" "lxs-destroy"
	run tool destroy -n "$CT"
	assert_status 0
	nothing_of_it
}

@test "a create after a killed one clears the rubble away and starts anew" {
	needs_lxs
	create_in_background
	kill -KILL "$CREATE"
	run wait "$CREATE"
	wait_for 10 "the marker is free" marker_is_free
	TEMPLATE=busybox
	create
	assert_status 0
	[ ! -e "$LXCPATH/$CT/rootfs/deep" ]
	[ ! -e "$LXCPATH/$CT/partial" ]
	[ -x "$LXCPATH/$CT/rootfs/sbin/init" ]
}

@test "a killed create with --dir is cleared away there too" {
	needs_lxs
	DEEP=$LXCPATH/elsewhere
	create_in_background --dir "$LXCPATH/elsewhere"
	kill -KILL "$CREATE"
	run wait "$CREATE"
	wait_for 10 "the marker is free" marker_is_free
	run tool destroy -n "$CT"
	assert_status 0
	nothing_of_it
	[ ! -e "$LXCPATH/elsewhere" ]
}

@test "files that were in the directory before survive a failure and a kill" {
	needs_lxs
	mkdir -p "$LXCPATH/$CT"
	echo mine >"$LXCPATH/$CT/notes"
	template 'exit 1'
	create
	assert_status 1
	assert_equal "$(cd "$LXCPATH/$CT" && echo *)" notes
	create_in_background
	kill -KILL "$CREATE"
	run wait "$CREATE"
	wait_for 10 "the marker is free" marker_is_free
	TEMPLATE=busybox
	create
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT/notes")" mine
}

@test "of many creates at once one wins and the others say why" {
	needs_lxs
	local i won=0 pids=()
	for i in 1 2 3 4; do
		tool create -n "$CT" -t busybox >"$BATS_TEST_TMPDIR/out$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4; do
		if wait "${pids[i - 1]}"; then
			won=$((won + 1))
		else
			grep -E 'already exists|is at work on it' "$BATS_TEST_TMPDIR/out$i"
		fi
	done
	assert_equal "$won" 1
	assert_equal "$(cd "$LXCPATH/$CT" && echo *)" "config rootfs"
}
