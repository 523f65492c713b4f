# lxs-export and lxs-import: what goes out comes in again, and nothing else does.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

setup() {
	lib_setup
	ARCHIVE=$BATS_TEST_TMPDIR/archive
}

teardown() {
	! mountpoint -q "$LXCPATH/small" || umount "$LXCPATH/small"
	! mountpoint -q "$LXCPATH/b" || umount -R "$LXCPATH/b"
	lib_teardown
}

# source_container LINES...: $CT, confined, with an identity and a few files.
source_container() {
	needs_lxs
	container_config "lxc.include = $COMMON" "lxc.uts.name = $CT" "$@"
	container_rootfs
	echo "$CT" >"$ROOTFS/etc/hostname"
	echo 0123456789abcdef0123456789abcdef >"$ROOTFS/etc/machine-id"
}

export_to() {
	local file=$1
	shift
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" "$@" >"$file"
}

# import_from FILE OPTIONS...: $status and $output; imports of one's own name are what most tests make.
import_from() {
	run "$TOOL_BIN/lxs-import" -P "$LXCPATH" "${@:2}" <"$1"
}

# Nothing of the import is there.
assert_nothing_made() {
	[ ! -e "$LXCPATH/$CT-2" ] && return
	echo "left behind:"
	ls -lA "$LXCPATH/$CT-2"
	return 1
}

config_of() {
	grep -v '^#\|^$' "$LXCPATH/$1/config"
}

# All that a file can be known by, but for its place on the disk.
listing() {
	(cd "$1" && find . -printf '%p %y %m %U %G %n %l %T@ %s\n' | sort && find . -type f -exec sha256sum {} + | sort &&
		find . \( -type b -o -type c \) -exec stat -c '%n %t:%T' {} + && getfattr -R -h -d -m - . 2>/dev/null)
}

all_kinds() {
	mkdir -p "$ROOTFS/a/b" "$ROOTFS/sticky"
	chmod 1777 "$ROOTFS/sticky"
	echo one >"$ROOTFS/a/one"
	ln "$ROOTFS/a/one" "$ROOTFS/a/b/two"
	ln -s /nowhere "$ROOTFS/a/link"
	ln -s ../../../../etc/passwd "$ROOTFS/a/climbs"
	mknod "$ROOTFS/a/null" c 1 3
	mknod "$ROOTFS/a/disk" b 7 300
	mkfifo "$ROOTFS/a/fifo"
	truncate -s 100M "$ROOTFS/a/hole"
	echo end >>"$ROOTFS/a/hole"
	: >"$ROOTFS/a/empty"
	echo long >"$ROOTFS/a/$(printf 'name%.0s' {1..60})"
	echo odd >"$ROOTFS/a/"$'new\nline, comma & back\\slash'
	cp "$LXS_PROBE" "$ROOTFS/a/suid"
	chown 1000:33 "$ROOTFS/a/suid" && chmod 6755 "$ROOTFS/a/suid"
	setcap cap_net_raw+ep "$ROOTFS/bin/probe"
	setfattr -n user.note -v kept "$ROOTFS/a"
	setfacl -m u:1234:rwx,g:77:r "$ROOTFS/a/one"
	setfacl -d -m u:77:rx "$ROOTFS/a/b"
	chmod 0711 "$ROOTFS" && chown 0:3 "$ROOTFS"
	touch -d '2001-02-03 04:05:06.7' "$ROOTFS/a/b" "$ROOTFS/a/one" && touch -h -d '2002-02-03' "$ROOTFS/a/link"
	touch -d '2003-02-03' "$ROOTFS"
}

@test "all that a file has goes out and comes in again" {
	source_container
	all_kinds
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2" --identical
	assert_status 0
	assert_output "Imported $CT-2"
	assert_equal "$(listing "$LXCPATH/$CT-2/rootfs")" "$(listing "$ROOTFS")"
	[ "$(stat -c %b "$LXCPATH/$CT-2/rootfs/a/hole")" -lt 1000 ]
	assert_equal "$(ls -A "$LXCPATH/$CT-2")" $'config\nrootfs'
}

@test "every compression, seen by itself; one stream through a pipe, and the container starts" {
	local type
	source_container
	for type in none gzip xz zstd; do
		export_to "$ARCHIVE" --compress "$type"
		import_from "$ARCHIVE" -n "$CT-2"
		assert_status 0
		run tool destroy -n "$CT-2"
		assert_status 0
	done
	run bash -c '"$1/lxs-export" -P "$2" "$3" | "$1/lxs-import" -P "$2" "$3-2"' bash "$TOOL_BIN" "$LXCPATH" "$CT"
	assert_status 0
	run tool start -n "$CT-2"
	assert_status 0
	wait_for 10 "it serves" grep -q '^ready' "$LXCPATH/$CT-2/console.log"
	run tool stop -n "$CT-2" -k
	run tool export -n "$CT" --compress brotli
	assert_status 1
	assert_says "does not know 'brotli'" "zstd, gzip, xz and none"
}

@test "paths, name and addresses are new; files of the directory come along" {
	source_container "lxc.net.0.type = empty" "lxc.net.0.hwaddr = 00:16:3e:01:02:03"
	mkdir "$LXCPATH/$CT/more"
	echo 'echo hook' >"$LXCPATH/$CT/more/hook" && chmod 0700 "$LXCPATH/$CT/more/hook"
	mkfifo "$LXCPATH/$CT/fifo"
	ln -s /etc/passwd "$LXCPATH/$CT/link"
	cp "$LXS_PROBE" "$LXCPATH/$CT/suid" && chmod 4755 "$LXCPATH/$CT/suid"
	echo "lxc.hook.start-host = $LXCPATH/$CT/more/hook now" >>"$LXCPATH/$CT/config"
	mkdir -p "$ROOTFS/etc/ssh"
	echo mine >"$ROOTFS/etc/ssh/ssh_host_dsa_key"
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2" --trust
	assert_status 0
	assert_says "not taken from the archive: fifo" "only ssh host keys of type"
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = dir:$LXCPATH/$CT-2/rootfs" "lxc.uts.name = $CT-2" \
		"lxc.hook.start-host = $LXCPATH/$CT-2/more/hook now" "lxc.console.logfile = $LXCPATH/$CT-2/console.log"
	assert_matches 'lxc.net.0.hwaddr = 10:66:6a:[0-9a-f:]{8}'
	assert_equal "$(stat -c %a "$LXCPATH/$CT-2/more/hook")" 700
	assert_equal "$(stat -c %a "$LXCPATH/$CT-2/suid")" 755
	[ -L "$LXCPATH/$CT-2/link" ]
	[ ! -s "$LXCPATH/$CT-2/rootfs/etc/machine-id" ]
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/hostname")" "$CT-2"
}

@test "includes of another lxs's files are those of this one" {
	source_container
	mkdir -p "$LXCPATH/opt/share/lxs/config"
	cp "$COMMON" "$LXCPATH/opt/share/lxs/config/common.conf"
	sed -i "s,^lxc.include.*,lxc.include = $LXCPATH/opt/share/lxs/config/common.conf," "$LXCPATH/$CT/config"
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.include = $COMMON"
	sed -i "s,^lxc.include.*,&\nlxc.include = $LXCPATH/mine.conf," "$LXCPATH/$CT/config"
	: >"$LXCPATH/mine.conf"
	export_to "$ARCHIVE"
	rm "$LXCPATH/mine.conf"
	import_from "$ARCHIVE" -n "$CT-3" --trust
	assert_status 1
	assert_says "$LXCPATH/mine.conf: No such file or directory"
	[ ! -e "$LXCPATH/$CT-3" ]
}

# A stranger's config: what is forged is refused with its line, and taken with --trust.
@test "a config that reaches the host is refused, line by line" {
	local line
	source_container
	export_to "$ARCHIVE.tar" --compress none
	for line in "lxc.hook.pre-start = /bin/true" "lxc.mount.entry = /srv srv none bind,create=dir 0 0" \
		"lxc.mount.fstab = /etc/fstab" "lxc.net.0.type = none" "lxc.net.0.type = phys" "lxc.cap.drop =" \
		"lxc.cap.keep = sys_admin" "lxc.include = /etc/lxs/other.conf" "lxc.apparmor.profile = unconfined" \
		"lxc.seccomp.profile = /dev/null" "lxc.cgroup2.devices.allow = a" "lxc.cgroup.devices.allow = a" \
		"lxc.idmap = u 0 0 65536" "lxc.console.logfile = /etc/passwd" "lxc.namespace.keep = net" \
		"lxc.namespace.share.mnt = 1" "lxc.mount.auto = proc:rw" "lxc.environment = LD_PRELOAD" "lxc.include = " \
		"lxc.console.logfile = \"/etc/shadow\"" "lxc.log.file = /var/log/lxc/log" "lxs.cap.grant = sys_module" \
		"lxc.net.0.script.up = /bin/true" "lxs.clock = owner" "lxc.proc.oom_score_adj = -1000" "lxc.rootfs.managed = 0" \
		"lxc.sysctl.kernel.core_pattern = x" "lxc.autodev = 0" "lxc.mount.entry = proc proc proc rw 0 0"; do
		{ cat "$LXCPATH/$CT/config"; echo "$line"; } >"$BATS_TEST_TMPDIR/config"
		forged "CONFIG=$BATS_TEST_TMPDIR/config"
		import_from "$ARCHIVE" -n "$CT-2"
		[ "$status" -eq 1 ] || { echo "taken: $line"; return 1; }
		assert_says "reaches beyond the container" "${line% }" "--trust"
		assert_nothing_made
	done
	grep -v include "$LXCPATH/$CT/config" >"$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_says "nothing confines its root"
	printf 'lxc.arch = x86_64\rlxc.hook.start-host = /bin/true\n' >>"$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_says "control characters"
	{ cat "$LXCPATH/$CT/config"; echo "lxc.mount.entry = /srv srv none bind,create=dir 0 0"; } >"$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config"
	import_from "$ARCHIVE" -n "$CT-2" --trust
	assert_status 0
}

# forged OPTIONS...: an archive in $ARCHIVE, of $ARCHIVE.tar and the config in $BATS_TEST_TMPDIR/config.
forged() {
	python3 "$BATS_TEST_DIRNAME/forge.py" "$ARCHIVE" "$ARCHIVE.tar" "$@"
}

@test "a stranger's archive names no directory of the host as its root file system" {
	source_container
	export_to "$ARCHIVE.tar" --compress none
	mkdir -p "$LXCPATH/host/etc"
	printf '%s\n' "version=1" "name=$CT" "directory=$LXCPATH/$CT" "rootfs=0" >"$BATS_TEST_TMPDIR/manifest"
	printf '%s\n' "lxc.include = $COMMON" "lxc.rootfs.path = dir:$LXCPATH/host" 'lxc.init.cmd = /bin/sh' \
		>"$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config" "MANIFEST=$BATS_TEST_TMPDIR/manifest" --bare
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_says "reaches beyond the container: lxc.rootfs.path = dir:$LXCPATH/host"
	assert_nothing_made
	# Without that line it is one that has no root file system.
	sed -i /rootfs/d "$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config" "MANIFEST=$BATS_TEST_TMPDIR/manifest" --bare
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	# Of a snapshot too.
	echo snapshot=snap0 >>"$BATS_TEST_TMPDIR/manifest"
	printf '%s\n' "lxc.include = $COMMON" "lxc.rootfs.path = dir:$LXCPATH/host" >"$BATS_TEST_TMPDIR/snapshot"
	forged "CONFIG=$BATS_TEST_TMPDIR/config" "MANIFEST=$BATS_TEST_TMPDIR/manifest" \
		"SNAPSHOT=$BATS_TEST_TMPDIR/snapshot" --bare
	import_from "$ARCHIVE" -n "$CT-3"
	assert_status 1
	assert_says "snapshot snap0" "lxc.rootfs.path = dir:$LXCPATH/host"
	[ ! -e "$LXCPATH/$CT-3" ]
}

@test "what confines a stranger's container is what its config comes to" {
	local line
	source_container
	export_to "$ARCHIVE.tar" --compress none
	for line in "lxc.include = $TOOL_SHARE/config/oci.common.conf" \
		"lxc.include = $COMMON\nlxc.include = $TOOL_SHARE/config/userns.conf" "lxc.idmap = g 0 100000 65536" \
		"lxc.include = $TOOL_SHARE/config/common.conf.d/\nlxc.idmap = u 0 100000 65536\nlxc.idmap ="; do
		{ grep -v include "$LXCPATH/$CT/config"; echo -e "$line"; } >"$BATS_TEST_TMPDIR/config"
		forged "CONFIG=$BATS_TEST_TMPDIR/config"
		import_from "$ARCHIVE" -n "$CT-2"
		[ "$status" -eq 1 ] || { echo "taken: $line"; return 1; }
		assert_says "reaches beyond the container"
		assert_nothing_made
	done
	# The file that confines would become one that the archive brings along.
	printf '%s\n' "version=1" "name=$CT" "directory=$TOOL_SHARE/config" "rootfs=0" >"$BATS_TEST_TMPDIR/manifest"
	printf '%s\n' "lxc.include = $COMMON" >"$BATS_TEST_TMPDIR/config"
	forged "CONFIG=$BATS_TEST_TMPDIR/config" "MANIFEST=$BATS_TEST_TMPDIR/manifest" --bare file files/common.conf
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_says "lxc.include = $LXCPATH/$CT-2/common.conf"
	assert_nothing_made
}

@test "variables of a stranger's config are init's alone" {
	source_container "lxc.environment = WORD=one"
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.environment.runtime = WORD=one"
	import_from "$ARCHIVE" -n "$CT-3" --trust
	run config_of "$CT-3"
	assert_has "lxc.environment = WORD=one"
}

@test "hostile members lead nowhere" {
	source_container
	mkdir "$LXCPATH/host"
	echo mine >"$LXCPATH/host/file"
	export_to "$ARCHIVE.tar" --compress none
	local forge=(python3 "$BATS_TEST_DIRNAME/forge.py" "$ARCHIVE" "$ARCHIVE.tar")
	# A way out by name, absolute or climbing.
	for name in ../x /x rootfs/../../x rootfs/a/.. files/../config; do
		"${forge[@]}" file "$name"
		import_from "$ARCHIVE" -n "$CT-2"
		assert_status 1
		assert_nothing_made
	done
	assert_says "no place in a container"
	# A way out by links: made, and then written through.
	"${forge[@]}" link rootfs/out "$LXCPATH/host" file rootfs/out/file file rootfs/out/new
	import_from "$ARCHIVE" -n "$CT-2"
	assert_equal "$(cat "$LXCPATH/host/file")" mine
	[ ! -e "$LXCPATH/host/new" ]
	[ ! -e "$LXCPATH/$CT-2" ] || tool destroy -n "$CT-2"
	"${forge[@]}" hard rootfs/out "../../../../../..$LXCPATH/host/file"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_nothing_made
	# What is not a part of it, or in the wrong place.
	"${forge[@]}" file elsewhere/x
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_says "elsewhere/x"
	assert_nothing_made
	# Files of the directory: only plain ones, without rights of their own, and none that the verbs have.
	"${forge[@]}" fifo $'files/\e[2Jred\nImported forged' link files/link /etc/passwd char files/device \
		fifo files/fifo setuid files/suid file files/partial file files/lxc_snapshots file files/config
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	[[ $output != *$'\e'* && $output != *$'\n'"Imported forged"* ]]
	assert_says 'not taken from the archive: \033[2Jred' "not taken from the archive: link" "not taken from the archive: device" \
		"not taken from the archive: files/partial" "not taken from the archive: files/config"
	assert_equal "$(ls -A "$LXCPATH/$CT-2")" $'config\nrootfs\nsuid'
	assert_equal "$(stat -c %a "$LXCPATH/$CT-2/suid")" 755
}

@test "an archive that is cut off anywhere, or changed, is refused and leaves nothing" {
	local size tenth type
	source_container
	for type in zstd none; do
		export_to "$ARCHIVE.$type" --compress "$type"
		size=$(stat -c %s "$ARCHIVE.$type")
		for tenth in 0 1 2 3 4 5 6 7 8 9; do
			head -c "$((size * tenth / 10))" "$ARCHIVE.$type" >"$ARCHIVE"
			import_from "$ARCHIVE" -n "$CT-2"
			[ "$status" -eq 1 ] || { echo "taken: $tenth tenths of $type"; return 1; }
			assert_matches "ends too early|input is empty|unpack the archive|not whole"
			assert_nothing_made
		done
	done
	# Between two members, where a tarball may well end.
	head -c "$((size - 2048))" "$ARCHIVE.none" >"$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_nothing_made
	cp "$ARCHIVE.none" "$ARCHIVE"
	printf x | dd of="$ARCHIVE" bs=1 seek="$((size - 8192))" conv=notrunc status=none
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_matches "SHA-256 is wrong|checksum of a member|POSIX format"
	assert_nothing_made
	echo more >>"$ARCHIVE.none"
	import_from "$ARCHIVE.none" -n "$CT-2"
	assert_status 1
	assert_nothing_made
	echo "no archive" >"$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_says "no archive"
	tar -C "$ROOTFS" --format=posix -cf "$ARCHIVE" .
	import_from "$ARCHIVE" -n "$CT-2"
	assert_says "of no container"
}

@test "an input that cannot be read on is said to be that" {
	source_container
	for packing in none gzip; do
		export_to "$ARCHIVE" --compress "$packing"
		run python3 "$BATS_TEST_DIRNAME/torn.py" "$ARCHIVE" "$TOOL_BIN/lxs-import" -P "$LXCPATH" -n "$CT-2"
		assert_status 1
		assert_says "cannot read the archive: Input/output error"
		assert_nothing_made
	done
}

@test "wrong inputs are refused: a terminal, a name that is taken, unknown storage" {
	source_container
	export_to "$ARCHIVE"
	import_from "$ARCHIVE"
	assert_status 1
	assert_says "already exists"
	import_from "$ARCHIVE" -n "$CT-2" -B cupboard
	assert_status 1
	assert_says "no storage of type 'cupboard'"
	assert_nothing_made
	mkdir "$LXCPATH/$CT-2"
	: >"$LXCPATH/$CT-2/mine"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	[ -e "$LXCPATH/$CT-2/mine" ]
	run script -qec "'$TOOL_BIN/lxs-export' -P '$LXCPATH' '$CT'" /dev/null
	assert_status 1
	assert_says "nothing for a terminal" ">$CT.tar.zst"
	run script -qec "'$TOOL_BIN/lxs-import' -P '$LXCPATH'" /dev/null
	assert_status 1
	assert_says "does not come from a terminal"
	run tool export -n nobody
	assert_status 1
	assert_says "not defined"
	# A reader that goes away.
	dd if=/dev/urandom of="$ROOTFS/big" bs=1M count=4 status=none
	for type in none zstd; do
		run bash -c '{ "$1/lxs-export" -P "$2" --compress "$4" "$3" || echo "failed with $?" >&2; } | head -c 1000 >/dev/null' \
			bash "$TOOL_BIN" "$LXCPATH" "$CT" "$type"
		assert_says "failed with 1" "Broken pipe"
	done
}

@test "a full disk is said, and nothing is left" {
	source_container
	dd if=/dev/urandom of="$ROOTFS/big" bs=1M count=4 status=none
	export_to "$ARCHIVE"
	mkdir "$LXCPATH/small"
	mount -t tmpfs -o size=1M none "$LXCPATH/small"
	run "$TOOL_BIN/lxs-import" -P "$LXCPATH/small" <"$ARCHIVE"
	assert_status 1
	assert_says "No space left on device"
	assert_equal "$(ls -A "$LXCPATH/small")" ''
	run export_to "$LXCPATH/small/archive" --compress none
	assert_status 1
	assert_says "No space left on device"
	run export_to "$LXCPATH/small/archive"
	assert_status 1
	assert_says "No space left on device"
}

@test "from any storage to any: overlay, loop" {
	source_container
	all_kinds
	run tool copy -n "$CT" -N "$CT-over" -s --identical
	assert_status 0
	rm "$LXCPATH/$CT-over/overlay/delta/etc/hostname"
	rmdir "$LXCPATH/$CT-over/overlay/delta/etc" 2>/dev/null || :
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2" -B overlay --identical
	assert_status 0
	run config_of "$CT-2"
	assert_has "lxc.rootfs.path = overlay:$LXCPATH/$CT-2/rootfs:$LXCPATH/$CT-2/overlay/delta"
	[ -x "$LXCPATH/$CT-2/rootfs/bin/probe" ]
	run bash -c '"$1/lxs-export" -P "$2" "$3" | "$1/lxs-import" -P "$2" --identical "$4"' bash "$TOOL_BIN" "$LXCPATH" "$CT-2" "$CT-3"
	assert_status 0
	assert_equal "$(listing "$LXCPATH/$CT-3/rootfs")" "$(listing "$ROOTFS")"
	if losetup -f >/dev/null 2>&1; then
		import_from "$ARCHIVE" -n "$CT-4" -B loop -L 64M --identical
		assert_status 0
		run bash -c '"$1/lxs-export" -P "$2" "$3" | "$1/lxs-import" -P "$2" --identical "$4"' bash "$TOOL_BIN" "$LXCPATH" "$CT-4" "$CT-5"
		assert_status 0
		assert_equal "$(listing "$LXCPATH/$CT-5/rootfs")" "$(listing "$ROOTFS")"
		wait_for 5 "loop devices are gone" bash -c '! losetup -a | grep -qF "$1"' bash "$LXCPATH"
	fi
}

@test "snapshots come along with -s" {
	source_container
	echo before >"$BATS_TEST_TMPDIR/comment"
	run tool snapshot -n "$CT" -c "$BATS_TEST_TMPDIR/comment"
	assert_status 0
	echo new >"$ROOTFS/etc/new"
	export_to "$ARCHIVE"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	[ ! -e "$LXCPATH/$CT-2/snaps" ]
	export_to "$ARCHIVE" -s
	import_from "$ARCHIVE" -n "$CT-3"
	assert_status 0
	run tool snapshot -n "$CT-3" -L -C
	assert_says "snap0" before
	assert_equal "$(listing "$LXCPATH/$CT-3/snaps/snap0/rootfs")" "$(listing "$LXCPATH/$CT/snaps/snap0/rootfs")"
	run tool snapshot -n "$CT-3" -r snap0
	assert_status 0
	[ ! -e "$LXCPATH/$CT-3/rootfs/etc/new" ]
	[ -x "$LXCPATH/$CT-3/rootfs/bin/probe" ]
	run tool destroy -n "$CT-3" -s
	assert_status 0
}

@test "ids in the archive are those inside, whatever they are on the disk" {
	source_container "lxc.idmap = u 0 100000 65536" "lxc.idmap = g 0 100000 65536"
	chown -R 100000:100000 "$ROOTFS"
	chown 101000:100033 "$ROOTFS/etc/hostname"
	setfacl -m u:100007:rwx "$ROOTFS/etc/hostname"
	export_to "$ARCHIVE" --compress none
	run tar --numeric-owner -tvf "$ARCHIVE"
	assert_matches "1000/33 .*rootfs/etc/hostname"
	assert_matches " 0/0 .*rootfs/bin/probe"
	import_from "$ARCHIVE" -n "$CT-2" --identical
	assert_status 0
	run getfacl -n "$LXCPATH/$CT-2/rootfs/etc/hostname"
	assert_matches "user:(7|100007):rwx"
	run tool start -n "$CT-2"
	assert_status 0
	run tool attach -n "$CT-2" -- /bin/probe stat /etc/hostname
	run tool stop -n "$CT-2" -k
	# To whom the guest gives its root directory changes nothing.
	chown 100001:100001 "$ROOTFS"
	export_to "$ARCHIVE" --compress none
	run tar --numeric-owner -tvf "$ARCHIVE"
	assert_matches " 1/1 .*rootfs/"$'\n'
	assert_matches " 0/0 .*rootfs/bin/probe"
	chown -R 0:0 "$ROOTFS" && chown 1:1 "$ROOTFS"
	export_to "$ARCHIVE.2" --compress none
	run tar --numeric-owner -tvf "$ARCHIVE.2"
	assert_matches " 1/1 .*rootfs/"$'\n'
	assert_matches " 0/0 .*rootfs/bin/probe"
}

@test "one that runs is refused; with -a it stands still while it is read, and goes on, whoever is killed" {
	source_container
	mkfifo "$BATS_TEST_TMPDIR/slow"
	dd if=/dev/urandom of="$ROOTFS/big" bs=1M count=4 status=none
	start_probe
	run export_to "$ARCHIVE"
	assert_status 1
	assert_says "is running"
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" -a >"$BATS_TEST_TMPDIR/slow" 3>&- &
	exec 4<"$BATS_TEST_TMPDIR/slow"
	wait_for 10 "it stands still" is_frozen
	run tool destroy -n "$CT" -f
	assert_status 1
	assert_matches "lxs-export \\(pid [0-9]+\\) is at work on it"
	cat <&4 >"$ARCHIVE"
	exec 4<&-
	wait $!
	wait_for 10 "it goes on" is_running
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	cmp "$ROOTFS/big" "$LXCPATH/$CT-2/rootfs/big"
	"$TOOL_BIN/lxs-export" -P "$LXCPATH" -n "$CT" -a >"$BATS_TEST_TMPDIR/slow" 3>&- &
	exec 4<"$BATS_TEST_TMPDIR/slow"
	wait_for 10 "it stands still" is_frozen
	kill -KILL $!
	exec 4<&-
	wait_for 10 "it goes on" is_running
}

is_frozen() {
	[ "$(state_of)" = FROZEN ]
}

is_running() {
	[ "$(state_of)" = RUNNING ]
}

@test "two imports of one name: one makes it, the other learns who is at work" {
	source_container
	export_to "$ARCHIVE" --compress none
	mkfifo "$BATS_TEST_TMPDIR/slow"
	"$TOOL_BIN/lxs-import" -P "$LXCPATH" -n "$CT-2" <"$BATS_TEST_TMPDIR/slow" >/dev/null 2>&1 3>&- &
	exec 4>"$BATS_TEST_TMPDIR/slow"
	head -c -600 "$ARCHIVE" >&4
	wait_for 10 "the import is at work" test -e "$LXCPATH/$CT-2/config"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 1
	assert_matches "at work on it|already exists"
	run tool destroy -n "$CT-2"
	assert_status 1
	assert_matches "lxs-import \\(pid [0-9]+\\) is at work on it"
	run tool export -n "$CT-2"
	assert_status 1
	assert_matches "lxs-import \\(pid [0-9]+\\) is at work on it"
	run tool start -n "$CT-2"
	assert_status 1
	assert_says "at work on it"
	tail -c 600 "$ARCHIVE" >&4
	exec 4>&-
	wait $!
	[ -x "$LXCPATH/$CT-2/rootfs/bin/probe" ]
	[ ! -e "$LXCPATH/$CT-2/partial" ]
}

@test "an import that waits for more is interrupted, and leaves nothing" {
	local part
	source_container
	head -c 1000000 /dev/urandom >"$LXCPATH/$CT/file"
	export_to "$ARCHIVE" --compress none
	mkfifo "$BATS_TEST_TMPDIR/slow"
	# In the middle of the files, and of the root file system.
	for part in 500000 1050000; do
		env --default-signal "$TOOL_BIN/lxs-import" -P "$LXCPATH" -n "$CT-2" <"$BATS_TEST_TMPDIR/slow" \
			>"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
		exec 4>"$BATS_TEST_TMPDIR/slow"
		head -c "$part" "$ARCHIVE" >&4
		wait_for 10 "it is at work" test -e "$LXCPATH/$CT-2/config"
		kill -INT $!
		wait_for 10 "it ends" test ! -e "$LXCPATH/$CT-2"
		! wait $!
		exec 4>&-
		grep -q interrupted "$BATS_TEST_TMPDIR/said" || { cat "$BATS_TEST_TMPDIR/said"; return 1; }
	done
}

# bats test_tags=user
@test "an ordinary user's container goes out and comes in" {
	needs_lxs
	needs "newuidmap" test -u /usr/bin/newuidmap
	needs "a range of ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	run tool create -n "$CT" -t busybox
	assert_status 0
	tool start -n "$CT"
	tool attach -n "$CT" -- /bin/sh -c 'echo x >/etc/made; chown 1000:33 /etc/made'
	tool stop -n "$CT" -k
	export_to "$ARCHIVE" --compress none
	run tar --numeric-owner -tvf "$ARCHIVE"
	assert_matches "1000/33 .*rootfs/etc/made"
	import_from "$ARCHIVE" -n "$CT-2"
	assert_status 0
	assert_equal "$(stat -c '%u:%g' "$LXCPATH/$CT-2/rootfs/etc/made")" "$(stat -c '%u:%g' "$LXCPATH/$CT/rootfs/etc/made")"
	assert_equal "$(stat -c %U "$LXCPATH/$CT-2/config")" "$USER"
	run tool start -n "$CT-2"
	assert_status 0
	run tool attach -n "$CT-2" -- /bin/hostname
	assert_output "$CT-2"
	tool stop -n "$CT-2" -k
	python3 "$BATS_TEST_DIRNAME/forge.py" "$ARCHIVE.2" "$ARCHIVE" char rootfs/dev/zero
	import_from "$ARCHIVE.2" -n "$CT-3"
	assert_status 0
	assert_says "1 device files are left out"
	for name in "$CT" "$CT-2" "$CT-3"; do
		run tool destroy -n "$name"
		assert_status 0
	done
	assert_equal "$(ls -A "$LXCPATH")" ''
}
