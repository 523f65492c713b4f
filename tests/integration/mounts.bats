# Mounts of a container: entries, fstab, automatic mounts, the rootfs, /dev.
load lib

setup() {
	lib_setup
	SOURCE=$LXCPATH/source
	mkdir -p "$SOURCE/below"
	echo seen >"$SOURCE/file"
}

# rootfs_config LINES...: a container with a rootfs and these lines.  LXC copies the
# console to its log, where the probe says that it is ready, only from a pty of the container's own.
rootfs_config() {
	container_config "$@" "lxc.pty.max = 10"
	container_rootfs
}

# entry_config LINES...: the same with proc and sys; the first of the lines is line 2.
entry_config() {
	rootfs_config "lxc.mount.auto = proc:mixed sys:mixed" "$@"
}

# mount_says PATH WORD...: the mount on PATH has each word among its options, or as type or source.
mount_says() {
	local path=$1 word
	shift
	ask mount "$path"
	for word in "$@"; do
		[[ " ${output//,/ } " == *" $word "* ]] && continue
		printf 'mount on %s lacks "%s": %s\n' "$path" "$word" "$output"
		return 1
	done
}

# start_fails TEXT...: the start is refused, and lxs says why.
start_fails() {
	run tool start -n "$CT"
	assert_failed
	[ "$TOOL" = lxc ] || assert_says "$@"
}

# ---- lxc.mount.entry ----

# bats test_tags=compat
@test "create=dir and create=file make the target" {
	entry_config "lxc.mount.entry = $SOURCE deep/er/data none bind,create=dir 0 0" \
		"lxc.mount.entry = $SOURCE/file etc/made/file none bind,create=file 0 0"
	start_probe
	ask read /deep/er/data/file
	assert_output seen
	ask read /etc/made/file
	assert_output seen
}

# bats test_tags=compat
@test "a target that is missing fails the start" {
	entry_config "lxc.mount.entry = $SOURCE data none bind 0 0"
	start_fails "cannot mount $SOURCE on /data" "there is no /data in the container" "create=dir" \
		"$LXCPATH/$CT/config:2: lxc.mount.entry"
}

# bats test_tags=compat
@test "a source that is missing fails the start, naming source, target, line and remedy" {
	entry_config "lxc.mount.entry = /srv/no-such-source mnt none bind 0 0"
	start_fails "cannot mount /srv/no-such-source on /mnt: No such file or directory" \
		"asked for by $LXCPATH/$CT/config:2: lxc.mount.entry = /srv/no-such-source mnt none bind 0 0" \
		"hint: create /srv/no-such-source, or add 'optional'"
}

# bats test_tags=compat
@test "optional mounts may fail" {
	entry_config "lxc.mount.entry = /srv/no-such-source mnt none bind,optional 0 0" \
		"lxc.mount.entry = $SOURCE no/such/target none bind,optional 0 0"
	start_probe
	ask list /mnt
	assert_output ""
}

# bats test_tags=compat
@test "ro binds cannot be written, and the source stays writable for the host" {
	entry_config "lxc.mount.entry = $SOURCE mnt none bind,ro,nosuid 0 0"
	start_probe
	mount_says /mnt ro nosuid
	run tool attach -n "$CT" -- /bin/probe write /mnt/file changed
	assert_failed
	echo changed >"$SOURCE/file"
	ask read /mnt/file
	assert_output changed
}

@test "rbind,ro makes the mounts below read-only as well" {
	needs_lxs
	mount -t tmpfs "$CT" "$SOURCE/below"
	entry_config "lxc.mount.entry = $SOURCE mnt none rbind,ro 0 0"
	start_probe
	mount_says /mnt ro
	mount_says /mnt/below ro
	run tool stop -k -n "$CT"
	umount "$SOURCE/below"
}

# bats test_tags=compat
@test "bind does not bring the mounts below, rbind does" {
	mount -t tmpfs "$CT" "$SOURCE/below"
	touch "$SOURCE/below/mark"
	entry_config "lxc.mount.entry = $SOURCE mnt none bind 0 0" \
		"lxc.mount.entry = $SOURCE tmp none rbind 0 0"
	start_probe
	ask list /mnt/below
	assert_output ""
	ask list /tmp/below
	assert_output mark
	run tool stop -k -n "$CT"
	umount "$SOURCE/below"
}

# bats test_tags=compat
@test "a tmpfs takes flags and data" {
	entry_config "lxc.mount.entry = tmpfs run tmpfs nodev,nosuid,noexec,size=1m,mode=0750 0 0"
	start_probe
	mount_says /run nodev nosuid noexec tmpfs size=1024k mode=750
	ask stat /run
	assert_output "directory 0750 0:0"
}

# bats test_tags=compat
@test "the upper and work directories of an overlay are made beside the container's files" {
	entry_config "lxc.mount.entry = overlay mnt overlay lowerdir=$SOURCE,upperdir=$LXCPATH/$CT/over/upper,workdir=$LXCPATH/$CT/over/work 0 0"
	mkdir "$LXCPATH/$CT/over"
	start_probe
	mount_says /mnt overlay
	ask write /mnt/new text
	[ -e "$LXCPATH/$CT/over/upper/new" ]
	[ ! -e "$SOURCE/new" ]
}

@test "data that the file system refuses is reported in its own words" {
	needs_lxs
	entry_config "lxc.mount.entry = tmpfs run tmpfs nonsense=1 0 0"
	start_fails "cannot mount tmpfs (type tmpfs) on /run" "Unknown parameter 'nonsense'" ":2: lxc.mount.entry"
}

@test "an unknown file system is named" {
	needs_lxs
	entry_config "lxc.mount.entry = none run nosuchfs defaults 0 0"
	start_fails "cannot mount none (type nosuchfs) on /run" "the kernel does not know the file system nosuchfs"
}

@test "words for other readers of fstab are not the kernel's" {
	needs_lxs
	entry_config "lxc.mount.entry = tmpfs run tmpfs x-systemd.automount,nofail,_netdev,defaults 0 0"
	start_probe
	mount_says /run tmpfs
}

# bats test_tags=compat
@test "relative sources lie in the rootfs" {
	entry_config "lxc.mount.entry = etc/shown mnt none bind,relative 0 0"
	mkdir "$ROOTFS/etc/shown"
	echo inside >"$ROOTFS/etc/shown/file"
	start_probe
	ask read /mnt/file
	assert_output inside
}

# bats test_tags=compat
@test "blanks in paths are written as \\040" {
	mkdir "$LXCPATH/with blank"
	echo blank >"$LXCPATH/with blank/file"
	entry_config "lxc.mount.entry = $LXCPATH/with\\040blank a\\040b none bind,create=dir 0 0"
	start_probe
	ask read "/a b/file"
	assert_output blank
}

# bats test_tags=compat
@test "an absolute target names the rootfs as the host sees it" {
	entry_config "lxc.mount.entry = $SOURCE $LXCPATH/$CT/rootfs/mnt none bind 0 0"
	start_probe
	ask read /mnt/file
	assert_output seen
}

@test "an absolute target elsewhere is refused" {
	needs_lxs
	entry_config "lxc.mount.entry = $SOURCE /mnt none bind 0 0"
	start_fails "the mount target /mnt lies outside of the rootfs" "write it without the leading '/'"
}

# bats test_tags=compat
@test "a later entry covers an earlier one" {
	entry_config "lxc.mount.entry = tmpfs mnt tmpfs defaults 0 0" \
		"lxc.mount.entry = $SOURCE mnt none bind 0 0"
	start_probe
	ask read /mnt/file
	assert_output seen
}

# bats test_tags=compat
@test "lxc.mount.fstab is read, comments and all, before the entries" {
	printf '%s\n' "# a comment" "" "$SOURCE mnt none bind 0 0" "tmpfs	run	tmpfs	size=1m" >"$LXCPATH/fstab"
	entry_config "lxc.mount.fstab = $LXCPATH/fstab" "lxc.mount.entry = $SOURCE run/source none bind,create=dir 0 0"
	start_probe
	ask read /mnt/file
	assert_output seen
	ask read /run/source/file
	assert_output seen
}

@test "a line of lxc.mount.fstab that fails is named with its file" {
	needs_lxs
	printf '%s\n' "# a comment" "/srv/no-such-source mnt none bind 0 0" >"$LXCPATH/fstab"
	entry_config "lxc.mount.fstab = $LXCPATH/fstab"
	start_fails "$LXCPATH/fstab:2: /srv/no-such-source mnt" "included by $LXCPATH/$CT/config:2"
}

# ---- symbolic links ----

# bats test_tags=compat
@test "a target that is an absolute link is refused" {
	entry_config "lxc.mount.entry = $SOURCE link none bind 0 0"
	mkdir "$LXCPATH/outside"
	ln -s "$LXCPATH/outside" "$ROOTFS/link"
	start_fails "/link leads out of the rootfs through a symbolic link" ":2: lxc.mount.entry"
}

# bats test_tags=compat
@test "a target below a link that climbs out is refused, and nothing is made there" {
	entry_config "lxc.mount.entry = $SOURCE link/data none bind,create=dir 0 0"
	mkdir "$LXCPATH/outside"
	ln -s ../../outside "$ROOTFS/link"
	start_fails "leads out of the rootfs through a symbolic link"
	[ "$TOOL" = lxc ] || [ ! -e "$LXCPATH/outside/data" ]
}

@test "a link that stays beneath is followed" {
	needs_lxs
	entry_config "lxc.mount.entry = $SOURCE var/link/data none bind,create=dir 0 0"
	ln -s ../mnt "$ROOTFS/var/link"
	start_probe
	ask read /mnt/data/file
	assert_output seen
}

@test "a relative source that leads out is refused" {
	needs_lxs
	entry_config "lxc.mount.entry = link mnt none bind,relative 0 0"
	ln -s /etc "$ROOTFS/link"
	start_fails "/link leads out of the rootfs"
}

@test "a rootfs whose dev, proc or sys leads out is refused" {
	needs_lxs
	local name
	mkdir "$LXCPATH/outside"
	for name in dev proc sys; do
		entry_config
		rmdir "$ROOTFS/$name"
		ln -s "$LXCPATH/outside" "$ROOTFS/$name"
		start_fails "/$name leads out of the rootfs"
		[ -z "$(ls -A "$LXCPATH/outside")" ]
		rm "$ROOTFS/$name"
	done
}

@test "a console that is a link leads nowhere" {
	needs_lxs
	entry_config "lxc.autodev = 0"
	touch "$LXCPATH/outside"
	ln -s "$LXCPATH/outside" "$ROOTFS/dev/console"
	start_fails "/dev/console leads out of the rootfs"
}

# ---- lxc.mount.auto ----

# bats test_tags=compat
@test "proc:mixed keeps /proc/sys read-only, but not the network's part" {
	rootfs_config "lxc.mount.auto = proc:mixed"
	start_probe
	mount_says /proc rw nosuid nodev noexec proc
	mount_says /proc/sys ro proc
	mount_says /proc/sys/net rw proc
}

# bats test_tags=compat
@test "proc:mixed without CAP_NET_ADMIN keeps all of /proc/sys read-only" {
	rootfs_config "lxc.mount.auto = proc:mixed" "lxc.cap.drop = net_admin"
	start_probe
	mount_says /proc/sys ro proc
	run tool attach -n "$CT" -- /bin/probe mount /proc/sys/net
	assert_failed
}

# bats test_tags=compat
@test "proc:rw covers nothing" {
	rootfs_config "lxc.mount.auto = proc:rw"
	start_probe
	mount_says /proc rw nosuid nodev noexec proc
	run tool attach -n "$CT" -- /bin/probe mount /proc/sys
	assert_failed
}

# bats test_tags=compat
@test "sys:mixed is read-only but for the virtual network devices" {
	entry_config
	start_probe
	mount_says /sys ro nosuid nodev noexec sysfs
	mount_says /sys/devices/virtual/net rw sysfs
}

# bats test_tags=compat
@test "sys:ro and sys:rw" {
	rootfs_config "lxc.mount.auto = proc sys:ro"
	start_probe
	mount_says /sys ro sysfs
	run tool stop -k -n "$CT"
	rm "$LXCPATH/$CT/console.log"
	rootfs_config "lxc.mount.auto = proc sys:rw"
	start_probe
	mount_says /sys rw sysfs
}

# bats test_tags=compat
@test "a later word of a group replaces the earlier one" {
	rootfs_config "lxc.mount.auto = proc:rw sys:rw" "lxc.mount.auto = sys:ro"
	start_probe
	mount_says /sys ro sysfs
	mount_says /proc rw proc
	run tool attach -n "$CT" -- /bin/probe mount /proc/sys
	assert_failed
}

# bats test_tags=compat
@test "cgroup:mixed is left to an init with a cgroup namespace on a host with v1" {
	needs "a host with cgroup v1" test -d /sys/fs/cgroup/memory
	entry_config "lxc.mount.auto = cgroup:mixed"
	start_probe
	run tool attach -n "$CT" -- /bin/probe mount /sys/fs/cgroup
	assert_failed
}

@test "cgroup:ro:force mounts every hierarchy, rooted in the container's cgroup" {
	needs_lxs
	needs "a host with cgroup v1" test -d /sys/fs/cgroup/memory
	entry_config "lxc.mount.auto = cgroup:ro:force"
	start_probe
	mount_says /sys/fs/cgroup ro tmpfs
	mount_says /sys/fs/cgroup/memory ro nosuid nodev noexec cgroup memory
	ask list /sys/fs/cgroup/memory
	assert_has cgroup.procs memory.limit_in_bytes
	assert_silent_about lxc.payload
}

@test "without a cgroup namespace the host's hierarchies are bound, only ours writable" {
	needs_lxs
	needs "a host with cgroup v1" test -d /sys/fs/cgroup/memory
	entry_config "lxc.mount.auto = cgroup-full:mixed" "lxc.namespace.keep = cgroup user time"
	start_probe
	mount_says /sys/fs/cgroup/memory ro cgroup
	mount_says "/sys/fs/cgroup/memory/lxc.payload.$CT" rw cgroup
}

# bats test_tags=compat
@test "shmounts: what the host mounts in the tunnel shows in the container" {
	mkdir "$LXCPATH/tunnel"
	mount --bind "$LXCPATH/tunnel" "$LXCPATH/tunnel"
	mount --make-shared "$LXCPATH/tunnel"
	rootfs_config "lxc.mount.auto = proc sys shmounts:$LXCPATH/tunnel"
	start_probe
	mkdir "$LXCPATH/tunnel/new"
	mount -t tmpfs "$CT" "$LXCPATH/tunnel/new"
	touch "$LXCPATH/tunnel/new/mark"
	run tool attach -n "$CT" -- /bin/probe list /dev/.lxc-mounts/new
	tool stop -k -n "$CT"
	umount "$LXCPATH/tunnel/new"
	umount "$LXCPATH/tunnel"
	assert_output mark
}

# ---- the rootfs ----

# bats test_tags=compat
@test "lxc.rootfs.options = ro" {
	entry_config "lxc.rootfs.options = ro,nosuid"
	start_probe
	mount_says / ro nosuid
	run tool attach -n "$CT" -- /bin/probe write /etc/new text
	assert_failed
}

# bats test_tags=compat
@test "nothing of the host's mount tree is left" {
	entry_config
	start_probe
	ask mounts
	assert_silent_about "$LXCPATH/$CT/rootfs/" " /home " " /lib/modules "
	assert_equal "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
}

# bats test_tags=compat
@test "mounts of the container do not show on the host" {
	entry_config "lxc.mount.entry = $SOURCE mnt none bind 0 0"
	start_probe
	run cat /proc/self/mountinfo
	assert_silent_about "$CT"
}

# As under systemd; and what is left there ends with the namespace.
@test "where the host's mounts are shared, those of a container do not show there" {
	needs_lxs
	entry_config "lxc.mount.entry = $SOURCE mnt none bind 0 0"
	# shellcheck disable=SC2016
	run unshare --mount --propagation private sh -c 'mount --make-rshared / &&
		"$1" -P "$LXCPATH" -n "$CT" -- /bin/probe cwd && ! grep -F "$LXCPATH" /proc/self/mountinfo' - "$TOOL_BIN/lxs-execute"
	assert_status 0
	assert_output /
}

@test "a rootfs that is missing is named with its line" {
	needs_lxs
	container_config "lxc.rootfs.path = dir:$LXCPATH/gone" "lxc.init.cmd = /bin/probe"
	start_fails "cannot use $LXCPATH/gone as the rootfs: No such file or directory" \
		"$LXCPATH/$CT/config:1: lxc.rootfs.path" "hint: create the container first"
}

@test "a rootfs that is a file is refused" {
	needs_lxs
	touch "$LXCPATH/image"
	container_config "lxc.rootfs.path = $LXCPATH/image" "lxc.init.cmd = /bin/probe"
	start_fails "it holds no file system that is known"
}

# bats test_tags=compat
@test "a guest cannot make the host's file system read-only" {
	needs "a static busybox" is_static /bin/busybox
	mkdir -p "$LXCPATH/$CT/rootfs"
	mount -t tmpfs "$CT" "$LXCPATH/$CT/rootfs"
	entry_config
	cp /bin/busybox "$ROOTFS/bin/busybox"
	start_probe
	run tool attach -n "$CT" -- /bin/busybox mount -o remount,ro /
	touch "$ROOTFS/written"
	tool stop -k -n "$CT"
	umount "$ROOTFS"
	assert_failed
}

is_static() {
	ldd "$1" 2>&1 | grep -q "not a dynamic"
}

# ---- /dev ----

# bats test_tags=compat
@test "autodev: a tmpfs with LXC's nodes and links" {
	entry_config
	start_probe
	mount_says /dev tmpfs mode=755 size=492k
	ask stat /dev/null
	assert_output "char 0666 0:0 1:3"
	ask stat /dev/full
	assert_output "char 0666 0:0 1:7"
	ask stat /dev/tty
	assert_output "char 0666 0:0 5:0"
	ask readlink /dev/fd
	assert_output /proc/self/fd
	ask list /dev
	assert_has console fd full null pts random stderr stdin stdout tty urandom zero
}

# bats test_tags=compat
@test "autodev = 0 leaves the rootfs' own /dev" {
	entry_config "lxc.autodev = 0"
	touch "$ROOTFS/dev/mine"
	start_probe
	ask list /dev
	assert_has mine console
	assert_lacks zero
}

# bats test_tags=compat
@test "lxc.autodev.tmpfs.size" {
	entry_config "lxc.autodev.tmpfs.size = 1048576"
	start_probe
	mount_says /dev tmpfs size=1024k
}

# bats test_tags=compat
@test "a devpts of its own, with ptmx" {
	entry_config "lxc.pty.max = 10"
	start_probe
	mount_says /dev/pts nosuid noexec devpts gid=5 mode=620 ptmxmode=666 max=10
	mount_says /dev/ptmx devpts
	ask open /dev/ptmx
	assert_output ok
}

# bats test_tags=compat
@test "ttys are terminals of the container" {
	entry_config "lxc.tty.max = 2" "lxc.pty.max = 10"
	start_probe
	mount_says /dev/tty1 devpts max=12
	ask stat /dev/tty2
	assert_matches '^char 0620 0:5 136:'
	mount_says /dev/console devpts
}

# bats test_tags=compat
@test "lxc.tty.dir holds the terminals" {
	entry_config "lxc.tty.max = 1" "lxc.pty.max = 10" "lxc.tty.dir = lxc"
	start_probe
	ask list /dev/lxc
	assert_has console tty1
	ask readlink /dev/tty1
	assert_output lxc/tty1
	mount_says /dev/console devpts
}

# bats test_tags=compat
@test "each start has a boot id of its own" {
	entry_config
	start_probe
	ask read /proc/sys/kernel/random/boot_id
	assert_matches '^[0-9a-f-]{36}$'
	[ "$output" != "$(cat /proc/sys/kernel/random/boot_id)" ]
}

# ---- without a rootfs ----

# bats test_tags=compat
@test "an application in the host's tree gets its own /dev, /proc and /sys" {
	container_config "lxc.include = $COMMON"
	run_probe mounts
	assert_matches '/ /dev rw,relatime[^-]* - tmpfs none rw,size=492k,mode=755'
	assert_matches '/ /dev/pts rw,nosuid,noexec,relatime[^-]* - devpts devpts rw,gid=5,mode=620,ptmxmode=666,max=1028'
	assert_matches '/ /proc rw,nosuid,nodev,noexec,relatime[^-]* - proc proc'
	assert_matches '/ /sys ro,nosuid,nodev,noexec,relatime[^-]* - sysfs sysfs'
	assert_silent_about "/tty1 "
}

@test "an application needs no config at all" {
	needs_lxs
	container_config ""
	run_probe mount /dev/console
	assert_says devpts
}

@test "without a rootfs the mount tree of the host keeps its propagation" {
	needs_lxs
	mount --bind "$SOURCE" "$SOURCE"
	mount --make-shared "$SOURCE"
	container_config ""
	run_probe hostname
	run grep " $SOURCE " /proc/self/mountinfo
	umount "$SOURCE"
	assert_says "shared:"
}
