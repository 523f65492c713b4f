# Rename races: while the host works on a container's files, somebody inside
# exchanges a directory there with a link that leads out, over and over.  Start,
# attach and copy may fail, but nothing is made, mounted or read outside.
load lib

TRIES=${LXS_TEST_RACES:-15}

setup_file() {
	cc -O1 -o "$BATS_FILE_TMPDIR/flip" "$BATS_TEST_DIRNAME/flip.c"
}

setup() {
	lib_setup
	needs_lxs
	SOURCE=$LXCPATH/source
	OUTSIDE=$LXCPATH/outside
	mkdir -p "$SOURCE" "$OUTSIDE"
	echo seen >"$SOURCE/file"
	echo mine >"$OUTSIDE/file"
}

teardown() {
	unflip
	lib_teardown
}

# flip NAME TARGET: NAME in the rootfs is a directory now, a link to TARGET then.
flip() {
	mkdir -p "$ROOTFS/$1"
	ln -s "$2" "$ROOTFS/$1.link"
	"$BATS_FILE_TMPDIR/flip" "$ROOTFS/$1" "$ROOTFS/$1.link" >"$BATS_TEST_TMPDIR/flip.out" 2>&1 3>&- &
	FLIPPERS+=("$!")
	wait_for 10 "$1 flips" grep -q flipping "$BATS_TEST_TMPDIR/flip.out"
}

unflip() {
	[ ${#FLIPPERS[@]} -eq 0 ] || kill "${FLIPPERS[@]}" 2>/dev/null || :
	[ ${#FLIPPERS[@]} -eq 0 ] || wait "${FLIPPERS[@]}" 2>/dev/null || :
	FLIPPERS=()
}

# settle NAME: it is the directory again.
settle() {
	unflip
	if [ -L "$ROOTFS/$1" ]; then
		rm "$ROOTFS/$1"
		mv "$ROOTFS/$1.link" "$ROOTFS/$1"
	else
		rm "$ROOTFS/$1.link"
	fi
}

# The links: one that leads out for whoever follows it on the host, one by climbing, one by a descriptor.
leads() {
	printf '%s\n' "$OUTSIDE" ../../outside /proc/1/root/tmp
}

assert_outside_untouched() {
	run find "$OUTSIDE" -mindepth 1
	assert_output "$OUTSIDE/file"
	assert_equal "$(cat "$OUTSIDE/file")" mine
	run grep -F " $OUTSIDE" /proc/self/mountinfo
	assert_output ""
}

LUCKLESS=400

# race QUESTION...: executes at most TRIES times, but goes on until it has worked once.  $WORKED; $ANSWERS of those.
race() {
	local try=0
	WORKED=0 ANSWERS=
	while [ $((++try)) -le $((WORKED ? TRIES : LUCKLESS)) ] && [ "$WORKED" -lt "$TRIES" ]; do
		run timeout 30 "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe "$@"
		[ "$status" -ne 124 ]
		[ "$status" -ne 0 ] || { WORKED=$((WORKED + 1)) ANSWERS+=$output$'\n'; }
		assert_outside_untouched
	done
	# A race that nothing ever wins tests nothing.
	[ "$WORKED" -gt 0 ]
}

# everywhere NAME QUESTION...: races with each of the links in the place of NAME.
everywhere() {
	local name=$1 lead answers=
	shift
	for lead in $(leads); do
		flip "$name" "$lead"
		race "$@"
		settle "$name"
		answers+=$ANSWERS
	done
	ANSWERS=$answers
}

# assert_answers PATTERN: all of them.
assert_answers() {
	run grep -v -- "$1" <<<"${ANSWERS%$'\n'}"
	assert_output ""
}

@test "mount targets: what is made and mounted lies inside" {
	container_config "lxc.mount.auto = proc:mixed" "lxc.mount.entry = $SOURCE race/made none bind,create=dir 0 0" \
		"lxc.mount.entry = $SOURCE/file race/deep/er/file none bind,create=file 0 0" \
		"lxc.mount.entry = tmpfs race/tmp tmpfs create=dir 0 0"
	container_rootfs
	everywhere race read /race/made/file
	assert_answers '^seen$'
}

@test "a relative source is of the container" {
	container_config "lxc.mount.auto = proc:mixed" "lxc.mount.entry = race mnt none bind,relative 0 0"
	container_rootfs
	mkdir "$ROOTFS/race"
	echo inside >"$ROOTFS/race/file"
	everywhere race read /mnt/file
	assert_answers '^inside$'
}

@test "/dev: its file system, nodes, links and terminals" {
	container_config "lxc.mount.auto = proc:mixed" "lxc.tty.max = 2" "lxc.pty.max = 10"
	container_rootfs
	everywhere dev stat /dev/null
	assert_answers '^char 0666 0:0 1:3$'
}

@test "/dev of the rootfs: console and terminals" {
	container_config "lxc.mount.auto = proc:mixed" "lxc.tty.max = 2" "lxc.pty.max = 10" "lxc.autodev = 0"
	container_rootfs
	mkdir -p "$ROOTFS/dev/pts"
	everywhere dev mount /dev/console
	assert_answers ' devpts '
}

@test "/proc and /sys" {
	container_config "lxc.mount.auto = proc:mixed sys:mixed" "lxc.apparmor.profile = unconfined" \
		"lxc.sysctl.kernel.msgmax = 4711"
	container_rootfs
	everywhere proc sysctl kernel.msgmax
	assert_answers '^4711$'
	everywhere sys mount /sys
	assert_answers ' sysfs '
}

# It is mounted in the one, and what covers its parameters must not be looked for in the other.
@test "a /proc that is one of two directories keeps its covers" {
	needs "a static C library" cc -O1 -static -o "$BATS_TEST_TMPDIR/writable" -x c - <<-'SOURCE'
		#include <fcntl.h>
		#include <stdio.h>

		int main(void)
		{
			puts(open("/one/sys/kernel/msgmax", O_WRONLY) < 0 && open("/two/sys/kernel/msgmax", O_WRONLY) < 0
			     ? "covered" : "writable");
		}
	SOURCE
	container_config "lxc.mount.auto = proc:mixed"
	container_rootfs
	cp "$BATS_TEST_TMPDIR/writable" "$ROOTFS/bin/probe"
	rmdir "$ROOTFS/proc"
	mkdir "$ROOTFS/one" "$ROOTFS/two"
	ln -s one "$ROOTFS/proc"
	TRIES=$((TRIES * 6))
	flip proc two
	race
	assert_answers '^covered$'
}

@test "the working directory of init" {
	container_config "lxc.mount.auto = proc:mixed" "lxc.init.cwd = /race/work/here"
	container_rootfs
	everywhere race cwd
	assert_outside_untouched
}

@test "the working directory and the shell of an attached command" {
	local lead try
	container_config "lxc.mount.auto = proc:mixed" "lxc.pty.max = 10"
	container_rootfs
	start_probe
	mkdir -p "$LXCPATH/here" "$ROOTFS$LXCPATH"
	for lead in /proc/self/fd/3 /proc/self/fd/5 /proc/1/root "$OUTSIDE"; do
		flip "$LXCPATH/here" "$lead"
		try=0
		while [ $((++try)) -le "$TRIES" ]; do
			run env -C "$LXCPATH/here" timeout 20 "$TOOL_BIN/lxs-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe cwd
			assert_status 0
			# What it is called may be the link's name by the time it is asked.
			assert_matches "^(/|$LXCPATH/here(\.link)?)\$"
		done
		settle "$LXCPATH/here"
	done
}

@test "a copy of a container that is changed meanwhile has nothing of what its links lead to" {
	local try=0
	container_config "lxc.mount.auto = proc:mixed"
	container_rootfs
	mkdir "$ROOTFS/race"
	echo inside >"$ROOTFS/race/inside"
	flip race "$OUTSIDE"
	while [ $((++try)) -le 20 ]; do
		run timeout 60 "$TOOL_BIN/lxs-copy" -P "$LXCPATH" -n "$CT" -N "$CT-copy"
		[ "$status" -ne 124 ]
		[ -z "$(find "$LXCPATH/$CT-copy" -path '*/race*/file' 2>/dev/null)" ]
		tool destroy -n "$CT-copy" >/dev/null 2>&1 || :
		assert_outside_untouched
	done
}
