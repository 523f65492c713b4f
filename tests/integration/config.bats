# lxs-config: LXC's part of it, and showing, editing and checking configs.
load lib

setup() {
	lib_setup
	FILE=$LXCPATH/under-test/config
	mkdir -p "${FILE%/*}"
}

config() {
	"$TOOL_BIN/lxs-config" "$@"
}

@test "help and unknown items as lxc-config" {
	local word
	for word in "" - -h --h --help; do
		run config "$word"
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == Usage:*"-l: list all available"* ]]
	done
	run config
	[ "$status" -eq 0 ]
	run config lxc.nonsense
	[ "$status" -eq 1 ]
	[ "$output" = "Unknown configuration item: lxc.nonsense" ]
}

@test "-l lists the seven items, an item is found by its beginning" {
	run config -l
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 7 ]
	[ "${lines[0]}" = lxc.default_config ]
	[ "${lines[6]}" = lxc.cgroup.pattern ]
	run config lxc.lx
	[ "$status" -eq 0 ]
	[[ $output == */lib/lxs ]]
	run config lxc.cgroup.us
	[ "$status" -eq 0 ]
	[ "$output" = "lxc.cgroup.us is not set." ]
}

@test "check reports everything with its line and exits 1" {
	printf '%s\n' 'lcx.cap.drop = a' 'lxc.cap.drop = sys_tiem' 'lxc.tty.mx = 1' 'lxc.include = /nonexistent' >"$FILE"
	run config -f "$FILE" check
	[ "$status" -eq 1 ]
	[[ $output == *"$FILE:1: warning: "* ]]
	[[ $output == *"$FILE:2: error: lxc.cap.drop: unknown capability 'sys_tiem'"*"did you mean sys_time?"* ]]
	[[ $output == *"$FILE:3: error: unknown key lxc.tty.mx"*"did you mean lxc.tty.max?"* ]]
	[[ $output == *"$FILE:4: error: cannot include /nonexistent"* ]]
}

@test "check --format json" {
	printf 'lxc.cap.drp = a\nnonsense\n' >"$FILE"
	run config -f "$FILE" --format json check
	[ "$status" -eq 1 ]
	[[ $output == "["*'"severity": "error"'*'"line": 1'*'"message": "unknown key lxc.cap.drp"'*'"severity": "warning"'*"]" ]]
	printf 'lxc.uts.name = a\n' >"$FILE"
	run config -f "$FILE" check --format json
	[ "$status" -eq 0 ]
	[ "$output" = "[]" ]
	run config -f "$FILE" check more
	[ "$status" -eq 1 ]
	[[ $output == *"check takes no argument" ]]
}

@test "check reports what loads but cannot start" {
	printf 'lxc.uts.name = a\nlxc.monitor.unshare = 1\n' >"$FILE"
	run config -f "$FILE" check
	[ "$status" -eq 1 ]
	[[ $output == *"cannot start: lxc.monitor.unshare is not supported yet"*"$FILE:2: lxc.monitor.unshare"* ]]
}

@test "check reports all that a start would fail for, each line once" {
	printf '2\nallowlist\nnonsense\n' >"$BATS_TEST_TMPDIR/profile"
	cat >"$FILE" <<-END
	lxc.rootfs.path = dir:/nonexistent
	lxc.prlimit.one = 1
	lxc.prlimit.two = 1
	lxc.mount.entry = one
	lxc.mount.entry = two
	lxc.mount.entry = /nonexistent/source mnt none bind 0 0
	lxc.mount.entry = /nonexistent/source mnt none bind,optional 0 0
	lxc.net.0.link = br0
	lxc.net.1.link = br1
	lxc.monitor.unshare = 1
	lxc.hook.mount = /nonexistent/hook
	lxc.seccomp.profile = $BATS_TEST_TMPDIR/profile
	lxc.mount.fstab = /nonexistent/fstab
	END
	run config -f "$FILE" check
	[ "$status" -eq 1 ]
	for number in 1 2 3 4 5 6 8 9 10 11 12 13; do
		[ "$(grep -c "asked for by $FILE:$number: " <<<"$output")" -eq 1 ]
	done
	[[ $output != *"$FILE:7"* ]]
	run config -f "$FILE" --format json check
	[ "$status" -eq 1 ]
	[[ $output == *'"line": 5'*'"message": "this cannot start: the mount line has no target'* ]]
}

@test "check trusts a pre-start hook to bring what is missing" {
	printf 'lxc.rootfs.path = dir:/nonexistent\nlxc.hook.pre-start = /bin/true\n' >"$FILE"
	# A start hook is a program of the container's.
	printf 'lxc.hook.start = /nonexistent/hook\n' >>"$FILE"
	run config -f "$FILE" check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "check says which capability the host itself lacks" {
	capsh --print >/dev/null 2>&1 || skip "needs capsh"
	printf 'lxs.cap.grant = sys_time\n' >"$FILE"
	run capsh --drop=cap_sys_time -- -c "'$TOOL_BIN/lxs-config' -f '$FILE' check"
	[ "$status" -eq 0 ]
	[[ $output == *"$FILE:1: warning: this host lacks the capability sys_time"* ]]
}

@test "show tells the origin through includes" {
	printf 'lxc.cap.drop = sys_time kill\n' >"$FILE.inc"
	printf 'lxc.include = %s\nlxc.uts.name = web\n' "$FILE.inc" >"$FILE"
	run config -f "$FILE" show --origin
	[ "$status" -eq 0 ]
	[[ $output == *"# $FILE.inc:1, included by $FILE:1"$'\n'"lxc.cap.drop = sys_time kill"* ]]
	run config -f "$FILE" show lxc.uts
	[ "$output" = "lxc.uts.name = web" ]
	run config -f "$FILE" show --format json lxc.cap
	[[ $output == *'"value": "sys_time kill"'* ]]
}

@test "show --origin tells who emptied a list" {
	printf 'lxc.cap.keep =\n' >"$FILE.inc"
	printf 'lxc.cap.drop = kill\nlxc.include = %s\n' "$FILE.inc" >"$FILE"
	run config -f "$FILE" show --origin lxc.cap.drop
	[ "$status" -eq 0 ]
	[ "$output" = "# lxc.cap.drop was reset by:"$'\n'"# $FILE.inc:1, included by $FILE:2" ]
}

@test "get answers as get_config_item does" {
	printf 'lxc.cap.drop = sys_time kill\nlxc.prlimit.nofile = 5:6\nlxc.log.level = 2\n' >"$FILE"
	run config -f "$FILE" get lxc.cap.drop lxc.prlimit.nofile lxc.log.level lxc.autodev
	[ "$status" -eq 0 ]
	[ "$output" = $'sys_time\nkill\n5:6\nINFO\n1' ]
	run config -f "$FILE" get lxc.uts.name
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	run config -f "$FILE" get --all --format json
	[ "$status" -eq 0 ]
	[[ $output == *'"lxc.cap.drop": "sys_time\nkill\n"'* ]]
	[[ $output == *'"lxc.prlimit.nofile": "5:6"'* ]]
}

@test "set, add, unset and grant keep comments and order" {
	printf '# top\nlxc.uts.name = a\n\n# end\n' >"$FILE"
	chmod 640 "$FILE"
	config -f "$FILE" set lxc.uts.name b
	config -f "$FILE" add lxc.group one
	config -f "$FILE" add lxc.group two
	config -f "$FILE" set lxc.start.order -5
	config -f "$FILE" grant CAP_SYS_TIME
	config -f "$FILE" grant sys_time
	config -f "$FILE" unset lxc.start.order
	[ "$(cat "$FILE")" = "$(printf '# top\nlxc.uts.name = b\n\n# end\nlxc.group = one\nlxc.group = two\nlxs.cap.grant = sys_time\n')" ]
	[ "$(stat -c %a "$FILE")" = 640 ]
	run ls "${FILE%/*}"
	[ "$output" = config ]
}

@test "unset takes this file's lines out, set '' resets what an include says" {
	printf 'lxc.cap.drop = sys_time sys_module\n' >"$BATS_TEST_TMPDIR/common"
	printf 'lxc.include = %s\n' "$BATS_TEST_TMPDIR/common" >"$FILE"
	config -f "$FILE" set lxc.cap.drop ''
	[ "$(tail -n 1 "$FILE")" = "lxc.cap.drop =" ]
	run config -f "$FILE" show lxc.cap.drop
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	config -f "$FILE" set lxc.cap.drop sys_module
	run config -f "$FILE" unset lxc.cap.drop
	[ "$status" -eq 0 ]
	[[ $output == *"lxc.cap.drop is still set, by $BATS_TEST_TMPDIR/common:1"*"hint: set lxc.cap.drop '' empties it here"* ]]
	[ "$(cat "$FILE")" = "lxc.include = $BATS_TEST_TMPDIR/common" ]
}

@test "edits at the same time all arrive" {
	local number
	printf '# top\n' >"$FILE"
	for number in 1 2 3 4 5 6 7 8; do config -f "$FILE" add lxc.group "g$number" & done
	wait
	[ "$(grep -c '^lxc.group = g[1-8]$' "$FILE")" -eq 8 ]
}

@test "an edit that would not load is refused and changes nothing" {
	printf 'lxc.uts.name = a\n' >"$FILE"
	run config -f "$FILE" set lxc.tty.max four
	[ "$status" -eq 1 ]
	[[ $output == *"would not load"*"'four' is not a number"* ]]
	[ "$(cat "$FILE")" = "lxc.uts.name = a" ]
}

@test "edit calls the editor and replaces the file only by one that loads" {
	printf 'lxc.uts.name = a\n' >"$FILE"
	EDITOR='sed -i s/=.a/=\ b/' run config -f "$FILE" edit
	[ "$status" -eq 0 ]
	[ "$(cat "$FILE")" = "lxc.uts.name = b" ]
	EDITOR='sed -i s/uts/usr/' run config -f "$FILE" edit
	[ "$status" -eq 1 ]
	[[ $output == *"it is in $FILE.edit."*"unknown key lxc.usr.name"* ]]
	[ "$(cat "$FILE")" = "lxc.uts.name = b" ]
	# What another one writes while the editor is open is not lost.
	EDITOR="echo lxc.tty.max = 1 >>$FILE; sed -i s/b/c/" run config -f "$FILE" edit
	[ "$status" -eq 1 ]
	[[ $output == *"$FILE was changed meanwhile"* ]]
	[ "$(tail -n 1 "$FILE")" = "lxc.tty.max = 1" ]
	printf 'lxc.uts.name = b\n' >"$FILE"
	EDITOR=false run config -f "$FILE" edit
	[ "$status" -eq 1 ]
	[[ $output == *"nothing was changed"* ]]
}

@test "a container is named by -n and its config edited in place" {
	container_config 'lxc.uts.name = a'
	config -n "$CT" -P "$LXCPATH" set lxc.uts.name b
	[ "$(cat "$LXCPATH/$CT/config")" = "lxc.uts.name = b" ]
	run config -n "$CT-absent" -P "$LXCPATH" show
	[ "$status" -eq 1 ]
	[[ $output == *"no such container"* ]]
}

@test "an option without its argument is named" {
	for option in -n --name -f --rcfile -P --lxcpath --format; do
		run config -n "$CT" "$option"
		[ "$status" -eq 1 ]
		[[ $output == *": $option needs an argument"* ]]
	done
	run config -n
	[ "$status" -eq 1 ]
}

@test "lxs.cap.grant is in a config that LXC still loads" {
	[ -x /usr/bin/lxc-info ] || skip "needs LXC"
	container_config 'lxc.cap.drop = sys_time' 'lxs.cap.grant = sys_time'
	run /usr/bin/lxc-info -P "$LXCPATH" -n "$CT" -c lxc.cap.drop
	[ "$status" -eq 0 ]
	[[ $output == *sys_time* ]]
}
