# Each verb is killed at each of its steps, and each of its steps fails once;
# what the next command finds is made whole or taken back, and nothing of
# anybody else's is touched.  The points are system calls: see faulty.c.
# shellcheck disable=SC2034 # LAST is read by what say() prints
load lib

setup_file() {
	cc -O1 -o "$BATS_FILE_TMPDIR/faulty" "$BATS_TEST_DIRNAME/faulty.c" || :
}

setup() {
	lib_setup
	needs_lxs
	needs "a compiler for x86-64" test -x "$BATS_FILE_TMPDIR/faulty"
}

# verb COMMAND ARGS...: lxs-COMMAND; what it says goes to $BATS_TEST_TMPDIR/said.
verb() {
	local command=$1
	shift
	"$TOOL_BIN/lxs-$command" -P "$LXCPATH" "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- 9>&- </dev/null
}

# faulty WHAT N COMMAND ARGS...: the same with a fault; its exit code.
faulty() {
	local what=$1 number=$2 command=$3
	shift 3
	timeout -k 1 30 "$BATS_FILE_TMPDIR/faulty" "$what" "$number" "$TOOL_BIN/lxs-$command" -P "$LXCPATH" "$@" \
		>"$BATS_TEST_TMPDIR/said" 2>&1 3>&- 9>"$BATS_TEST_TMPDIR/hit" <"${INPUT:-/dev/null}"
}

# What to print when something is wrong.
say() {
	echo "$LAST $(cat "$BATS_TEST_TMPDIR/hit" 2>/dev/null): $*"
	cat "$BATS_TEST_TMPDIR/said"
	find "$LXCPATH" -path "$LXCPATH/*/rootfs/*" -prune -o -printf '%P\n'
	return 1
}

# A rootfs of few files of different kinds, as $CT.
small_container() {
	local root=$LXCPATH/$CT/rootfs
	container_config "lxc.uts.name = $CT" "lxc.rootfs.path = dir:$root"
	mkdir -p "$root/etc" "$root/bin" "$root/deep/er"
	echo "$CT" >"$root/etc/hostname"
	echo word >"$root/deep/er/word"
	ln "$root/deep/er/word" "$root/bin/other"
	ln -s nowhere "$root/bin/link"
}

# All that is at a place.
tree() {
	(cd "$1" 2>/dev/null && find . -printf '%P %y %m %U %n %l %s\n' | sort)
}

is_unmade() {
	[ ! -e "$LXCPATH/$1/config" ] || [ -e "$LXCPATH/$1/partial" ]
}

# Nothing but containers of these names is there, and nothing half of them.
assert_only() {
	local found expected
	found=$(cd "$LXCPATH" && echo ./*)
	expected=$(printf ' ./%s' "$@")
	[ "$found" = "${expected# }" ] || [ "$found" = "./* ${expected# }" ] || say "not only: $*" || return
	found=$(find "$LXCPATH" \( -name partial -o -name .partial -o -name importing -o -name restoring -o -name '.*.new' \) -printf '%P ')
	[ -z "$found" ] || say "left: $found" || return
	! grep -qF "$LXCPATH/" /proc/self/mountinfo || say "mounted" || return
}

# each_point WHAT PREPARE CHECK VERB...: faults until there are no more calls.
# $again is 1 at every other point, for checks with two ways on; with
# LXS_CRASH_BOTH set each point has both.
again=0
each_point() {
	local what=$1 number=0 last=0
	while [ "$last" = 0 ] && [ $((number += 1)) -lt 400 ]; do
		again=$((number % 2))
		point "$number" "$@" || return
		[ -n "${LXS_CRASH_BOTH:-}" ] || continue
		again=$((1 - again))
		point "$number" "$@" || return
	done
	# There were calls, and an end of them.
	echo "# $what, $4: $number points" >&3
	[ "$number" -gt 5 ] && [ "$number" -lt 400 ]
}

# point NUMBER WHAT PREPARE CHECK VERB...: sets $last when there are fewer calls.
point() {
	local number=$1 what=$2 prepare=$3 check=$4 code=0
	shift 4
	LAST="$what at call $number"
	"$prepare"
	faulty "$what" "$number" "$@" || code=$?
	case $code in
	251) last=1 code=0 ;;
	124 | 137 | 252) say "hangs or fails to run: $code" || return ;;
	esac
	"$check" "$code"
}

nothing() {
	:
}

# ---- create ----

template() {
	cat >"$BATS_TEST_TMPDIR/template" <<-'TEXT'
		#!/bin/sh
		for word; do
			case $word in
			--path=*) path=${word#*=} ;;
			--rootfs=*) rootfs=${word#*=} ;;
			esac
		done
		mkdir -p "$rootfs/etc" && echo word >"$rootfs/etc/word" && ln "$rootfs/etc/word" "$rootfs/etc/other" || exit 1
		echo "lxc.uts.name = made" >>"$path/config"
	TEXT
	chmod +x "$BATS_TEST_TMPDIR/template"
}

create() {
	verb create -n "$CT-2" -t "$BATS_TEST_TMPDIR/template" -B "$1"
}

create_killed() {
	if [ "$again" = 1 ] && is_unmade "$CT-2"; then
		create "$BACKEND" || say "it cannot be made again" || return
		[ "$(cat "$LXCPATH/$CT-2/rootfs/etc/other")" = word ] || say "it is not whole" || return
	fi
	[ ! -e "$LXCPATH/$CT-2" ] || verb destroy -n "$CT-2" || say "it cannot be destroyed" || return
	assert_only "*" || return
}

create_failed() {
	if [ "$1" -ne 0 ]; then
		[ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
		[ ! -e "$LXCPATH/$CT-2" ] || say "left behind" || return
	else
		[ "$(cat "$LXCPATH/$CT-2/rootfs/etc/other")" = word ] || say "it is not whole" || return
	fi
	create_killed
}

@test "create, killed at each step" {
	template
	for BACKEND in dir overlay; do
		each_point kill nothing create_killed create -n "$CT-2" -t "$BATS_TEST_TMPDIR/template" -B "$BACKEND"
	done
}

@test "create, each step fails: EIO, ENOSPC" {
	template
	BACKEND=dir
	each_point 5 nothing create_failed create -n "$CT-2" -t "$BATS_TEST_TMPDIR/template"
	BACKEND=overlay
	each_point 28 nothing create_failed create -n "$CT-2" -t "$BATS_TEST_TMPDIR/template" -B overlay
}

# ---- copy ----

source_intact() {
	[ "$(tree "$LXCPATH/$CT")" = "$BEFORE" ] || say "the source has changed: $(diff <(tree "$LXCPATH/$CT") - <<<"$BEFORE")"
}

copy_again() {
	verb copy -n "$CT" -N "$CT-2" ${COPY_OPTION:+"$COPY_OPTION"}
}

copy_is_whole() {
	if [ -n "$COPY_OPTION" ]; then
		[ -d "$LXCPATH/$CT-2/overlay/delta" ] && [ -s "$LXCPATH/$CT/lxc_snapshots" ]
	else
		[ "$(tree "$LXCPATH/$CT-2/rootfs" | wc -l)" = "$(tree "$LXCPATH/$CT/rootfs" | wc -l)" ] &&
			[ "$(cat "$LXCPATH/$CT-2/rootfs/bin/other" "$LXCPATH/$CT-2/rootfs/etc/hostname")" = $'word\n'"$CT-2" ]
	fi && grep -qx "lxc.uts.name = $CT-2" "$LXCPATH/$CT-2/config"
}

copy_killed() {
	if [ "$again" = 1 ] && is_unmade "$CT-2"; then
		copy_again || say "it cannot be copied again" || return
		copy_is_whole || say "it is not whole" || return
	fi
	[ ! -e "$LXCPATH/$CT-2" ] || verb destroy -n "$CT-2" || say "the copy cannot be destroyed" || return
	source_intact && assert_only "$CT"
}

copy_failed() {
	if [ "$1" -ne 0 ]; then
		[ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
		[ ! -e "$LXCPATH/$CT-2" ] || say "left behind" || return
		source_intact || return
	else
		copy_is_whole || say "it is not whole" || return
	fi
	copy_killed
}

@test "copy and snapshot clone, killed at each step" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	for COPY_OPTION in '' -s; do
		each_point kill nothing copy_killed copy -n "$CT" -N "$CT-2" ${COPY_OPTION:+"$COPY_OPTION"}
	done
}

@test "copy and snapshot clone, each step fails: EIO, ENOSPC" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	COPY_OPTION=''
	each_point 5 nothing copy_failed copy -n "$CT" -N "$CT-2"
	COPY_OPTION=-s
	each_point 28 nothing copy_failed copy -n "$CT" -N "$CT-2" -s
}

# ---- snapshot ----

# Each one that is listed has its time, its comment and all of its files.
snapshots_are_whole() {
	local snapshot
	verb snapshot -n "$CT" -L || say "they cannot be listed" || return
	! grep -vE '^(No snapshots|snap[0-9]+ \(.*\) [0-9]{4}:[0-9:]+ [0-9:]+)$' "$BATS_TEST_TMPDIR/said" || say "one is not whole" || return
	for snapshot in "$LXCPATH/$CT/snaps"/*; do
		[ ! -e "$snapshot/config" ] || [ -e "$snapshot/partial" ] || [ "$(cat "$snapshot/comment")" = why ] ||
			say "$snapshot has no comment" || return
		[ ! -e "$snapshot/config" ] || [ -e "$snapshot/partial" ] ||
			[ "$(tree "$snapshot/rootfs")" = "$(tree "$LXCPATH/$CT/rootfs")" ] || say "$snapshot has not all files" || return
	done
}

snapshot_killed() {
	snapshots_are_whole || return
	if [ "$again" = 1 ]; then
		verb snapshot -n "$CT" -c "$BATS_TEST_TMPDIR/comment" || say "none can be made" || return
		snapshots_are_whole || return
		grep -q '^snap0 ' "$BATS_TEST_TMPDIR/said" || say "it is not there" || return
		assert_only "$CT" || return
		verb snapshot -n "$CT" -d ALL || say "they cannot be destroyed" || return
	else
		verb destroy -n "$CT" -s || say "it cannot be destroyed" || return
		small_container
	fi
	rm -rf "${LXCPATH:?}/$CT/snaps"
	source_intact && assert_only "$CT"
}

snapshot_failed() {
	if [ "$1" -ne 0 ]; then
		[ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
		[ -z "$(ls -A "$LXCPATH/$CT/snaps" 2>/dev/null)" ] || say "left behind" || return
	fi
	snapshot_killed
}

@test "snapshot, killed at each step" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	echo why >"$BATS_TEST_TMPDIR/comment"
	each_point kill nothing snapshot_killed snapshot -n "$CT" -c "$BATS_TEST_TMPDIR/comment"
}

@test "snapshot, each step fails" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	echo why >"$BATS_TEST_TMPDIR/comment"
	each_point 5 nothing snapshot_failed snapshot -n "$CT" -c "$BATS_TEST_TMPDIR/comment"
}

# ---- restore ----

# The container has moved on since its snapshot.
restore_begin() {
	[ -e "$LXCPATH/$CT/snaps/snap0/config" ] || { small_container && verb snapshot -n "$CT"; }
	echo new >"$LXCPATH/$CT/rootfs/etc/word"
	rm -f "$LXCPATH/$CT/rootfs/bin/other"
}

restored() {
	[ ! -e "$LXCPATH/$CT/rootfs/etc/word" ] && [ "$(cat "$LXCPATH/$CT/rootfs/bin/other")" = word ] &&
		[ "$(tree "$LXCPATH/$CT/rootfs")" = "$(tree "$LXCPATH/$CT/snaps/snap0/rootfs")" ] &&
		grep -qx "lxc.rootfs.path = dir:$LXCPATH/$CT/rootfs" "$LXCPATH/$CT/config"
}

unchanged() {
	[ "$(cat "$LXCPATH/$CT/rootfs/etc/word")" = new ] && [ ! -e "$LXCPATH/$CT/rootfs/bin/other" ]
}

restore_killed() {
	# Before the same command again it is either one or the other, or says so.
	[ -e "$LXCPATH/$CT/partial" ] || restored || unchanged || say "it is neither the one nor the other" || return
	if [ "$again" = 1 ] || [ -e "$LXCPATH/$CT/partial" ]; then
		verb snapshot -n "$CT" -r snap0 || say "it cannot be restored" || return
		restored || say "it is not restored" || return
		assert_only "$CT"
	else
		verb destroy -n "$CT" -s || say "it cannot be destroyed" || return
		assert_only "*"
	fi
}

restore_failed() {
	if [ "$1" -ne 0 ]; then
		[ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
	else
		restored || say "it is not restored" || return
	fi
	restore_killed
}

@test "restore, killed at each step" {
	each_point kill restore_begin restore_killed snapshot -n "$CT" -r snap0
}

@test "restore, each step fails" {
	each_point 5 restore_begin restore_failed snapshot -n "$CT" -r snap0
}

@test "restore: all of the copy is on the disk before anything takes its place" {
	local number=0 code=0
	restore_begin
	while [ "$code" != 251 ] && [ $((number += 1)) -lt 400 ]; do
		code=0
		faulty 5 "$number" snapshot -n "$CT" -r snap0 || code=$?
		if grep -q '^syncfs ' "$BATS_TEST_TMPDIR/hit"; then
			[ "$code" = 1 ] && grep -qF 'snaps/restoring to the disk: Input/output error' "$BATS_TEST_TMPDIR/said"
			[ ! -e "$LXCPATH/$CT/partial" ] && unchanged
			return
		fi
		[ ! -e "$LXCPATH/$CT/partial" ] || verb snapshot -n "$CT" -r snap0
		restore_begin
	done
	say "nothing is written through"
}

# ---- destroy ----

destroy_begin() {
	[ -e "$LXCPATH/$CT-2" ] || verb copy -n "$CT" -N "$CT-2" -s && verb snapshot -n "$CT-2"
}

destroy_killed() {
	[ ! -e "$LXCPATH/$CT-2" ] || verb destroy -n "$CT-2" -s || say "it cannot be destroyed" || return
	source_intact && assert_only "$CT"
}

@test "destroy of a clone with a snapshot, killed at each step, and each step fails" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	for what in kill 5; do
		each_point "$what" destroy_begin destroy_killed destroy -n "$CT-2" -s
	done
}

# ---- a place that gets another owner meanwhile ----

# another: a container whose place is that of the first one's tree, and still is when VERB... has ended on the first.
another() {
	template
	verb create -n "$CT-2" -t "$BATS_TEST_TMPDIR/template" --dir "$LXCPATH/tree" || say "no other container"
	verb "$@" || say "it cannot be ended"
	[ "$(cat "$LXCPATH/tree/etc/word")" = word ] || say "the other's tree is gone"
	[ ! -e "$LXCPATH/$CT" ] || verb destroy -n "$CT" -s || say "it cannot be destroyed"
	verb destroy -n "$CT-2" || say "the other cannot be destroyed"
	assert_only "*"
}

# moved_out COMMAND...: at each step it is killed until the tree outside of the container is gone and the marker is
# there.  Then the same place is another container's.
moved_out() {
	local number=0
	while [ $((number += 1)) -lt 400 ]; do
		LAST="kill at call $number"
		small_container
		verb snapshot -n "$CT" || say "no snapshot"
		mv "$LXCPATH/$CT/rootfs" "$LXCPATH/tree"
		sed -i "s|dir:.*|dir:$LXCPATH/tree|" "$LXCPATH/$CT/config"
		faulty kill "$number" "$@" || :
		[ ! -e "$LXCPATH/tree" ] && [ -e "$LXCPATH/$CT/partial" ] && break
		verb "$@" || :
		verb destroy -n "$CT" -s || :
		rm -rf "${LXCPATH:?}/tree"
	done
	another "$@"
}

@test "destroy and restore, killed behind the removal of a tree, leave the next one at its place" {
	moved_out destroy -n "$CT" -s
	moved_out snapshot -n "$CT" -r snap0
}

@test "create, killed before its tree was made, leaves the next one at its place" {
	local number=0
	template
	while [ $((number += 1)) -lt 400 ]; do
		LAST="kill at call $number"
		faulty kill "$number" create -n "$CT" -t "$BATS_TEST_TMPDIR/template" --dir "$LXCPATH/tree" || :
		grep -qs '^rootfs' "$LXCPATH/$CT/partial" && [ ! -e "$LXCPATH/tree" ] && break
		[ ! -e "$LXCPATH/$CT" ] || verb destroy -n "$CT" || say "it cannot be destroyed"
		assert_only "*"
	done
	[ -e "$LXCPATH/$CT/partial" ] || say "not killed"
	another destroy -n "$CT"
}

@test "create, killed when its tree was filled, leaves the next one at its place" {
	local number=0
	template
	while [ $((number += 1)) -lt 400 ]; do
		LAST="kill at call $number"
		faulty kill "$number" create -n "$CT" -t "$BATS_TEST_TMPDIR/template" --dir "$LXCPATH/tree" || :
		[ -e "$LXCPATH/tree/etc/other" ] && [ -e "$LXCPATH/$CT/config" ] && break
		[ ! -e "$LXCPATH/$CT" ] || verb destroy -n "$CT" || say "it cannot be destroyed"
		assert_only "*"
	done
	[ -e "$LXCPATH/$CT/partial" ] || say "not killed"
	rm -r "$LXCPATH/tree"
	another destroy -n "$CT"
}

# ---- rename ----

# $CT with a clone $CT-2 and a snapshot, each of which knows it by its directory.
rename_begin() {
	[ ! -e "$LXCPATH/$CT-3" ] || verb copy -n "$CT-3" -R -N "$CT" || say "the name cannot be changed back"
	[ -e "$LXCPATH/$CT-2" ] || { small_container && verb copy -n "$CT" -N "$CT-2" -s && verb snapshot -n "$CT"; }
}

# named NAME: all know it by that name.
named() {
	grep -qx "lxc.rootfs.path = dir:$LXCPATH/$1/rootfs" "$LXCPATH/$1/config" &&
		grep -qx "lxc.uts.name = $1" "$LXCPATH/$1/config" && [ "$(cat "$LXCPATH/$1/rootfs/etc/hostname")" = "$1" ] &&
		grep -qx "lxc.rootfs.path = dir:$LXCPATH/$1/snaps/snap0/rootfs" "$LXCPATH/$1/snaps/snap0/config" &&
		grep -qxF "lxc.rootfs.path = overlay:$LXCPATH/$1/rootfs:$LXCPATH/$CT-2/overlay/delta" "$LXCPATH/$CT-2/config" &&
		[ "$(cat "$LXCPATH/$CT-2/lxc_rdepends")" = "$LXCPATH"$'\n'"$1" ] &&
		[ "$(cat "$LXCPATH/$1/lxc_snapshots")" = "$LXCPATH"$'\n'"$CT-2" ]
}

rename_killed() {
	[ -e "$LXCPATH/$CT-3/partial" ] || [ -e "$LXCPATH/$CT/partial" ] || { [ -e "$LXCPATH/$CT-3" ] && named "$CT-3"; } ||
		named "$CT" || say "it has neither the one name nor the other" || return
	if [ "$again" = 1 ] || [ -e "$LXCPATH/$CT-3/partial" ]; then
		! is_unmade "$CT-3" || verb copy -n "$CT" -R -N "$CT-3" ||
			say "it cannot be renamed" || return
		named "$CT-3" || say "it has not the new name" || return
		assert_only "$CT-2" "$CT-3"
	fi
}

rename_failed() {
	[ "$1" -eq 0 ] || [ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
	rename_killed
}

@test "rename with a clone and a snapshot, killed at each step, and each step fails" {
	each_point kill rename_begin rename_killed copy -n "$CT" -R -N "$CT-3"
	each_point 5 rename_begin rename_failed copy -n "$CT" -R -N "$CT-3"
}

# ---- export, import ----

import_killed() {
	if [ "$again" = 1 ] && is_unmade "$CT-2"; then
		"$TOOL_BIN/lxs-import" -P "$LXCPATH" -n "$CT-2" --trust <"$INPUT" >"$BATS_TEST_TMPDIR/said" 2>&1 ||
			say "it cannot be imported" || return
		COPY_OPTION='' copy_is_whole || say "it is not whole" || return
		[ "$(cat "$LXCPATH/$CT-2/hook")" = hook ] || say "a file is missing" || return
	fi
	[ ! -e "$LXCPATH/$CT-2" ] || verb destroy -n "$CT-2" -s || say "it cannot be destroyed" || return
	assert_only "$CT"
}

import_failed() {
	if [ "$1" -ne 0 ]; then
		[ -s "$BATS_TEST_TMPDIR/said" ] || say "no word of it" || return
		[ ! -e "$LXCPATH/$CT-2" ] || say "left behind" || return
	else
		COPY_OPTION='' copy_is_whole || say "it is not whole" || return
	fi
	import_killed "$1"
}

import_begin() {
	small_container
	echo hook >"$LXCPATH/$CT/hook"
	verb snapshot -n "$CT"
	INPUT=$BATS_TEST_TMPDIR/archive
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" -s >"$INPUT"
}

@test "import, killed at each step" {
	import_begin
	each_point kill nothing import_killed import -n "$CT-2" --trust
}

@test "import, each step fails" {
	import_begin
	each_point 28 nothing import_failed import -n "$CT-2" --trust
}

@test "export, killed in the middle, leaves the container free" {
	small_container
	BEFORE=$(tree "$LXCPATH/$CT")
	dd if=/dev/urandom of="$LXCPATH/$CT/rootfs/big" bs=1M count=2 status=none
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" 2>/dev/null 3>&- | {
		read -r -n 1 _
		LAST=exporting
		kill -KILL "$(pgrep -f "^$TOOL_BIN/lxs-export -P $LXCPATH -n $CT\$" | head -1)"
		cat >/dev/null
	} || :
	verb destroy -n "$CT" || say "it cannot be destroyed"
	assert_only "*"
}
