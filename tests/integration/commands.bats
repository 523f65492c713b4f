# What all commands do alike: help, usage, version, names, logs, errors.
load lib

commands=(attach cgroup console create destroy execute freeze info ls start stop unfreeze unshare wait)

# Prints of a call on one stream only; the other one must stay empty.
only_stderr() {
	run bash -c '"$@" 2>/dev/null' bash "$@"
	assert_output ""
	run "$@"
}

# bats test_tags=compat
@test "help goes to stderr: 0 for -h and --help, 1 for -?, a bad option and a missing argument" {
	local command option
	for command in "${commands[@]}"; do
		for option in -h --help; do
			only_stderr "$TOOL_BIN/$TOOL-$command" "$option"
			assert_status 0
			assert_matches "^Usage: $TOOL-$command "
			assert_has "Options :" "Common options :"
		done
		for option in '-?' --nonsense -P; do
			only_stderr "$TOOL_BIN/$TOOL-$command" "$option"
			assert_status 1
			assert_says "Usage: $TOOL-$command " "Common options :"
		done
	done
}

# bats test_tags=compat
@test "help of create tells of the template to its left" {
	needs "busybox" command -v busybox
	run "$TOOL_BIN/$TOOL-create" -t busybox -h
	assert_status 0
	assert_says "Common options :" busybox-path
	run "$TOOL_BIN/$TOOL-create" -h -t busybox
	assert_status 0
	assert_silent_about busybox-path
}

# bats test_tags=compat
@test "usage goes to stderr, the version to stdout" {
	local command
	for command in "${commands[@]}"; do
		only_stderr "$TOOL_BIN/$TOOL-$command" --usage
		assert_status 0
		assert_matches "^Usage: $TOOL-$command \[-"
		assert_says "[-o|--logfile=LOGFILE]"
		run bash -c '"$1" --version 2>/dev/null' bash "$TOOL_BIN/$TOOL-$command"
		assert_status 0
		assert_matches '^[0-9]+\.[0-9]+'
	done
}

# bats test_tags=compat
@test "what stands to the right of --help is not looked at" {
	run "$TOOL_BIN/$TOOL-start" --help --nonsense
	assert_status 0
	run "$TOOL_BIN/$TOOL-start" --nonsense --help
	assert_status 1
}

# bats test_tags=compat
@test "without a name: a message and exit 1; quiet says nothing" {
	local command
	for command in attach console destroy execute freeze info start stop unfreeze; do
		run "$TOOL_BIN/$TOOL-$command"
		assert_status 1
		assert_says "$TOOL-$command: No container name specified"
		run "$TOOL_BIN/$TOOL-$command" -q
		assert_status 1
		assert_output ""
	done
}

# bats test_tags=compat
@test "a second -P is refused" {
	run "$TOOL_BIN/$TOOL-info" -P /a -P /b -n x
	assert_status 1
	assert_says "This command only accepts 1 -P,--lxcpath arguments"
}

# bats test_tags=compat
@test "long options may be shortened" {
	run "$TOOL_BIN/$TOOL-start" --vers
	assert_status 0
	run tool info --nam "$CT"
	assert_status 1
	assert_says "doesn't exist"
}

@test "bad names are refused" {
	needs_lxs
	local name
	for name in . .. a/b ../x '' $'a\nb' "$(printf 'x%.0s' {1..256})"; do
		run tool start -n "$name"
		assert_status 1
	done
	[ ! -e "$LXCPATH/../x" ]
}

# bats test_tags=compat
@test "already running: a message, exit 0" {
	container_config "lxc.include = $COMMON"
	container_rootfs
	start_probe
	run tool start -n "$CT"
	assert_status 0
	assert_says "Container is already running"
}

# bats test_tags=compat
@test "what is not there cannot be started, executed in, destroyed" {
	run tool start -n "$CT"
	assert_status 1
	run tool execute -n "$CT" -- /bin/true
	assert_status 1
	run tool destroy -n "$CT"
	assert_status 1
	run tool create -n "$CT"
	assert_status 1
	assert_says "A template must be specified"
}

@test "no such container: the path that was looked at, and what to do" {
	needs_lxs
	run tool start -n "$CT"
	assert_status 1
	assert_says "lxs-start: $CT: " "$LXCPATH/$CT/config" "hint: create the container with lxs-create"
	run tool start -n "$CT" -P /nosuch
	assert_status 1
}

# bats test_tags=compat
@test "-s sets keys for one run; without '=' it is refused" {
	container_config "lxc.include = $COMMON"
	container_rootfs
	run tool start -n "$CT" -s "lxc.uts.name=given"
	assert_status 0
	wait_for 10 "it serves" init_is_ready
	ask hostname
	assert_output given
	run tool start -n "$CT" -s "lxc.uts.name"
	assert_status 1
}

@test "a refused -s names the option" {
	needs_lxs
	container_config
	container_rootfs
	run tool start -n "$CT" -s lxc.cap.drop=sys_tiem
	assert_status 1
	assert_says sys_tiem --define
	run tool start -n "$CT" -s lxc.nonsense=1
	assert_status 1
	assert_says lxc.nonsense
}

# bats test_tags=compat
@test "execute returns the command's code" {
	container_config "lxc.include = $COMMON"
	run tool execute -n "$CT" -- "$LXS_PROBE" exit 7
	assert_status 7
	run tool execute -n "$CT" -- "$LXS_PROBE" signal 9
	assert_status 137
	run tool execute -n "$CT" -u 77 -g 78 -- "$LXS_PROBE" id
	assert_status 0
	assert_says "uid=77 gid=78"
}

@test "execute takes lxc.execute.cmd, and says when there is none" {
	needs_lxs
	container_config "lxc.execute.cmd = $LXS_PROBE exit 9"
	run tool execute -n "$CT"
	assert_status 9
	container_config
	run tool execute -n "$CT"
	assert_status 1
	assert_says "Missing command to execute!"
}

@test "a failing start tells the cause also in the background; a log is not needed" {
	needs_lxs
	container_config "lxc.rootfs.path = dir:$LXCPATH/nosuch"
	run tool start -n "$CT"
	assert_status 1
	assert_says "$LXCPATH/nosuch" "$LXCPATH/$CT/config:1"
	assert_silent_about ".c:"
	run tool start -q -n "$CT"
	assert_status 1
	assert_output ""
}

@test "-o writes a log of -l's level, in LXC's field order" {
	needs_lxs
	container_config "lxc.rootfs.path = dir:$LXCPATH/nosuch"
	run tool start -n "$CT" -o "$LXCPATH/logs/new/log"
	assert_status 1
	grep -qE "^lxs-start $CT [0-9]{14}\.[0-9]{3} ERROR    [a-z]+ - " "$LXCPATH/logs/new/log"
	assert_equal "$(stat -c %a "$LXCPATH/logs/new/log")" 640
	run tool start -n "$CT" -o /nosuch/directory/none -l debug
	[ "$status" -eq 1 ]
	run tool start -n "$CT" -l loud
	assert_status 1
	assert_says "unknown log level 'loud'"
}

@test "at DEBUG the log has every step with the line that asked for it" {
	needs_lxs
	container_config "lxc.include = $COMMON" "lxc.uts.name = logged"
	container_rootfs
	run tool start -n "$CT" -o "$LXCPATH/log" -l DEBUG
	assert_status 0
	grep -qE "^lxs-start $CT [0-9.]+ DEBUG    launch - container hostname +text=logged  # $LXCPATH/$CT/config:2$" \
		"$LXCPATH/log"
	grep -qE "DEBUG    launch - host +clone " "$LXCPATH/log"
}

@test "-l without -o chooses a file" {
	needs_lxs
	container_config "lxc.rootfs.path = dir:$LXCPATH/nosuch"
	run tool start -n "$CT" -l info
	assert_status 1
	[ -s "$LXCPATH/$CT/$CT.log" ]
}

@test "lxc.log.file and lxc.log.level of the config; -o comes first" {
	needs_lxs
	container_config "lxc.log.file = $LXCPATH/from-config" "lxc.log.level = DEBUG" \
		"lxc.rootfs.path = dir:$LXCPATH/nosuch"
	run tool start -n "$CT"
	assert_status 1
	grep -q ERROR "$LXCPATH/from-config"
	rm "$LXCPATH/from-config"
	run tool start -n "$CT" -o "$LXCPATH/given"
	assert_status 1
	[ -s "$LXCPATH/given" ] && [ ! -e "$LXCPATH/from-config" ]
}

@test "all errors of a config are told, with their lines" {
	needs_lxs
	container_config 'lxc.cap.dorp = x' 'lxc.uts.name = ok' 'lxc.tty.max = many'
	run tool start -n "$CT"
	assert_status 1
	assert_says "$LXCPATH/$CT/config:1" "$LXCPATH/$CT/config:3" "lxc.cap.drop"
	assert_equal "$(grep -c "config:1" <<<"$output")" 1
}

@test "-f takes another config" {
	needs_lxs
	container_config 'lxc.uts.name = first'
	container_rootfs
	sed 's/first/second/' "$LXCPATH/$CT/config" >"$LXCPATH/other"
	run tool start -n "$CT" -f "$LXCPATH/other"
	assert_status 0
	wait_for 10 "it serves" init_is_ready
	ask hostname
	assert_output second
	run tool start -n "$CT-x" --rcfile /nosuch
	assert_status 1
	assert_says "Failed to load rcfile" /nosuch
}

lxc_names() {
	[ -L "$LXS_PREFIX/bin/lxc-start" ] || skip "needs configure --enable-lxc-names"
	needs_lxs
}

@test "every command has LXC's name too, and speaks of itself by it" {
	lxc_names
	local name command
	for name in "$LXS_PREFIX"/bin/lxs-*; do
		command=${name##*/lxs-}
		assert_equal "$(readlink "$LXS_PREFIX/bin/lxc-$command")" "$(readlink "$name")"
		case $command in
		config | usernsexec) continue ;; # they have none of the common options
		esac
		run "$LXS_PREFIX/bin/lxc-$command" --version
		assert_status 0
		assert_equal "$output" "$("$LXS_PREFIX/bin/lxs-$command" --version)"
		run "$LXS_PREFIX/bin/lxc-$command" --help
		assert_status 0
		assert_matches "^Usage: lxc-$command "
	done
}

@test "a container's life by LXC's names" {
	lxc_names
	local bin=$LXS_PREFIX/bin
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10"
	container_rootfs
	run "$bin/lxc-stop" -P "$LXCPATH" -n "$CT"
	assert_status 2
	assert_output "lxc-stop: $CT is not running"
	# What the small program does itself, and what it hands to the full one.
	run "$bin/lxc-start" -P "$LXCPATH" -n "$CT"
	assert_status 0
	run "$bin/lxc-info" -P "$LXCPATH" -n "$CT" -s -H
	assert_output RUNNING
	run "$bin/lxc-attach" -P "$LXCPATH" -n "$CT" -- /bin/probe exit 7
	assert_status 7
	run "$bin/lxc-ls" -P "$LXCPATH" -1 --running
	assert_output "$CT"
	run "$bin/lxc-config" lxc.lxcpath
	assert_status 0
	run "$bin/lxc-copy" -P "$LXCPATH" -n "$CT" -N "$CT-b"
	assert_status 1
	assert_matches "^lxc-copy: $CT: "
	run "$bin/lxc-stop" -P "$LXCPATH" -n "$CT" -k
	assert_status 0
	run "$bin/lxc-copy" -P "$LXCPATH" -n "$CT" -N "$CT-b"
	assert_status 0
	run "$bin/lxc-destroy" -P "$LXCPATH" -n "$CT-b"
	assert_status 0
	[ ! -e "$LXCPATH/$CT-b" ]
	run "$bin/lxc-execute" -P "$LXCPATH" -n "$CT" -- /bin/probe exit 3
	assert_status 3
}

# Each command that takes a container, with arguments that would succeed.
rcfile_commands() {
	cat <<-'TABLE'
		attach -- /bin/probe pid
		cgroup memory.stat
		console -t 1
		copy -N other
		destroy
		device -- add nothing
		execute -- /bin/probe pid
		freeze
		info
		snapshot
		start
		stop
		unfreeze
		wait -s RUNNING
	TABLE
}

# bats test_tags=compat
@test "--rcfile: one that does not load ends every command before it has done anything" {
	local command arguments
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.tty.max = 1"
	container_rootfs
	start_probe
	echo 'lxc.nonsense = 1' >"$LXCPATH/bad"
	for rcfile in "$LXCPATH/bad" "$LXCPATH/missing"; do
		while read -r command arguments; do
			# shellcheck disable=SC2086
			run tool "$command" -n "$CT" --rcfile "$rcfile" $arguments </dev/null
			assert_status 1
			[ "$TOOL" = lxc ] || assert_says "Failed to load rcfile" "$rcfile"
			assert_equal "$(state_of)" RUNNING
		done < <(rcfile_commands)
	done
	[ ! -e "$LXCPATH/other" ] && [ -e "$LXCPATH/$CT/config" ]
}

# bats test_tags=compat
@test "--rcfile stands for the container's config" {
	local rc=$LXCPATH/rc
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.signal.halt = SIGUSR1"
	container_rootfs
	sed -e '/signal.halt/d' "$LXCPATH/$CT/config" >"$rc"
	printf '%s\n' "lxc.signal.halt = SIGTERM" "lxc.environment = RC=1" "lxc.tty.max = 3" "lxc.uts.name = from-rc" >>"$rc"
	run tool start -n "$CT" --rcfile "$rc"
	assert_status 0
	wait_for 10 "it serves" init_is_ready
	ask hostname
	assert_output from-rc
	tool stop -k -n "$CT"
	rm "$LXCPATH/$CT/console.log"

	start_probe
	run tool attach -n "$CT" --rcfile "$rc" -- /bin/probe env RC
	assert_status 0
	assert_says 1
	run tool info -n "$CT" --rcfile "$rc" -H -c lxc.tty.max
	assert_output 3
	run tool wait -n "$CT" --rcfile "$rc" -s RUNNING
	assert_status 0
	run tool freeze -n "$CT" --rcfile "$rc"
	assert_status 0
	run tool unfreeze -n "$CT" --rcfile "$rc"
	assert_status 0
	run tool stop -n "$CT" --rcfile "$rc" --nokill -t 30
	assert_status 0

	run tool snapshot -n "$CT" --rcfile "$rc"
	assert_status 0
	grep -q '^lxc.tty.max = 3' "$LXCPATH/$CT/snaps/snap0/config"
	run tool copy -n "$CT" --rcfile "$rc" -N "$CT-copy"
	assert_status 0
	grep -q '^lxc.tty.max = 3' "$LXCPATH/$CT-copy/config"
	run tool execute -n "$CT" --rcfile "$rc" -- /bin/probe hostname
	assert_status 0
	assert_says from-rc

	mv "$LXCPATH/$CT-copy/rootfs" "$LXCPATH/elsewhere"
	echo "lxc.rootfs.path = dir:$LXCPATH/elsewhere" >>"$rc"
	run tool destroy -n "$CT-copy" --rcfile "$rc"
	assert_status 0
	[ ! -e "$LXCPATH/elsewhere" ] && [ ! -e "$LXCPATH/$CT-copy" ] && [ -e "$rc" ]
}

@test "--rcfile: a restored snapshot leaves it alone, a rename and an inspection refuse it" {
	needs_lxs
	local rc=$LXCPATH/rc
	container_config
	container_rootfs
	cp "$LXCPATH/$CT/config" "$rc"
	run tool snapshot -n "$CT"
	assert_status 0
	echo "lxc.tty.max = 3" >>"$rc"
	cp "$rc" "$rc.before"
	run tool snapshot -n "$CT" --rcfile "$rc" -r snap0
	assert_status 0
	cmp "$rc" "$rc.before"
	run tool copy -n "$CT" --rcfile "$rc" -N "$CT-new" -R
	assert_status 1
	assert_says "--rcfile has no say in it"
	run tool inspect -n "$CT" --rcfile "$rc"
	assert_status 1
	assert_says "--rcfile has no say in it"
}

@test "--plan prints what would be done and does nothing; no privilege is needed" {
	needs_lxs
	container_config "lxc.include = $COMMON"
	container_rootfs
	chmod -R a+rX "$LXCPATH"
	run setpriv --reuid 65534 --regid 65534 --clear-groups "$TOOL_BIN/lxs-start" -P "$LXCPATH" -n "$CT" --plan
	assert_status 0
	assert_matches 'container +bounding'
	run tool start -n "$CT" --plan --format json
	assert_status 0
	python3 -m json.tool <<<"$output" >/dev/null
	run tool start -n "$CT" --plan --format xml
	assert_status 1
	assert_equal "$(state_of)" STOPPED
}

# ---- one program ----

@test "lxs lists the commands, and each is lxs NAME and lxs-NAME" {
	needs_lxs
	local lxs=$LXS_PREFIX/bin/lxs command
	run "$lxs" --help
	assert_status 0
	for command in "${commands[@]}" config; do
		assert_matches "  $command +[A-Z]"
		[ "$(readlink "$LXS_PREFIX/bin/lxs-$command")" = lxs ]
	done
	run "$lxs"
	assert_status 1
	assert_says "Known commands:"
	run "$lxs" nonsense
	assert_status 1
	assert_says "Unsupported command 'nonsense'"
	run "$lxs" --version
	assert_status 0
	run "$lxs" info --usage
	assert_matches "^Usage: lxs-info "
	ln -s "$lxs" "$LXCPATH/lxc-info"
	run "$LXCPATH/lxc-info" --usage
	assert_matches "^Usage: lxc-info "
}

@test "a full disk behind the output is a failure" {
	needs_lxs
	run bash -c '"$1" --version >/dev/full' bash "$TOOL_BIN/lxs-info"
	assert_status 1
	assert_says "cannot write the output"
}

# ---- papers out of the tables ----

@test "every command has a manual page, with the synopsis and all options of its help" {
	needs_lxs
	needs "man(1)" command -v man
	local command page option names
	mapfile -t names < <(sed -n 's/^command_names += //p' "$LXS_TOP/src/commands/names.mk")
	for command in "${names[@]}"; do
		page=$LXS_PREFIX/share/man/man1/lxs-$command.1
		run env MANWIDTH=1000 man -E ascii -l "$page"
		assert_status 0
		# These have LXC's own grammars.
		case $command in config | usernsexec) continue ;; esac
		local manual=$output
		run tool "$command" --help
		run sed -n '1s/^Usage: //p' <<<"$output"
		assert_equal "$(sed -n '/^SYNOPSIS/{n;s/^ *//p}' <<<"$manual")" "${output%% }"
		for option in $(tool "$command" --usage 2>&1 | grep -o -- '--[a-z-]*'); do
			grep -q -- " $option" <<<"$manual" || {
				echo "$command: $option is not in the manual"
				return 1
			}
		done
	done
}

@test "manual pages have no fault that groff sees, and every key is there" {
	needs_lxs
	needs "groff" command -v groff
	local page
	for page in "$LXS_PREFIX"/share/man/man[157]/lxs*; do
		run groff -man -Tascii -ww -z "$page"
		assert_output ""
	done
	run env MANWIDTH=200 man -E ascii -l "$LXS_PREFIX/share/man/man5/lxs.container.conf.5"
	assert_says lxc.cap.drop lxs.cap.grant lxc.net.N.mtu lxc.network
}

@test "completion offers commands, options and containers" {
	needs_lxs
	container_config
	run bash -c 'compopt() { :; }
		PATH=$1/bin:$PATH; . "$1/share/bash-completion/completions/lxs"
		complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lxs; printf "%s\n" "${COMPREPLY[@]}"; }
		complete_line lxs sta; complete_line lxs-start --pid; complete_line lxs start --share-n
		complete_line lxs-info -P "$2" -n ""' bash "$LXS_PREFIX" "$LXCPATH"
	assert_status 0
	assert_has start --pidfile= --share-net= "$CT"
}
