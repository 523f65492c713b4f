# Containers of others: root's, to an ordinary user, and a user's, to another.
# They are refused, run on, and nothing is told of them.
load lib

setup_file() {
	[ "$TOOL" = lxs ] || skip "lxs only"
	export OWNER=lxsown$$ STRANGER=lxsstr$$
	useradd --create-home --shell /bin/bash "$OWNER"
	useradd --create-home --shell /bin/bash "$STRANGER"
	chmod 0700 "/home/$OWNER"
}

teardown_file() {
	userdel -r "$OWNER" >/dev/null 2>&1 || :
	userdel -r "$STRANGER" >/dev/null 2>&1 || :
}

as() {
	local user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups env -C / HOME="/home/$user" USER="$user" "$@"
}

# Each way to ask for something of one container; NAME stands for its name.
requests() {
	cat <<-'LIST'
		info -n NAME
		info -n NAME -s -H
		attach -n NAME -- /bin/true
		console -n NAME -t 1
		stop -n NAME -k
		stop -n NAME -r
		freeze -n NAME
		unfreeze -n NAME
		cgroup -n NAME pids.max
		cgroup -n NAME pids.max 1
		device -n NAME add eth0
		destroy -n NAME
		destroy -n NAME -f
		snapshot -n NAME
		snapshot -n NAME -L
		copy -n NAME -N mine
		copy -n NAME -N NAME2 -R
		start -n NAME
		execute -n NAME -- /bin/true
		inspect -n NAME
		wait -n NAME -s RUNNING -t 0
	LIST
}

# ask_all USER NAME: what each request answers, with its exit code and without the name.
ask_all() {
	local user=$1 name=$2 line words
	while read -r line; do
		read -ra words <<<"${line//NAME/$name}"
		run timeout 20 setpriv --reuid "$user" --regid "$user" --init-groups env -C / HOME="/home/$user" USER="$user" \
			"$TOOL_BIN/lxs-${words[0]}" -P "$LXCPATH" "${words[@]:1}" </dev/null
		printf '%s\n%s: %s\n' "$line" "$status" "${output//"$name"/NAME}"
	done < <(requests)
}

# refused USER: none of it has done anything.  Who may read the config of a container sees one that is stopped.
refused() {
	run grep -E -B 1 '^0:' <<<"$(ask_all "$1" "$CT")"
	run grep -vE '^(--|0:.*|State: +STOPPED|info -n NAME( -s -H)?|unfreeze -n NAME|snapshot -n NAME -L)$' <<<"$output"
	assert_output ""
}

# not_told USER: who may not even look into the directory is told nothing.
not_told() {
	THERE=$(ask_all "$1" "$CT")
	run grep -E '^0:' <<<"$THERE"
	assert_output ""
	assert_equal "$(ask_all "$1" "${CT%?}Q")" "$THERE"
}

@test "root's container, to an ordinary user" {
	local before
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty"
	container_rootfs
	start_probe
	before=$(init_pid)
	refused "$STRANGER"
	chmod 0700 "$LXCPATH"
	not_told "$STRANGER"
	chmod 0755 "$LXCPATH"
	assert_equal "$(state_of) $(init_pid)" "RUNNING $before"
	[ -e "$LXCPATH/$CT/config" ]
}

# A container of the owner's own id alone, which needs no rootfs and no newuidmap.
@test "a user's container, to another user" {
	local supervised before
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty" "lxc.idmap = u 0 $(id -u "$OWNER") 1" \
		"lxc.idmap = g 0 $(id -g "$OWNER") 1"
	chown -R "$OWNER" "$LXCPATH"
	as "$OWNER" "$TOOL_BIN/lxs-execute" -P "$LXCPATH" -n "$CT" -- "$LXS_PROBE" serve >/dev/null 2>&1 3>&- &
	supervised=$!
	wait_for 20 "the user's container runs" owner_says RUNNING
	before=$(as "$OWNER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -p -H)
	refused "$STRANGER"
	chmod 0700 "$LXCPATH"
	not_told "$STRANGER"
	chmod 0755 "$LXCPATH"
	owner_says RUNNING
	assert_equal "$(as "$OWNER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -p -H)" "$before"
	as "$OWNER" "$TOOL_BIN/lxs-stop" -P "$LXCPATH" -n "$CT" -k
	wait "$supervised" || :
}

owner_says() {
	[ "$(as "$OWNER" "$TOOL_BIN/lxs-info" -P "$LXCPATH" -n "$CT" -s -H 2>/dev/null)" = "$1" ]
}

# Even if somebody opened the way to it: the kernel says who connects.
@test "the control socket hears nobody but root and the container's own user" {
	local socket
	# shellcheck disable=SC2016
	local asked='socket(my $s, AF_UNIX, SOCK_SEQPACKET, 0); connect($s, sockaddr_un("control")) or die "$!\n";
		send($s, pack("L L l l", 1, 0, 0, 0), 0); my $r; recv($s, $r, 64, 0); print length($r), "\n"'
	needs perl perl -MSocket -e 1
	container_config "lxc.mount.auto = proc" "lxc.net.0.type = empty"
	container_rootfs
	start_probe
	socket=$(find "$LXS_RUNSTATEDIR/lxs" -path "*/$CT/control")
	cd "$(dirname "$socket")"
	run perl -MSocket -e "$asked"
	assert_output 16
	run setpriv --reuid "$STRANGER" --regid "$STRANGER" --init-groups perl -MSocket -e "$asked"
	assert_output "Permission denied"
	chmod 0711 .
	chmod 0777 control
	run setpriv --reuid "$STRANGER" --regid "$STRANGER" --init-groups perl -MSocket -e "$asked"
	assert_output 0
	chmod 0600 control
	chmod 0700 .
	assert_equal "$(state_of)" RUNNING
}
