# Images of a server: the template download, its cache, and all it must refuse.
# shellcheck disable=SC2016,SC2034,SC2154 # set and used in images.bash; what tests write expands later
bats_require_minimum_version 1.5.0
load lib
load images

teardown() {
	! mountpoint -q "$LXCPATH/b" || umount "$LXCPATH/b"
	images_teardown
}

@test "an image becomes a container: files, config, name, message; and it starts" {
	CREATE=(-f "$BATS_TEST_TMPDIR/start")
	echo "lxc.console.logfile = $LXCPATH/$CT/console.log" >"$BATS_TEST_TMPDIR/start"
	download "$CT"
	assert_status 0
	assert_has 'Unpacking the rootfs' "Welcome to $CT" 'The image cache is now ready'
	ROOTFS=$LXCPATH/$CT/rootfs
	assert_equal "$(cat "$ROOTFS/etc/mark")" new
	assert_equal "$(cat "$ROOTFS/etc/hostname")" "I am $CT"
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/common.conf" 'lxc.arch = x86_64' "lxc.uts.name = $CT" \
		"lxc.rootfs.path = dir:$ROOTFS" '# Distribution configuration' '# Container specific configuration'
	start_probe
}

@test "unpacking keeps hard links, holes, modes, owners, devices, attributes, lists and capabilities" {
	download "$CT"
	assert_status 0
	cd "$LXCPATH/$CT/rootfs"
	[ etc/mark -ef etc/hard ]
	assert_equal "$(readlink etc/soft)" mark
	assert_equal "$(stat -c %s var/sparse)" 1048576
	[ "$(stat -c %b var/sparse)" -lt 200 ]
	assert_equal "$(stat -c %a bin/probe)" 4755
	assert_equal "$(stat -c %F:%t:%T dev/null)" 'character special file:1:3'
	[ -d dev/pts ]
	assert_equal "$(getfattr --only-values -n user.note etc/mark)" hello
	run getfacl -cn etc/hostname
	assert_has user:1234:r--
	run getcap var/noise
	assert_says cap_net_raw=ep
}

@test "every usual compression, and squashfs" {
	local kind
	rm "$NEW/rootfs.tar.xz"
	for kind in zst:zstd gz:gzip bz2:bzip2; do
		needs "${kind#*:}" command -v "${kind#*:}"
		tar -C "$BATS_FILE_TMPDIR/tree" --use-compress-program="${kind#*:}" -cf "$NEW/rootfs.tar.${kind%:*}" .
		sums "$NEW"
		download "$CT-${kind%:*}" --flush-cache
		assert_status 0
		[ -u "$LXCPATH/$CT-${kind%:*}/rootfs/bin/probe" ]
		rm "$NEW"/rootfs.*
	done
	needs mksquashfs command -v mksquashfs unsquashfs
	mksquashfs "$BATS_FILE_TMPDIR/tree" "$NEW/rootfs.squashfs" -quiet -no-progress >/dev/null
	sums "$NEW"
	download "$CT-s" --flush-cache
	assert_status 0
	[ -c "$LXCPATH/$CT-s/rootfs/dev/null" ] && [ "$LXCPATH/$CT-s/rootfs/etc/mark" -ef "$LXCPATH/$CT-s/rootfs/etc/hard" ]
}

@test "lz4, which servers do not offer, and a container has" {
	needs lz4 command -v lz4
	tar -C "$BATS_FILE_TMPDIR/tree" --use-compress-program=lz4 -cf "$LXCPATH/rootfs.tar.lz4" .
	run tool create -n "$CT" -t local -- -f "$LXCPATH/rootfs.tar.lz4" -m "$NEW/meta.tar.xz"
	assert_status 0
	[ -u "$LXCPATH/$CT/rootfs/bin/probe" ] && [ "$LXCPATH/$CT/rootfs/etc/mark" -ef "$LXCPATH/$CT/rootfs/etc/hard" ]
	# One that was cut off.
	head -c -1000 "$LXCPATH/rootfs.tar.lz4" >"$LXCPATH/cut.tar.lz4"
	run tool create -n "$CT-2" -t local -- -f "$LXCPATH/cut.tar.lz4" -m "$NEW/meta.tar.xz"
	assert_status 1
	[ ! -e "$LXCPATH/$CT-2" ]
}

@test "where the file system can share data, a container in a directory takes none" {
	needs "btrfs in the kernel" sh -c 'grep -qw btrfs /proc/filesystems || modprobe btrfs'
	needs "mkfs.btrfs" command -v mkfs.btrfs
	truncate -s 256M "$LXCPATH/disk"
	mkfs.btrfs -q "$LXCPATH/disk"
	mkdir "$LXCPATH/b"
	mount -o loop "$LXCPATH/disk" "$LXCPATH/b"
	local before name
	head -c 24M /dev/urandom >"$BATS_FILE_TMPDIR/tree/var/large"
	tar -C "$BATS_FILE_TMPDIR/tree" -cJf "$NEW/rootfs.tar.xz" .
	rm "$BATS_FILE_TMPDIR/tree/var/large"
	sums "$NEW"
	for name in "$CT-1" "$CT-2" "$CT-3"; do
		run "$TOOL_BIN/lxs-create" -P "$LXCPATH/b" -n "$name" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER"
		assert_status 0
		sync -f "$LXCPATH/b"
		[ "$name" != "$CT-1" ] || before=$(df --output=used -B1 "$LXCPATH/b" | tail -1)
	done
	assert_has "Copying the image, sharing its data"
	[ $(($(df --output=used -B1 "$LXCPATH/b" | tail -1) - before)) -lt $((8 << 20)) ]
	cmp "$LXCPATH/b/$CT-1/rootfs/var/large" "$LXCPATH/b/$CT-3/rootfs/var/large"
}

@test "the second container is made from the cache, without the server" {
	download "$CT"
	assert_status 0
	rm "$WEB/server.log"
	rule /meta/1.0/index-system.7 status 500
	download "$CT-2"
	assert_status 0
	assert_has 'Using image from local cache'
	assert_equal "$(requests .)" ''
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/hostname")" "I am $CT-2"
}

@test "overlay: the unpacked image is shared, read-only, and gone when nobody uses it" {
	CREATE=(-B overlay)
	download "$CT"
	assert_status 0
	download "$CT-2"
	assert_status 0
	assert_silent_about "Unpacking"
	local tree
	tree=$(echo "$LXCPATH"/.trees/*/rootfs)
	[ -d "$tree" ]
	run cat "$LXCPATH/$CT-2/config"
	assert_has "lxc.rootfs.path = overlay:$tree:$LXCPATH/$CT-2/overlay/delta"
	# Its own is what was personalised, some kilobytes.
	run find "$LXCPATH/$CT-2" -type f -size +16k
	assert_output ''
	cp "$tree/etc/mark" "$LXCPATH/before"
	run tool execute -n "$CT" -- /bin/probe write /etc/mark changed
	cmp "$tree/etc/mark" "$LXCPATH/before"
	run "$TOOL_BIN/lxs-image" -P "$LXCPATH" prune
	[ -d "$tree" ]
	run tool destroy -n "$CT"
	assert_status 0
	[ -d "$tree" ]
	run tool execute -n "$CT-2" -- /bin/probe exit 7
	assert_status 7
	run tool destroy -n "$CT-2"
	assert_status 0
	run "$TOOL_BIN/lxs-image" -P "$LXCPATH" prune
	assert_status 0
	[ ! -d "$tree" ]
}

@test "an expired image is asked for again; --force-cache uses it, --flush-cache fetches it anew" {
	meta_of "$NEW"
	echo 1000000000 >"$META/expiry"
	sums "$NEW" "$META"
	download "$CT"
	assert_status 0
	download "$CT-2"
	assert_has 'The cached copy has expired, re-downloading...' 'The cache is already up to date'
	rm "$WEB/server.log"
	download "$CT-3" --force-cache
	assert_has 'Using image from local cache'
	assert_equal "$(requests .)" ''
	rm "$CACHE"/blobs/*
	download "$CT-4" --flush-cache
	assert_has 'Flushing the cache...' 'The image cache is now ready'
	# A server that is away: what there is is proposed.
	REMOTE=https://127.0.0.1:1 download "$CT-5"
	assert_status 1
	assert_says 'cannot fetch https://127.0.0.1:1/'
	rule /meta/1.0/index-system.7 status 403
	download "$CT-6"
	assert_status 1
	assert_says 'HTTP status 403' 'hint: --force-cache takes build 20310102_00:00'
}

@test "--list: LXC's table with filters, and JSON; a mistyped name is told what there is" {
	template --list --server "$SERVER"
	assert_status 0
	assert_equal "${lines[0]}" 'Downloading the image index'
	assert_has "$(printf '%-15s  %-10s  %-5s  %-7s  %-14s' DIST RELEASE ARCH VARIANT BUILD)" \
		"$(printf '%-15s  %-10s  %-5s  %-7s  %-14s' tiny 1 amd64 default 20310102_00:00)"
	assert_silent_about soon cloud 20310101
	template --list --server "$SERVER" --variant cloud --format json
	assert_status 0
	assert_equal "$(python3 -c 'import json, sys; print([i["arch"] for i in json.load(sys.stdin)])' <<<"$output")" "['arm64']"
	run tool create -n "$CT" -t download -- -d tiny -r 7 -a amd64 --server "$SERVER"
	assert_status 1
	assert_says "Couldn't find a matching image" 'of tiny it has 1/amd64/default 2/arm64/cloud'
}

@test "what is not given is asked for" {
	run tool create -n "$CT" -t download -- --server "$SERVER" <<<$'tiny\n1\namd64'
	assert_status 0
	assert_has 'Distribution: ' 'Release: ' 'Architecture: '
	[ -e "$LXCPATH/$CT/rootfs/etc/mark" ]
	run tool create -n "$CT-2" -t download -- --server "$SERVER" </dev/null
	assert_status 1
	assert_says "no answer to 'Distribution'"
}

@test "simplestreams: index, builds, a config by distribution and the host name" {
	streams
	rm -r "$WEB/meta"
	download "$CT"
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/etc/mark")" new
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/etc/hostname")" "$CT"
	run cat "$LXCPATH/$CT/config"
	assert_has "lxc.include = $TOOL_SHARE/config/common.conf" 'lxc.arch = x86_64'
	template --list --server "$SERVER"
	assert_says tiny 20310102_00:00
}

@test "a build that is announced but not there: the one before is taken" {
	rm -r "$NEW"
	download "$CT"
	assert_status 0
	assert_says 'Build 20310102_00:00 is announced but not there; trying the one before, 20310101_00:00'
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/etc/mark")" old
	rm -r "$OLD" "$CACHE"
	download "$CT-2"
	assert_status 1
	assert_says 'announces build 20310101_00:00 and has no such files'
}

# refused WORDS...: making the container fails, says so, and keeps nothing.
refused() {
	download "$CT" "${OPTIONS[@]}"
	assert_status 1
	assert_says "$@"
	assert_nothing_kept
}

@test "refused: a wrong hash, and one file in another's place" {
	echo changed >>"$NEW/rootfs.tar.xz"
	refused 'refused' "$AT/rootfs.tar.xz: its SHA-256 is" 'nothing of it was kept'
	cp "$NEW/meta.tar.xz" "$NEW/rootfs.tar.xz"
	refused 'its SHA-256 is'
	run find "$CACHE/partial" -type f
	assert_output ''
}

@test "refused: no SHA256SUMS; --no-validate takes the server's word" {
	rm "$NEW/SHA256SUMS" "$OLD/SHA256SUMS"
	refused 'SHA256SUMS' '--no-validate'
	download "$CT" --no-validate
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/etc/mark")" new
}

@test "refused: http, also as a redirect, and a server that is somebody else" {
	REMOTE=$PLAIN refused "over http:// anybody on the way can change what arrives"
	rule "$AT/rootfs.tar.xz" redirect "$PLAIN$AT/rootfs.tar.xz"
	refused 'it leads away from https' "redirects to $PLAIN$AT/rootfs.tar.xz"
	rm "$WEB/server.rules"
	SSL_CERT_FILE='' refused 'the server is not who it should be (TLS)'
	REMOTE=$PLAIN download "$CT" --no-validate
	assert_status 0
}

@test "a redirect within https is followed" {
	rule "$AT/rootfs.tar.xz" redirect "/moved"
	cp "$NEW/rootfs.tar.xz" "$WEB/moved"
	download "$CT"
	assert_status 0
}

@test "refused: names that cannot be resolved, a proxy that says no; the message names them" {
	REMOTE=https://no.such.host.invalid refused "cannot fetch https://no.such.host.invalid/" "name cannot be resolved"
	https_proxy=http://user:secret@${PLAIN#http://} refused "by the proxy http://***@${PLAIN#http://}" 403
	assert_silent_about secret
	REMOTE='ftp://x' refused "'ftp://x' is no image server"
}

@test "a transfer that breaks off goes on where it ended, and one that stays broken is told" {
	rule "$AT/rootfs.tar.xz" cut 30000 2
	download "$CT"
	assert_status 0
	assert_equal "$(requests "$AT/rootfs.tar.xz bytes=30000-")" 1
	assert_equal "$(requests "$AT/rootfs.tar.xz bytes=60000-")" 1
	rule "$AT/rootfs.tar.xz" cut 0 1000000
	rm -r "$CACHE"
	CT=$CT-2 refused "cannot fetch $SERVER$AT/rootfs.tar.xz"
}

@test "a server without ranges, or a damaged beginning: from the first byte again" {
	rule "$AT/rootfs.tar.xz" cut 30000 1
	rule "$AT/rootfs.tar.xz" noranges
	download "$CT"
	assert_status 0
	rm -r "$CACHE" "$WEB/server.rules"
	mkdir -p "$CACHE/partial"
	# The name of what arrives in part is the hash of the hash it shall have.
	head -c 1000 /dev/zero >"$CACHE/partial/$(grep rootfs "$NEW/SHA256SUMS" | cut -d' ' -f1 | tr -d '\n' | sha256sum | cut -d' ' -f1)"
	download "$CT-2"
	assert_status 0
	assert_equal "$(requests "$AT/rootfs.tar.xz bytes=1000-")" 1
	cmp "$LXCPATH/$CT-2/rootfs/var/noise" "$BATS_FILE_TMPDIR/tree/var/noise" || [ -s "$LXCPATH/$CT-2/rootfs/var/noise" ]
}

@test "more than the index announces is not waited for" {
	streams
	rm -r "$WEB/meta"
	rule "$AT/rootfs.tar.xz" grow 1000
	refused 'is larger than the'
}

@test "several creates at once fetch an image once" {
	local pids=() name
	rule "$AT/rootfs.tar.xz" slow 20000
	for name in a b c; do
		tool create -n "$CT-$name" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER" \
			>"$BATS_TEST_TMPDIR/$name" 2>&1 3>&- &
		pids+=($!)
	done
	for name in "${pids[@]}"; do
		wait "$name"
	done
	assert_equal "$(requests "$AT/rootfs.tar.xz")" 1
	for name in a b c; do
		assert_equal "$(cat "$LXCPATH/$CT-$name/rootfs/etc/hostname")" "I am $CT-$name"
	done
	grep -q 'Waiting for another command' "$BATS_TEST_TMPDIR"/[abc]
}

# Whether a beginning of the rootfs has arrived.
has_begun() {
	[ -n "$(find "$CACHE/partial" -type f -size +20k 2>/dev/null)" ]
}

@test "killed in the middle of a transfer: the next create goes on, and prune cleans" {
	local pid
	rule "$AT/rootfs.tar.xz" slow 2000
	# Not by tool(): of that the shell around it would be killed.
	"$TOOL_BIN/$TOOL-create" -P "$LXCPATH" -n "$CT" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER" >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for 30 "the transfer has begun" has_begun
	kill -KILL "$(pgrep -f "lxs-full download.*--name=$CT")" "$pid"
	wait "$pid" || :
	rm "$WEB/server.rules" "$WEB/server.log"
	run find "$CACHE/records" -type f
	assert_output ''
	download "$CT"
	assert_status 0
	assert_equal "$(requests "$AT/rootfs.tar.xz bytes=[0-9]{5}")" 1
	: >"$CACHE/partial/rubbish"
	run tool image prune
	assert_status 0
	[ ! -e "$CACHE/partial/rubbish" ]
	[ -n "$(find "$CACHE/blobs" -type f)" ]
}

@test "--lock and --locked: the very same build, or none" {
	local lock=$BATS_TEST_TMPDIR/lock
	download "$CT" --lock "$lock"
	assert_status 0
	run cat "$lock"
	assert_has "build=20310102_00:00" "server=$SERVER"
	make_image "$WEB/images/tiny/1/amd64/default/20310103_00:00" newest
	sed -i '1i tiny;1;amd64;default;20310103_00:00;/images/tiny/1/amd64/default/20310103_00:00/' "$WEB/meta/1.0/index-system"
	rm -r "$CACHE"
	run tool create -n "$CT-2" -t download -- --lock "$lock" --locked
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/mark")" new
	run tool create -n "$CT-3" -t download -- -d other --lock "$lock" --locked
	assert_status 1
	assert_says 'is the lock of tiny/1/amd64/default, which is another image'
	rm -r "$CACHE" "$NEW"
	run tool create -n "$CT-4" -t download -- --lock "$lock" --locked
	assert_status 1
	assert_says 'the locked build 20310102_00:00 is gone'
	sed -i 's/^rootfs.sha256=.*/rootfs.sha256=..\/x/' "$lock"
	run tool create -n "$CT-5" -t download -- --lock "$lock" --locked
	assert_status 1
	assert_says "$lock:" "no line of an image's record"
}

@test "lxs-image: ls, verify, export, import, prune" {
	download "$CT"
	assert_status 0
	run tool image ls
	assert_matches 'tiny +1 +amd64 +default +20310102_00:00 .* 2033-05-18 03:33 '
	run tool image ls --format json
	assert_equal "$(python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["expiry"])' <<<"$output")" 2000000000
	run tool image verify tiny
	assert_status 0
	assert_has 'tiny/1/amd64/default 20310102_00:00: good'
	run tool image export "$BATS_TEST_TMPDIR/out" tiny/1/amd64
	assert_status 0
	cmp "$BATS_TEST_TMPDIR/out/rootfs.tar.xz" "$NEW/rootfs.tar.xz"
	(cd "$BATS_TEST_TMPDIR/out" && sha256sum --quiet -c SHA256SUMS)
	run tool image prune
	assert_says '0 images'
	run tool image prune -a
	assert_says '1 images and 2 files removed'
	run tool image import "$BATS_TEST_TMPDIR/out" tiny/9/amd64
	assert_status 0
	run tool create -n "$CT-2" -t download -- -d tiny -r 9 -a amd64
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT-2/rootfs/etc/mark")" new
	echo x >>"$(find "$CACHE/blobs" -size +10k)"
	run tool image verify
	assert_status 1
	assert_says 'damaged: rootfs.tar.xz'
	echo x >>"$BATS_TEST_TMPDIR/out/rootfs.tar.xz"
	run tool image import "$BATS_TEST_TMPDIR/out"
	assert_status 1
	assert_says 'its SHA-256 is'
	run tool image import "$BATS_TEST_TMPDIR"
	assert_says 'no image in'
	run tool image polish
	assert_status 1
	assert_says "no verb 'polish'"
}

@test "without lxs-fetch curl does the same" {
	needs curl command -v curl
	run unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$LXS_PREFIX/libexec/lxs/lxs-fetch" \
		"$TOOL_BIN/lxs-create" -P "$LXCPATH" -n "$CT" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER"
	assert_status 0
	rule "$AT/rootfs.tar.xz" redirect "$PLAIN$AT/rootfs.tar.xz"
	run unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$LXS_PREFIX/libexec/lxs/lxs-fetch" \
		"$TOOL_BIN/lxs-create" -P "$LXCPATH" -n "$CT-2" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER" --flush-cache
	assert_status 0
	rm "$CACHE"/blobs/*
	run unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$LXS_PREFIX/libexec/lxs/lxs-fetch" \
		"$TOOL_BIN/lxs-create" -P "$LXCPATH" -n "$CT-3" -t download -- -d tiny -r 1 -a amd64 --server "$SERVER" --flush-cache
	assert_status 1
	assert_says 'it leads away from https'
}
