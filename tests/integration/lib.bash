# What every integration test stands on; `load lib` at the top of a .bats file.
#
# The same test asks LXC or lxs: TOOL=lxs (default) or TOOL=lxc.  A test that
# both must pass is tagged `# bats test_tags=compat`; one for an ordinary user
# `# bats test_tags=user`.
#
# Each test has an lxcpath of its own ($LXCPATH), a container name of its own
# ($CT), and a teardown that stops what runs and fails the test when the tool
# left a cgroup, mount, interface, run directory or process behind.
#
#   LXS_PREFIX   where lxs is installed
#   LXS_PROBE    the static probe (tests/probe)
#   LXS_TEST_ID  put in front of container names, so that two runs do not meet

# bats sets status, output and lines; tests use what is set here.
# shellcheck disable=SC2034,SC2154
: "${TOOL:=lxs}"
: "${LXS_PREFIX:?where lxs is installed; tests/run-integration sets it}"
: "${LXS_PROBE:?path of the static probe; tests/run-integration sets it}"
: "${LXS_TEST_ID:=t}"
: "${LXS_RUNSTATEDIR:=$LXS_PREFIX/var/run}"
export LC_ALL=C
unset LXC_LOG_LEVEL XDG_RUNTIME_DIR

TESTS_DIR=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
if [ "$TOOL" = lxc ]; then
	TOOL_BIN=/usr/bin
	TOOL_SHARE=/usr/share/lxc
else
	TOOL_BIN=$LXS_PREFIX/bin
	TOOL_SHARE=$LXS_PREFIX/share/lxs
fi
# For tests of their own: COMMON in a config, TESTS_DIR for their data.
COMMON=$TOOL_SHARE/config/common.conf

# ---- the tool ----

# tool COMMAND ARGS...: lxs-COMMAND (or lxc-COMMAND) on this test's lxcpath.
tool() {
	local command=$1
	shift
	case $command in
	config) "$TOOL_BIN/$TOOL-config" "$@" ;;
	*) "$TOOL_BIN/$TOOL-$command" -P "$LXCPATH" "$@" ;;
	esac
}

needs_lxs() {
	[ "$TOOL" = lxs ] || skip "lxs only"
}

# A test that needs what this kernel or machine lacks says so: needs "WHAT" TEST...
needs() {
	local what=$1
	shift
	"$@" >/dev/null 2>&1 || skip "needs $what"
}

# ---- containers ----

# container_config LINES...: (re)writes the config of $CT.
container_config() {
	container_named "$CT" "$@"
}

# container_named NAME LINES...: the same for one more container; names begin with $CT.
container_named() {
	local name=$1
	shift
	mkdir -p "$LXCPATH/$name"
	printf '%s\n' "$@" >"$LXCPATH/$name/config"
}

# container_rootfs [NAME]: an empty root file system with the probe in it, as
# $ROOTFS; the config gets its path and `probe serve` as init.
container_rootfs() {
	local name=${1:-$CT} directory
	ROOTFS=$LXCPATH/$name/rootfs
	for directory in bin sbin proc sys dev tmp etc run var mnt; do
		mkdir -p "$ROOTFS/$directory"
	done
	cp "$LXS_PROBE" "$ROOTFS/bin/probe"
	[ -e "$LXCPATH/$name/config" ] || : >"$LXCPATH/$name/config"
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" "lxc.init.cmd = /bin/probe serve" \
		"lxc.console.logfile = $LXCPATH/$name/console.log" >>"$LXCPATH/$name/config"
}

# run_probe QUESTION...: the probe as the command of an execute; answers are in
# $output and $lines.  Needs a container_config; a rootfs is optional.
run_probe() {
	local probe=$LXS_PROBE
	[ ! -e "$LXCPATH/$CT/rootfs/bin/probe" ] || probe=/bin/probe
	run tool execute -n "$CT" -- "$probe" "$@"
	assert_status 0
}

# start_probe [OPTIONS...]: $CT in the background with the probe as init.
start_probe() {
	run tool start -n "$CT" "$@"
	assert_status 0
	wait_for 10 "the probe serves as init of $CT" init_is_ready
}

init_is_ready() {
	grep -q '^ready' "$LXCPATH/$CT/console.log" 2>/dev/null
}

# ask QUESTION...: asks the running $CT from inside, through attach.
ask() {
	run tool attach -n "$CT" -- /bin/probe "$@"
	assert_status 0
}

# The pid of init of $CT (or NAME) as the host sees it.
init_pid() {
	tool info -n "${1:-$CT}" -p -H
}

run_dir() {
	find "$LXS_RUNSTATEDIR/lxs" -name "$CT" -type d
}

state_of() {
	tool info -n "${1:-$CT}" -s -H
}

# ---- waiting: for an event, with a deadline ----

# wait_for SECONDS WHAT COMMAND...: fails with WHAT when COMMAND is not true in time.  The seconds are those of a
# quiet machine: a busy one gets four times as many, which only a failure uses up.
wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 4000000)) what=$2
	shift 2
	until "$@"; do
		if ((${EPOCHREALTIME/./} > deadline)); then
			echo "waited in vain: $what"
			return 1
		fi
		pause
	done
}

# What wait_for asks anew each time, where "$(COMMAND)" among its words would be the answer of the first.
prints_nothing() {
	[ -z "$("$@")" ]
}

is_in_state() {
	[ "$(state_of "$2")" = "$1" ]
}

# Between two looks: a read that nothing will ever answer.
pause() {
	local nothing
	read -r -t 0.02 nothing <>"$BATS_TEST_TMPDIR/never" || :
}

# ---- assertions on $status, $output, $lines ----

assert_status() {
	[ "$status" -eq "$1" ] && return
	echo "exit status $status, not $1"
	echo "$output"
	return 1
}

assert_failed() {
	[ "$status" -ne 0 ] && return
	echo "succeeded, should have failed"
	echo "$output"
	return 1
}

# assert_has LINE...: each is one whole line of the output.
assert_has() {
	local line
	for line in "$@"; do
		grep -qxF -- "$line" <<<"$output" && continue
		printf 'no line "%s" in:\n%s\n' "$line" "$output"
		return 1
	done
}

assert_lacks() {
	local line
	for line in "$@"; do
		grep -qxF -- "$line" <<<"$output" || continue
		printf 'unwanted line "%s" in:\n%s\n' "$line" "$output"
		return 1
	done
}

# assert_says TEXT...: each occurs somewhere in the output.
assert_says() {
	local text
	for text in "$@"; do
		[[ $output == *"$text"* ]] && continue
		printf '"%s" is not said in:\n%s\n' "$text" "$output"
		return 1
	done
}

assert_silent_about() {
	local text
	for text in "$@"; do
		[[ $output != *"$text"* ]] && continue
		printf '"%s" should not be said in:\n%s\n' "$text" "$output"
		return 1
	done
}

assert_equal() {
	[ "$1" = "$2" ] && return
	printf 'got:      %s\nexpected: %s\n' "$1" "$2"
	return 1
}

assert_output() {
	assert_equal "$output" "$1"
}

assert_matches() {
	[[ $output =~ $1 ]] && return
	printf 'output does not match %s:\n%s\n' "$1" "$output"
	return 1
}

# ---- setup and teardown; a file with its own calls these ----

setup() {
	lib_setup
}

teardown() {
	lib_teardown
}

lib_setup() {
	mkfifo "$BATS_TEST_TMPDIR/never"
	LXCPATH=$(mktemp -d "${TMPDIR:-/tmp}/$LXS_TEST_ID.XXXXXX")
	chmod 0755 "$LXCPATH"
	CT=$LXS_TEST_ID$BATS_TEST_NUMBER-${LXCPATH##*.}
	LINKS_BEFORE=$(links)
	export LXCPATH CT
}

# Only a run in its own network namespace can tell whose an interface is.
links() {
	[ -z "${LXS_TEST_NETNS:-}" ] || ip -o link | awk -F '[:@ ]+' '{ print $2 }' | sort
}

lib_teardown() {
	local found
	# Without a name and a place of its own, everything on the machine would look like this test's.
	[ -n "${CT:-}" ] && [ -n "${LXCPATH:-}" ] || return 0
	stop_all
	found=$(leftovers)
	clean_up
	rm -rf --one-file-system "$LXCPATH"
	# What LXC leaves behind is not for us to mend.
	[ -z "$found" ] || [ "$TOOL" = lxc ] || {
		printf 'left behind by the tool:\n%s\n' "$found"
		return 1
	}
}

# Stops what a test left running, first by the tool, then by its processes.
stop_all() {
	local config name
	for config in "$LXCPATH"/*/config; do
		[ -e "$config" ] || continue
		name=$(basename "$(dirname "$config")")
		is_alive "$name" || continue
		tool stop -k -n "$name" >/dev/null 2>&1 || :
		wait_for 5 "$name ends" is_gone "$name" || kill_members "$name"
	done
}

is_alive() {
	[ -n "$(members "$1")" ] || [ -n "$(helpers "$1")" ]
}

is_gone() {
	! is_alive "$1"
}

# Wherever lxc.cgroup.dir put them, and with the number that LXC adds to a name that is taken.
cgroups_of() {
	find /sys/fs/cgroup -depth -type d \( -name "lxc.payload.$1" -o -name "lxc.payload.$1-[0-9]*" \
		-o -name "lxc.monitor.$1" -o -name "lxc.monitor.$1-[0-9]*" \) 2>/dev/null
}

# Processes in the cgroups of a container.
members() {
	local cgroup
	cgroups_of "$1" | while IFS= read -r cgroup; do
		find "$cgroup" -name cgroup.procs -exec cat {} + 2>/dev/null
	done | sort -u
}

# Processes of the tool that carry the name in their command line: launcher,
# supervisor, monitor ([lxc monitor] rewrites its whole line).
helpers() {
	local cmdline program
	while IFS= read -r cmdline; do
		IFS= read -r -d '' program <"$cmdline" || [ -n "$program" ] || continue
		case $program in
		'[lxc monitor]'* | lxs* | lxc* | */lxs* | */lxc*) basename "${cmdline%/cmdline}" ;;
		esac
	done < <(grep -alsF -- "$LXCPATH" /proc/[0-9]*/cmdline | xargs -r grep -alsF -- "$1") 2>/dev/null
	return 0
}

kill_members() {
	local pid
	for pid in $(members "$1") $(helpers "$1"); do
		kill -KILL "$pid" 2>/dev/null || :
	done
	wait_for 5 "killed processes of $1 end" is_gone "$1" || :
}

# What must not be there any more.  The end of a container is not the end of
# its clean-up, so each finding gets a moment to go away.
leftovers() {
	wait_for 3 "all is cleaned up" nothing_left >/dev/null 2>&1 || list_left
}

nothing_left() {
	[ -z "$(list_left)" ]
}

list_left() {
	cgroups_of "$CT*" | sed 's/^/cgroup /'
	grep -F -- "$LXCPATH" /proc/self/mountinfo | sed 's/^/mount /'
	diff <(echo "$LINKS_BEFORE") <(links) | sed -n 's/^> /interface /p'
	find "$LXS_RUNSTATEDIR/lxs" -depth -name "$CT*" 2>/dev/null | sed 's/^/run directory /'
	helpers "$CT" | sed 's/^/process /'
	:
}

# Removes by hand what list_left has found, so that one bad test spoils no other.
clean_up() {
	local kind path
	while read -r kind path; do
		case $kind in
		process) kill -KILL "$path" ;;
		cgroup) rmdir "$path" ;;
		mount) umount -l "$(cut -d' ' -f5 <<<"$path")" ;;
		interface) ip link delete "$path" ;;
		run) rm -rf "${path#directory }" ;;
		esac
	done < <(list_left) >/dev/null 2>&1
	find "$LXS_RUNSTATEDIR/lxs" -depth -type d -empty -path "*${LXCPATH##*/}*" -delete 2>/dev/null || :
}
