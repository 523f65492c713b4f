# Images of ordinary users: their cache, their ids, what is left out for them.
# shellcheck disable=SC2016,SC2034,SC2154 # set and used in images.bash; what tests write expands later
load lib
load images

# What belongs to the container's ids is not ours to remove.
teardown() {
	local config
	for config in "$LXCPATH"/*/config; do
		[ ! -e "$config" ] || tool destroy -n "$(basename "$(dirname "$config")")" >/dev/null 2>&1 || :
	done
	images_teardown
}

# bats test_tags=user
@test "a user's image: his index, his cache, his ids; devices are left out" {
	needs "ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	download "$CT"
	assert_status 0
	assert_equal "$(requests 'index-user')" 2
	run find "$CACHE" ! -user "$USER"
	assert_output ''
	[ "$(stat -c %u "$LXCPATH/$CT/rootfs/etc/mark")" = "$(awk -F: -v u="$USER" '$1 == u { print $2; exit }' /etc/subuid)" ]
	[ ! -e "$LXCPATH/$CT/rootfs/dev/null" ]
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/userns.conf"
	assert_equal "$(stat -c %U "$LXCPATH/$CT/config")" "$USER"
	# A device that no list leaves out.
	meta_of "$NEW"
	rm "$META/excludes-user"
	sums "$NEW" "$META"
	download "$CT-2" --flush-cache
	assert_status 0
	[ -e "$LXCPATH/$CT-2/rootfs/etc/mark" ]
}

# bats test_tags=user
@test "a user's container of two files: his ids, devices are left out, nothing of the work stays" {
	needs "ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	cp "$NEW/rootfs.tar.xz" "$NEW/meta.tar.xz" "$LXCPATH"
	chmod 0600 "$LXCPATH"/*.tar.xz
	run tool create -n "$CT" -t local -- -f "$LXCPATH/rootfs.tar.xz" -m "$LXCPATH/meta.tar.xz"
	assert_status 0
	[ "$(stat -c %u "$LXCPATH/$CT/rootfs/etc/mark")" = "$(awk -F: -v u="$USER" '$1 == u { print $2; exit }' /etc/subuid)" ]
	[ ! -e "$LXCPATH/$CT/rootfs/dev/null" ]
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/userns.conf"
	assert_equal "$(stat -c %U "$LXCPATH/$CT/config")" "$USER"
	run ls -A "$LXCPATH/$CT"
	assert_output $'config\nrootfs'
}

# bats test_tags=user
@test "a user exports, imports and prunes" {
	needs "ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	download "$CT"
	assert_status 0
	run tool image export "$BATS_TEST_TMPDIR/out" tiny
	assert_status 0
	run tool image prune -a
	assert_status 0
	run tool image import "$BATS_TEST_TMPDIR/out"
	assert_status 0
	run tool create -n "$CT-2" -t download -- -d tiny -r 1 -a amd64
	assert_status 0
}

# bats test_tags=user
@test "a user's overlay on a shared image" {
	needs "ids in /etc/subuid" grep -q "^$USER:" /etc/subuid
	CREATE=(-B overlay)
	download "$CT"
	assert_status 0
	download "$CT-2"
	assert_status 0
	assert_silent_about "Unpacking"
	run tool execute -n "$CT-2" -- /bin/probe read /etc/mark
	assert_status 0
	run tool destroy -n "$CT-2"
	assert_status 0
	run tool destroy -n "$CT"
	assert_status 0
	run "$TOOL_BIN/lxs-image" -P "$LXCPATH" prune
	assert_status 0
	run find "$LXCPATH/.trees" -mindepth 1
	assert_output ''
}
