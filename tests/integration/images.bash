# What the tests of images stand on: an image server on loopback with images
# made here; `load images` after `load lib`.  A file with more to set up has
# functions of its own that call images_setup_file and the like.
#
#   WEB      the folder that is served; WEB/server.rules says what goes wrong
#   SERVER   https://127.0.0.1:PORT, by an authority made here (SSL_CERT_FILE)
#   PLAIN    the same folder over http
# shellcheck disable=SC2034 # used by the tests

images_setup_file() {
	needs_lxs
	WEB=$BATS_FILE_TMPDIR/web
	mkdir -p "$WEB"
	chmod 0755 "$BATS_FILE_TMPDIR" "$WEB"
	make_authority "$BATS_FILE_TMPDIR"
	make_image "$WEB/images/tiny/1/amd64/default/20310102_00:00" new
	make_image "$WEB/images/tiny/1/amd64/default/20310101_00:00" old
	mkdir -p "$WEB/meta/1.0"
	index "$WEB/meta/1.0/index-system"
	index "$WEB/meta/1.0/index-user"
	cp -r "$WEB" "$BATS_FILE_TMPDIR/pristine"
	serve https --tls "$BATS_FILE_TMPDIR/server.pem" "$BATS_FILE_TMPDIR/server.key"
	serve http
	echo "https://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/https.port")" >"$BATS_FILE_TMPDIR/https.url"
	echo "http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/http.port")" >"$BATS_FILE_TMPDIR/http.url"
}

images_teardown_file() {
	local pid
	for pid in "$BATS_FILE_TMPDIR"/*.pid; do
		[ ! -e "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || :
	done
}

setup_file() {
	images_setup_file
}

teardown_file() {
	images_teardown_file
}

setup() {
	lib_setup
	needs_lxs
	CREATE=()
	WEB=$BATS_FILE_TMPDIR/web
	SERVER=$(cat "$BATS_FILE_TMPDIR/https.url")
	PLAIN=$(cat "$BATS_FILE_TMPDIR/http.url")
	rm -rf "$WEB/server.rules" "$WEB/server.log" "$WEB/images" "$WEB/meta" "$WEB/streams"
	cp -r "$BATS_FILE_TMPDIR/pristine/." "$WEB"
	unset CURL_CA_BUNDLE SSL_CERT_DIR http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy
	export LXC_CACHE_PATH=$LXCPATH.cache SSL_CERT_FILE=$BATS_FILE_TMPDIR/authority.pem
	CACHE=$LXC_CACHE_PATH/lxs/images
	NEW=$WEB/images/tiny/1/amd64/default/20310102_00:00 OLD=$WEB/images/tiny/1/amd64/default/20310101_00:00
	AT=/images/tiny/1/amd64/default/20310102_00:00
}

images_teardown() {
	rm -rf "$LXCPATH.cache"
	lib_teardown
}

teardown() {
	images_teardown
}

# serve NAME OPTIONS...: a server on WEB; its port is in NAME.port.
serve() {
	local name=$1
	shift
	mkfifo "$BATS_FILE_TMPDIR/$name.never"
	python3 "$TESTS_DIR/image/server.py" "$WEB" "$BATS_FILE_TMPDIR/$name.port" "$@" >/dev/null 2>&1 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/$name.pid"
	local nothing tries=0
	until [ -s "$BATS_FILE_TMPDIR/$name.port" ] || [ $((tries++)) = 1500 ]; do
		read -r -t 0.02 nothing <>"$BATS_FILE_TMPDIR/$name.never" || :
	done
}

make_authority() {
	local dir=$1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=authority \
		-keyout "$dir/authority.key" -out "$dir/authority.pem"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1 \
		-keyout "$dir/server.key" -out "$dir/server.csr"
	openssl x509 -req -in "$dir/server.csr" -CA "$dir/authority.pem" -CAkey "$dir/authority.key" -CAcreateserial \
		-days 30 -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$dir/server.pem"
	chmod 0644 "$dir/authority.pem"
} 2>/dev/null

# make_image DIRECTORY MARK: a root file system of every kind of file, and its metadata.
make_image() {
	local dir=$1 mark=$2 tree=$BATS_FILE_TMPDIR/tree meta=$BATS_FILE_TMPDIR/meta
	rm -rf "$tree" "$meta"
	mkdir -p "$dir" "$tree"/{bin,dev,etc,proc,sys,tmp,run,sbin,var,mnt,root} "$meta"
	cp "$LXS_PROBE" "$tree/bin/probe"
	echo "$mark" >"$tree/etc/mark"
	echo 'I am LXC_NAME' >"$tree/etc/hostname"
	ln "$tree/etc/mark" "$tree/etc/hard"
	ln -s mark "$tree/etc/soft"
	truncate -s 1M "$tree/var/sparse"
	# Something that does not shrink, so that a transfer can be broken off in it.
	head -c 65536 /dev/urandom >"$tree/var/noise"
	chmod 4755 "$tree/bin/probe"
	mknod "$tree/dev/null" c 1 3 2>/dev/null || :
	setfattr -n user.note -v hello "$tree/etc/mark" 2>/dev/null || :
	setfacl -m u:1234:r "$tree/etc/hostname" 2>/dev/null || :
	setcap cap_net_raw+ep "$tree/var/noise" 2>/dev/null || :
	tar -C "$tree" --numeric-owner --owner=0 --group=0 --xattrs --xattrs-include='*' --acls -S -cf "$dir/rootfs.tar" .
	[ -e "$tree/dev/null" ] || add_device "$dir/rootfs.tar"
	xz -1 "$dir/rootfs.tar"
	printf '%s\n' 'lxc.include = LXC_TEMPLATE_CONFIG/common.conf' 'lxc.arch = x86_64' \
		'lxc.init.cmd = /bin/probe serve' >"$meta/config"
	sed '1a lxc.include = LXC_TEMPLATE_CONFIG/userns.conf' "$meta/config" >"$meta/config-user"
	printf '%s\n' './dev/*' >"$meta/excludes-user"
	printf '%s\n' /etc/hostname >"$meta/templates"
	echo 'Welcome to LXC_NAME' >"$meta/create-message"
	echo 2000000000 >"$meta/expiry"
	sums "$dir" "$meta"
}

# A device file, which a user can put into a tarball only.
add_device() {
	python3 - "$1" <<'PYTHON'
import sys, tarfile
with tarfile.open(sys.argv[1], "a") as tar:
    info = tarfile.TarInfo("./dev/null")
    info.type, info.devmajor, info.devminor = tarfile.CHRTYPE, 1, 3
    tar.addfile(info)
PYTHON
}

# sums DIRECTORY [META]: packs the metadata again, and writes the hashes.
sums() {
	[ $# -lt 2 ] || tar -C "$2" -cJf "$1/meta.tar.xz" .
	(cd "$1" && sha256sum rootfs.* meta.tar.xz >SHA256SUMS)
}

# meta_of DIRECTORY: unpacks an image's metadata to change it; then: sums DIRECTORY "$META".
meta_of() {
	META=$LXCPATH/meta
	rm -rf "$META"
	mkdir "$META"
	tar -C "$META" -xJf "$1/meta.tar.xz"
}

index() {
	printf '%s\n' 'tiny;1;amd64;default;20310102_00:00;/images/tiny/1/amd64/default/20310102_00:00/' \
		'tiny;1;amd64;default;20310101_00:00;/images/tiny/1/amd64/default/20310101_00:00/' \
		'tiny;2;arm64;cloud;20310102_00:00;/images/tiny/2/arm64/cloud/20310102_00:00/' \
		'soon;1;amd64;default;20310102_00:00;' >"$1"
}

# streams: the same images as a server of the format simplestreams.
streams() {
	local build item=''
	mkdir -p "$WEB/streams/v1"
	for build in "$OLD" "$NEW"; do
		item+=${item:+,}$(printf '"%s": {"items": {"root.tar.xz": {"ftype": "root.tar.xz", "path": "%s", "sha256": "%s", "size": %d}}}' \
			"${build##*/}" "${build#"$WEB/"}/rootfs.tar.xz" "$(sha256sum <"$build/rootfs.tar.xz" | cut -d' ' -f1)" \
			"$(stat -c %s "$build/rootfs.tar.xz")")
	done
	printf '{"format": "products:1.0", "products": {"tiny:1:amd64:default": {"arch": "amd64", "os": "Tiny", "release": "1", "variant": "default", "versions": {%s}}}}\n' \
		"$item" >"$WEB/streams/v1/images.json"
	echo '{"format": "index:1.0", "index": {"images": {"datatype": "image-downloads", "path": "streams/v1/images.json", "products": []}}}' \
		>"$WEB/streams/v1/index.json"
}

# rule WORDS...: what goes wrong from now on; see tests/image/server.py.
rule() {
	echo "$*" >>"$WEB/server.rules"
}

# requests PATTERN: how many lines of the server's log match.
requests() {
	grep -cE -- "$1" "$WEB/server.log" 2>/dev/null || :
}

# download NAME OPTIONS...: makes a container of the tiny image.
download() {
	local name=$1
	shift
	run tool create -n "$name" -t download "${CREATE[@]}" -- -d tiny -r 1 -a amd64 --server "${REMOTE:-$SERVER}" "$@"
}

template() {
	run "$TOOL_SHARE/templates/lxs-download" "$@"
}

# What a refusal must leave: no container, nothing that could be taken for an image.
assert_nothing_kept() {
	[ ! -e "$LXCPATH/$CT" ] || { echo "there is a $LXCPATH/$CT"; return 1; }
	[ ! -d "$CACHE/records" ] || [ -z "$(find "$CACHE/records" -type f)" ] || { echo "the cache has an image"; return 1; }
}
