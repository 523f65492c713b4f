# Images of strangers: signatures, hostile tarballs, hostile metadata; and images of ordinary users.
# shellcheck disable=SC2016,SC2034,SC2154 # set and used in images.bash; what tests write expands later
bats_require_minimum_version 1.5.0
load lib
load images

setup_file() {
	images_setup_file
	make_keys
}

teardown_file() {
	GNUPGHOME=$BATS_FILE_TMPDIR/gpg gpgconf --kill gpg-agent || :
	images_teardown_file
}

# Two signers: good.gpg and other.gpg are their keyrings.
make_keys() {
	local name
	export GNUPGHOME=$BATS_FILE_TMPDIR/gpg
	mkdir -m 0700 "$GNUPGHOME"
	for name in good other; do
		gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key "$name@example.org" ed25519 sign never
		gpg --batch --quiet --export "$name@example.org" >"$BATS_FILE_TMPDIR/$name.gpg"
	done
} 2>/dev/null

# sign WHO FILE: an armoured signature beside it.
sign() {
	GNUPGHOME=$BATS_FILE_TMPDIR/gpg gpg --batch --quiet --yes --local-user "$1@example.org" --armor --detach-sign "$2" 2>/dev/null
}

fingerprint() {
	GNUPGHOME=$BATS_FILE_TMPDIR/gpg gpg --batch --with-colons --list-keys "$1@example.org" | awk -F: '/^fpr/ { print $10; exit }'
}

# remote LINES...: lxs.conf has a remote `ours` at the server with these lines.
remote() {
	CONF=$LXCPATH/conf
	mkdir -p "$CONF"
	cp -r "$LXS_PREFIX/etc/lxs/." "$CONF"
	printf '%s\n' 'remote ours {' "url = \"$SERVER\"" "$@" '}' >"$CONF/lxs.conf"
	REMOTE=ours
}

# with_conf COMMAND...: what the command finds in SYSCONFDIR is $CONF, for it alone.
with_conf() {
	unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$CONF" "$LXS_PREFIX/etc/lxs" "$@"
}

download_ours() {
	run with_conf "$TOOL_BIN/lxs-create" -P "$LXCPATH" -n "$CT" -t download -- -d tiny -r 1 -a amd64 --server ours "$@"
}

refused_ours() {
	download_ours
	assert_status 1
	assert_says "$@"
	assert_nothing_kept
}

@test "a keyring: what is signed by its key is taken" {
	remote "keyring = \"$BATS_FILE_TMPDIR/good.gpg\"" "fingerprint = \"$(fingerprint good)\""
	sign good "$NEW/SHA256SUMS"
	download_ours
	assert_status 0
	assert_equal "$(cat "$LXCPATH/$CT/rootfs/etc/mark")" new
}

@test "refused with a keyring: no signature, another key, a changed text, another fingerprint" {
	remote "keyring = \"$BATS_FILE_TMPDIR/good.gpg\"" "fingerprint = \"$(fingerprint good)\""
	refused_ours "$AT/SHA256SUMS: it is not signed" '--no-validate takes it without'
	sign other "$NEW/SHA256SUMS"
	refused_ours "it is signed by a key that is not in $BATS_FILE_TMPDIR/good.gpg"
	sign good "$NEW/SHA256SUMS"
	echo >>"$NEW/SHA256SUMS"
	refused_ours 'its signature does not fit: it was changed'
	echo 'no signature at all' >"$NEW/SHA256SUMS.asc"
	refused_ours 'it has no signature that can be checked'
	cat "$BATS_FILE_TMPDIR/other.gpg" "$BATS_FILE_TMPDIR/good.gpg" >"$LXCPATH/both.gpg"
	remote "keyring = \"$LXCPATH/both.gpg\"" "fingerprint = \"$(fingerprint good)\""
	sign other "$NEW/SHA256SUMS"
	refused_ours "it is signed by another key than $(fingerprint good)"
	remote "keyring = \"$LXCPATH/missing.gpg\""
	refused_ours "cannot read the keyring $LXCPATH/missing.gpg"
	remote "keyring = \"$BATS_FILE_TMPDIR/good.gpg\""
	download_ours --no-validate
	assert_status 0
}

@test "simplestreams with a keyring: both JSON files must be signed" {
	remote 'format = simplestreams' "keyring = \"$BATS_FILE_TMPDIR/good.gpg\""
	streams
	sign good "$WEB/streams/v1/index.json"
	refused_ours 'images.json: it is not signed'
	sign good "$WEB/streams/v1/images.json"
	download_ours
	assert_status 0
}

@test "with a keyring http will do; a mirror stands in for a server that is away" {
	remote "url = \"$PLAIN\"" "keyring = \"$BATS_FILE_TMPDIR/good.gpg\""
	sign good "$NEW/SHA256SUMS"
	download_ours
	assert_status 0
	rm -r "${LXCPATH:?}/$CT" "$CACHE"
	remote 'url = "https://127.0.0.1:1"' "mirrors = {\"https://127.0.0.1:2\", \"$SERVER\"}"
	download_ours
	assert_status 0
}

@test "lxs.conf: what a remote says wrongly is told" {
	remote 'format = lxd'
	refused_ours "format is lxc or simplestreams, not 'lxd'"
	remote 'keyrin = x'
	refused_ours 'not understood'
	remote 'keyring = x'
	refused_ours 'keyring is an absolute path'
	remote 'fingerprint = x'
	refused_ours 'a fingerprint needs the keyring'
}

# hostile_tar PYTHON: makes the rootfs tarball by a script that gets `tar`, `entry` and `data`.
hostile_tar() {
	python3 - "$NEW/rootfs.tar.xz" "$LXCPATH/outside" <<PYTHON
import io, sys, tarfile
outside = sys.argv[2]
tar = tarfile.open(sys.argv[1], "w:xz", format=tarfile.PAX_FORMAT)
def entry(name, type=tarfile.REGTYPE, link="", text=b"", mode=0o755):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = type, link, mode, len(text)
    tar.addfile(info, io.BytesIO(text))
entry("./", tarfile.DIRTYPE)
entry("etc", tarfile.DIRTYPE)
entry("dev", tarfile.DIRTYPE)
$1
tar.close()
PYTHON
	sums "$NEW"
}

# Whatever becomes of the container, nothing outside of it has changed.
assert_outside_untouched() {
	run find "$LXCPATH/outside" -mindepth 1
	assert_output "$LXCPATH/outside/file"
	assert_equal "$(cat "$LXCPATH/outside/file")" mine
}

@test "hostile tarballs write nothing outside of the root file system" {
	local script number=0
	mkdir "$LXCPATH/outside"
	echo mine >"$LXCPATH/outside/file"
	for script in \
		'entry("../../outside/new", text=b"x")' \
		'entry(outside + "/new", text=b"x")' \
		'entry("a", tarfile.SYMTYPE, outside); entry("a/new", text=b"x")' \
		'entry("a", tarfile.SYMTYPE, "../../outside"); entry("a/new", text=b"x")' \
		'entry("a", tarfile.SYMTYPE, "b"); entry("b", tarfile.SYMTYPE, outside); entry("a/new", text=b"x")' \
		'entry("a", tarfile.LNKTYPE, outside + "/file"); entry("a", text=b"x")' \
		'entry("a", tarfile.LNKTYPE, "../../outside/file"); entry("a", text=b"x")' \
		'entry("a", tarfile.SYMTYPE, outside + "/file"); entry("a", text=b"x")' \
		'entry("dev", tarfile.SYMTYPE, outside)' \
		'entry("./", tarfile.SYMTYPE, outside); entry("./new", text=b"x")'; do
		hostile_tar "$script"
		download "$CT-$((++number))" --flush-cache
		assert_outside_untouched
		from_files "$CT-$((++number))"
		assert_outside_untouched
	done
}

# from_files NAME OPTIONS...: of the same two files, by the template `local`.
from_files() {
	local name=$1
	shift
	run tool create -n "$name" -t local "${CREATE[@]}" -- -f "$NEW/rootfs.tar.xz" -m "$NEW/meta.tar.xz" "$@"
}

# The kernel's part of it: were tar talked into it, it could not.
@test "what unpacks can write nowhere else" {
	mkdir -p "$LXCPATH/tools" "$LXCPATH/outside"
	echo mine >"$LXCPATH/outside/file"
	printf '%s\n' '#!/bin/sh' 'exec 2>&-' "echo x >$LXCPATH/outside/new; echo x >$LXCPATH/outside/file" \
		"mount -o remount,rw / ; echo x >$LXCPATH/outside/new; echo x >/tmp/lxs-img-escaped" 'echo x >inside' \
		'exec /bin/true' >"$LXCPATH/tools/tar"
	chmod +x "$LXCPATH/tools/tar"
	PATH=$LXCPATH/tools:$PATH download "$CT" --no-validate
	assert_outside_untouched
	[ -e "$CACHE/meta" ]
	PATH=$LXCPATH/tools:$PATH from_files "$CT-2"
	assert_outside_untouched
}

@test "hostile metadata: templates, excludes and messages reach nothing outside" {
	mkdir "$LXCPATH/outside"
	echo 'LXC_NAME' >"$LXCPATH/outside/file"
	meta_of "$NEW"
	printf '%s\n' ../../outside/file /etc/../../../outside/file "$LXCPATH/outside/file" /etc/link /etc/up/file /etc/fifo \
		/dev/null '' >"$META/templates"
	printf '%s\n' "--to-command=touch $LXCPATH/outside/new" >"$META/excludes"
	printf 'a\033]0;title\007b\n' >"$META/create-message"
	hostile_tar 'entry("etc/link", tarfile.SYMTYPE, outside + "/file"); entry("etc/up", tarfile.SYMTYPE, "../../../outside"); entry("etc/fifo", tarfile.FIFOTYPE)'
	sums "$NEW" "$META"
	local by number=0
	for by in download from_files; do
		"$by" "$CT-$((++number))"
		assert_status 0
		assert_says 'a?]0;title?b'
		assert_equal "$(cat "$LXCPATH/outside/file")" LXC_NAME
		[ ! -e "$LXCPATH/outside/new" ]
	done
	# A file of the metadata that is a link is none.
	rm "$META/create-message" "$META/templates" "$META/excludes"
	ln -s "$LXCPATH/outside/file" "$META/create-message"
	sums "$NEW" "$META"
	for by in "download $CT-3 --flush-cache" "from_files $CT-4"; do
		$by
		assert_status 0
		assert_silent_about LXC_NAME "$CT-3"$'\n' "$CT-4"$'\n'
	done
	ln -sf "$LXCPATH/outside/file" "$META/config"
	rm "$META/config-user"
	sums "$NEW" "$META"
	from_files "$CT-5"
	assert_status 1
	assert_says 'meta tarball is missing the configuration file'
	[ ! -e "$LXCPATH/$CT-5" ]
}

@test "of an image's config only harmless lines are taken, and the others are told" {
	meta_of "$NEW"
	printf '%s\n' 'lxc.hook.pre-start = /bin/evil' 'lxc.include = /etc/passwd' 'lxc.include = LXC_TEMPLATE_CONFIG/nesting.conf' \
		'lxc.rootfs.path = dir:/' 'lxc.mount.entry = /etc mnt none bind' 'lxc.mount.entry = tmpfs ../x tmpfs defaults' \
		'lxc.mount.entry = tmpfs tmp tmpfs size=1m,mode=1777' 'lxc.apparmor.profile = unconfined' 'lxc.cap.drop =' \
		'lxc.cap.drop = sys_boot' 'lxc.idmap = u 0 0 10' $'lxc.environment = A=\033[2J' 'lxc.signal.halt = SIGUSR1' \
		>>"$META/config"
	printf '%s\n' '/etc mnt none bind 0 0' 'none LXC_ROOTFS/run tmpfs defaults 0 0' >"$META/fstab"
	sums "$NEW" "$META"
	local by number=0
	for by in download from_files; do
		"$by" "$CT-$((++number))"
		harmless_lines "$CT-$number"
	done
}

# harmless_lines NAME: what was taken of the config above, and what was said.
harmless_lines() {
	local name=$1
	assert_status 0
	assert_has 'Not taken from the image: lxc.hook.pre-start: hooks are programs on the host' \
		'Not taken from the image: lxc.rootfs.path: the place of its files is not the image'\''s to choose' \
		'Not taken from the image: a line: too long, or with control characters' \
		'Not taken from the image: fstab: an image may only ask for file systems in memory, at places inside'
	run cat "$LXCPATH/$name/config"
	assert_silent_about evil passwd dir:/$'\n' unconfined '/etc mnt' ../x 'idmap' $'\033'
	assert_has 'lxc.cap.drop = sys_boot' 'lxc.signal.halt = SIGUSR1' 'lxc.mount.entry = tmpfs tmp tmpfs size=1m,mode=1777' \
		"lxc.mount.fstab = $LXCPATH/$name/fstab"
	assert_lacks 'lxc.cap.drop =' "lxc.include = $TOOL_SHARE/config/nesting.conf"
	assert_equal "$(cat "$LXCPATH/$name/fstab")" "none $LXCPATH/$name/rootfs/run tmpfs defaults 0 0"
}

@test "attributes that overlays believe are not taken from an image" {
	local tree=$LXCPATH/tree
	mkdir -p "$tree/etc/deep"
	echo x >"$tree/etc/deep/file"
	needs "attributes of users" setfattr -n user.note -v kept "$tree/etc/deep/file"
	setfattr -n user.overlay.opaque -v y "$tree/etc"
	setfattr -n user.overlay.redirect -v /x "$tree/etc/deep"
	setfattr -n user.overlay.metacopy -v x "$tree/etc/deep/file"
	setfattr -n user.overlay.opaque -v y "$tree"
	rm "$NEW/rootfs.tar.xz"
	tar -C "$tree" --xattrs --xattrs-include='*' -cJf "$NEW/rootfs.tar.xz" .
	from_files "$CT"
	overlay_attributes_gone "$CT"
	needs mksquashfs command -v mksquashfs unsquashfs
	mksquashfs "$tree" "$LXCPATH/rootfs.squashfs" -quiet -no-progress >/dev/null
	from_files "$CT-2" -f "$LXCPATH/rootfs.squashfs"
	overlay_attributes_gone "$CT-2"
}

overlay_attributes_gone() {
	assert_status 0
	run getfattr -R -P -h -d -m - --absolute-names "$LXCPATH/$1/rootfs"
	assert_says 'user.note="kept"'
	assert_silent_about overlay
}

@test "metadata without a config, that is no tarball, or of a size that nobody means" {
	meta_of "$NEW"
	rm "$META/config" "$META/config-user"
	sums "$NEW" "$META"
	download "$CT"
	assert_status 1
	assert_says 'meta tarball is missing the configuration file'
	echo nonsense >"$NEW/meta.tar.xz"
	sums "$NEW"
	download "$CT" --flush-cache
	assert_status 1
	assert_says 'meta.tar.xz is neither a tarball nor a squashfs image'
	truncate -s 50M "$META/config"
	sums "$NEW" "$META"
	download "$CT" --flush-cache
	assert_status 1
	assert_says 'cannot unpack'
	[ ! -e "$LXCPATH/$CT" ]
}

@test "an index of nonsense, a rootfs that is none" {
	printf '%s\n' 'a;b' 'tiny;1;amd64;default;../../x;/images/' $'ti\033ny;1;amd64;default;1;/x/' \
		'tiny;1;amd64;default;1;/../../etc/' >"$WEB/meta/1.0/index-system"
	template --list --server "$SERVER"
	assert_status 0
	assert_says '4 entries of the server'
	cp "$BATS_FILE_TMPDIR/pristine/meta/1.0/index-system" "$WEB/meta/1.0/index-system"
	echo nonsense >"$NEW/rootfs.tar.xz"
	sums "$NEW"
	download "$CT"
	assert_status 1
	assert_says 'is neither a tarball nor a squashfs image'
	[ ! -e "$LXCPATH/$CT" ]
	rm -r "$WEB/meta"
	mkdir -p "$WEB/streams/v1"
	echo '{"index": {"a": {"datatype": "image-downloads", "path": "../../x"}}}' >"$WEB/streams/v1/index.json"
	template --list --server "$SERVER"
	assert_status 1
	assert_says 'it names no list of images'
}
