# lxs-ls: names, tables, filters, JSON.
load lib

# Three containers: two stopped, $CT running.
three() {
	container_named "$CT-a" "lxc.include = $COMMON" "lxc.start.auto = 1"
	container_named "$CT-b" "lxc.include = $COMMON" "lxc.group = onboot www"
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.group = onboot"
	container_rootfs
	start_probe
}

# The blanks at the end of a line are part of LXC's output.
with_ends() {
	tool "$@" 2>/dev/null | sed 's/$/|/'
}

# bats test_tags=compat
@test "nothing there" {
	run tool ls
	assert_status 0
	assert_output ""
	run tool ls -f
	assert_status 0
	assert_output ""
}

# bats test_tags=compat
@test "names, one a line and padded, sorted" {
	container_named longer-name "lxc.include = $COMMON"
	container_named b "lxc.include = $COMMON"
	container_named a "lxc.include = $COMMON"
	mkdir "$LXCPATH/no-container"
	run tool ls -1
	assert_output "a
b
longer-name"
	run with_ends ls
	assert_output "a          |
b          |
longer-name|"
}

# bats test_tags=compat
@test "the table of stopped containers" {
	container_named a "lxc.include = $COMMON" "lxc.start.auto = 1"
	container_named b2 "lxc.include = $COMMON" "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	run with_ends ls -f
	assert_output "NAME STATE   AUTOSTART GROUPS IPV4 IPV6 UNPRIVILEGED |
a    STOPPED 1         -      -    -    false        |
b2   STOPPED 0         -      -    -    true         |"
	run with_ends ls -f -F name,RAM,SWAP,pid,interface
	assert_output "NAME RAM    SWAP   PID INTERFACE |
a    -      -      -   -         |
b2   -      -      -   -         |"
}

# bats test_tags=compat
@test "the table of a running container" {
	container_config "lxc.include = $COMMON" "lxc.pty.max = 10" "lxc.group = onboot" "lxc.group = www"
	container_rootfs
	start_probe
	run tool ls -f -F NAME,STATE,PID,GROUPS
	assert_has "$CT RUNNING $(init_pid) onboot, www "
	run tool ls -f -F RAM
	assert_matches $'\n[0-9]+\.[0-9][0-9]MB $'
	run tool ls -f -F INTERFACE
	assert_has "lo        "
}

# bats test_tags=compat
@test "filters" {
	three
	assert_equal "$(tool ls -1 --running)" "$CT"
	assert_equal "$(tool ls -1 --active)" "$CT"
	assert_equal "$(tool ls -1 --stopped | tr '\n' ' ')" "$CT-a $CT-b "
	assert_equal "$(tool ls -1 --frozen)" ""
	assert_equal "$(tool ls -1 --defined | wc -l)" 3
	assert_equal "$(tool ls -1 '(-a|-b)$' | tr '\n' ' ')" "$CT-a $CT-b "
	assert_equal "$(tool ls -1 --filter -b)" "$CT-b"
	assert_equal "$(tool ls -1 -g onboot,www)" "$CT-b"
	assert_equal "$(tool ls -1 -g onboot | tr '\n' ' ')" "$CT $CT-b "
}

# bats test_tags=compat
@test "a column that does not exist" {
	container_config "lxc.include = $COMMON"
	run tool ls -f -F NAME,COLOUR
	assert_status 0
	assert_output "Invalid key: COLOUR"
}

@test "a frozen container" {
	needs_lxs
	three
	tool freeze -n "$CT"
	assert_equal "$(tool ls -1 --frozen)" "$CT"
	assert_equal "$(tool ls -f -F STATE --frozen | tail -1)" "FROZEN "
}

@test "what was running when its config was removed is still shown" {
	needs_lxs
	three
	mv "$LXCPATH/$CT/config" "$LXCPATH/$CT/config.away"
	assert_equal "$(tool ls -1 --running)" "$CT"
	assert_equal "$(tool ls -1 --defined | tr '\n' ' ')" "$CT-a $CT-b "
	assert_equal "$(tool ls -f -F STATE,GROUPS "^$CT\$" | tail -1)" "RUNNING onboot "
	mv "$LXCPATH/$CT/config.away" "$LXCPATH/$CT/config"
}

@test "groups of a running container are those it was started with" {
	needs_lxs
	three
	echo "lxc.group = later" >>"$LXCPATH/$CT/config"
	echo "lxc.group = later" >>"$LXCPATH/$CT-b/config"
	assert_equal "$(tool ls -1 -g later)" "$CT-b"
}

@test "no process is started and no supervisor is asked" {
	needs_lxs
	needs strace command -v strace
	three
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=process,connect -o "$BATS_TEST_TMPDIR/trace" "$TOOL_BIN/lxs-ls" -P "$LXCPATH" -f >/dev/null
	run grep -cE 'clone|fork|connect\(' "$BATS_TEST_TMPDIR/trace"
	assert_output 0
}

@test "--format json" {
	needs_lxs
	three
	run tool ls --format json
	assert_status 0
	assert_says "\"name\": \"$CT-a\"" '"autostart": true' '"state": "RUNNING"' "\"pid\": $(init_pid)"
}

# The host's containers once more, inside of $CT.
@test "--nesting shows what is inside of a running container" {
	needs_lxs
	container_config "lxc.mount.entry = $LXCPATH ${LXCPATH#/} none bind,create=dir 0 0" \
		"lxc.mount.entry = $LXS_RUNSTATEDIR/lxs ${LXS_RUNSTATEDIR#/}/lxs none bind,create=dir 0 0"
	container_rootfs
	start_probe
	container_named "$CT-b" "lxc.group = onboot" "lxc.start.auto = 1" "lxc.include = /dev/null"
	run tool ls -1 --nesting=1
	assert_output "$(printf '%s\n' "$CT" "$CT/$CT" "$CT/$CT-b" "$CT-b")"
	run tool ls -f -F name,state,pid,groups,autostart --nesting=1
	assert_matches "(^|"$'\n'")\\\\$CT +RUNNING +- "
	assert_matches "(^|"$'\n'")\\\\$CT-b +STOPPED +- +onboot 1 "
	run tool ls -1 --nesting=1 --stopped
	assert_output "$CT-b"
	run tool ls --nesting=1 --format json
	assert_says "\"name\": \"$CT/$CT-b\"" '"level": 1'
}

@test "--nesting shows what is inside of a stopped container, and follows no link out of it" {
	needs_lxs
	container_config 'lxc.uts.name = a'
	container_rootfs
	container_named "$CT-z" 'lxc.uts.name = a'
	mkdir -p "$ROOTFS$LXCPATH/in/rootfs$LXCPATH/deep" "$ROOTFS$LXCPATH/fifo"
	echo 'lxc.rootfs.path = "dir:'"$LXCPATH/in/rootfs"'"' >"$ROOTFS$LXCPATH/in/config"
	: >"$ROOTFS$LXCPATH/in/rootfs$LXCPATH/deep/config"
	mkfifo "$ROOTFS$LXCPATH/fifo/config"
	ln -s "$LXCPATH/$CT-z" "$ROOTFS$LXCPATH/link"
	run tool ls -1 --nesting
	assert_output "$(printf '%s\n' "$CT" "$CT/in" "$CT/in/deep" "$CT-z")"
	run tool ls -1 --nesting=1
	assert_output "$(printf '%s\n' "$CT" "$CT/in" "$CT-z")"
	run tool ls -1 --nesting=0
	assert_output "$(printf '%s\n' "$CT" "$CT-z")"
	rm -rf "$ROOTFS$LXCPATH"
	mkdir -p "$(dirname "$ROOTFS$LXCPATH")"
	ln -s "$LXCPATH" "$ROOTFS$LXCPATH"
	run tool ls -1 --nesting
	assert_output "$(printf '%s\n' "$CT" "$CT-z")"
}

@test "a state that cannot be read is told, and hides nothing" {
	needs_lxs
	three
	local run
	run=$(dirname "$(grep -l "^init=$(init_pid)\$" "$LXS_RUNSTATEDIR"/lxs/*/*/state)")
	mv "$run/state" "$run/state.kept"
	mkdir "$run/state"
	run tool ls -f -F name,state
	local table=$output
	run tool ls --running
	rmdir "$run/state"
	mv "$run/state.kept" "$run/state"
	assert_status 0
	assert_output "lxs-ls: $CT: cannot read $run/state: Is a directory"
	output=$table
	assert_says "$CT: cannot read "
	assert_matches "(^|"$'\n'")$CT +- "
	assert_matches "(^|"$'\n'")$CT-a +STOPPED "
}

@test "what cannot be is said" {
	needs_lxs
	run tool ls --filter '('
	assert_status 1
	assert_says "no regular expression"
}
