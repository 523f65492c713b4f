# The templates: what they make, by themselves and through lxs-create.
# shellcheck disable=SC2016 # scripts that the tests write expand later
load lib

setup() {
	lib_setup
	needs_lxs
	TEMPLATES=$TOOL_SHARE/templates
}

rootfs() {
	echo "$LXCPATH/$CT/rootfs"
}

@test "every template has help, and refuses what it does not know" {
	local template
	for template in "$TEMPLATES"/lxs-*; do
		run "$template" --help
		assert_status 0
		assert_says "usage: lxs-create"
		run "$template" --path="$LXCPATH" --name=x --rootfs="$LXCPATH/r" --nonsense
		assert_status 1
		assert_says "--nonsense"
		run "$template"
		assert_status 1
	done
}

@test "busybox: a static one needs nothing of the host" {
	needs "a static busybox" sh -c '! ldd "$(command -v busybox)"'
	run tool create -n "$CT" -t busybox
	assert_status 0
	run find "$(rootfs)" -name '*.so*'
	assert_output ''
	cmp "$(rootfs)/bin/busybox" "$(command -v busybox)"
	[ "$(rootfs)/sbin/init" -ef "$(rootfs)/bin/busybox" ]
	run grep -E 'mount.entry.*/(usr/)?lib' "$LXCPATH/$CT/config"
	assert_output ''
}

@test "busybox: a dynamic one brings its libraries along" {
	needs "a dynamic program that lists applets" command -v gcc
	printf '%s\n' '#include <stdio.h>' 'int main(void) { puts("sh\nls"); return 0; }' >"$LXCPATH/b.c"
	gcc -o "$LXCPATH/busybox" "$LXCPATH/b.c"
	run tool create -n "$CT" -t busybox -- --busybox-path "$LXCPATH/busybox"
	assert_status 0
	run find "$(rootfs)" -name 'libc.so*'
	assert_says libc.so
	run chroot "$(rootfs)" /bin/ls
	assert_has sh ls
}

@test "busybox boots, is entered, and halts in order" {
	run tool create -n "$CT" -t busybox
	assert_status 0
	run tool start -n "$CT"
	assert_status 0
	run tool attach -n "$CT" -- /bin/busybox hostname
	assert_output "$CT"
	run tool stop -n "$CT" -t 20
	assert_status 0
	assert_equal "$(state_of)" STOPPED
}

# tarballs: a tree and its metadata in the form of LXC's image server.
tarballs() {
	local tree=$LXCPATH/tree meta=$LXCPATH/meta
	mkdir -p "$tree/etc" "$tree/dev" "$tree/skipped" "$meta"
	echo 'I am LXC_NAME' >"$tree/etc/motd"
	echo untouched >"$LXCPATH/outside"
	ln -s "$LXCPATH/outside" "$tree/etc/link"
	: >"$tree/dev/node"
	: >"$tree/skipped/file"
	tar -C "$tree" -cJf "$LXCPATH/rootfs.tar.xz" .
	printf '%s\n' 'lxc.include = LXC_TEMPLATE_CONFIG/common.conf' 'lxc.arch = x86_64' >"$meta/config"
	printf '%s\n' '/etc/motd' '/etc/link' '../../outside' >"$meta/templates"
	echo './skipped' >"$meta/excludes"
	echo 'Welcome to LXC_NAME' >"$meta/create-message"
	echo 'none LXC_ROOTFS/tmp tmpfs defaults' >"$meta/fstab"
	tar -C "$meta" -cJf "$LXCPATH/meta.tar.xz" .
}

@test "local: tree, config, words to fill in, excludes and message" {
	tarballs
	run tool create -n "$CT" -t local -- -m "$LXCPATH/meta.tar.xz" -f "$LXCPATH/rootfs.tar.xz"
	assert_status 0
	assert_has "Welcome to $CT"
	assert_equal "$(cat "$(rootfs)/etc/motd")" "I am $CT"
	[ ! -e "$(rootfs)/skipped" ]
	[ -e "$(rootfs)/dev/node" ]
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/common.conf" "lxc.uts.name = $CT" \
		"lxc.mount.fstab = $LXCPATH/$CT/fstab" "lxc.rootfs.path = dir:$(rootfs)"
	assert_equal "$(cat "$LXCPATH/$CT/fstab")" "none $(rootfs)/tmp tmpfs defaults"
}

# Of the config that common.conf gives: what its root may do.
assert_confined() {
	run tool config -f "$LXCPATH/$CT/config" show
	assert_status 0
	assert_says "lxc.cap.drop = mac_admin" "lxc.seccomp.profile = /" "lxc.cgroup2.devices.deny = a"
}

@test "local: metadata that confines nothing gets common.conf before it" {
	local line
	tarballs
	for line in 'lxc.arch = x86_64' 'lxc.include = LXC_TEMPLATE_CONFIG/oci.common.conf' \
		'lxc.include = LXC_TEMPLATE_CONFIG/userns.conf' \
		'lxc.include = LXC_TEMPLATE_CONFIG/common.conf\nlxc.include = LXC_TEMPLATE_CONFIG/userns.conf'; do
		echo -e "$line\nlxc.init.cmd = /bin/init" >"$LXCPATH/meta/config"
		tar -C "$LXCPATH/meta" -cJf "$LXCPATH/meta.tar.xz" .
		run tool create -n "$CT" -t local -- -m "$LXCPATH/meta.tar.xz" -f "$LXCPATH/rootfs.tar.xz"
		assert_status 0
		assert_confined
		run cat "$LXCPATH/$CT/config"
		assert_has "lxc.init.cmd = /bin/init"
		run tool destroy -n "$CT"
		assert_status 0
	done
}

@test "local: words are not filled in through links or outside of the tree" {
	tarballs
	echo 'LXC_NAME' >"$LXCPATH/outside"
	run tool create -n "$CT" -t local -- -m "$LXCPATH/meta.tar.xz" -f "$LXCPATH/rootfs.tar.xz"
	assert_status 0
	assert_equal "$(cat "$LXCPATH/outside")" LXC_NAME
}

@test "local: without metadata the config is common.conf, the name and the tree" {
	tarballs
	run tool create -n "$CT" -t local -- --no-dev -f "$LXCPATH/rootfs.tar.xz"
	assert_status 0
	[ ! -e "$(rootfs)/dev/node" ]
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/common.conf" "lxc.uts.name = $CT"
}

@test "local: no tarball, no container" {
	run tool create -n "$CT" -t local
	assert_status 1
	assert_says "--fstree is needed"
	run tool create -n "$CT" -t local -- -f "$LXCPATH/missing.tar"
	assert_status 1
	assert_says "cannot read $LXCPATH/missing.tar"
	[ ! -e "$LXCPATH/$CT" ]
}

@test "debian: nonsense is refused before anything is fetched" {
	run tool create -n "$CT" -t debian -- --release '$(touch x)'
	assert_status 1
	assert_says "cannot be meant"
	run tool create -n "$CT" -t debian -- --tool yum
	assert_status 1
	assert_says "mmdebstrap or debootstrap"
	[ ! -e "$LXCPATH/$CT" ]
}

# A stand-in for the tool, so that the cache is tested without a network.
fake_mmdebstrap() {
	mkdir -p "$LXCPATH/tools" "$LXCPATH/seed/etc" "$LXCPATH/seed/sbin"
	echo 'root:secret:1::::::' >"$LXCPATH/seed/etc/shadow"
	ln -s /somewhere "$LXCPATH/seed/etc/hostname"
	printf '%s\n' '#!/bin/bash' "echo called >>'$LXCPATH/calls'" \
		'for word; do case $word in /*.tar.new) out=$word ;; esac; done' \
		"tar -C '$LXCPATH/seed' -cf \"\$out\" ." >"$LXCPATH/tools/mmdebstrap"
	chmod +x "$LXCPATH/tools/mmdebstrap"
	PATH=$LXCPATH/tools:$PATH
}

debian() {
	local name=$1
	shift
	run tool create -n "$name" -t debian -- --cache "$LXCPATH/cache" "$@"
}

@test "debian: a tree is made once and kept, per release, packages and mirror" {
	fake_mmdebstrap
	debian "$CT" --release sid --include b,a
	assert_status 0
	debian "$CT-2" --release sid --include a,b
	assert_status 0
	assert_equal "$(wc -l <"$LXCPATH/calls")" 1
	debian "$CT-3" --release sid --include a,c
	debian "$CT-4" --release sid --include a,b --mirror http://example.org/debian
	assert_equal "$(wc -l <"$LXCPATH/calls")" 3
	debian "$CT-5" --release sid --include a,b --flush-cache
	assert_equal "$(wc -l <"$LXCPATH/calls")" 4
}

@test "debian: two at once make the tree once" {
	fake_mmdebstrap
	tool create -n "$CT" -t debian -- --cache "$LXCPATH/cache" --release sid >"$BATS_TEST_TMPDIR/one" 2>&1 3>&- &
	debian "$CT-2" --release sid
	assert_status 0
	wait $!
	assert_equal "$(wc -l <"$LXCPATH/calls")" 1
}

@test "debian: a tool that fails leaves no tree in the cache" {
	fake_mmdebstrap
	printf '%s\n' '#!/bin/bash' 'for word; do case $word in /*.tar.new) echo half >"$word" ;; esac; done' 'exit 5' \
		>"$LXCPATH/tools/mmdebstrap"
	debian "$CT" --release sid
	assert_status 1
	assert_says "mmdebstrap failed"
	run find "$LXCPATH/cache" -name '*.tar*'
	assert_output ''
	[ ! -e "$LXCPATH/$CT" ]
}

@test "debian: what apt complains about is said" {
	fake_mmdebstrap
	# As the real one, which keeps what apt says to itself when it is to be quiet.
	printf '%s\n' '#!/bin/bash' '[[ " $* " == *" --quiet "* ]] || echo "E: Unable to locate package nonsense" >&2' \
		'echo "I: cleaning up" >&2' 'exit 5' >"$LXCPATH/tools/mmdebstrap"
	debian "$CT" --release sid --include nonsense
	assert_status 1
	assert_says "E: Unable to locate package nonsense" "mmdebstrap failed"
	[[ $output != *"cleaning up"* ]]
}

@test "debian: name, empty machine id, locked root, no writing through links" {
	fake_mmdebstrap
	debian "$CT" --release sid --arch amd64
	assert_status 0
	assert_equal "$(cat "$(rootfs)/etc/hostname")" "$CT"
	[ ! -L "$(rootfs)/etc/hostname" ]
	[ -f "$(rootfs)/etc/machine-id" ] && [ ! -s "$(rootfs)/etc/machine-id" ]
	assert_equal "$(cut -d: -f1-2 "$(rootfs)/etc/shadow")" 'root:*'
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/debian.common.conf" "lxc.uts.name = $CT" "lxc.arch = x86_64"
}
